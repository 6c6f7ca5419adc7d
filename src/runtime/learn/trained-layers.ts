/** Which layers of a U-Net a learning changes: by kind, and by block. */
import type { LayerKind, TrainedLayers } from '../../plan/learn.ts';
import { blockOfModule } from '../../plan/sites.ts';
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
        const block = blockOfModule(module, config);
        return block !== undefined && (chosen?.has(block) ?? true);
    };
}
