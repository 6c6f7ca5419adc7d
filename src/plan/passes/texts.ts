/** Texts: everything that a plan has encoded, by the key under which its rows name it. */
import { canonicalJson } from '../digest.ts';
import { type Prompt, promptAt } from '../phrases.ts';
import type { PicturePlan } from '../plan.ts';
import { isGuided, type TextKey } from '../rows/rows.ts';
import { memberShares } from '../rows/weights.ts';
import type { Moment } from '../steps.ts';

/** A text and how it is read. The clip skip reaches positive prompts only, as in diffusers. */
export interface PlanText {
    readonly prompt: Prompt;
    readonly clipSkip: number;
}

const EMPTY: Prompt = { phrases: [] };

/** The texts that the plan's rows are conditioned on; for an ensemble over embeddings the members that are mixed. */
export function textsOf(plan: PicturePlan): ReadonlyMap<TextKey, PlanText> {
    const { clipSkip } = plan;
    const texts = new Map<TextKey, PlanText>();
    if (isGuided(plan.guidance)) texts.set('negative', { prompt: plan.negative, clipSkip: 0 });
    promptsOf(plan).forEach((prompt, k) => {
        texts.set(`member ${k}`, { prompt, clipSkip });
    });
    plan.infusions.forEach((infusion, clause) => {
        if (infusion.text.kind === 'empty') texts.set('empty', { prompt: EMPTY, clipSkip: 0 });
        if (infusion.text.kind === 'caption')
            texts.set(`caption ${clause}`, { prompt: infusion.text.caption, clipSkip });
    });
    return texts;
}

/** The prompts of a plan: one, or those of an ensemble's members. */
export function promptsOf({ conditioning }: Pick<PicturePlan, 'conditioning'>): readonly Prompt[] {
    return conditioning.kind === 'ensemble' ? conditioning.members.map(({ prompt }) => prompt) : [conditioning.prompt];
}

/** Whether the members' embeddings are mixed into one text. */
export function mixesEmbeddings({ conditioning }: PicturePlan): boolean {
    return conditioning.kind === 'ensemble' && conditioning.over === 'embeddings';
}

/** What the embeddings of a plan's texts are made of at a moment: equal strings, equal embeddings. */
export function textContents(plan: PicturePlan): (key: TextKey, moment: Moment) => string {
    const texts = textsOf(plan);
    const members =
        plan.conditioning.kind === 'ensemble' && mixesEmbeddings(plan) ? plan.conditioning.members : undefined;
    const weights = members?.map(({ weight }) => weight);
    return (key, moment) => {
        const contentOf = (one: TextKey) => {
            const text = texts.get(one);
            return text && { ...text, prompt: promptAt(text.prompt, moment) };
        };
        const content =
            weights && key === 'member 0'
                ? memberShares(weights, moment).map((share, k) => [share, contentOf(`member ${k}`)])
                : contentOf(key);
        return canonicalJson([content, plan.embeddings, plan.longPrompts]);
    };
}
