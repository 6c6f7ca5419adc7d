/** Configurations of single files: read off the shapes of the tensors, the rest as the published families have it. */

import type { RawConfig } from '../config-fields.ts';
import type { PartTensors } from '../parts.ts';

/**
 * `unet/config.json` as diffusers would write it. Any tensor of a block proves the block, so that one that is missing
 * is named when the graph asks for it, and never makes a smaller network.
 */
export function inferUnet(weights: PartTensors, { isV2 }: { readonly isV2: boolean }): RawConfig {
    const see = shapesOf(weights);
    const levels = see.count(/^down_blocks\.(\d+)\./);
    const widths = Array.from({ length: levels }, (_, level) =>
        see.side(
            new RegExp(`^down_blocks\\.${level}\\.resnets\\.\\d\\.(?:conv[12]|norm2|time_emb_proj)\\.(?:weight|bias)$`),
            0,
        ),
    );
    const types = (path: 'down' | 'up', attention: string, plain: string) =>
        widths.map((_, level) =>
            see.has(new RegExp(`^${path}_blocks\\.${level}\\.attentions\\.`)) ? attention : plain,
        );
    const layers = see.count(/^down_blocks\.\d+\.resnets\.(\d+)\./) || 2;
    return {
        in_channels: see.side(/^conv_in\.weight$/, 1) ?? 4,
        out_channels: see.side(/^conv_out\.(?:weight|bias)$/, 0) ?? 4,
        block_out_channels: widths,
        layers_per_block: layers,
        down_block_types: types('down', 'CrossAttnDownBlock2D', 'DownBlock2D'),
        ...(see.has(/^(?:up_blocks|conv_out)\./) && { up_block_types: types('up', 'CrossAttnUpBlock2D', 'UpBlock2D') }),
        mid_block_type: middle(see, layers),
        transformer_layers_per_block: see.count(/\.transformer_blocks\.(\d+)\./) || 1,
        cross_attention_dim: see.side(/\.attn2\.to_[kv]\.weight$/, 1) ?? 768,
        // SD1 has 8 heads at every width; SD2 has heads of 64 channels.
        attention_head_dim: isV2 ? widths.map((width) => Math.max(1, Math.round((width ?? 64) / 64))) : 8,
        use_linear_projection: see.shape(/\.proj_(?:in|out)\.weight$/)?.length === 2,
        norm_num_groups: 32,
        sample_size: 64,
    };
}

/**
 * Only distilled U-Nets of one residual layer per level are published without a middle block (BK-SDM small, segmind/tiny-sd; Kim
 * et al. 2023, https://arxiv.org/abs/2305.15798). In a larger one it is missing, and named when the graph asks for it.
 */
function middle(see: Shapes, layers: number): string | null {
    if (see.has(/^mid_block\.attentions\./) || see.has(/^mid_block\.resnets\.1\./)) return 'UNetMidBlock2DCrossAttn';
    if (see.has(/^mid_block\./)) return 'UNetMidBlock2D';
    return layers === 1 ? null : 'UNetMidBlock2DCrossAttn';
}

/** `vae/config.json`. */
export function inferVae(weights: PartTensors): RawConfig {
    const see = shapesOf(weights);
    const levels = see.count(/^(?:encoder\.down|decoder\.up)_blocks\.(\d+)\./);
    // The decoder's levels run the other way.
    const width = (level: number) =>
        see.side(
            new RegExp(`^encoder\\.down_blocks\\.${level}\\.resnets\\.\\d\\.(?:conv[12]|norm2)\\.(?:weight|bias)$`),
            0,
        ) ??
        see.side(
            new RegExp(
                `^decoder\\.up_blocks\\.${levels - 1 - level}\\.resnets\\.\\d\\.(?:conv[12]|norm2)\\.(?:weight|bias)$`,
            ),
            0,
        );
    return {
        in_channels: see.side(/^encoder\.conv_in\.weight$/, 1) ?? 3,
        latent_channels: see.side(/^decoder\.conv_in\.weight$/, 1) ?? 4,
        block_out_channels: Array.from({ length: levels }, (_, level) => width(level)),
        layers_per_block: see.count(/^encoder\.down_blocks\.\d+\.resnets\.(\d+)\./) || 2,
        norm_num_groups: 32,
        scaling_factor: 0.18215,
    };
}

/** Blocks of published text encoders by their width: a file with fewer lacks some, it is no smaller network. */
const PUBLISHED_LAYERS: ReadonlyMap<number, number> = new Map([
    [768, 12],
    [1024, 23],
    [1280, 32],
]);

/**
 * `text_encoder/config.json`. `layers` counts the blocks that are used: SD2 reads the layer before the last, so its
 * last block was taken out by the reader.
 */
export function inferText(weights: PartTensors, { isV2 }: { readonly isV2: boolean }): RawConfig {
    const see = shapesOf(weights);
    const width = see.side(/^final_layer_norm\.|\.layer_norm[12]\./, 0) ?? 768;
    const vocabulary = see.side(/^embeddings\.token_embedding\.weight$/, 0) ?? 49408;
    return {
        vocab_size: vocabulary,
        hidden_size: width,
        intermediate_size: see.side(/\.mlp\.fc1\.(?:bias|weight)$/, 0) ?? 4 * width,
        num_hidden_layers: PUBLISHED_LAYERS.get(width) ?? see.count(/^encoder\.layers\.(\d+)\./),
        num_attention_heads: Math.max(1, Math.round(width / 64)),
        max_position_embeddings: see.side(/^embeddings\.position_embedding\.weight$/, 0) ?? 77,
        hidden_act: isV2 ? 'gelu' : 'quick_gelu',
        eos_token_id: vocabulary - 1,
    };
}

/** Whether the width is that of a published text encoder, whose number of layers is known. */
export function isPublishedText(width: number): boolean {
    return PUBLISHED_LAYERS.has(width);
}

interface Shapes {
    has(pattern: RegExp): boolean;
    /** The shape of the first tensor that fits. */
    shape(pattern: RegExp): readonly number[] | undefined;
    side(pattern: RegExp, axis: number): number | undefined;
    /** One more than the largest number that the pattern's group finds; 0 where it finds none. */
    count(pattern: RegExp): number;
}

function shapesOf({ tensors }: PartTensors): Shapes {
    const names = [...tensors.keys()];
    const shape = (pattern: RegExp) => {
        const name = names.find((one) => pattern.test(one));
        return name === undefined ? undefined : tensors.get(name)!.shape;
    };
    return {
        has: (pattern) => names.some((name) => pattern.test(name)),
        shape,
        side: (pattern, axis) => shape(pattern)?.[axis],
        count: (pattern) => names.reduce((most, name) => Math.max(most, Number(pattern.exec(name)?.[1] ?? -1) + 1), 0),
    };
}
