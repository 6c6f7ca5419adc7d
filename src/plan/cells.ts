/** Cells: the single pictures of a run in their order, and which of them are made together. */
import { canonicalJson } from './digest.ts';
import type { LearnPlan, PicturePlan, SweepPlan } from './plan.ts';
import { assertNever } from './problem.ts';
import type { Work } from './run.ts';
import { withSeeds } from './sources.ts';

/** One picture to be made. */
export interface Cell {
    /** Its place among all pictures of the run, from 0. */
    readonly index: number;
    /** With this one seed only. */
    readonly plan: PicturePlan;
    readonly seed: number;
    readonly labels?: Readonly<Record<string, string>>;
    /** Name of its picture's file. */
    readonly file: string;
}

/** Cells that differ by their seed alone: one plan with several seeds, so that they can be batched. */
export interface Batch {
    readonly plan: PicturePlan;
    /** In the order of the plan's seeds. */
    readonly cells: readonly Cell[];
}

/** The pictures of a plan: one per seed, or one per cell of a sweep (and seed, where a cell has several). */
export function cellsOf(work: PicturePlan | SweepPlan): readonly Cell[] {
    if (work.kind === 'picture') {
        return work.seeds.map((seed, index) => ({ index, plan: single(work, seed), seed, file: `${seed}.png` }));
    }
    const parts = work.cells.flatMap(({ labels, plan }) =>
        plan.seeds.map((seed) => ({
            plan: single(plan, seed),
            seed,
            labels: several(plan) ? { ...labels, seed: `${seed}` } : labels,
        })),
    );
    const digits = String(parts.length - 1).length;
    return parts.map((part, index) => ({
        ...part,
        index,
        file: `${String(index).padStart(digits, '0')}-${slug(part.labels)}.png`,
    }));
}

/** The pictures that a learning makes on its way: after every so many steps, and after the last one. */
export function tracedCells({ steps, trace }: LearnPlan): readonly Cell[] {
    if (!trace) return [];
    const multiples = Array.from({ length: Math.floor(steps / trace.every) }, (_, k) => (k + 1) * trace.every);
    return [...new Set([...multiples, steps])]
        .flatMap((step) => trace.pictures.map((plan, number) => ({ step, plan, number })))
        .map(({ step, plan, number }, index) => ({
            index,
            plan,
            seed: plan.seeds[0] ?? 0,
            labels: { step: String(step), prompt: promptWords(plan) },
            file: `step-${String(step).padStart(6, '0')}-${number + 1}.png`,
        }));
}

function promptWords({ conditioning }: PicturePlan): string {
    return conditioning.kind === 'prompt' ? conditioning.prompt.phrases.map(({ text }) => text).join(', ') : '';
}

/** The cells of any work; what is made in parts has none. */
export function cellsIn(work: Work): readonly Cell[] {
    switch (work.kind) {
        case 'picture':
        case 'sweep':
            return cellsOf(work);
        case 'learn':
            return tracedCells(work);
        case 'mosaic':
        case 'print':
            return [];
        default:
            return assertNever(work);
    }
}

/** Joins cells that can be made together, first come first. */
export function batchesOf(cells: readonly Cell[]): readonly Batch[] {
    const batches = new Map<string, Cell[]>();
    for (const cell of cells) {
        const key = canonicalJson({ ...cell.plan, seeds: [] });
        const batch = batches.get(key);
        if (batch) batch.push(cell);
        else batches.set(key, [cell]);
    }
    return [...batches.values()].map((batch) => ({
        plan: { ...batch[0]!.plan, seeds: batch.map(({ seed }) => seed) },
        cells: batch,
    }));
}

function single(plan: PicturePlan, seed: number): PicturePlan {
    return withSeeds(plan, [seed]);
}

function several(plan: PicturePlan): boolean {
    return plan.seeds.length > 1;
}

/** Labels as part of a file name that every file system takes. */
function slug(labels: Readonly<Record<string, string>>): string {
    const words = Object.entries(labels).map(([name, value]) => `${name}-${value}`);
    const name = words
        .join('_')
        .replace(/[^A-Za-z0-9._-]+/g, '-')
        .slice(0, 80);
    return name.replace(/[-.]+$/, '');
}
