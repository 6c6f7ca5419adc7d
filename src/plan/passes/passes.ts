/** Passes: how many rows plans send through the U-Net, counted with the rows that a run lays out. */

import { canonicalJson } from '../digest.ts';
import type { PicturePlan } from '../plan.ts';
import { rowsAt, withoutCache } from '../rows/moment-rows.ts';
import { type BiasRow, isSeedless, layOut, type RowLayout } from '../rows/rows.ts';
import { callsOf, finishingMoments, type Moment, momentsOf, visitOf } from '../steps.ts';
import { canvasSize, seedBatches } from './batches.ts';
import { isCachedStep } from './deep-cache.ts';
import { isTextCached } from './text-cache.ts';
import { textContents } from './texts.ts';
import { windowCount } from './tiles.ts';

/**
 * Rows of plans that are made in one run, one after the other. Clean bias pictures do not depend on the seed: over
 * several batches their features are computed once per timestep. Each window of a large picture is a pass of its own, and
 * remembers nothing, and neither does a plan with cached steps. Frames of a trace that are finished, and the second
 * pass that reads attention, count. A memory that overflows, and a PNDM with a Runge–Kutta start, make it more.
 */
export function passesOfPlans(plans: readonly PicturePlan[]): number {
    const memory = plans.length > 1 ? new Set<string>() : undefined;
    return plans.reduce((sum, plan) => sum + passesOfPlan(plan, memory), 0);
}

/** How many of these rows go through the last blocks of the U-Net only, at the cached steps of the plans. */
export function cachedPassesOfPlans(plans: readonly PicturePlan[]): number {
    return plans.reduce((sum, plan) => sum + (plan.deepCache ? passesOfPlan(plan, undefined, true) : 0), 0);
}

/**
 * Rows of `pictures` pictures that differ by their seed, of which a run makes `together` at a time. It remembers features of
 * bias pictures, over several calls with one `memory` too.
 */
export function passesInGroups(plan: PicturePlan, pictures: number, together: number, memory: Set<string>): number {
    const passesOfGroup = (size: number) =>
        passesOfPlan({ ...plan, seeds: Array.from({ length: size }, () => 0) }, memory);
    const [groups, rest] = [Math.floor(pictures / together), pictures % together];
    const first = groups > 0 ? passesOfGroup(together) : 0;
    // All groups after the first one find the same features remembered.
    const others = groups > 1 ? (groups - 1) * passesOfGroup(together) : 0;
    return first + others + (rest > 0 ? passesOfGroup(rest) : 0);
}

function passesOfPlan(plan: PicturePlan, run: Set<string> | undefined, onlyCached = false): number {
    const batches = plan.seeds.length > 0 ? seedBatches(plan) : [{ seeds: [0] }];
    const windows = windowCount(plan);
    const remembers =
        !windows && isSeedless(plan) && !plan.deepCache && !plan.textCache && (run !== undefined || batches.length > 1);
    const memory = remembers ? (run ?? new Set<string>()) : undefined;
    const ofBatch = onlyCached ? cachedPassesOfBatch : passesOfBatch;
    const passes = batches.map(({ seeds }) => ofBatch(plan, layOut(plan, seeds.length), memory));
    return passes.reduce((sum, one) => sum + one, 0) * (windows ?? 1);
}

function passesOfBatch(plan: PicturePlan, layout: RowLayout, memory: Set<string> | undefined): number {
    const keyOf = biasKeys(plan);
    const visit = visits(plan);
    const moments = momentsOf(plan.sampler.name, plan.steps, plan.start?.strength);
    return moments.reduce((sum, moment, k) => {
        const stepBegins = moments[k - 1]?.step !== moment.step;
        const isLast = k === moments.length - 1;
        const attends = attendsAt(plan, moment, { stepBegins, isLast });
        const needed = rowsAt(
            layout,
            moment,
            attends && !isCachedStep(plan.deepCache, moment) && !isTextCached(plan.textCache, moment),
        );
        const { bias } = needed;
        const rows = rowsOf(needed, memory);
        const attending = attends ? rowsOf(rowsAt(withoutCache(layout), moment, true), memory) : 0;
        const missing = memory
            ? addMissing(
                  memory,
                  bias.map((row) => keyOf(row, moment)),
                  visit(moment),
              )
            : 0;
        const finished = stepBegins ? finishPasses(layout, moment) : 0;
        return sum + rows + attending + missing + finished;
    }, 0);
}

function cachedPassesOfBatch(plan: PicturePlan, layout: RowLayout): number {
    return momentsOf(plan.sampler.name, plan.steps, plan.start?.strength)
        .filter((moment) => isCachedStep(plan.deepCache, moment))
        .reduce((sum, moment) => sum + rowsOf(rowsAt(layout, moment)), 0);
}

/** Rows of a pass; remembered bias rows are not among them. */
function rowsOf({ guided, bias }: RowLayout, memory?: Set<string>): number {
    return guided.length + (memory ? 0 : bias.length);
}

/** The rows whose features are not remembered yet; from now on they are. */
function addMissing(memory: Set<string>, keys: readonly string[], visit: string): number {
    const missing = keys.map((key) => `${key} @ ${visit}`).filter((key) => !memory.has(key));
    for (const key of missing) memory.add(key);
    return missing.length;
}

/** Names the timestep of a moment: plans with one schedule visit the same ones. */
function visits({ sampler, steps, start }: PicturePlan): (moment: Moment) => string {
    const { startCall } = callsOf(sampler.name, steps, start?.strength);
    const schedule = canonicalJson([sampler.name, sampler.schedule, sampler.spacing, steps]);
    return ({ call }) => `${schedule} ${visitOf(sampler.name, startCall + call)}`;
}

/** Whether a call's attention is read, in a pass beside the step. */
function attendsAt(
    { trace }: PicturePlan,
    { step, steps }: Moment,
    { stepBegins, isLast }: { readonly stepBegins: boolean; readonly isLast: boolean },
): boolean {
    if (!trace || trace.attention.length === 0) return false;
    return (stepBegins && trace.after.includes(step)) || (isLast && trace.after.includes(steps));
}

/** The short runs to the end that a trace adds where a step begins. */
function finishPasses(layout: RowLayout, moment: Moment): number {
    const { trace } = layout.plan;
    if (!trace?.after.includes(moment.step)) return 0;
    const whole = withoutCache(layout);
    return finishingMoments(moment, trace.finish).reduce((sum, one) => sum + rowsOf(rowsAt(whole, one)), 0);
}

/** What a bias row's features depend on besides the timestep: model, adapters, size, picture and the text at the moment. */
export function biasKeys(plan: PicturePlan): (row: BiasRow, moment: Moment) => string {
    const contentOf = textContents(plan);
    const common = canonicalJson([plan.model, plan.adapters, canvasSize(plan)]);
    return ({ clause, image, text }, moment) =>
        [common, canonicalJson(plan.infusions[clause]!.pictures[image]!.picture), contentOf(text, moment)].join(' | ');
}
