/** The entries of an adapter's file by the module that they change; all are understood, or the file is refused. */
import { BUNDLED } from '../../plan/model-file/head.ts';
import { ModelError } from '../weights/model-error.ts';
import type { TensorLocation } from '../weights/safetensors.ts';
import { type EntryRole, entryOf } from './entries.ts';

/** The entries of one module by role. */
export type AdapterModule = { [Role in EntryRole]?: TensorLocation };

/** `bundled`: learned words that the file holds as well. */
export function readModules(
    tensors: ReadonlyMap<string, TensorLocation>,
    path: string,
): { readonly modules: ReadonlyMap<string, AdapterModule>; readonly bundled: readonly string[] } {
    const modules = new Map<string, AdapterModule>();
    const bundled = new Set<string>();
    const unknown: string[] = [];
    for (const [name, location] of tensors) {
        const entry = entryOf(name);
        const word = BUNDLED.exec(name)?.[1];
        if (word !== undefined) bundled.add(word);
        else if (!entry) unknown.push(name);
        else modules.set(entry.module, { ...modules.get(entry.module), [entry.role]: location });
    }
    if (modules.size === 0) {
        throw new ModelError(
            'model/unsupported',
            `"${path}" is no LoRA: it holds no matrices that change a model's layers.`,
        );
    }
    if (unknown.length > 0) {
        const more = unknown.length > 1 ? ` and ${unknown.length - 1} more` : '';
        throw new ModelError(
            'model/unread-tensor',
            `"${path}" holds entries that are not understood and would be left out: "${unknown[0]}"${more}. LoRA, LoCon, LoHa, LoKr and DoRA are supported, with biases and norms.`,
        );
    }
    return { modules, bundled: [...bundled] };
}
