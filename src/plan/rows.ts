/** Rows: which rows a denoising step sends through the U-Net, and how features and predictions are mixed over them. */
import { ALL_STEPS, type Curve, isZero, sample, stepsOf } from './curve.ts';
import { type Branch, branchOf, isCachedStep, stepsServed } from './passes/deep-cache.ts';
import { isTextCached, textStepsServed } from './passes/text-cache.ts';
import type { Conditioning } from './phrases.ts';
import type { Guidance, Infusion, PicturePlan } from './plan.ts';
import type { SiteWeight } from './sites.ts';
import { type EditPoint, editPoints } from './sites.ts';
import type { Moment } from './steps.ts';
import { SD, type Topology } from './topology.ts';

/**
 * One row of the U-Net's batch. `empty` and `prompt` rows belong to a picture being made and are guided by the mixture;
 * `bias` rows carry a bias picture and are never changed themselves.
 */
export type Row = GuidedRow | BiasRow;

export type GuidedRow =
    | { readonly role: 'empty'; readonly picture: number; readonly text: TextKey }
    | { readonly role: 'prompt'; readonly picture: number; readonly member: number; readonly text: TextKey };

export interface BiasRow {
    readonly role: 'bias';
    /** Index into the plan's infusions, and into that clause's pictures. */
    readonly clause: number;
    readonly image: number;
    readonly text: TextKey;
    /** For latents noised to the step's level: whose noise. Clean latents belong to no picture and serve them all. */
    readonly picture?: number;
}

/** Names a text embedding: the negative prompt, member k of the conditioning, the empty prompt, or clause c's caption. */
export type TextKey = 'negative' | 'empty' | `member ${number}` | `caption ${number}`;

/** A tap of the plan: an edit point, its normalisation, and what acts there. */
export interface PlannedTap {
    readonly point: EditPoint;
    readonly normalise: 'none' | 'match-std';
    /** Weights of infusion clauses at this point: several sites may meet in one point, and then add up. */
    readonly infusions: readonly { readonly clause: number; readonly site: SiteWeight }[];
    /** Factors on the guided rows' own features; they multiply. */
    readonly scales: readonly Curve[];
}

/** Everything about a plan's rows that does not change from step to step. */
export interface RowLayout {
    readonly guided: readonly GuidedRow[];
    readonly bias: readonly BiasRow[];
    readonly taps: readonly PlannedTap[];
    readonly plan: PicturePlan;
    readonly members: readonly Curve[];
    /** What runs at cached steps, where the plan has such. */
    readonly branch?: Branch;
}

/** Lays out the rows of `pictures` pictures of one plan (they differ by seed only) for a U-Net. */
export function layOut(plan: PicturePlan, pictures: number, net: Topology = SD): RowLayout {
    const members = memberWeights(plan.conditioning);
    const texts = memberTexts(members);
    const guided: GuidedRow[] = [];
    for (let picture = 0; picture < pictures; picture++) {
        if (isGuided(plan.guidance)) guided.push({ role: 'empty', picture, text: 'negative' });
        texts.forEach((text, member) => {
            guided.push({ role: 'prompt', picture, member, text });
        });
    }
    const bias = plan.infusions.flatMap((infusion, clause) => biasRows(infusion, clause, { guided, texts }, pictures));
    const branch = plan.deepCache && branchOf(plan.deepCache, net);
    return { guided, bias, taps: plannedTaps(plan, net), plan, members, ...(branch ? { branch } : {}) };
}

/** Whether u + g (c − u) needs the unconditional row at any step: it is c alone only where g is exactly 1 throughout. */
export function isGuided(guidance: Guidance): boolean {
    return guidance.scale.keys.some((key) => key.value !== 1);
}

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

function memberTexts(members: readonly Curve[]): readonly TextKey[] {
    return members.map((_, k): TextKey => `member ${k}`);
}

/** One weight curve per prompt row: the ensemble's members, or 1 for a single prompt or mixed embeddings. */
function memberWeights(conditioning: Conditioning): readonly Curve[] {
    return conditioning.kind === 'ensemble' && conditioning.over !== 'embeddings'
        ? conditioning.members.map((member) => member.weight)
        : [{ keys: [{ at: 0, value: 1 }], easing: 'linear' }];
}

function biasRows(
    infusion: Infusion,
    clause: number,
    { guided, texts: members }: { readonly guided: readonly GuidedRow[]; readonly texts: readonly TextKey[] },
    pictures: number,
): BiasRow[] {
    if (!acts(infusion)) return [];
    const texts = new Set(
        guided.flatMap((row) => (receives(row, infusion) ? biasTexts(infusion, clause, row, members) : [])),
    );
    const owners =
        infusion.latent === 'matched' ? Array.from({ length: pictures }, (_, picture) => picture) : [undefined];
    return infusion.pictures.flatMap((_, image) =>
        [...texts].flatMap((text) =>
            owners.map((picture) => ({
                role: 'bias' as const,
                clause,
                image,
                text,
                ...(picture === undefined ? {} : { picture }),
            })),
        ),
    );
}

