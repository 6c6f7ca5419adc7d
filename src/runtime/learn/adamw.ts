/** AdamW (https://arxiv.org/abs/1711.05101) with clipping, as PyTorch computes it. */
import type { Tensor } from '../tensor.ts';

/** Numbers by name: what is learnt, its gradients, its moments. */
export type Values = ReadonlyMap<string, Tensor>;

export interface Moments {
    readonly first: Values;
    readonly second: Values;
}

export interface AdamStep {
    /** From 0. */
    readonly step: number;
    readonly rate: number;
    readonly decay: number;
    /** Largest norm of all gradients together; 0 is off. */
    readonly clip: number;
    /** A value's rate as a share of `rate`; 1 unless given. */
    readonly rateOf?: (name: string) => number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Moments of zero for values that have not been learnt yet. */
export function zeroMoments(values: Values): Moments {
    const zeros = () =>
        new Map([...values].map(([name, { data, dims }]) => [name, { data: new Float32Array(data.length), dims }]));
    return { first: zeros(), second: zeros() };
}

/** The norm of all gradients together; not a number where one of them is none. */
export function normOf(gradients: Values): number {
    let sum = 0;
    for (const { data } of gradients.values()) {
        for (let at = 0; at < data.length; at++) sum += data[at]! * data[at]!;
    }
    return Math.sqrt(sum);
}

/** Changes values and moments in place. `norm` is that of the gradients. */
export function adamW(values: Values, gradients: Values, { first, second }: Moments, norm: number, o: AdamStep): void {
    const scale = o.clip > 0 ? Math.min(1, o.clip / (norm + 1e-6)) : 1;
    const bias1 = 1 - BETA1 ** (o.step + 1);
    const bias2 = Math.sqrt(1 - BETA2 ** (o.step + 1));
    for (const [name, { data }] of values) {
        const rate = o.rate * (o.rateOf?.(name) ?? 1);
        const kept = 1 - rate * o.decay;
        const size = rate / bias1;
        const g = gradients.get(name)!.data;
        const m = first.get(name)!.data;
        const v = second.get(name)!.data;
        for (let at = 0; at < data.length; at++) {
            const slope = g[at]! * scale;
            m[at] = BETA1 * m[at]! + (1 - BETA1) * slope;
            v[at] = BETA2 * v[at]! + (1 - BETA2) * slope * slope;
            data[at] = data[at]! * kept - (size * m[at]!) / (Math.sqrt(v[at]!) / bias2 + EPSILON);
        }
    }
}

/** The rate of a step: a linear rise over `warmup` steps, then constant, or a cosine that ends at 2 %. */
export function rateAt(
    step: number,
    { rate, warmup, fall, steps }: { rate: number; warmup: number; fall: 'constant' | 'cosine'; steps: number },
): number {
    const rise = Math.min(1, (step + 1) / Math.max(1, warmup));
    switch (fall) {
        case 'constant':
            return rate * rise;
        case 'cosine':
            return rate * rise * (0.02 + 0.49 * (1 + Math.cos((Math.PI * step) / steps)));
    }
}
