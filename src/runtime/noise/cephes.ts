/**
 * log, sin and cos in float32 as torch computes them on x86 processors: the polynomials of Moshier's Cephes library with
 * fused multiply-add, as in ATen/native/cpu/avx_mathfun.h. Other processors may differ in the last bit.
 */

const { fround } = Math;

/** a b + c, rounded once to float32: the product of two float32 numbers is exact in float64. */
function fma(a: number, b: number, c: number): number {
    return fround(a * b + c);
}

/** Coefficients, highest power first. */
const L0 = fround(7.0376836292e-2);
const L1 = fround(-1.151461031e-1);
const L2 = fround(1.167699874e-1);
const L3 = fround(-1.2420140846e-1);
const L4 = fround(1.4249322787e-1);
const L5 = fround(-1.6668057665e-1);
const L6 = fround(2.0000714765e-1);
const L7 = fround(-2.4999993993e-1);
const L8 = fround(3.3333331174e-1);
const S0 = fround(-1.9515295891e-4);
const S1 = fround(8.3321608736e-3);
const S2 = fround(-1.6666654611e-1);
const C0 = fround(2.443315711809948e-5);
const C1 = fround(-1.388731625493765e-3);
const C2 = fround(4.166664568298827e-2);
/** log 2 in two parts and −π/4 in three, so that products with small whole numbers keep their digits. */
const LOG2_LOW = fround(-2.1219444e-4);
const LOG2_HIGH = 0.693359375;
const PI4_HIGH = -0.78515625;
const PI4_MIDDLE = fround(-2.4187564849853516e-4);
const PI4_LOW = fround(-3.774894977445941e-8);
const FOUR_OVER_PI = fround(4 / Math.PI);
const SQRT_HALF = fround(Math.SQRT1_2);

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** The natural logarithm of a normal positive float32 number. */
export function log32(x: number): number {
    float[0] = x;
    let exponent = (bits[0]! >>> 23) - 126;
    bits[0] = (bits[0]! & 0x807fffff) | 0x3f000000;
    let m = float[0]!;
    if (m < SQRT_HALF) {
        exponent -= 1;
        m = fround(fround(m - 1) + m);
    } else {
        m = fround(m - 1);
    }
    const square = fround(m * m);
    let y = fma(fma(fma(fma(L0, m, L1), m, L2), m, L3), m, L4);
    y = fma(fma(fma(fma(y, m, L5), m, L6), m, L7), m, L8);
    y = fma(fround(y * m), square, fround(exponent * LOG2_LOW));
    y = fround(y - square * 0.5);
    return fround(fround(m + y) + exponent * LOG2_HIGH);
}

/** Sine and cosine of one angle ≥ 0, written to `out[0]` and `out[1]`. */
export function sinCos32(angle: number, out: Float32Array): void {
    // The octant, rounded up to even: the angle is brought to within π/4 of a multiple of π/2.
    const octant = (Math.trunc(fround(angle * FOUR_OVER_PI)) + 1) & ~1;
    let x = fma(octant, PI4_HIGH, angle);
    x = fma(octant, PI4_MIDDLE, x);
    x = fma(octant, PI4_LOW, x);
    const square = fround(x * x);

    let cos = fma(fma(C0, square, C1), square, C2);
    cos = fround(fma(fround(cos * square), square, -square * 0.5) + 1);
    let sin = fma(fma(S0, square, S1), square, S2);
    sin = fma(fround(sin * square), x, x);

    const swapped = (octant & 2) !== 0;
    out[0] = (octant & 4 ? -1 : 1) * (swapped ? cos : sin);
    out[1] = ((octant - 2) & 4 ? 1 : -1) * (swapped ? sin : cos);
}
