/** Golden sets: cases and tensors computed by the reference implementation, as laid out in `test/goldens`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A tensor of a golden file, widened to float32 (float64 and integers are kept as numbers too). */
export interface GoldenTensor {
    readonly dims: readonly number[];
    readonly data: Float32Array | Float64Array;
}

export interface GoldenCase {
    readonly id: string;
    readonly call: string;
    // biome-ignore lint/suspicious/noExplicitAny: goldens are JSON of many forms; each group knows its own.
    readonly inputs: Record<string, any>;
    // biome-ignore lint/suspicious/noExplicitAny: see above.
    readonly outputs: Record<string, any>;
    // biome-ignore lint/suspicious/noExplicitAny: a number, or a record with a number per output.
    readonly atol?: any;
    readonly note?: string;
}

export interface GoldenGroup {
    readonly cases: readonly GoldenCase[];
    // biome-ignore lint/suspicious/noExplicitAny: scheduler configurations as the reference writes them.
    readonly schedulerConfigs: Record<string, Record<string, any>>;
    /** The constants of the closed-form model that the schedulers group is driven by. */
    readonly modelParameters?: Readonly<Record<string, number>>;
    /** Resolves `{ "tensor": key }`. */
    tensor(reference: { readonly tensor: string }): GoldenTensor;
}

/** What a group's run says of one case: the worst of |ours - reference| and the tolerance it must keep. */
export interface CaseResult {
    readonly id: string;
    readonly error: number;
    readonly atol: number;
    readonly passed: boolean;
    /** Not run at all; the note says why. */
    readonly skipped?: boolean;
    readonly note?: string;
}

/** A parity group: yields one result a case. `root` holds `models/` and `goldens/`. */
export type ParityGroup = (root: string, group: GoldenGroup) => AsyncIterable<CaseResult>;

/** Reads `<root>/goldens/<name>.json` and its safetensors file. */
export function loadGoldens(root: string, name: string): GoldenGroup {
    // Python writes infinities into JSON; 1e999 is what JSON.parse reads as one.
    const text = readFileSync(join(root, 'goldens', `${name}.json`), 'utf8');
    const json = JSON.parse(text.replace(/(:\s*-?)Infinity/g, '$11e999'));
    const file = readFileSync(join(root, 'goldens', `${name}.safetensors`));
    const headerLength = Number(file.readBigUInt64LE(0));
    const header = JSON.parse(file.toString('utf8', 8, 8 + headerLength));
    const start = 8 + headerLength;
    return {
        cases: json.cases,
        schedulerConfigs: json.scheduler_configs ?? {},
        ...(json.model_fn ? { modelParameters: json.model_fn.params } : {}),
        tensor: ({ tensor }) => {
            const entry = header[tensor];
            if (!entry) throw new Error(`The golden tensor "${tensor}" is missing in ${name}.safetensors.`);
            const [from, to] = entry.data_offsets;
            return { dims: entry.shape, data: widen(entry.dtype, file.subarray(start + from, start + to)) };
        },
    };
}

function widen(dtype: string, bytes: Uint8Array): Float32Array | Float64Array {
    const copy = new Uint8Array(bytes).buffer;
    switch (dtype) {
        case 'F32':
            return new Float32Array(copy);
        case 'F64':
            return new Float64Array(copy);
        case 'I64':
            return Float64Array.from(new BigInt64Array(copy), Number);
        case 'I32':
            return Float64Array.from(new Int32Array(copy));
        case 'U8':
            return Float32Array.from(new Uint8Array(copy));
        default:
            throw new Error(`Goldens of type ${dtype} are not read yet.`);
    }
}

/** max |a - b|; infinite where lengths differ or a value is not finite. */
export function worstError(ours: ArrayLike<number>, reference: ArrayLike<number>): number {
    if (ours.length !== reference.length) return Number.POSITIVE_INFINITY;
    let worst = 0;
    for (let i = 0; i < ours.length; i++) {
        const error = Math.abs(ours[i]! - reference[i]!);
        if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    }
    return worst;
}
