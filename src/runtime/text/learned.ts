/** Learned embeddings: names that stand for vectors found by textual inversion. */
import { stackRows, type Tensor } from '../tensor.ts';
import type { LearnedIds } from './segments.ts';

/** Vectors `[n, D]` by name; n tokens stand for the name. */
export type Learned = ReadonlyMap<string, Tensor>;

/** All vectors in one table `[E, D]`; ids from `vocabSize` on stand for its rows. */
export interface LearnedTable {
    readonly vectors: Tensor;
    readonly ids: LearnedIds;
}

/** Gives each vector an id beyond the vocabulary, in the order of the names. */
export function learnedTable(learned: Learned, vocabSize: number): LearnedTable {
    const ids = new Map<string, readonly number[]>();
    let next = vocabSize;
    for (const [name, { dims }] of learned) {
        const count = dims[0] ?? 0;
        ids.set(
            name,
            Array.from({ length: count }, (_, index) => next + index),
        );
        next += count;
    }
    return { vectors: stackRows([...learned.values()]), ids };
}
