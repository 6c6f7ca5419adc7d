/** Self-tests: does a device compute what the CPU computes, and does it do so faster? */
import { Graph } from '../graph/graph.ts';
import { Layers } from '../graph/layers.ts';
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
    const sizes = { width: 320, heads: 8 };
    const feeds = { q: waves(1, [1, 64, 320]), k: waves(2, [1, 77, 320]), v: waves(3, [1, 77, 320]) };
    const run = async (on: Backend, attention: 'fused' | 'naive') => {
        const graph = new Graph(`attention test`);
        const layers = new Layers(graph, NO_WEIGHTS, { linear: 'gemm', attention });
        const input = (name: string, tokens: number) => graph.input(name, ['B', tokens, sizes.width]);
        graph.output('y', layers.attention(input('q', 64), input('k', 77), input('v', 77), sizes));
        const session = await createSession(graph, { backend: on, threads: 1, optimisation: 'all', prepack: true });
        try {
            return (await session.run(feeds)).y!;
        } finally {
            await session.release();
        }
    };
    const ours = await run(backend, 'fused');
    return relativeError(ours.data, (await run('cpu', 'naive')).data);
}

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
    const y = graph.op('Conv', [x, w], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] });
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
