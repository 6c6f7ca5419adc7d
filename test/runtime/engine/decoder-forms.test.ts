/** Faster forms of the decoder beside the plain one, on nano models: values, bits, rows of a batch. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { fastDecoderConvolutions } from '../../../src/runtime/engine/fast-convolutions.ts';
import { relativeError } from '../../../src/runtime/engine/self-test.ts';
import { createSession } from '../../../src/runtime/engine/session.ts';
import type { OperatorForms } from '../../../src/runtime/graph/forms/operator-forms.ts';
import type { TransformedConvolutions } from '../../../src/runtime/graph/forms/winograd-weights.ts';
import { vaeDecoderGraph } from '../../../src/runtime/graph/vae.ts';
import { rows } from '../../../src/runtime/tensor.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import { noise, SD15 } from './nano.ts';

const PLAIN: OperatorForms = { linear: 'fused-matmul', attention: 'fused' };
const { vae } = openCheckpoint(SD15);

function decoder(forms: OperatorForms, threads: number) {
    const graph = vaeDecoderGraph(vae, forms);
    const operators = graph.nodes.map(({ operator }) => operator);
    const session = createSession(graph, { backend: 'cpu', threads, optimisation: 'all', prepack: true });
    return { session, operators };
}

let transformed: TransformedConvolutions;
beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-decoder-'));
    const found = await fastDecoderConvolutions(vae, 1, { folder });
    if ('reason' in found) throw new Error(found.reason);
    transformed = found.convolutions;
    return () => rmSync(folder, { recursive: true });
});

/** In so many parts of the tiles. */
function winograd(parts: number): OperatorForms {
    return { ...PLAIN, transformed: new Map([...transformed].map(([name, one]) => [name, { ...one, parts }])) };
}

test.each([
    ['folded', () => ({ ...PLAIN, folded: { leastWidth: 1 } })],
    ['winograd', () => winograd(1)],
    ['winograd in parts', () => winograd(3)],
    ['winograd in more parts than tiles', () => winograd(6)],
])('%s: the same pixels to the last bits, a row alone as in a batch, also for sides that are odd', async (_, forms) => {
    const plain = decoder(PLAIN, 1);
    const fast = decoder(forms(), 2);
    expect(fast.operators).not.toEqual(plain.operators);
    for (const [height, width] of [
        [8, 8],
        [5, 7],
        [1, 1],
    ] as const) {
        const latents = noise(3, 2, vae.config.latentChannels, height, width);
        const expected = (await (await plain.session).run({ latents }))['pixels']!;
        const { pixels } = await (await fast.session).run({ latents });
        expect(pixels!.dims).toEqual(expected.dims);
        expect(relativeError(pixels!.data, expected.data)).toBeLessThan(1e-5);
        expect(pixels!.data).not.toEqual(expected.data);
        const alone = (await (await fast.session).run({ latents: rows(latents, 1, 2) }))['pixels']!;
        expect(alone.data).toEqual(rows(pixels!, 1, 2).data);
    }
});

test('convolutions of all residual layers are transformed, and none of a decoder that is narrow', async () => {
    const layers = [...vae.weights.tensors.keys()].filter((name) =>
        /^decoder\..*\.resnets\.\d+\.conv\d\.weight$/.test(name),
    );
    expect([...transformed.keys()].sort()).toEqual(layers.map((name) => name.replace('.weight', '')).sort());
    expect(await fastDecoderConvolutions(vae)).toEqual({ convolutions: new Map() });
});

test('only enlargements that are wide enough are folded', () => {
    const widest = Math.max(...vae.config.widths);
    const count = (leastWidth: number) =>
        vaeDecoderGraph(vae, { ...PLAIN, folded: { leastWidth } }).nodes.filter(
            (node) => node.operator === 'DepthToSpace',
        ).length;
    expect(count(widest + 1)).toBe(0);
    expect(count(widest)).toBeGreaterThan(0);
    expect(count(1)).toBe(vae.config.widths.length - 1);
});
