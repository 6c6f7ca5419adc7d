/** Parts of single files: found by a prefix, renamed as diffusers does; and files that are never opened. */
import { extname } from 'node:path';
import { ModelError } from '../model-error.ts';
import type { PartTensors } from '../parts.ts';
import type { SafetensorsFile, TensorLocation } from '../safetensors.ts';

/** Files that may run code when they are opened, by their extension: what they are, and what to use instead. */
export function refusePickle(path: string): void {
    const extension = extname(path).toLowerCase();
    if (['.ckpt', '.pt', '.pth', '.bin'].includes(extension)) {
        throw new ModelError(
            'model/foreign-file',
            `"${path}" is a Python pickle, which can run code when it is opened. Use the .safetensors file that is published beside it, or convert it with a tool that you trust.`,
        );
    }
    if (extension === '.gguf') {
        throw new ModelError(
            'model/foreign-file',
            `"${path}" is a GGUF file, whose weights are quantised in blocks. Use the model's .safetensors file.`,
        );
    }
}

/** Both directions of a renaming: `from` the file's names (undefined for unknown ones), `to` them for messages. */
export interface Names {
    readonly from: (name: string) => string | undefined;
    readonly to: (name: string) => string;
}

/**
 * The tensors under a prefix, renamed. Names that are not known stay as they are: no graph reads them, so that they are
 * found and named when the part is checked.
 */
export function part(file: SafetensorsFile, prefix: string, names: Names, source: string): PartTensors {
    const tensors = new Map<string, TensorLocation>();
    for (const [name, location] of file.tensors) {
        if (!name.startsWith(prefix)) continue;
        const bare = name.slice(prefix.length);
        tensors.set(names.from(bare) ?? bare, location);
    }
    return { source, tensors, nameInFile: (name) => prefix + names.to(name) };
}
