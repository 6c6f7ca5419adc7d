/** Operator forms: how layers are expressed, by what suits a device. */
import type { QuantisedLinears } from './int8-linear.ts';
import type { TransformedConvolutions } from './winograd-weights.ts';

/** Which form is fast, or right, depends on the device. */
export interface OperatorForms {
    /** `fused-matmul` reads [out, in] weights as they are; WebGPU has no kernel for it and takes `gemm`. */
    readonly linear: 'fused-matmul' | 'gemm';
    /** `fused` is onnxruntime's MultiHeadAttention; `naive` is MatMul, Softmax, MatMul. */
    readonly attention: 'fused' | 'naive';
    /** Rounds the input channels of 3x3 convolutions up to a multiple of 4 where the kernel for others is wrong. */
    readonly padChannels?: boolean;
    /** 3x3 convolutions whose transformed weights are at hand: they run as Winograd's. */
    readonly transformed?: TransformedConvolutions;
    /** Enlargements by two of so many channels and more are folded into the convolution behind them. */
    readonly folded?: { readonly leastWidth: number };
    /** Linear layers whose weights are at hand in 8 bits: they run in 8 bits. */
    readonly quantised?: QuantisedLinears;
    /** Values between layers have 16 bits, and these products are computed in 16 bits. Absent: 32 bits everywhere. */
    readonly half?: HalfProducts;
}

/** What a device may compute in 16 bits: layers of one kind each, the others take 32 bits. */
export const HALF_PRODUCTS = ['linear', 'convolution', 'attention'] as const;
export type HalfProduct = (typeof HALF_PRODUCTS)[number];
export type HalfProducts = readonly HalfProduct[];
