/** What adapters do to one weight, as data: the graph computes it from the file's tensors when a session is made. */
import type { TensorLocation } from './safetensors.ts';

/** A change of one weight W; `scale` holds the adapter's weight and alpha / rank. */
export type WeightChange = Delta | Decomposed;

/** What is added to W. */
export type Delta = LowRank | Hadamard | Kronecker | Difference;

/** LoRA and LoCon: scale · up · down; with a core in between for Tucker's decomposition of convolutions. */
export interface LowRank {
    readonly kind: 'low-rank';
    /** `[out, r]` or `[out, r, 1, 1]`. */
    readonly up: TensorLocation;
    /** `[r, in]` or `[r, in, k, k]`. */
    readonly down: TensorLocation;
    /** `[r, r, k, k]`. */
    readonly mid?: TensorLocation;
    readonly scale: number;
}

/** A matrix as it is, or as the product of two, with Tucker's core for convolutions. */
export type Factor =
    | { readonly whole: TensorLocation }
    | {
          /** `[out, r]`; with a core `[r, out]` in LoHa, `[r, out]` in LoKr. */
          readonly a: TensorLocation;
          /** `[r, in·k·k]`; with a core `[r, in]`. */
          readonly b: TensorLocation;
          /** `[r, r, k, k]`. */
          readonly core?: TensorLocation;
      };

/** LoHa (Hyeon-Woo et al. 2021, arXiv 2108.06098): scale · (A₁B₁) ⊙ (A₂B₂). */
export interface Hadamard {
    readonly kind: 'hadamard';
    readonly first: Factor;
    readonly second: Factor;
    readonly scale: number;
}

/** LoKr (Yeh et al. 2023, arXiv 2309.14859): scale · first ⊗ second. */
export interface Kronecker {
    readonly kind: 'kronecker';
    readonly first: Factor;
    readonly second: Factor;
    readonly scale: number;
}

/** A difference stored whole, of the weight's own shape. */
export interface Difference {
    readonly kind: 'difference';
    readonly values: TensorLocation;
    readonly scale: number;
}

/**
 * DoRA (Liu et al. 2024, arXiv 2402.09353): m · (W + Δ) / ‖W + Δ‖. The norm is over each row (all inputs of one output),
 * or over each column where the magnitude has one value per input.
 */
export interface Decomposed {
    readonly kind: 'decomposed';
    readonly delta: Delta;
    readonly magnitude: TensorLocation;
    readonly along: 'rows' | 'columns';
}
