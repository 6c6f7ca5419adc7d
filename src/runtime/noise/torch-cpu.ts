/**
 * torch's CPU generator: `torch.randn(n, generator=torch.Generator('cpu').manual_seed(seed))` in float32.
 *
 * From 16 elements on, torch fills the array with uniforms and turns each 16 of them into normals by Box–Muller; a rest
 * that is no multiple of 16 is covered by drawing the last 16 again (ATen/native/cpu/DistributionTemplates.h). Below 16
 * elements it draws one by one in double precision and keeps the second normal of each pair, even over several calls
 * (ATen/core/DistributionsHelper.h).
 *
 * Both ways give the bits that torch gives on x86 processors; elsewhere torch itself differs in the last bit.
 */
import { log32, sinCos32 } from './cephes.ts';
import { mersenne } from './mersenne.ts';
import type { NoiseStream } from './stream.ts';

const BLOCK = 16;
const HALF = BLOCK / 2;

/** The generator uses the low 32 bits of the seed. */
export function torchCpuNoise(seed: bigint): NoiseStream {
    const word = mersenne(Number(seed & 0xffffffffn));
    /** The second normal of the pair drawn last; only short draws know it. */
    let kept: number | undefined;

    function short(count: number): Float32Array {
        const values = new Float32Array(count);
        for (let i = 0; i < count; i++) {
            if (kept !== undefined) {
                values[i] = kept;
                kept = undefined;
                continue;
            }
            const u1 = double(word);
            const u2 = double(word);
            const radius = Math.sqrt(-2 * Math.log1p(-u2));
            const angle = 2 * Math.PI * u1;
            kept = radius * Math.sin(angle);
            values[i] = radius * Math.cos(angle);
        }
        return values;
    }

    function long(count: number): Float32Array {
        const values = new Float32Array(count);
        for (let i = 0; i < count; i++) values[i] = float(word);
        for (let i = 0; i + BLOCK <= count; i += BLOCK) boxMuller(values, i);
        if (count % BLOCK !== 0) {
            for (let i = count - BLOCK; i < count; i++) values[i] = float(word);
            boxMuller(values, count - BLOCK);
        }
        return values;
    }

    return { normal: (count) => (count < BLOCK ? short(count) : long(count)) };
}

/** Uniform in [0, 1) from the low 24 bits of a word. */
function float(word: () => number): number {
    return (word() & 0xffffff) / 0x1000000;
}

/** Uniform in [0, 1) from the low 53 bits of two words, the high one drawn first. */
function double(word: () => number): number {
    const high = word();
    const low = word();
    return ((high & 0x1fffff) * 0x100000000 + low) / 0x20000000000000;
}

/** Turns the 16 uniforms at `start` into normals in place: the first eight are radii, the last eight angles. */
function boxMuller(values: Float32Array, start: number): void {
    for (let i = start; i < start + HALF; i++) {
        const radius = Math.fround(Math.sqrt(Math.fround(-2 * log32(Math.fround(1 - values[i]!)))));
        sinCos32(Math.fround(TWO_PI * values[i + HALF]!), turned);
        values[i] = radius * turned[1]!;
        values[i + HALF] = radius * turned[0]!;
    }
}

const turned = new Float32Array(2);
const TWO_PI = Math.fround(2 * Math.PI);
