/** Weights at a moment: of guidance, of an ensemble's members, of infusions and the rows of their pictures. */
import { ALL_STEPS, type Curve, sample, stepsOf } from '../curve.ts';
import { isTextCached } from '../passes/text-cache.ts';
import type { Infusion, PicturePlan } from '../plan.ts';
import type { SiteWeight } from '../sites.ts';
import type { Moment } from '../steps.ts';
import {
    type BiasRow,
    biasTexts,
    type GuidedRow,
    memberTexts,
    type PlannedTap,
    type RowLayout,
    receives,
} from './rows.ts';

/**
 * The guidance scale at a moment: its curve inside the window, 1 outside it and where the text's part is kept: the prompt's
 * prediction is taken as it is (guidance in a limited interval, Kynkäänniemi et al. 2024, arXiv 2404.07724).
 */
export function scaleAt(
    { guidance, textCache }: Pick<PicturePlan, 'guidance' | 'textCache'>,
    moment: Pick<Moment, 'step' | 'steps'>,
): number {
    const { scale, window = ALL_STEPS } = guidance;
    const { step, steps } = moment;
    const { first, end } = stepsOf(window, steps);
    if (step < first || step >= end || isTextCached(textCache, moment)) return 1;
    return sample(scale, step, steps, window);
}

/** The members' weights at a moment, divided by their sum. */
export function memberShares(members: readonly Curve[], moment: Moment): readonly number[] {
    const weights = members.map((curve) => sample(curve, moment.step, moment.steps));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (sum === 0) throw new RangeError(`The ensemble's weights sum to 0 at step ${moment.step + 1}.`);
    return weights.map((weight) => weight / sum);
}

/**
 * The weight of an infusion at one of its sites in one step: site weight x clause weight x decay^step inside the
 * window, 0 outside it. Every number about an infusion that is run or shown comes from here.
 */
export function infusionWeight(
    infusion: Pick<Infusion, 'weight' | 'decay' | 'window'>,
    { weight }: Pick<SiteWeight, 'weight'>,
    { step, steps }: Moment,
): number {
    const clause = sample(infusion.weight, step, steps, infusion.window) * infusion.decay ** step;
    return sample(weight, step, steps, infusion.window) * clause;
}

/** What a bias row weighs in a guided row at a tap; 0 where it does not feed it. */
export function biasWeight(
    layout: RowLayout,
    tap: PlannedTap,
    row: GuidedRow,
    source: BiasRow,
    moment: Moment,
): number {
    const infusion = layout.plan.infusions[source.clause]!;
    if (!receives(row, infusion) || (source.picture !== undefined && source.picture !== row.picture)) return 0;
    if (!biasTexts(infusion, source.clause, row, memberTexts(layout.members)).includes(source.text)) return 0;
    const total = infusion.pictures.reduce((sum, picture) => sum + picture.weight, 0);
    const share = infusion.pictures[source.image]!.weight / total;
    const weight = clauseWeight(layout, tap, source.clause, moment);
    return weight * share * memberShare(layout, row, source, infusion, moment);
}

/** Under `text prompt` an unconditional row takes every member's bias rows, in the members' proportions. */
function memberShare(layout: RowLayout, row: GuidedRow, source: BiasRow, infusion: Infusion, moment: Moment): number {
    if (row.role === 'prompt' || infusion.text.kind !== 'prompt') return 1;
    const shares = memberShares(layout.members, moment);
    return shares[Number(source.text.slice('member '.length))] ?? 1;
}

/** What a clause's pictures together weigh in a tap: several of its sites may meet in one point, and then add up. */
function clauseWeight({ plan }: RowLayout, tap: PlannedTap, clause: number, moment: Moment): number {
    const infusion = plan.infusions[clause]!;
    return tap.infusions
        .filter((entry) => entry.clause === clause)
        .reduce((sum, { site }) => sum + infusionWeight(infusion, site, moment), 0);
}
