/** Self-tests: does a device compute what the CPU computes, and does it do so faster? */
import { attention } from '../graph/attention.ts';
import type { HalfProduct, OperatorForms } from '../graph/forms/operator-forms.ts';
import { Graph, type Node, type Value } from '../graph/graph.ts';
import { Layers } from '../graph/layers.ts';
import { ELEMENT } from '../graph/onnx.ts';
import { type Tensor, tensor } from '../tensor.ts';
import type { Backend } from './backend.ts';
import { createSession } from './session.ts';

const NO_WEIGHTS = { source: 'the self-test', tensors: new Map() };

/**
 * The relative error (rms) of fused attention on a device against the plain form on the CPU. Some Vulkan drivers get
 * it wrong from 64 queries on, so the shape is that of a real layer: 64 queries, 77 keys, 8 heads of 40 channels.
 * Throws where the device can't run at all.
 */
export async function attentionError(backend: Backend): Promise<number> {
    const ours = await runOnce(attentionTest({ attention: 'fused' }), ATTENTION_FEEDS, backend);
    return relativeError(ours, await runOnce(attentionTest({ attention: 'naive' }), ATTENTION_FEEDS, 'cpu'));
}

const ATTENTION_SIZES = { width: 320, heads: 8 };
const ATTENTION_FEEDS = { q: waves(1, [1, 64, 320]), k: waves(2, [1, 77, 320]), v: waves(3, [1, 77, 320]) };

function attentionTest(forms: Pick<OperatorForms, 'attention' | 'half'>): Graph {
    const graph = new Graph('attention test');
    const layers = new Layers(graph, NO_WEIGHTS, { linear: 'gemm', ...forms });
    const input = (name: string, tokens: number) => layers.input(name, ['B', tokens, ATTENTION_SIZES.width]);
    layers.output('y', attention(layers, input('q', 64), input('k', 77), input('v', 77), ATTENTION_SIZES));
    return graph;
}

/** The relative error (rms) of each kind of product in 16 bits on a device, against 32 bits on the CPU. */
export type HalfErrors = Readonly<Record<HalfProduct, number>>;

/**
 * Sums are as long as the longest of Stable Diffusion 1.5: 5120 products in a linear layer, 11520 in a convolution. A device that
 * keeps sums in 32 bits is off by its rounding of inputs and results, about 5e-4, however long they are; one that keeps them in
 * 16 bits, as onnxruntime's WebGPU kernels do, by about 1.4e-4 times the root of their length. Throws where the device has no
 * 16 bits at all.
 */
export async function halfErrors(backend: Backend): Promise<HalfErrors> {
    const [linear, convolution] = [
        { from: 5120, to: 64 },
        { from: 1280, to: 16 },
    ] as const;
    const product = async (
        feeds: Readonly<Record<'x' | 'w', Tensor>>,
        operator: string,
        attributes: Node['attributes'],
    ) => {
        const build = (isHalf: boolean) => {
            const graph = new Graph('half precision test');
            const cast = (value: Value, to: number) => (isHalf ? graph.op('Cast', [value], { to }) : value);
            const [x, w] = (['x', 'w'] as const).map((name) =>
                cast(graph.input(name, feeds[name].dims), ELEMENT.float16),
            );
            graph.output('y', cast(graph.op(operator, [x!, w!], attributes), ELEMENT.float32));
            return graph;
        };
        return relativeError(await runOnce(build(true), feeds, backend), await runOnce(build(false), feeds, 'cpu'));
    };
    const attention = relativeError(
        await runOnce(attentionTest({ attention: 'fused', half: ['attention'] }), ATTENTION_FEEDS, backend),
        await runOnce(attentionTest({ attention: 'naive' }), ATTENTION_FEEDS, 'cpu'),
    );
    return {
        linear: await product({ x: waves(1, [64, linear.from]), w: waves(2, [linear.to, linear.from]) }, 'Gemm', {
            transB: 1,
        }),
        convolution: await product(
            { x: waves(1, [1, convolution.from, 8, 8]), w: waves(2, [convolution.to, convolution.from, 3, 3]) },
            'Conv',
            CONVOLUTION,
        ),
        attention,
    };
}

async function runOnce(graph: Graph, feeds: Readonly<Record<string, Tensor>>, backend: Backend): Promise<Float32Array> {
    const settings = { backend, threads: 1, optimisation: 'all', prepack: true, quiet: true } as const;
    const session = await createSession(graph, settings);
    try {
        return (await session.run(feeds)).y!.data;
    } finally {
        await session.release();
    }
}

const CONVOLUTION = { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] };

/**
 * Times a convolution of a U-Net's size on both; before that a small one on the device alone: software drivers of WebGPU are hundreds of times slower than the CPU
 * and would take half a minute for one of a U-Net's size.
 */
export async function fasterThanCpu(backend: Backend, threads: number): Promise<boolean> {
    if ((await convolutionTime(backend, threads, 64, 32)) > HOPELESS) return false;
    const cpu = await convolutionTime('cpu', threads, 128, 64);
    return (await convolutionTime(backend, threads, 128, 64)) < cpu;
}

/** Milliseconds for a convolution that a CPU does in one, and a graphics card within a few. */
const HOPELESS = 50;

/** Milliseconds of the second run of a 3x3 convolution over `side` x `side` pixels. */
async function convolutionTime(backend: Backend, threads: number, channels: number, side: number): Promise<number> {
    const graph = new Graph('speed test');
    const x = graph.input('x', [1, channels, side, side]);
    const w = graph.input('w', [channels, channels, 3, 3]);
    const y = graph.op('Conv', [x, w], CONVOLUTION);
    graph.output('y', graph.op('ReduceMean', [y], { keepdims: 0 }));
    const session = await createSession(graph, { backend, threads, optimisation: 'all', prepack: true });
    try {
        const feeds = { x: waves(1, [1, channels, side, side]), w: waves(2, [channels, channels, 3, 3]) };
        await session.run(feeds);
        const start = performance.now();
        await session.run(feeds);
        return performance.now() - start;
    } finally {
        await session.release();
    }
}

/** rms(a − b) / rms(b). */
export function relativeError(a: Float32Array, b: Float32Array): number {
    let difference = 0;
    let size = 0;
    for (let index = 0; index < b.length; index++) {
        difference += (a[index]! - b[index]!) ** 2;
        size += b[index]! ** 2;
    }
    return Math.sqrt(difference / size);
}

/** Fixed numbers of unit order without a visible pattern. */
function waves(seed: number, dims: readonly number[]): Tensor {
    const data = new Float32Array(dims.reduce((product, side) => product * side, 1));
    for (let index = 0; index < data.length; index++) {
        const x = Math.sin((index + 1) * 12.9898 * seed) * 43758.5453;
        data[index] = 2 * (x - Math.floor(x)) - 1;
    }
    return tensor(data, dims);
}
