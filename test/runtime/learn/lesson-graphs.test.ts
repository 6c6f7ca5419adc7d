/** Gradients of whole networks against PyTorch's: the U-Net with its loss, the text encoder. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSession } from '../../../src/runtime/engine/session.ts';
import type { MemoryPolicy } from '../../../src/runtime/graph/gradient/memory.ts';
import type { Graph } from '../../../src/runtime/graph/graph.ts';
import { sinusoidalTimeEmbedding } from '../../../src/runtime/graph/time-embedding.ts';
import { textLessonGraph, unetLessonGraph } from '../../../src/runtime/learn/lesson-graphs.ts';
import { addLowRankPaths } from '../../../src/runtime/learn/low-rank-paths.ts';
import { exposeWeights } from '../../../src/runtime/learn/trainable-weights.ts';
import type { Tensor } from '../../../src/runtime/tensor.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { SD15 } from '../engine/nano.ts';
import { relativeError } from '../graph/gradient/relative-error.ts';

const GOLDENS = join(import.meta.dirname, '../../goldens/gradient');
const golden = (name: string): Readonly<Record<string, Tensor>> =>
    Object.fromEntries(
        [...readSafetensors(join(GOLDENS, `${name}.safetensors`)).tensors].map(([key, at]) => [key, readTensor(at)]),
    );
const { unet, textEncoder } = openCheckpoint(SD15);
const settings = { backend: 'cpu', threads: 2, optimisation: 'all', prepack: true } as const;

describe.each(['all', 'costly', 'modules'] satisfies MemoryPolicy[])('the U-Net, keeping %s', (memory) => {
    test("PyTorch's loss and gradients of text, sample, low-rank paths and weights", async () => {
        const values = golden('unet');
        const lowRank = new Set(Object.keys(values).flatMap((key) => /^low\/(.+)\.down$/.exec(key)?.[1] ?? []));
        const exposed = new Set(
            Object.keys(values).flatMap((key) => /^d\/weights\/(.+)\.weight$/.exec(key)?.[1] ?? []),
        );
        const feeds: Record<string, Tensor> = {
            ...values,
            target: values.noise!,
            waves: sinusoidalTimeEmbedding([...values.time!.data], unet.config),
        };
        const prepare = (graph: Graph) => {
            const paths = addLowRankPaths(graph, { rank: 2, alpha: 2, fits: (module) => lowRank.has(module) });
            const weights = exposeWeights(graph, (module) => exposed.has(module));
            for (const { input, location, dims } of weights) feeds[input] = { data: readTensor(location).data, dims };
            expect(paths).toHaveLength(lowRank.size);
            return Object.fromEntries([
                ...paths.flatMap(({ down, up, downDims, upDims }) => [
                    [down, downDims] as const,
                    [up, upDims] as const,
                ]),
                ...weights.map(({ input, dims }) => [input, dims] as const),
            ]);
        };
        const shape = { rows: 2, height: 10, width: 6, tokens: 77 };
        const graph = unetLessonGraph(unet, { ...shape, memory, prepare, of: ['context', 'sample'] });
        const session = await createSession(graph, settings);
        const found = await session.run(Object.fromEntries([...session.inputs].map((name) => [name, feeds[name]!])));
        const compared = ['prediction', 'losses', ...Object.keys(values).filter((key) => key.startsWith('d/'))];
        const errors = compared.map((key) => [key, relativeError(found[key]!, values[key]!)] as const);
        expect(errors.filter(([, error]) => !(error < 4e-6))).toEqual([]);
        expect(errors).toHaveLength(
            4 + 2 * lowRank.size + Object.keys(values).filter((key) => key.startsWith('d/weights/')).length,
        );
    });
});

test("PyTorch's gradient of learned vectors through the text encoder", async () => {
    const values = golden('text');
    const session = await createSession(textLessonGraph(textEncoder, 2, 3), settings);
    const ids = { ints: [...values.ids!.data], dims: [2, 77] };
    const found = await session.run({ ids, learned: values.learned!, g: values.g! });
    expect(relativeError(found['d/learned']!, values['d/learned']!)).toBeLessThan(1e-6);
});
