/** Element types of safetensors files: their sizes, and how each is widened to float32. */
import { fromBfloat16, fromFloat8E4M3, fromFloat8E5M2, fromFloat16 } from './half.ts';

/** A type of the format. */
export type WeightType = keyof typeof BYTES;

/** Bytes per element of every type that the format knows: https://github.com/huggingface/safetensors#format. */
const BYTES = {
    F64: 8,
    F32: 4,
    F16: 2,
    BF16: 2,
    F8_E4M3: 1,
    F8_E5M2: 1,
    I64: 8,
    I32: 4,
    I16: 2,
    I8: 1,
    U64: 8,
    U32: 4,
    U16: 2,
    U8: 1,
    BOOL: 1,
} as const;

export function isWeightType(name: unknown): name is WeightType {
    return typeof name === 'string' && Object.hasOwn(BYTES, name);
}

export function bytesPerElement(type: WeightType): number {
    return BYTES[type];
}

/** Values of a type as float32; what has more digits is rounded to the nearest. `bytes` starts its own buffer. */
export function widen(bytes: Uint8Array, type: WeightType, count: number): Float32Array {
    const { buffer } = bytes;
    switch (type) {
        case 'F32':
            return new Float32Array(buffer, 0, count);
        case 'F64':
            return Float32Array.from(new Float64Array(buffer, 0, count));
        case 'F16':
            return Float32Array.from(new Uint16Array(buffer, 0, count), fromFloat16);
        case 'BF16':
            return Float32Array.from(new Uint16Array(buffer, 0, count), fromBfloat16);
        case 'F8_E4M3':
            return Float32Array.from(new Uint8Array(buffer, 0, count), fromFloat8E4M3);
        case 'F8_E5M2':
            return Float32Array.from(new Uint8Array(buffer, 0, count), fromFloat8E5M2);
        case 'I64':
            return Float32Array.from(new BigInt64Array(buffer, 0, count), Number);
        case 'U64':
            return Float32Array.from(new BigUint64Array(buffer, 0, count), Number);
        case 'I32':
            return Float32Array.from(new Int32Array(buffer, 0, count));
        case 'U32':
            return Float32Array.from(new Uint32Array(buffer, 0, count));
        case 'I16':
            return Float32Array.from(new Int16Array(buffer, 0, count));
        case 'U16':
            return Float32Array.from(new Uint16Array(buffer, 0, count));
        case 'I8':
            return Float32Array.from(new Int8Array(buffer, 0, count));
        case 'U8':
        case 'BOOL':
            return Float32Array.from(new Uint8Array(buffer, 0, count));
    }
}
