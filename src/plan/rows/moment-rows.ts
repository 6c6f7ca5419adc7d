/** The rows and taps of a plan that one moment needs. */
import { isCachedStep, stepsServed } from '../passes/deep-cache.ts';
import { isTextCached, textStepsServed } from '../passes/text-cache.ts';
import type { Moment } from '../steps.ts';
import type { BiasRow, GuidedRow, PlannedTap, RowLayout } from './rows.ts';
import { biasWeight, memberShares, scaleAt } from './weights.ts';

/**
 * The rows that a moment needs, and the taps that act then: rows whose prediction has a factor of 0 there are left out, and
 * bias rows that feed no row. The picture is bitwise the same with and without them, since a row in a batch equals the row
 * alone. At a cached step only the taps of the branch act; a whole step also runs the rows of the cached steps after it,
 * which need their features, and the last one before the text is kept those of the steps that it is kept for.
 * `everyGuided`: all guided rows, for what looks at each of them (attention, saved tensors).
 */
export function rowsAt(layout: RowLayout, moment: Moment, everyGuided = false): RowLayout {
    const { deepCache, textCache } = layout.plan;
    const served = isCachedStep(deepCache, moment) ? [] : stepsServed(deepCache, moment);
    const moments = [moment, ...served, ...textStepsServed(layout.plan, moment)];
    const every = everyGuided && !isTextCached(textCache, moment);
    const needed = layout.guided.filter((row) => every || moments.some((at) => isNeeded(layout, row, at)));
    const guided = needed.length === layout.guided.length ? layout.guided : needed;
    const feeds = (source: BiasRow) =>
        moments.some((at) =>
            tapsAt(layout, at).some((tap) => guided.some((row) => biasWeight(layout, tap, row, source, at) !== 0)),
        );
    return { ...layout, guided, bias: layout.bias.filter(feeds), taps: tapsAt(layout, moment) };
}

/** The taps that a pass of the moment has: at a cached step those of the branch. */
function tapsAt({ taps, branch, plan }: RowLayout, moment: Moment): readonly PlannedTap[] {
    return isCachedStep(plan.deepCache, moment) ? taps.filter(({ point }) => branch?.points.has(point)) : taps;
}

/** The layout of a plan whose whole U-Net runs at every step, and reads the text. */
export function withoutCache({
    branch: _,
    plan: { deepCache: __, textCache: ___, ...plan },
    ...layout
}: RowLayout): RowLayout {
    return { ...layout, plan };
}

function isNeeded({ members, plan }: RowLayout, row: GuidedRow, moment: Moment): boolean {
    const { guidance, conditioning } = plan;
    const scale = scaleAt(plan, moment);
    if (row.role === 'empty') return scale !== 1;
    // Each member of an ensemble over latents has a sampler of its own, whose history needs every step.
    const apart = conditioning.kind === 'ensemble' && conditioning.over === 'latents';
    const prompted = scale !== 0 || guidance.rescale > 0;
    return prompted && (apart || memberShares(members, moment)[row.member] !== 0);
}
