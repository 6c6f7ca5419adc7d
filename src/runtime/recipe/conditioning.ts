/** Conditioning: every text of a plan, encoded once and found by its key and step. */
import { canonicalJson } from '../../plan/digest.ts';
import { mixesEmbeddings, textsOf } from '../../plan/passes/texts.ts';
import { type Prompt, promptAt, promptsOver } from '../../plan/phrases.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { TextKey } from '../../plan/rows/rows.ts';
import { memberShares } from '../../plan/rows/weights.ts';
import { type Moment, stepsRun } from '../../plan/steps.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { RunEvent } from '../events.ts';
import { mixConditioning, type RowConditioning } from '../row-conditioning.ts';
import type { Learned } from '../text/learned.ts';
import { type EncodedPrompt, encodePrompts } from '../text/prompt.ts';

export interface Texts {
    /** The conditioning of one row by a text at a moment; all have one length S. */
    readonly at: (key: TextKey, moment: Moment) => RowConditioning;
}

/**
 * Encodes the texts that the plan's rows are conditioned on, those of a prompt that changes over the steps each once. An
 * ensemble over embeddings becomes one text whose embedding is the members' weighted mean at every step.
 */
export async function encodeTexts(
    model: StableDiffusion,
    plan: PicturePlan,
    learned: Learned,
    emit: (event: RunEvent) => void,
): Promise<Texts> {
    const texts = textsOf(plan);
    const run = stepsRun(plan.steps, plan.start?.strength);
    const versions = [...texts].flatMap(([key, { prompt, clipSkip }]) =>
        promptsOver(prompt, run).map((one) => ({ name: nameOf(key, one), phrases: one.phrases, clipSkip })),
    );
    const encoded = await encodePrompts(model, versions, { longPrompts: plan.longPrompts, learned });
    const byName = new Map(versions.map(({ name }, i) => [name, { context: encoded[i]!.context }] as const));
    const lost = encoded.filter((one) => one.lost !== '').map(lostText);
    for (const text of new Set(lost)) emit({ kind: 'notice', text });
    const at = (key: TextKey, moment: Moment): RowConditioning =>
        byName.get(nameOf(key, promptAt(texts.get(key)!.prompt, moment)))!;
    const members = plan.conditioning.kind === 'ensemble' ? plan.conditioning.members : [];
    const mixed = mixesEmbeddings(plan);

    return {
        at(key, moment) {
            if (!mixed || key !== 'member 0') return at(key, moment);
            const shares = memberShares(
                members.map((member) => member.weight),
                moment,
            );
            return mixConditioning(
                shares.map((_, k) => at(`member ${k}`, moment)),
                shares,
            );
        },
    };
}

/** Names a text of a row, and of a prompt that changes over the steps the words that are read. */
function nameOf(key: TextKey, prompt: Prompt): string {
    return `${key}: ${canonicalJson(prompt)}`;
}

function lostText({ tokens, limit, lost }: EncodedPrompt): string {
    return `A prompt has ${tokens} tokens; the text encoder reads ${limit}. Not read: "${lost}". Shorten it, or write \`long prompts chunk\`.`;
}
