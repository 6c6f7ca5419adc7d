/** Names of sides against the sizes that onnxruntime computes: what has one name has one size, whatever the inputs' sizes are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { fastConvolutions, fastDecoderConvolutions } from '../../../../src/runtime/engine/fast-convolutions.ts';
import { createSession, type Feeds } from '../../../../src/runtime/engine/session.ts';
import { clipGraph } from '../../../../src/runtime/graph/clip.ts';
import { controlNetGraph } from '../../../../src/runtime/graph/controlnet.ts';
import { HALF_PRODUCTS } from '../../../../src/runtime/graph/forms/operator-forms.ts';
import { type Dimension, type Graph, symbolOf } from '../../../../src/runtime/graph/graph.ts';
import { namedShapes } from '../../../../src/runtime/graph/shapes/named-shapes.ts';
import { unetGraph } from '../../../../src/runtime/graph/unet.ts';
import { vaeDecoderGraph, vaeEncoderGraph } from '../../../../src/runtime/graph/vae.ts';
import { elementCount } from '../../../../src/runtime/tensor.ts';
import { openCheckpoint } from '../../../../src/runtime/weights/checkpoint.ts';
import { readControlNet } from '../../../../src/runtime/weights/controlnet.ts';
import { MODELS, noise, SD15 } from '../../engine/nano.ts';

let folder = '';
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-shapes-'));
    return () => rmSync(folder, { recursive: true });
});

const FORMS = { linear: 'fused-matmul', attention: 'fused' } as const;
const { unet, vae, textEncoder } = await openCheckpoint(SD15);
const controlNet = readControlNet(`${MODELS}/nano-controlnet`);

/** One row, several rows, one time for all rows and one for each; sides that are odd and differ. */
const SIZES: Readonly<Record<string, number>>[] = [
    { R: 1, T: 1, 'rows of hint': 1, h: 8, w: 8, S: 77, H: 64, W: 64, B: 1, N: 1 },
    { R: 3, T: 3, 'rows of hint': 1, h: 9, w: 12, S: 154, H: 72, W: 96, B: 2, N: 3 },
    { R: 2, T: 1, 'rows of hint': 2, h: 16, w: 5, S: 77, H: 128, W: 40, B: 1, N: 2 },
];

const winograd = async (parts: number) => {
    const found = await fastDecoderConvolutions(vae, 1, { folder });
    if ('reason' in found) throw new Error(found.reason);
    return new Map([...found.convolutions].map(([name, one]) => [name, { ...one, parts }]));
};
const winogradUnet = async () => {
    const found = await fastConvolutions(unet, { leastSide: { '4x4': 4, '2x2': 2 }, leastWidth: 1 }, { folder });
    if ('reason' in found) throw new Error(found.reason);
    return found.convolutions;
};

test.each([
    ['U-Net', () => unetGraph(unet, FORMS)],
    [
        "U-Net with Winograd's convolutions",
        async () => unetGraph(unet, { ...FORMS, transformed: await winogradUnet() }),
    ],
    [
        "decoder with Winograd's convolutions",
        async () => vaeDecoderGraph(vae, { ...FORMS, transformed: await winograd(1) }),
    ],
    ['decoder with folded enlargements', () => vaeDecoderGraph(vae, { ...FORMS, folded: { leastWidth: 1 } })],
    ['U-Net in 16 bits', () => unetGraph(unet, { ...FORMS, half: HALF_PRODUCTS })],
    ['U-Net with taps', () => unetGraph(unet, FORMS, { taps: [{ point: 'OUT03' }, { point: 'skip[2]' }] })],
    ['branch', () => unetGraph(unet, FORMS, { resumeAt: 'OUT09' })],
    ['ControlNet', () => controlNetGraph(controlNet, FORMS)],
    ['decoder', () => vaeDecoderGraph(vae, FORMS)],
    ['encoder', () => vaeEncoderGraph(vae, FORMS)],
    ['text encoder', () => clipGraph(textEncoder, FORMS)],
])('%s', async (_, build) => {
    const graph = await build();
    const named = namedShapes(graph);
    expect(named.length).toBeGreaterThan(graph.nodes.length / 2);
    const shapes = named.filter(({ type }) => type === 'float32');
    expect(shapes.flatMap(({ dims }) => dims).filter((side) => side === undefined)).toEqual([]);

    const all = await build();
    for (const { name, type } of shapes) all.outputs.push({ name, type, dims: undefined });
    const session = await createSession(all, { backend: 'cpu', threads: 1, optimisation: 'all', prepack: false });
    for (const given of SIZES) {
        const sizes: Record<string, number> = {
            ...given,
            'R + N': given['R']!,
            'h of deep': given['h']!,
            'w of deep': given['w']!,
        };
        const results = await session.run(feeds(graph, sizes));
        for (const { name, dims } of shapes) {
            const actual = results[name]!.dims;
            expect(actual.length, name).toBe(dims.length);
            for (const [axis, side] of dims.entries()) {
                const symbol = typeof side === 'number' ? undefined : symbolOf(side!);
                const wanted = symbol === undefined ? side : (sizes[symbol] ?? actual[axis]!);
                if (symbol !== undefined) sizes[symbol] = actual[axis]!;
                expect(actual[axis], `${name} ${axis} ${JSON.stringify(side)}`).toBe(wanted);
            }
        }
    }
    await session.release();
});

test('parts of tiles, whose sizes are rounded, have no names', async () => {
    const graph = vaeDecoderGraph(vae, { ...FORMS, transformed: await winograd(3) });
    const parts = graph.nodes.filter(({ operator, inputs }) => operator === 'Split' && inputs.length === 2);
    expect(parts.length).toBeGreaterThan(0);
    const shapes = new Map(namedShapes(graph).map(({ name, dims }) => [name, dims]));
    for (const name of parts.flatMap(({ outputs }) => outputs)) expect(shapes.get(name)).toEqual([36, undefined]);
});

function feeds(graph: Graph, sizes: Readonly<Record<string, number>>): Feeds {
    const size = (side: Dimension) => (typeof side === 'number' ? side : sizes[symbolOf(side)]!);
    return Object.fromEntries(
        graph.inputs.map(({ name, type, dims = [] }) => {
            const sides = dims.map(size);
            return [
                name,
                type === 'int64' ? { ints: Array(elementCount(sides)).fill(1), dims: sides } : noise(1, ...sides),
            ];
        }),
    );
}
