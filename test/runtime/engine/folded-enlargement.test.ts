/** Enlargements folded into convolutions, beside the plain decoder, on nano models: values, bits, rows of a batch. */
import { expect, test } from 'vitest';
import { relativeError } from '../../../src/runtime/engine/self-test.ts';
import { createSession } from '../../../src/runtime/engine/session.ts';
import type { OperatorForms } from '../../../src/runtime/graph/layers.ts';
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

test('the same pixels to the last bits, a row alone as in a batch, also for sides that are odd', async () => {
    const plain = decoder(PLAIN, 1);
    const folded = decoder({ ...PLAIN, folded: { leastWidth: 1 } }, 2);
    expect(plain.operators).not.toContain('DepthToSpace');
    expect(folded.operators).not.toContain('Resize');
    for (const [height, width] of [
        [8, 8],
        [5, 7],
        [1, 1],
    ] as const) {
        const latents = noise(3, 2, vae.config.latentChannels, height, width);
        const expected = (await (await plain.session).run({ latents }))['pixels']!;
        const { pixels } = await (await folded.session).run({ latents });
        expect(pixels!.dims).toEqual(expected.dims);
        expect(relativeError(pixels!.data, expected.data)).toBeLessThan(1e-5);
        const alone = (await (await folded.session).run({ latents: rows(latents, 1, 2) }))['pixels']!;
        expect(alone.data).toEqual(rows(pixels!, 1, 2).data);
    }
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
