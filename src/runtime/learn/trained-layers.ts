/** Which layers of a U-Net a learning changes: by kind, and by block. */
import type { LayerKind, TrainedLayers } from '../../plan/learn.ts';
import type { Block } from '../../plan/sites.ts';
import type { UnetConfig } from '../weights/config.ts';

/** Ends of module paths by kind; every kind contains the one before. */
const KINDS: Readonly<Record<LayerKind, RegExp>> = {
    /** diffusers' and peft's usual targets. */
    attention: /\.attn[12]\.to_(q|k|v|out\.0)$/,
    transformer: /\.transformer_blocks\.\d+\.(attn[12]\.to_(q|k|v|out\.0)|ff\.net\.(0\.proj|2))$/,
    all: /\.(to_(q|k|v)|to_out\.0|ff\.net\.(0\.proj|2)|proj_in|proj_out|conv[12]?|conv_shortcut|time_emb_proj)$|^conv_in$/,
};

/** Answers for module paths such as `up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k`. */
export function layerFilter({ layers, blocks }: TrainedLayers, config: UnetConfig): (module: string) => boolean {
    const chosen = blocks && new Set(blocks);
    return (module) => {
        if (!KINDS[layers].test(module)) return false;
        const block = blockOf(module, config);
        return block !== undefined && (chosen?.has(block) ?? true);
    };
}

/** The block that a module belongs to, by the names of block-weight tools; undefined outside of the blocks. */
function blockOf(module: string, { layersPerBlock }: UnetConfig): Block | undefined {
    if (module === 'conv_in') return 'IN00';
    if (module.startsWith('mid_block.')) return 'M00';
    const match = /^(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\./.exec(module);
    if (!match) return undefined;
    const [, direction, level, kind, index] = match;
    // A down level is layersPerBlock layers and a sampler; an up level has one layer more and its sampler in the last.
    const size = layersPerBlock + 1;
    const within = kind!.endsWith('samplers') ? layersPerBlock : Number(index);
    const number = Number(level) * size + within + (direction === 'down' ? 1 : 0);
    return `${direction === 'down' ? 'IN' : 'OUT'}${String(number).padStart(2, '0')}` as Block;
}
