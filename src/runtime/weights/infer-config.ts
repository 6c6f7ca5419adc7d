/** Configurations of single files: read off the shapes of the tensors, the rest as the published families have it. */
import type { RawConfig } from './config.ts';
import type { Weights } from './parts.ts';

/** `unet/config.json` as diffusers would write it. */
export function inferUnet(weights: Weights, { isV2 }: { readonly isV2: boolean }): RawConfig {
    const widths = levels(weights, (level) => `down_blocks.${level}.resnets.0.conv2.bias`);
    const has = (name: string) => weights.tensors.has(name);
    const down = widths.map((_, level) =>
        has(`down_blocks.${level}.attentions.0.norm.weight`) ? 'CrossAttnDownBlock2D' : 'DownBlock2D',
    );
    const up = widths.map((_, level) =>
        has(`up_blocks.${level}.attentions.0.norm.weight`) ? 'CrossAttnUpBlock2D' : 'UpBlock2D',
    );
    const attention = 'mid_block.attentions.0';
    return {
        in_channels: side(weights, 'conv_in.weight', 1) ?? 4,
        out_channels: side(weights, 'conv_out.weight', 0) ?? 4,
        block_out_channels: widths,
        layers_per_block: 2,
        down_block_types: down,
        ...(has('conv_out.weight') && { up_block_types: up }),
        mid_block_type: has(`${attention}.norm.weight`) ? 'UNetMidBlock2DCrossAttn' : 'UNetMidBlock2D',
        cross_attention_dim: side(weights, `${attention}.transformer_blocks.0.attn2.to_k.weight`, 1) ?? 768,
        // SD1 has 8 heads at every width; SD2 has heads of 64 channels.
        attention_head_dim: isV2 ? widths.map((width) => Math.max(1, Math.round(width / 64))) : 8,
        use_linear_projection: weights.tensors.get(`${attention}.proj_in.weight`)?.shape.length === 2,
        norm_num_groups: 32,
        sample_size: 64,
    };
}

/** `vae/config.json`. */
export function inferVae(weights: Weights): RawConfig {
    return {
        in_channels: side(weights, 'encoder.conv_in.weight', 1) ?? 3,
        latent_channels: side(weights, 'decoder.conv_in.weight', 1) ?? 4,
        block_out_channels: levels(weights, (level) => `encoder.down_blocks.${level}.resnets.0.conv2.bias`),
        layers_per_block: weights.tensors.has('encoder.down_blocks.0.resnets.1.conv2.bias') ? 2 : 1,
        norm_num_groups: 32,
        scaling_factor: 0.18215,
    };
}

/** `text_encoder/config.json`. SD2 reads the layer before the last: the last is left out, as its folders do. */
export function inferText(weights: Weights, { isV2 }: { readonly isV2: boolean }): RawConfig {
    const width = side(weights, 'final_layer_norm.weight', 0) ?? 768;
    let layers = 0;
    while (weights.tensors.has(`encoder.layers.${layers}.layer_norm1.weight`)) layers++;
    const vocabulary = side(weights, 'embeddings.token_embedding.weight', 0) ?? 49408;
    return {
        vocab_size: vocabulary,
        hidden_size: width,
        intermediate_size: side(weights, 'encoder.layers.0.mlp.fc1.bias', 0) ?? 4 * width,
        num_hidden_layers: isV2 ? layers - 1 : layers,
        num_attention_heads: Math.max(1, Math.round(width / 64)),
        max_position_embeddings: side(weights, 'embeddings.position_embedding.weight', 0) ?? 77,
        hidden_act: isV2 ? 'gelu' : 'quick_gelu',
        eos_token_id: vocabulary - 1,
    };
}

function side(weights: Weights, name: string, axis: number): number | undefined {
    return weights.tensors.get(name)?.shape[axis];
}

/** Channels of the levels, as long as there are any. */
function levels(weights: Weights, name: (level: number) => string): readonly number[] {
    const widths: number[] = [];
    for (;;) {
        const width = side(weights, name(widths.length), 0);
        if (width === undefined) return widths;
        widths.push(width);
    }
}
