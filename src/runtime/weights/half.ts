/** Narrow floats: float16, bfloat16 and the two forms of float8 to numbers, and the first two back. */

/** The value of a float16 bit pattern (IEEE 754 binary16). */
export function fromFloat16(bits: number): number {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The value of a float8 bit pattern with 4 bits of exponent (OCP E4M3): no infinities, one NaN of each sign. */
export function fromFloat8E4M3(bits: number): number {
    const sign = bits & 0x80 ? -1 : 1;
    const exponent = (bits >> 3) & 15;
    const fraction = bits & 7;
    if (exponent === 15 && fraction === 7) return Number.NaN;
    if (exponent === 0) return sign * fraction * 2 ** -9;
    return sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}

/** The value of a float8 bit pattern with 5 bits of exponent (OCP E5M2): the upper half of a float16. */
export function fromFloat8E5M2(bits: number): number {
    return fromFloat16(bits << 8);
}

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);

/** The value of a bfloat16 bit pattern: the upper half of a float32. */
export function fromBfloat16(bits: number): number {
    word[0] = bits << 16;
    return real[0]!;
}

/** The float16 bit pattern nearest to a value, ties to even. */
export function toFloat16(value: number): number {
    real[0] = value;
    const bits = word[0]!;
    const sign = (bits >>> 16) & 0x8000;
    const magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00;
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    if (magnitude >= 0x38800000) {
        const rounded = magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1);
        return sign | (rounded >>> 13);
    }
    // Subnormal: scale so that one unit in the last place is 1, and round to even.
    const scaled = Math.abs(real[0]!) * 2 ** 24;
    const floor = Math.floor(scaled);
    const up = scaled - floor > 0.5 || (scaled - floor === 0.5 && floor % 2 === 1);
    return sign | (floor + (up ? 1 : 0));
}

/** The bfloat16 bit pattern nearest to a value, ties to even. */
export function toBfloat16(value: number): number {
    real[0] = value;
    const bits = word[0]!;
    if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
