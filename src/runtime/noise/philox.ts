/**
 * torch's CUDA generator on any machine: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 *
 * Element i of call k comes from the counter (k, 0, i, 0) under the seed as key; the first two words of the four become
 * one normal by Box–Muller. This is what a GPU gives while the elements fit one launch wave, which all latents do.
 */
import type { NoiseStream } from './stream.ts';

const ROUNDS = 10;
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** The key is the whole 64-bit seed. */
export function philoxNoise(seed: bigint): NoiseStream {
    const low = Number(seed & 0xffffffffn);
    const high = Number((seed >> 32n) & 0xffffffffn);
    const words = new Uint32Array(2);
    let call = 0;

    return {
        normal(count) {
            const values = new Float32Array(count);
            for (let i = 0; i < count; i++) {
                philox(words, call, i, low, high);
                const u = Math.fround(Math.fround(Math.fround(words[0]!) * 2 ** -32) + 2 ** -33);
                const v = Math.fround(Math.fround(Math.fround(words[1]!) * TURN) + HALF_TURN);
                values[i] =
                    Math.fround(Math.sqrt(Math.fround(-2 * Math.fround(Math.log(u))))) * Math.fround(Math.sin(v));
            }
            call++;
            return values;
        },
    };
}

const TURN = Math.fround(2 ** -32 * 2 * Math.PI);
const HALF_TURN = Math.fround(2 ** -33 * 2 * Math.PI);

/** Words 0 and 1 of the block with counter (call, 0, element, 0). */
function philox(out: Uint32Array, call: number, element: number, keyLow: number, keyHigh: number): void {
    let c0 = call >>> 0;
    let c1 = 0;
    let c2 = element >>> 0;
    let c3 = 0;
    let k0 = keyLow;
    let k1 = keyHigh;
    for (let round = 0; round < ROUNDS; round++) {
        const high0 = multiplyHigh(M0, c0);
        const low0 = Math.imul(M0, c0);
        const high1 = multiplyHigh(M1, c2);
        const low1 = Math.imul(M1, c2);
        c0 = (high1 ^ c1 ^ k0) >>> 0;
        c1 = low1 >>> 0;
        c2 = (high0 ^ c3 ^ k1) >>> 0;
        c3 = low0 >>> 0;
        k0 = (k0 + W0) >>> 0;
        k1 = (k1 + W1) >>> 0;
    }
    out[0] = c0;
    out[1] = c1;
}

/** The high 32 bits of the 64-bit product of two unsigned words. */
function multiplyHigh(a: number, b: number): number {
    const al = a & 0xffff;
    const ah = a >>> 16;
    const bl = b & 0xffff;
    const bh = b >>> 16;
    const low = al * bl;
    const middle = ah * bl + (low >>> 16);
    const rest = al * bh + (middle % 0x10000);
    return ah * bh + Math.floor(middle / 0x10000) + Math.floor(rest / 0x10000);
}
