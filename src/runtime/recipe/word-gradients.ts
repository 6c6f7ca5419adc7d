/** Heat maps of where words change the prediction, summed over the decoder's blocks. */

import { canonicalJson } from '../../plan/digest.ts';
import { promptsOf } from '../../plan/passes/texts.ts';
import { type Prompt, promptAt, promptsOver } from '../../plan/phrases.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { BLOCKS, type EditPoint } from '../../plan/sites.ts';
import { stepsRun } from '../../plan/steps.ts';
import type { Denoised } from '../denoise/denoise.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { Rgb } from '../pictures/picture.ts';
import { RunError } from '../run-error.ts';
import type { Sampler } from '../samplers/sampler.ts';
import { tensor } from '../tensor.ts';
import type { Learned } from '../text/learned.ts';
import { type EncodedPrompt, encodePrompts } from '../text/prompt.ts';
import { addEnlarged, overlay } from './attention.ts';
import { openAttributor } from './attribution.ts';
import type { Canvas } from './canvas.ts';

export interface WordGradients {
    /** An overlay by word, for one picture of a batch at a call. */
    overlays(pass: Denoised, sampler: Sampler, picture: number, under: Rgb): Promise<Readonly<Record<string, Rgb>>>;
}

/** A prompt with the word and without it. */
interface Pair {
    readonly word: string;
    /** The prompt, as one string. */
    readonly prompt: string;
    readonly context: EncodedPrompt;
    readonly without: EncodedPrompt;
}

/**
 * For the words of the plan's `trace gradient`: what each changes in the prediction, compared with the same prompt without
 * it. Undefined where no word is asked for. Throws `run/unsupported` where features are changed from outside.
 */
export async function wordGradients(
    model: StableDiffusion,
    plan: PicturePlan,
    canvas: Canvas,
    learned: Learned,
): Promise<WordGradients | undefined> {
    const words = plan.trace?.gradient ?? [];
    if (words.length === 0) return undefined;
    if (plan.infusions.length + plan.controls.length + plan.scales.length > 0 || model.checkpoint.isInpainting) {
        const message =
            'Gradients are traced through the plain network: leave `infuse`, `control` and `scale` out, use no inpainting model, or trace `attention`.';
        throw new RunError('run/unsupported', message);
    }
    const pairs = await encodePairs(model, plan, words, learned);
    const blocks = model.checkpoint.unet.config.widths.length * (model.checkpoint.unet.config.layersPerBlock + 1);
    const points = BLOCKS.filter((block) => block.startsWith('OUT')).slice(0, blocks) as readonly EditPoint[];
    const [height, width] = [canvas.height, canvas.width].map((side) => side / model.checkpoint.pixelsPerLatent);
    const shape = { height: height!, width: width!, tokens: pairs[0]?.context.context.dims[1] ?? 0 };
    const attributor = openAttributor(model, points, shape);
    return {
        async overlays({ before, call, moment }, sampler, picture, under) {
            const read = promptsOf(plan).map((prompt) => canonicalJson(promptAt(prompt, moment)));
            const size = 4 * shape.height * shape.width;
            const seen = sampler.scaleModelInput(before, call);
            const sample = tensor(seen.slice(picture * size, (picture + 1) * size), [1, 4, shape.height, shape.width]);
            const maps: Record<string, Rgb> = {};
            for (const word of words) {
                const heat = new Float32Array(under.width * under.height);
                for (const prompt of read) {
                    const pair = pairs.find((one) => one.word === word && one.prompt === prompt);
                    if (!pair) continue;
                    const { context } = pair.context;
                    const inputs = {
                        sample,
                        timestep: sampler.timesteps[call]!,
                        context,
                        without: pair.without.context,
                    };
                    const found = await attributor.attribute(inputs);
                    for (const part of found.points.values()) addEnlarged(heat, under, part.heat, part);
                }
                // What works against the word is no heat.
                maps[word] = overlay(
                    under,
                    heat.map((value) => Math.max(0, value)),
                );
            }
            return maps;
        },
    };
}

/** Every prompt that says a word, with it and without; all of one length. A word that no prompt says has no pair. */
async function encodePairs(
    model: StableDiffusion,
    plan: PicturePlan,
    words: readonly string[],
    learned: Learned,
): Promise<readonly Pair[]> {
    const { clipSkip, longPrompts } = plan;
    const steps = stepsRun(plan.steps, plan.start?.strength);
    const prompts = unique(promptsOf(plan).flatMap((prompt) => promptsOver(prompt, steps)));
    const texts = words
        .filter((word) => word !== '')
        .flatMap((word) => prompts.filter((prompt) => says(prompt, word)).map((prompt) => ({ word, prompt })));
    const encoded = await encodePrompts(
        model,
        texts.flatMap(({ word, prompt }) => [
            { phrases: prompt.phrases, clipSkip },
            { phrases: withoutWord(prompt, word).phrases, clipSkip },
        ]),
        { longPrompts, learned },
    );
    return texts.map(({ word, prompt }, k) => ({
        word,
        prompt: canonicalJson(prompt),
        context: encoded[2 * k]!,
        without: encoded[2 * k + 1]!,
    }));
}

function unique(prompts: readonly Prompt[]): readonly Prompt[] {
    return [...new Map(prompts.map((prompt) => [canonicalJson(prompt), prompt])).values()];
}

/** The word where a text has it; a learned one is meant with and without its brackets. */
function asWord(word: string): RegExp {
    const text = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`<${text}>|(?<![\\p{L}\\d])${text}(?![\\p{L}\\d])`, 'giu');
}

function says({ phrases }: Prompt, word: string): boolean {
    return phrases.some(({ text }) => asWord(word).test(text));
}

function withoutWord({ phrases }: Prompt, word: string): Prompt {
    const cut = (text: string) => text.replace(asWord(word), '').replace(/\s+/g, ' ').trim();
    return { phrases: phrases.map((phrase) => ({ ...phrase, text: cut(phrase.text) })) };
}
