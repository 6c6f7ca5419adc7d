/** Weights that are no numbers: looked for when a picture could not be made, so that the file and the tensor are named. */
import { ModelError } from './model-error.ts';
import type { PartTensors } from './parts.ts';
import { readTensor } from './read-tensor.ts';
import { readSafetensors, type TensorLocation } from './safetensors.ts';
import type { Delta, Factor, WeightChange } from './weight-change.ts';

/** The error that names the first weight that is NaN or infinite; undefined where all are numbers. Reads every file. */
export function brokenWeights(parts: readonly PartTensors[]): ModelError | undefined {
    for (const { source, tensors, nameInFile = (name: string) => name, changes } of parts) {
        for (const [name, location] of tensors) {
            const value = notANumber(location);
            if (value !== undefined) return broken(source, nameInFile(name), value);
        }
        for (const [name, list] of changes ?? []) {
            for (const location of list.flatMap(locationsOf)) {
                const value = notANumber(location);
                if (value !== undefined)
                    return broken(location.file, nameAt(location) ?? `what changes ${name}`, value);
            }
        }
    }
    return undefined;
}

function broken(source: string, tensor: string, value: number): ModelError {
    return new ModelError(
        'model/not-a-number',
        `"${source}" is damaged: its tensor "${tensor}" holds ${value}. Download it again, or use the file that it was made from.`,
    );
}

/** The name that the file itself has for these bytes; undefined for files of another kind. */
function nameAt({ file, offset }: TensorLocation): string | undefined {
    if (!file.endsWith('.safetensors')) return undefined;
    const found = [...readSafetensors(file).tensors].find(
        ([, one]) => one.offset <= offset && offset < one.offset + one.length,
    );
    return found?.[0];
}

function notANumber(location: TensorLocation): number | undefined {
    if (!/^(?:F|BF)/.test(location.dtype)) return undefined;
    return readTensor(location).data.find((value) => !Number.isFinite(value));
}

function locationsOf(change: WeightChange): readonly TensorLocation[] {
    return change.kind === 'decomposed' ? [change.magnitude, ...ofDelta(change.delta)] : ofDelta(change);
}

function ofDelta(delta: Delta): readonly TensorLocation[] {
    switch (delta.kind) {
        case 'low-rank':
            return [delta.up, delta.down, ...(delta.mid ? [delta.mid] : [])];
        case 'hadamard':
        case 'kronecker':
            return [delta.first, delta.second].flatMap(ofFactor);
        case 'difference':
            return [delta.values];
    }
}

function ofFactor(factor: Factor): readonly TensorLocation[] {
    return 'whole' in factor ? [factor.whole] : [factor.a, factor.b, ...(factor.core ? [factor.core] : [])];
}
