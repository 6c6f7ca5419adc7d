/** Conditioning: every text of a plan, encoded once and found by its key. */

import { mixesEmbeddings, textsOf } from '../../plan/passes/texts.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { memberShares, type TextKey } from '../../plan/rows.ts';
import type { Moment } from '../../plan/steps.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { RunEvent } from '../events.ts';
import { mixConditioning, type RowConditioning } from '../row-conditioning.ts';
import type { Learned } from '../text/learned.ts';
import { encodePrompts } from '../text/prompt.ts';

export interface Texts {
    /** The conditioning of one row by a text at a moment; all have one length S. */
    readonly at: (key: TextKey, moment: Moment) => RowConditioning;
}

/**
 * Encodes the texts that the plan's rows are conditioned on. An ensemble over embeddings becomes one text whose
 * embedding is the members' weighted mean, computed again at every step where the weights change.
 */
export async function encodeTexts(
    model: StableDiffusion,
    plan: PicturePlan,
    learned: Learned,
    emit: (event: RunEvent) => void,
): Promise<Texts> {
    const texts = textsOf(plan);
    const encoded = await encodePrompts(
        model,
        [...texts.values()].map(({ prompt, clipSkip }) => ({ phrases: prompt.phrases, clipSkip })),
        { longPrompts: plan.longPrompts, learned },
    );
    const byKey = new Map([...texts.keys()].map((key, i) => [key, { context: encoded[i]!.context }] as const));
    for (const { tokens, limit, lost } of encoded) {
        if (lost === '') continue;
        const text = `A prompt has ${tokens} tokens; the text encoder reads ${limit}. Not read: "${lost}". Shorten it, or write \`long prompts chunk\`.`;
        emit({ kind: 'notice', text });
    }
    const members = plan.conditioning.kind === 'ensemble' ? plan.conditioning.members : [];
    const mixed = mixesEmbeddings(plan);

    return {
        at(key, moment) {
            if (!mixed || key !== 'member 0') return byKey.get(key)!;
            const shares = memberShares(
                members.map((member) => member.weight),
                moment,
            );
            return mixConditioning(
                shares.map((_, k) => byKey.get(`member ${k}`)!),
                shares,
            );
        },
    };
}
