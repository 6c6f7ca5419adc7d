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
        case 'BF16':
            return lookedUp(new Uint16Array(buffer, 0, count), type);
        case 'F8_E4M3':
        case 'F8_E5M2':
            return lookedUp(new Uint8Array(buffer, 0, count), type);
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

/** What each bit pattern stands for, of types with few of them. */
const PATTERNS = {
    F16: { count: 2 ** 16, value: fromFloat16 },
    BF16: { count: 2 ** 16, value: fromBfloat16 },
    F8_E4M3: { count: 2 ** 8, value: fromFloat8E4M3 },
    F8_E5M2: { count: 2 ** 8, value: fromFloat8E5M2 },
};

const tables = new Map<keyof typeof PATTERNS, Float32Array>();

/** Models have a billion values: looking one up takes a fortieth of the time that computing it takes. */
function lookedUp(patterns: Uint8Array | Uint16Array, type: keyof typeof PATTERNS): Float32Array {
    const { count, value } = PATTERNS[type];
    const table = tables.get(type) ?? Float32Array.from({ length: count }, (_, bits) => value(bits));
    tables.set(type, table);
    const values = new Float32Array(patterns.length);
    for (let at = 0; at < patterns.length; at++) values[at] = table[patterns[at]!]!;
    return values;
}
