/** Shares: which pictures of a run each of several workers makes. A function of the plan and the number of shares alone. */
import { type Batch, batchesOf, type Cell } from '../cells.ts';
import { passesOfPlans } from './passes.ts';

/** One of `of` shares, counted from 1. */
export interface Shard {
    readonly part: number;
    readonly of: number;
}

/** Pictures that one worker makes together: those that differ by their seed alone, a few at a time. */
export interface Chunk {
    /** Names its claim: the place of its first picture among all of the run. */
    readonly id: number;
    readonly cells: readonly Cell[];
}

/** Most pictures of a chunk: what a lost worker takes with it is small, and what goes through the U-Net together is enough. */
const MAX_CELLS = 4;

/** The chunks of a run in the order of the plan. */
export function chunksOf(cells: readonly Cell[]): readonly Chunk[] {
    return batchesOf(cells)
        .flatMap(cut)
        .map((some) => ({ id: some[0]!.index, cells: some }))
        .sort((a, b) => a.id - b.id);
}

function cut({ cells }: Batch): readonly (readonly Cell[])[] {
    const count = Math.ceil(cells.length / MAX_CELLS);
    return Array.from({ length: count }, (_, k) => cells.slice(k * MAX_CELLS, (k + 1) * MAX_CELLS));
}

/**
 * The chunks in the order in which a worker takes them: its own share first, then those of the shares after it, in a
 * circle, so that workers help each other. A share is a stretch of the plan; a chunk belongs to the one in which the
 * middle of its cost falls, where cost is passes through the U-Net times pixels, of a window where there are some.
 */
export function inOrderOfShare(chunks: readonly Chunk[], { part, of }: Shard): readonly Chunk[] {
    const shares = sharesOf(chunks, of);
    const turn = (k: number) => ((((shares[k] ?? 0) - (part - 1)) % of) + of) % of;
    return chunks
        .map((chunk, k) => ({ chunk, turn: turn(k), k }))
        .sort((a, b) => a.turn - b.turn || a.k - b.k)
        .map(({ chunk }) => chunk);
}

/** The share of each chunk, from 0. */
export function sharesOf(chunks: readonly Chunk[], of: number): readonly number[] {
    const costs = chunks.map(({ cells }) => cells.reduce((sum, { plan }) => sum + costOf(plan), 0));
    const whole = costs.reduce((sum, cost) => sum + cost, 0);
    let before = 0;
    return costs.map((cost) => {
        const middle = before + cost / 2;
        before += cost;
        return Math.min(of - 1, Math.floor((of * middle) / whole));
    });
}

function costOf(plan: Cell['plan']): number {
    const { size, windows } = plan;
    const side = (length: number) => Math.min(length, windows?.side ?? length);
    return Math.max(1, passesOfPlans([plan])) * side(size.width) * side(size.height);
}
