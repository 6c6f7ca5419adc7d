/** Parity of the noise streams with torch's CPU generator, torch's CUDA generator and NumPy. */
import { createHash } from 'node:crypto';
import { mersenne } from '../../../src/runtime/noise/mersenne.ts';
import { numpyNoise } from '../../../src/runtime/noise/numpy.ts';
import { openNoise } from '../../../src/runtime/noise/open.ts';
import type { NoiseKind } from '../../../src/runtime/noise/stream.ts';
import { type GoldenCase, type ParityGroup, worstError } from '../golden.ts';

const KINDS: Record<string, NoiseKind> = { 'torch-cpu': 'torch-cpu', 'torch-cuda': 'philox', numpy: 'numpy' };

export const run: ParityGroup = async function* (_root, group) {
    for (const one of group.cases) {
        const outputs = Object.entries(one.outputs).filter(([, value]) => value?.tensor !== undefined);
        const ours = draws(one);
        let error = 0;
        for (const [name, reference] of outputs) {
            const values = ours[name];
            error = Math.max(error, values ? worstError(values, group.tensor(reference).data) : Infinity);
        }
        if (one.outputs['randint']) error = Math.max(error, worstError(ours['randint']!, one.outputs['randint']));
        yield { id: one.id, error, atol: one.atol, passed: error <= one.atol, note: bits(one) };
    }
};

/** Whether a draw of torch's CPU generator equals the reference's bit for bit; other builds of torch may differ. */
function bits({ inputs, outputs }: GoldenCase): string {
    if (!outputs['sha256']) return '';
    const { buffer } = openNoise('torch-cpu', BigInt(inputs['seed'])).normal(inputs['n']);
    const digest = createHash('sha256').update(Buffer.from(buffer)).digest('hex');
    return digest === outputs['sha256'] ? 'same bits' : 'other bits';
}

/** What the case asks for, by the names of its outputs. */
function draws({ inputs, outputs }: GoldenCase): Record<string, ArrayLike<number>> {
    const kind = KINDS[inputs['rng']]!;
    const seed = BigInt(inputs['seed']);
    if (kind === 'numpy') {
        const stream = numpyNoise(seed);
        return { 'first256:f64': stream.normal64(256), 'next5:f64': stream.normal64(5), ...aliases(seed) };
    }
    if (outputs['rand']) return uniforms(seed);
    const stream = openNoise(kind, seed);
    if (inputs['lengths']) {
        const all = (inputs['lengths'] as number[]).map((length, i) => [`draw${i}`, stream.normal(length)] as const);
        return Object.fromEntries(all);
    }
    const n: number = inputs['n'];
    if (kind === 'philox') {
        const lengths = [4, 64, 256];
        for (let call = 0; call < inputs['call']; call++) stream.normal(lengths[call]!);
        return { values: stream.normal(n) };
    }
    const values = stream.normal(n);
    return { values, first64: values.subarray(0, 64), last64: values.subarray(-64) };
}

function aliases(seed: bigint): Record<string, Float64Array> {
    const stream = numpyNoise(seed);
    return { first256: stream.normal64(256), next5: stream.normal64(5) };
}

/** torch.rand(8) and torch.randint(0, 2**31, (6,)): the words under the normals. */
function uniforms(seed: bigint): Record<string, number[]> {
    const forFloats = mersenne(Number(seed & 0xffffffffn));
    const forIntegers = mersenne(Number(seed & 0xffffffffn));
    return {
        rand: Array.from({ length: 8 }, () => (forFloats() & 0xffffff) / 0x1000000),
        // Ranges from 2^28 on take a 64-bit value, of which the second word is the low one.
        randint: Array.from({ length: 6 }, () => {
            forIntegers();
            return forIntegers() % 2 ** 31;
        }),
    };
}
