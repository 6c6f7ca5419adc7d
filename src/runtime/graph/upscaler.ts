/** Upscalers: networks that enlarge a picture, `pixels [1, 3, h, w]` with values in [0, 1] to `enlarged [1, 3, s·h, s·w]`. */

import { assertNever } from '../../plan/problem.ts';
import type { CompactConfig, RrdbConfig, UpscalerPart } from '../weights/upscaler.ts';
import type { OperatorForms } from './forms/operator-forms.ts';
import { Graph, type Value } from './graph.ts';
import { type Feature, Layers } from './layers.ts';

export const UPSCALER_PORTS = { pixels: 'pixels', enlarged: 'enlarged' } as const;

/** The input's sides are multiples of the network's `unshuffle`. The output is not clamped. */
export function upscalerGraph({ config, weights }: UpscalerPart, forms: OperatorForms): Graph {
    const graph = new Graph('upscaler');
    const layers = new Layers(graph, weights, forms);
    const pixels: Feature = { value: graph.input(UPSCALER_PORTS.pixels, [1, 3, 'h', 'w']), channels: 3 };
    switch (config.kind) {
        case 'rrdb':
            graph.output(UPSCALER_PORTS.enlarged, rrdb(layers, pixels, config));
            return graph;
        case 'compact':
            graph.output(UPSCALER_PORTS.enlarged, compact(layers, pixels, config, config.scale));
            return graph;
        default:
            return assertNever(config);
    }
}

// ── ESRGAN ─────────────────────────────────────────────────────────────

/** RRDBNet (Wang et al. 2018, arXiv 1809.00219), with Real-ESRGAN's pixel unshuffle (Wang et al. 2021). */
function rrdb(layers: Layers, pixels: Feature, config: RrdbConfig): Value {
    const { features, unshuffle } = config;
    const { graph } = layers;
    // ONNX's SpaceToDepth orders channels by position first; PyTorch's pixel_unshuffle by colour first.
    const input: Feature =
        unshuffle === 1 ? pixels : { value: packed(graph, pixels, unshuffle), channels: 3 * unshuffle ** 2 };
    const first = layers.conv(input, 'conv_first', features);
    let h = first;
    for (let block = 0; block < config.blocks; block++) {
        const before = h;
        for (const part of [1, 2, 3]) h = denseBlock(layers, h, `body.${block}.rdb${part}`, config);
        h = scaledSum(layers, h, before);
    }
    h = { ...h, value: layers.add(layers.conv(h, 'conv_body', features).value, first.value) };
    for (let doubling = 1; doubling <= config.doublings; doubling++) {
        h = leaky(layers, layers.conv(doubled(layers, h), `conv_up${doubling}`, features));
    }
    return layers.conv(leaky(layers, layers.conv(h, 'conv_hr', features)), 'conv_last', 3).value;
}

/** Five convolutions, each of which reads the outputs of all before it; the sum of a fifth of the last and the input. */
function denseBlock(layers: Layers, x: Feature, name: string, { features, growth, plus }: RrdbConfig): Feature {
    const outputs: Feature[] = [];
    for (const k of [1, 2, 3, 4]) {
        let y = leaky(layers, layers.conv(concat(layers, [x, ...outputs]), `${name}.conv${k}`, growth));
        if (plus && k === 2) {
            const weight = layers.weight(`${name}.conv1x1.weight`, [growth, features, 1, 1]);
            const beside = layers.graph.op('Conv', [x.value, weight], { kernel_shape: [1, 1] });
            y = { ...y, value: layers.add(y.value, beside) };
        }
        if (plus && k === 4) y = { ...y, value: layers.add(y.value, outputs[1]!.value) };
        outputs.push(y);
    }
    return scaledSum(layers, layers.conv(concat(layers, [x, ...outputs]), `${name}.conv5`, features), x);
}

function scaledSum({ graph }: Layers, change: Feature, to: Feature): Feature {
    const scaled = graph.op('Mul', [change.value, graph.scalar(0.2)]);
    return { ...to, value: graph.op('Add', [scaled, to.value]) };
}

function concat({ graph }: Layers, parts: readonly Feature[]): Feature {
    if (parts.length === 1) return parts[0]!;
    const channels = parts.reduce((sum, part) => sum + part.channels, 0);
    return {
        value: graph.op(
            'Concat',
            parts.map(({ value }) => value),
            { axis: 1 },
        ),
        channels,
    };
}

function leaky({ graph }: Layers, x: Feature): Feature {
    return { ...x, value: graph.op('LeakyRelu', [x.value], { alpha: { float: 0.2 } }) };
}

/** Nearest neighbour, twice as large. */
function doubled({ graph }: Layers, x: Feature): Feature {
    return { ...x, value: nearest(graph, x.value, 2) };
}

function nearest(graph: Graph, value: Value, scale: number): Value {
    const scales = graph.floats('enlarge', [1, 1, scale, scale], [4]);
    return graph.op('Resize', [value, '', scales], {
        mode: 'nearest',
        nearest_mode: 'floor',
        coordinate_transformation_mode: 'asymmetric',
    });
}

/** `[1, 3, h, w]` → `[1, 3·side², h/side, w/side]`, as PyTorch's `pixel_unshuffle`. */
function packed(graph: Graph, { value, channels }: Feature, side: number): Value {
    const positions = graph.op('SpaceToDepth', [value], { blocksize: side });
    const split = graph.op('Reshape', [
        positions,
        graph.op(
            'Concat',
            [graph.ints([side * side, channels]), graph.op('Shape', [positions], { start: 2, end: 4 })],
            { axis: 0 },
        ),
    ]);
    const swapped = graph.op('Transpose', [split], { perm: [1, 0, 2, 3] });
    return graph.op('Reshape', [swapped, graph.op('Shape', [positions])]);
}

// ── Compact ────────────────────────────────────────────────────────────

/** SRVGGNetCompact: convolutions with an activation each, a pixel shuffle, added to the enlarged input. */
function compact(layers: Layers, pixels: Feature, { features, last, activation }: CompactConfig, scale: number): Value {
    const { graph } = layers;
    let h = pixels;
    for (let index = 0; index < last; index += 2) {
        h = layers.conv(h, `body.${index}`, features);
        const value =
            activation === 'relu'
                ? graph.op('Relu', [h.value])
                : graph.op('PRelu', [h.value, layers.weight(`body.${index + 1}.weight`, [features, 1, 1])]);
        h = { ...h, value };
    }
    h = layers.conv(h, `body.${last}`, 3 * scale * scale);
    // CRD is the channel order of PyTorch's pixel_shuffle.
    const shuffled = scale === 1 ? h.value : graph.op('DepthToSpace', [h.value], { blocksize: scale, mode: 'CRD' });
    return layers.add(shuffled, scale === 1 ? pixels.value : nearest(graph, pixels.value, scale));
}