function acts(infusion: Infusion): boolean {
    return !isZero(infusion.weight) && infusion.sites.some((site) => !isZero(site.weight));
}

function receives(row: GuidedRow, infusion: Infusion): boolean {
    return infusion.rows === 'both' || row.role === 'prompt';
}

/** The texts whose bias rows feed a guided row. The unconditional row under `text prompt` is fed by every member's. */
function biasTexts(
    infusion: Infusion,
    clause: number,
    row: GuidedRow,
    members: readonly TextKey[],
): readonly TextKey[] {
    switch (infusion.text.kind) {
        case 'empty':
            return ['empty'];
        case 'caption':
            return [`caption ${clause}`];
        case 'rows':
            return [row.text];
        case 'prompt':
            return row.role === 'prompt' ? [row.text] : members;
    }
}

/** The edit points that a plan uses, in the network's naming; clauses whose weights are 0 throughout leave no tap. */
function plannedTaps(plan: PicturePlan, net: Topology): PlannedTap[] {
    const taps = new Map<
        string,
        {
            point: EditPoint;
            normalise: 'none' | 'match-std';
            infusions: { clause: number; site: SiteWeight }[];
            scales: Curve[];
        }
    >();
    const tapAt = (point: EditPoint, normalise: 'none' | 'match-std') => {
        const key = `${point} ${normalise}`;
        const tap = taps.get(key) ?? { point, normalise, infusions: [], scales: [] };
        taps.set(key, tap);
        return tap;
    };
    for (const { site, weight } of plan.scales) {
        if (weight.keys.every((key) => key.value === 1)) continue;
        for (const point of editPoints(site, net)) tapAt(point, 'none').scales.push(weight);
    }
    plan.infusions.forEach((infusion, clause) => {
        if (!acts(infusion)) return;
        for (const site of infusion.sites) {
            if (isZero(site.weight)) continue;
            for (const point of editPoints(site.site, net)) {
                tapAt(point, infusion.normalise).infusions.push({ clause, site });
            }
        }
    });
    return [...taps.values()];
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

/** What a clause's pictures together weigh in a tap: several of its sites may meet in one point, and then add up. */
function clauseWeight({ plan }: RowLayout, tap: PlannedTap, clause: number, moment: Moment): number {
    const infusion = plan.infusions[clause]!;
    return tap.infusions
        .filter((entry) => entry.clause === clause)
        .reduce((sum, { site }) => sum + infusionWeight(infusion, site, moment), 0);
}

function scaleOf(tap: PlannedTap, { step, steps }: Moment): number {
    return tap.scales.reduce((product, curve) => product * sample(curve, step, steps), 1);
}

/** Whether no bias row depends on a seed, so that features may be remembered over seeds. */
export function isSeedless({ infusions }: PicturePlan): boolean {
    return infusions.length > 0 && infusions.every((infusion) => infusion.latent === 'clean');
}

/**
 * The mixing matrices of one moment, `[taps, R, C]` with C = guided + bias rows. R is the guided rows only where the bias
 * rows are remembered from an earlier pass, and all rows otherwise (bias rows map to themselves). Null where nothing
 * acts at this moment and every matrix would be the identity.
 *
 * For a guided row r and its bias rows j: M[r, r] = scale, M[r, j] = site weight x clause weight x curve x decay^step x
 * share of the picture (x the member's share, for an unconditional row fed by an ensemble).
 */
export function featureMixture(layout: RowLayout, moment: Moment, remembered: boolean): Float32Array | null {
    const { guided, bias, taps } = layout;
    const columns = guided.length + bias.length;
    const rows = remembered ? guided.length : columns;
    const mix = new Float32Array(taps.length * rows * columns);
    let identity = true;
    taps.forEach((tap, t) => {
        const at = (r: number, c: number) => (t * rows + r) * columns + c;
        for (let r = 0; r < rows; r++) mix[at(r, r)] = 1;
        const scale = scaleOf(tap, moment);
        if (scale !== 1) identity = false;
        guided.forEach((row, r) => {
            mix[at(r, r)] = scale;
            bias.forEach((source, b) => {
                const weight = biasWeight(layout, tap, row, source, moment);
                if (weight === 0) return;
                identity = false;
                mix[at(r, guided.length + b)] = weight;
            });
        });
    });
    return identity ? null : mix;
}

function biasWeight(layout: RowLayout, tap: PlannedTap, row: GuidedRow, source: BiasRow, moment: Moment): number {
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

/** The members' weights at a moment, divided by their sum. */
export function memberShares(members: readonly Curve[], moment: Moment): readonly number[] {
    const weights = members.map((curve) => sample(curve, moment.step, moment.steps));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (sum === 0) throw new RangeError(`The ensemble's weights sum to 0 at step ${moment.step + 1}.`);
    return weights.map((weight) => weight / sum);
}
