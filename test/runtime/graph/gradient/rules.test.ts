/** Every rule against PyTorch and against finite differences, under each memory policy. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSession, type Session } from '../../../../src/runtime/engine/session.ts';
import { addGradient } from '../../../../src/runtime/graph/gradient/gradient.ts';
import type { MemoryPolicy } from '../../../../src/runtime/graph/gradient/memory.ts';
import { RULES } from '../../../../src/runtime/graph/gradient/rules.ts';
import { Graph } from '../../../../src/runtime/graph/graph.ts';
import { inferShapes } from '../../../../src/runtime/graph/shapes/infer-shapes.ts';
import { type Tensor, tensor } from '../../../../src/runtime/tensor.ts';
import { readTensor } from '../../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../../src/runtime/weights/safetensors.ts';
import { noise } from '../../engine/nano.ts';
import { type Build, CASES } from './cases.ts';
import { relativeError } from './relative-error.ts';

const { tensors } = readSafetensors(join(import.meta.dirname, '../../../goldens/gradient/rules.safetensors'));

/** The tensors of a case by their short names: a, b, c, g, y, da, db, dc. */
function golden(name: string): Readonly<Record<string, Tensor>> {
    const found = [...tensors].filter(([key]) => key.startsWith(`${name}/`));
    return Object.fromEntries(found.map(([key, location]) => [key.slice(name.length + 1), readTensor(location)]));
}

interface Opened {
    readonly session: Session;
    readonly feeds: Readonly<Record<string, Tensor>>;
    readonly names: readonly string[];
    /** The result's shape, as inferred. */
    readonly sides: readonly number[];
}

/** A session with outputs y and da, db, dc. */
async function open(build: Build, values: Readonly<Record<string, Tensor>>, memory: MemoryPolicy): Promise<Opened> {
    const graph = new Graph('case');
    const names = ['a', 'b', 'c'].filter((key) => values[key]);
    const inputs = Object.fromEntries(names.map((key) => [key, values[key]!.dims]));
    for (const key of names) graph.input(key, values[key]!.dims);
    const y = graph.within('case', () => build(graph, names));
    const sides = inferShapes(graph, inputs).dims.get(y)!;
    const seed = graph.input('g', sides);
    const found = addGradient(graph, {
        inputs: { ...inputs, g: sides },
        seeds: new Map([[y, seed]]),
        of: names,
        memory,
    });
    graph.output('y', y);
    for (const [value, flow] of found) graph.output(`d${value}`, flow);
    graph.prune();
    const session = await createSession(graph, { backend: 'cpu', threads: 1, optimisation: 'all', prepack: true });
    return { session, feeds: { ...values, g: values.g ?? noise(9, ...sides) }, names, sides };
}

const fed = ({ session, feeds }: Opened, changes: Readonly<Record<string, Tensor>> = {}) =>
    session.run(Object.fromEntries([...session.inputs].map((name) => [name, changes[name] ?? feeds[name]!])));

const sum = (data: ArrayLike<number>, term: (at: number) => number) => {
    let total = 0;
    for (let at = 0; at < data.length; at++) total += term(at);
    return total;
};

test('every rule has a case', () => {
    // MatMul and FusedMatMul share a rule; Cast and Identity pass gradients on unchanged.
    const covered = new Set(['Cast', 'Identity']);
    for (const [name, build] of Object.entries(CASES)) {
        const graph = new Graph(name);
        build(graph, ['a', 'b', 'c']);
        for (const { operator } of graph.nodes) covered.add(operator);
    }
    expect(Object.keys(RULES).filter((operator) => !covered.has(operator))).toEqual([]);
});

describe.each(Object.entries(CASES))('%s', (name, build) => {
    test.each(['all', 'modules'] as const)("PyTorch's gradients, keeping %s", async (memory) => {
        const values = golden(name);
        const opened = await open(build, values, memory);
        const found = await fed(opened);
        expect(opened.sides).toEqual(values.y!.dims);
        expect(relativeError(found.y!, values.y!)).toBeLessThan(1e-6);
        for (const key of opened.names) {
            expect(found[`d${key}`]!.dims).toEqual(values[key]!.dims);
            expect(relativeError(found[`d${key}`]!, values[`d${key}`]!), `d${key}`).toBeLessThan(1.5e-6);
        }
        await opened.session.release();
    });

    test('finite differences', async () => {
        const opened = await open(build, golden(name), 'all');
        const { g } = opened.feeds;
        const step = 1e-2;
        for (const [index, key] of opened.names.entries()) {
            const { data, dims } = opened.feeds[key]!;
            const gradient = (await fed(opened))[`d${key}`]!.data;
            // Along one fixed direction: (f(x + hv) - f(x - hv)) / 2h = <gradient, v> up to h².
            const direction = noise(31 + index, ...dims).data;
            const moved = (by: number) =>
                tensor(
                    data.map((value, at) => value + by * direction[at]!),
                    dims,
                );
            const value = async (by: number) => {
                const { y } = await fed(opened, { [key]: moved(by) });
                return sum(y!.data, (at) => y!.data[at]! * g!.data[at]!);
            };
            const measured = ((await value(step)) - (await value(-step))) / (2 * step);
            const expected = sum(gradient, (at) => gradient[at]! * direction[at]!);
            const scale = Math.sqrt(
                sum(gradient, (at) => gradient[at]! ** 2) * sum(direction, (at) => direction[at]! ** 2),
            );
            expect(Math.abs(measured - expected) / scale, `d${key}`).toBeLessThan(2e-3);
        }
        await opened.session.release();
    });
});

test('attention in pieces gives the same gradients as attention at once', async () => {
    // 1,500 queries and keys of 8 heads are 18 million scores: two pieces.
    const shape = [1, 1500, 16] as const;
    const values = { a: noise(1, ...shape), b: noise(2, ...shape), c: noise(3, ...shape), g: noise(4, ...shape) };
    const pieces = await open(
        (graph, inputs) => graph.microsoft('MultiHeadAttention', inputs, { num_heads: 8 }),
        values,
        'all',
    );
    const naive = await open(
        (graph, inputs) => {
            const split = (x: string) =>
                graph.op('Transpose', [graph.op('Reshape', [x, graph.ints([0, -1, 8, 2])])], { perm: [0, 2, 1, 3] });
            const [q, k, v] = inputs.map(split) as [string, string, string];
            const scores = graph.microsoft('FusedMatMul', [q, k], { transB: 1, alpha: { float: Math.SQRT1_2 } });
            const mixed = graph.op('MatMul', [graph.op('Softmax', [scores], { axis: -1 }), v]);
            const joined = graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
            return graph.op('Reshape', [joined, graph.ints([0, -1, 16])]);
        },
        values,
        'all',
    );
    const [found, expected] = [await fed(pieces), await fed(naive)];
    for (const key of ['y', 'da', 'db', 'dc'])
        expect(relativeError(found[key]!, expected[key]!), key).toBeLessThan(2e-6);
});

test('an operator without a rule is named', () => {
    const graph = new Graph('case');
    const y = graph.op('Erf', [graph.input('a', [2])]);
    const request = { inputs: { a: [2], g: [2] }, seeds: new Map([[y, graph.input('g', [2])]]), of: ['a'] };
    expect(() => addGradient(graph, request)).toThrow(/Erf/);
});
