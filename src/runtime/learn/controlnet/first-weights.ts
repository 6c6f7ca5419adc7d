/**
 * What a ControlNet begins as (https://arxiv.org/abs/2302.05543): a copy of the U-Net's first half, convolutions of 0 before
 * every residual, so that it changes nothing at first, and small random convolutions that read the hint. The last of these is
 * 0 in the paper, too; here it is not, so that the first gradients that reach the copy are of the hint already.
 */
import { openNoise } from '../../noise/open.ts';
import { elementCount, type Tensor, tensor } from '../../tensor.ts';
import type { ControlNetConfig, UnetConfig } from '../../weights/config.ts';
import type { RawConfig } from '../../weights/config-fields.ts';
import type { ConfiguredPart, PartTensors } from '../../weights/parts.ts';
import { readTensor } from '../../weights/read-tensor.ts';
import type { TensorLocation } from '../../weights/safetensors.ts';

/** Channels of the hint's convolutions: diffusers' own, and a quarter of them beside small networks. */
const HINT_WIDTHS = [16, 32, 96, 256];
const SMALL_HINT_WIDTHS = [8, 16, 32, 64];
/** The first level's channels below which a network is small. */
const SMALL = 128;

/**
 * The ControlNet of a U-Net, whose own tensors are still to be made: their locations hold shapes alone. Beside a small network
 * the copy leaves attention out: edges are local, and it learns from half as many numbers in less time.
 */
export function newControlNet({ config, weights }: ConfiguredPart<UnetConfig>): ConfiguredPart<ControlNetConfig> {
    const isSmall = config.widths[0]! < SMALL;
    const hintWidths = isSmall ? SMALL_HINT_WIDTHS : HINT_WIDTHS;
    const local = { downAttention: config.downAttention.map(() => false), middle: 'plain' } as const;
    const find: PartTensors['find'] = (name, shape) =>
        isNew(name)
            ? { file: '', offset: 0, length: 4 * elementCount(shape), dtype: 'F32', shape }
            : weights.tensors.get(name);
    return {
        config: { ...config, ...(isSmall && local), hintChannels: 3, hintWidths, hintOrder: 'rgb', globalPool: false },
        weights: { source: weights.source, tensors: weights.tensors, find },
    };
}

/** Whether the U-Net has no tensor of this name. */
export function isNew(name: string): boolean {
    return name.startsWith('controlnet_');
}

/** The first values of a tensor: the U-Net's, 0, or as PyTorch begins a convolution. */
export function firstValues(name: string, location: TensorLocation, dims: readonly number[], seed: number): Tensor {
    if (!isNew(name)) return tensor(readTensor(location).data, dims);
    const size = elementCount(dims);
    const isZero = !name.startsWith('controlnet_cond_embedding.');
    if (isZero || name.endsWith('.bias')) return tensor(new Float32Array(size), dims);
    // Kaiming's deviation for SiLU's like, 1 / √fan-in, from a stream of the tensor's own.
    const fanIn = dims.slice(1).reduce((product, side) => product * side, 1);
    const noise = openNoise('torch-cpu', (seed + hashOf(name)) >>> 0).normal(size);
    return tensor(
        noise.map((value) => value / Math.sqrt(fanIn)),
        dims,
    );
}

function hashOf(text: string): number {
    let hash = 0;
    for (const letter of text) hash = (Math.imul(hash, 31) + letter.codePointAt(0)!) | 0;
    return hash;
}

/** `config.json` as diffusers writes it. */
export function controlNetJson(config: ControlNetConfig): RawConfig {
    return {
        _class_name: 'ControlNetModel',
        act_fn: 'silu',
        attention_head_dim: config.heads,
        block_out_channels: config.widths,
        conditioning_channels: config.hintChannels,
        conditioning_embedding_out_channels: config.hintWidths,
        controlnet_conditioning_channel_order: config.hintOrder,
        cross_attention_dim: config.contextWidth,
        down_block_types: config.downAttention.map((has) => (has ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
        downsample_padding: 1,
        flip_sin_to_cos: config.flipSinToCos,
        freq_shift: config.freqShift,
        global_pool_conditions: config.globalPool,
        in_channels: config.inChannels,
        layers_per_block: config.layersPerBlock,
        mid_block_type: config.middle === 'plain' ? 'UNetMidBlock2D' : 'UNetMidBlock2DCrossAttn',
        norm_eps: config.normEps,
        norm_num_groups: config.normGroups,
        transformer_layers_per_block: config.transformerLayers,
        use_linear_projection: config.linearProjection,
    };
}
