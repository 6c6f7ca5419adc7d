/** The state of a learning on disk: what an interrupted one continues from, written whole or not at all. */
import { statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import type { Tensor } from '../tensor.ts';
import { readTensor } from '../weights/read-tensor.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { writeSafetensors } from '../weights/write-safetensors.ts';
import { withTemporary, writeError } from '../write-whole.ts';
import type { Moments, Values } from './adamw.ts';
import { LossHistory } from './loss-history.ts';

export interface LearnState {
    /** Steps that are done. */
    readonly step: number;
    readonly values: Values;
    readonly moments: Moments;
    readonly history: LossHistory;
    /** How often it was continued. */
    readonly resumed: number;
}

const HISTORY = 'history';

/** Writes the state. `key` is the digest of everything that decides the numbers. */
export async function saveState(file: string, key: string, state: LearnState): Promise<void> {
    const tensors = new Map<string, Tensor>([[HISTORY, state.history.toTensor()]]);
    const { first, second } = state.moments;
    for (const [part, values] of [
        ['value', state.values],
        ['first', first],
        ['second', second],
    ] as const) {
        for (const [name, value] of values) tensors.set(`${part}/${name}`, value);
    }
    await writeTensors(file, tensors, { key, step: String(state.step), resumed: String(state.resumed) });
}

/** The state in a file, where there is one and it belongs to the key; `start` gives the names. */
export function loadState(file: string, key: string, start: Values, times: number): LearnState | undefined {
    if (!statSync(file, { throwIfNoEntry: false })) return undefined;
    const { metadata, tensors } = readSafetensors(file);
    if (metadata.key !== key) return undefined;
    const part = (name: string): Values =>
        new Map([...start.keys()].map((value) => [value, readTensor(tensors.get(`${name}/${value}`)!)]));
    return {
        step: Number(metadata.step),
        resumed: Number(metadata.resumed),
        values: part('value'),
        moments: { first: part('first'), second: part('second') },
        history: LossHistory.from(times, readTensor(tensors.get(HISTORY)!)),
    };
}

/** Writes tensors under a temporary name and renames, so that a half-written file never has the final name. */
export async function writeTensors(
    file: string,
    tensors: ReadonlyMap<string, Tensor>,
    metadata: Readonly<Record<string, string>>,
): Promise<void> {
    try {
        await withTemporary(file, async (temporary) => {
            writeSafetensors(temporary, tensors, metadata);
            await rename(temporary, file);
        });
    } catch (error) {
        throw writeError(error, file);
    }
}
