/** Mixtures: weighted sums of arrays, computed in double precision and stored once. Every sampler step is one. */

export type Term = readonly [weight: number, values: Float32Array];

/** Σ weight · values. Terms of weight 0 are left out, so that what they hold cannot spoil the sum. */
export function mixture(...terms: readonly Term[]): Float32Array {
    const length = terms[0]![1].length;
    const [first, second, third, ...others] = terms.filter(([weight]) => weight !== 0);
    if (!first) return new Float32Array(length);
    if (!second) return scaled(first, length);
    if (!third) return two(first, second, length);
    if (others.length === 0) return three(first, second, third, length);
    return many([first, second, third, ...others], length);
}

function scaled([a, x]: Term, length: number): Float32Array {
    const out = new Float32Array(length);
    for (let i = 0; i < length; i++) out[i] = a * x[i]!;
    return out;
}

function two([a, x]: Term, [b, y]: Term, length: number): Float32Array {
    const out = new Float32Array(length);
    for (let i = 0; i < length; i++) out[i] = a * x[i]! + b * y[i]!;
    return out;
}

function three([a, x]: Term, [b, y]: Term, [c, z]: Term, length: number): Float32Array {
    const out = new Float32Array(length);
    for (let i = 0; i < length; i++) out[i] = a * x[i]! + b * y[i]! + c * z[i]!;
    return out;
}

function many(terms: readonly Term[], length: number): Float32Array {
    const sum = new Float64Array(length);
    for (const [a, x] of terms) for (let i = 0; i < length; i++) sum[i]! += a * x[i]!;
    return Float32Array.from(sum);
}

/** Values held between −range and range. */
export function clipped(values: Float32Array, range: number): Float32Array {
    const out = new Float32Array(values.length);
    for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(values[i]!, -range), range);
    return out;
}
