/** Rows: which rows a plan sends through the U-Net, and at which points features are mixed over them. */
import { type Curve, isZero } from '../curve.ts';
import { type Branch, branchOf } from '../passes/deep-cache.ts';
import type { Conditioning } from '../phrases.ts';
import type { Guidance, Infusion, PicturePlan } from '../plan.ts';
import { type EditPoint, editPoints, type SiteWeight } from '../sites.ts';
import { SD, type Topology } from '../topology.ts';

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

/** Whether no bias row depends on a seed, so that features may be remembered over seeds. */
export function isSeedless({ infusions }: PicturePlan): boolean {
    return infusions.length > 0 && infusions.every((infusion) => infusion.latent === 'clean');
}

export function memberTexts(members: readonly Curve[]): readonly TextKey[] {
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

export function receives(row: GuidedRow, infusion: Infusion): boolean {
    return infusion.rows === 'both' || row.role === 'prompt';
}

/** The texts whose bias rows feed a guided row. The unconditional row under `text prompt` is fed by every member's. */
export function biasTexts(
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
