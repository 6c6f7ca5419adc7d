/** Blocks that U-Net, ControlNet and VAE share: residual layers, transformers, samplers, the timestep's embedding. */

import type { UnetConfig } from '../weights/config.ts';
import { attention, naiveAttention } from './attention.ts';
import { foldedEnlargement } from './forms/folded-enlargement.ts';
import type { Value } from './graph.ts';
import type { Feature, Layers } from './layers.ts';

/** GroupNorm → SiLU → conv, twice, plus the input; the timestep's embedding is added in between. */
export function resnet(
    layers: Layers,
    x: Feature,
    name: string,
    to: number,
    norm: { readonly groups: number; readonly epsilon: number },
    time?: { readonly value: Value; readonly width: number },
): Feature {
    const { graph } = layers;
    return graph.within(name, () => {
        const half = (input: Feature, index: 1 | 2) => {
            const normal = layers.groupNorm(input, `${name}.norm${index}`, norm.groups, norm.epsilon);
            return layers.conv({ ...normal, value: layers.silu(normal.value) }, `${name}.conv${index}`, to);
        };
        let h = half(x, 1);
        if (time) {
            const shift = layers.linear(time.value, `${name}.time_emb_proj`, time.width, to, { rank: 2 });
            h = { ...h, value: layers.add(h.value, graph.op('Reshape', [shift, graph.ints([-1, to, 1, 1])])) };
        }
        h = half(h, 2);
        const straight = x.channels === to ? x : layers.conv(x, `${name}.conv_shortcut`, to, { kernel: 1 });
        return { value: layers.add(straight.value, h.value), channels: to };
    });
}

export interface TransformerOptions {
    readonly config: UnetConfig;
    readonly level: number;
    /** Text embeddings `[R, S, contextWidth]`. */
    readonly context: Value;
    /** Receives the cross-attention probabilities `[R, h·w, S]` as float32, averaged over heads. */
    readonly onAttention?: (layer: string, probabilities: Value) => void;
    readonly text?: TextParts;
}

/** What cross-attention adds `[R, h·w, width]`, by the name of the block: handed out, or given instead of being computed. */
export type TextParts =
    | { readonly kind: 'handed-out'; readonly on: (block: string, part: Value) => void }
    | { readonly kind: 'given'; readonly of: (block: string, width: number) => Value };

/** Self-attention, cross-attention with the text, and a gated feed-forward layer, over all pixels. */
export function transformer(layers: Layers, x: Feature, name: string, options: TransformerOptions): Feature {
    const { config, level } = options;
    const width = x.channels;
    return layers.graph.within(name, () => {
        const normal = layers.groupNorm(x, `${name}.norm`, config.normGroups, 1e-6);
        let h = config.linearProjection
            ? layers.linear(layers.toTokens(normal), `${name}.proj_in`, width, width)
            : layers.toTokens(layers.conv(normal, `${name}.proj_in`, width, { kernel: 1 }));
        for (let block = 0; block < config.transformerLayers[level]!; block++) {
            h = transformerBlock(layers, h, `${name}.transformer_blocks.${block}`, width, name, options);
        }
        if (config.linearProjection) h = layers.linear(h, `${name}.proj_out`, width, width);
        let out = layers.fromTokens(h, x);
        if (!config.linearProjection) out = layers.conv(out, `${name}.proj_out`, width, { kernel: 1 });
        return { ...x, value: layers.add(out.value, x.value) };
    });
}

function transformerBlock(
    layers: Layers,
    x: Value,
    name: string,
    width: number,
    layer: string,
    options: TransformerOptions,
): Value {
    const { config, level, text } = options;
    const { graph } = layers;
    const heads = config.heads[level]!;
    const project = (input: Value, kind: string) =>
        layers.linear(input, `${name}.${kind}`, width, width, { bias: false });
    const norm = (input: Value, index: number) => layers.layerNorm(input, `${name}.norm${index}`, width, 1e-5);

    const own = norm(x, 1);
    const [q, k, v] = ['q', 'k', 'v'].map((kind) => project(own, `attn1.to_${kind}`)) as [Value, Value, Value];
    const self = attention(layers, q, k, v, { width, heads });
    let h = layers.add(layers.linear(self, `${name}.attn1.to_out.0`, width, width), x);

    const sizes = { width, heads };
    const part =
        text?.kind === 'given' ? text.of(name, width) : crossAttention(layers, norm(h, 2), name, sizes, layer, options);
    if (text?.kind === 'handed-out') text.on(name, part);
    h = layers.add(part, h);

    const wide = layers.linear(norm(h, 3), `${name}.ff.net.0.proj`, width, 8 * width);
    const [content, gate] = graph.ops('Split', [wide], 2, { axis: -1, num_outputs: 2 }) as [Value, Value];
    const gated = graph.op('Mul', [content, layers.gelu(gate)]);
    return layers.add(layers.linear(gated, `${name}.ff.net.2`, 4 * width, width), h);
}

/** What the text adds to pixels, `[R, h·w, width]`. */
function crossAttention(
    layers: Layers,
    x: Value,
    name: string,
    sizes: { readonly width: number; readonly heads: number },
    layer: string,
    { config, context, onAttention }: TransformerOptions,
): Value {
    const { width } = sizes;
    const project = (input: Value, kind: string, from: number) =>
        layers.linear(input, `${name}.attn2.${kind}`, from, width, { bias: false });
    const query = project(x, 'to_q', width);
    const key = project(context, 'to_k', config.contextWidth);
    const value = project(context, 'to_v', config.contextWidth);
    let mixed: Value;
    if (onAttention) {
        const { result, probabilities } = naiveAttention(layers, query, key, value, sizes);
        onAttention(layer, layers.graph.op('ReduceMean', [probabilities, layers.graph.ints([1])], { keepdims: 0 }));
        mixed = result;
    } else mixed = attention(layers, query, key, value, sizes);
    return layers.linear(mixed, `${name}.attn2.to_out.0`, width, width);
}

/** Nearest-neighbour enlargement, to the size of `like` or to twice the size, then a convolution. */
export function upsample(layers: Layers, x: Feature, name: string, like?: Feature): Feature {
    const { graph } = layers;
    const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    if (!like) {
        const { folded } = layers.forms;
        if (folded && x.channels >= folded.leastWidth)
            return graph.within(name, () => foldedEnlargement(layers, x, `${name}.conv`, x.channels));
        const doubled = graph.op('Resize', [x.value, '', graph.floats('1,1,2,2', [1, 1, 2, 2], [4])], attributes);
        return layers.conv({ ...x, value: doubled }, `${name}.conv`, x.channels);
    }
    const size = graph.op(
        'Concat',
        [graph.op('Shape', [x.value], { start: 0, end: 2 }), graph.op('Shape', [like.value], { start: 2, end: 4 })],
        { axis: 0 },
    );
    return layers.conv(
        { ...x, value: graph.op('Resize', [x.value, '', '', size], attributes) },
        `${name}.conv`,
        x.channels,
    );
}

/**
 * The embedding `[1 or R, 4·widths[0]]` of timesteps given as `waves` (see `time-embedding.ts`): two linear layers, in float32, since
 * every residual layer reads it.
 */
export function timeEmbedding({ full: layers }: Layers, waves: Value, config: UnetConfig): Value {
    const base = config.widths[0]!;
    const hidden = layers.silu(layers.linear(waves, 'time_embedding.linear_1', base, 4 * base, { rank: 2 }));
    return layers.linear(hidden, 'time_embedding.linear_2', 4 * base, 4 * base, { rank: 2 });
}
