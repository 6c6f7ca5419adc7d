/** DeepCache (Ma et al. 2023, arXiv 2312.00858): at most steps only the U-Net's last blocks run, on a feature that is kept. */
import { ALL_STEPS, stepsOf, type Window } from '../curve.ts';
import type { Block, EditPoint } from '../sites.ts';
import type { Moment } from '../steps.ts';
import type { Topology } from '../topology.ts';

/**
 * A fixed schedule, the same on every device. Of every `every` steps the first is whole: the whole U-Net runs, and the
 * feature that enters block `at` is kept for each row. The others are cached: only the blocks from `at` on run, and what
 * they need of the way down.
 */
export interface DeepCache {
    /** From 2 on: with 1 all steps are whole, as without a cache. */
    readonly every: number;
    /** A block of the way up. Absent: the last one, on the shallowest skip connection, as in the paper. */
    readonly at?: Block;
    /** The steps that are counted, from the first of them on; at the others all runs. Absent: all steps. */
    readonly window?: Window;
}

/** The blocks of a U-Net that run at cached steps. */
export interface Branch {
    /** The block that the kept feature enters. */
    readonly at: Block;
    /** Where a tap acts at cached steps too. */
    readonly points: ReadonlySet<EditPoint>;
    /** Skip tensors that the branch reads, from `skip[0]` on. */
    readonly skips: number;
}

/** The branch from a block on: `OUT11` reads `skip[0]`, `OUT10` `skip[1]` too, which IN01 makes. */
export function branchOf({ at }: DeepCache, net: Topology): Branch {
    const up = net.blocks.filter((block) => block.startsWith('OUT'));
    const first = at ?? up.at(-1)!;
    const skips = up.length - up.indexOf(first);
    const read = (name: string) => net.blocks.slice(0, skips).map((_, k) => name.replace('#', `${k}`) as EditPoint);
    // What is changed behind the last block of the way down that the branch reads, it does not see.
    const down = net.blocks.slice(0, skips - 1);
    return { at: first, points: new Set([...down, ...read('skip[#]'), ...up.slice(up.indexOf(first))]), skips };
}

/** Whether only the branch runs at a step. */
export function isCachedStep(cache: DeepCache | undefined, { step, steps }: Pick<Moment, 'step' | 'steps'>): boolean {
    if (!cache) return false;
    const { first, end } = stepsOf(cache.window ?? ALL_STEPS, steps);
    return step >= first && step < end && (step - first) % cache.every !== 0;
}

/** The cached steps that a whole step keeps its features for: those up to the next whole one. */
export function stepsServed(cache: DeepCache | undefined, moment: Moment): readonly Moment[] {
    const served: Moment[] = [];
    for (let step = moment.step + 1; step < moment.steps && isCachedStep(cache, { ...moment, step }); step++) {
        served.push({ ...moment, step });
    }
    return served;
}
