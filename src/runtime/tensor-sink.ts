/** Tensors of a run, collected for analysis elsewhere and written as one safetensors file. */
import { renameSync, rmSync } from 'node:fs';
import type { EditPoint } from '../plan/sites.ts';
import type { Tensor } from './tensor.ts';
import { writeSafetensors } from './weights/write-safetensors.ts';

/**
 * Takes tensors during a run. Names say what and when: `noise.0` (the draws of unit noise, in their order),
 * `start` (the latents that the first step sees), `embeddings` (of the rows, as the U-Net reads them first), then by
 * model call `latents.0`, `predictions.0`, `features.OUT04.0` …; where a run makes several pictures, the names of each
 * begin with `picture-1.` and so on.
 */
export interface TensorSink {
    /** Where features are wanted. */
    readonly sites: readonly EditPoint[];
    /** Copies the tensor's values; a name that was given before is replaced. */
    add(name: string, tensor: Tensor): void;
}

/** A sink that keeps everything in memory until it is saved. */
export interface TensorFile extends TensorSink {
    readonly names: readonly string[];
    /** Writes to a temporary name and renames, so that a half-written file never has the final name. */
    save(file: string, metadata?: Readonly<Record<string, string>>): void;
}

/** An empty file of tensors. */
export function tensorFile(sites: readonly EditPoint[] = []): TensorFile {
    const tensors = new Map<string, Tensor>();
    return {
        sites,
        get names() {
            return [...tensors.keys()];
        },
        add(name, { data, dims }) {
            tensors.set(name, { data: data.slice(), dims: [...dims] });
        },
        save(file, metadata = {}) {
            const part = `${file}.part`;
            try {
                writeSafetensors(part, tensors, metadata);
                renameSync(part, file);
            } catch (error) {
                rmSync(part, { force: true });
                throw error;
            }
        },
    };
}
