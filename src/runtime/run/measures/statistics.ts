/** Means and distances of what is measured. */

export interface Statistics {
    readonly mean: number;
    /** Of the sample, with n - 1; absent for a single number. */
    readonly deviation?: number;
    readonly n: number;
}

/** Mean, standard deviation and number; undefined of nothing. */
export function statisticsOf(numbers: readonly number[]): Statistics | undefined {
    const n = numbers.length;
    if (n === 0) return undefined;
    const mean = numbers.reduce((sum, number) => sum + number, 0) / n;
    if (n === 1) return { mean, n };
    const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
    return { mean, deviation: Math.sqrt(squares / (n - 1)), n };
}

/** `0.812 ± 0.031`. */
export function withDeviation({ mean, deviation }: Statistics, text: (number: number) => string): string {
    return deviation === undefined ? text(mean) : `${text(mean)} ± ${text(deviation)}`;
}

/** Root mean square of the differences. */
export function distanceOf(a: Float32Array, b: Float32Array): number {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
    return Math.sqrt(sum / a.length);
}

/** The mean of vectors of one length, at least one. */
export function meanOf(all: readonly Float32Array[]): Float32Array {
    return all[0]!.map((_, i) => all.reduce((sum, one) => sum + one[i]!, 0) / all.length);
}
