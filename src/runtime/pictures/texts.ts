/** What sdspec writes into its own pictures: the plan as JSON, and the parameters that other tools read. */
import { sample } from '../../plan/curve.ts';
import type { ModelRef, PicturePlan, Prompt } from '../../plan/plan.ts';
import { parametersText } from './metadata/automatic1111.ts';
import type { TextsByKeyword } from './save.ts';

/** `plan` has the picture's own seed only. */
export function pictureTexts({ plan, model, sdspec }: PictureTexts): TextsByKeyword {
    const { sampler, noise, start, size, seeds } = plan;
    return {
        parameters: parametersText({
            prompt: conditioningText(plan),
            negative: promptText(plan.negative),
            steps: plan.steps,
            sampler: sampler.name,
            schedule: sampler.schedule,
            guidance: rounded(sample(plan.guidance.scale, 0, plan.steps)),
            ...(seeds[0] === undefined ? {} : { seed: seeds[0] }),
            width: size.width,
            height: size.height,
            model,
            ...hashOf(plan.model),
            ...(start ? { strength: start.strength } : {}),
            clipSkip: plan.clipSkip,
            ...(sampler.eta > 0 ? { eta: sampler.eta } : {}),
            ...(noise.kind === 'torch-cpu' || noise.kind === 'philox' ? { noise: noise.kind } : {}),
            version: `sdspec ${sdspec}`.trim(),
        }),
        sdspec: JSON.stringify({ format: 1, version: sdspec, model, plan }),
    };
}

/** Phrases joined as the text encoder reads them, emphasis in the notation of other tools; ensembles joined by AND. */
function conditioningText({ conditioning, steps }: PicturePlan): string {
    if (conditioning.kind === 'prompt') return promptText(conditioning.prompt);
    const weights = conditioning.members.map(({ weight }) => sample(weight, 0, steps));
    const sum = weights.reduce((a, b) => a + b, 0) || 1;
    return conditioning.members
        .map(({ prompt }, i) => `${promptText(prompt)} :${rounded(weights[i]! / sum)}`)
        .join(' AND ');
}

function promptText({ phrases }: Prompt): string {
    return phrases.map(({ text, weight }) => (weight === 1 ? text : `(${text}:${rounded(weight)})`)).join(', ');
}

/** The hash that other tools call the model's: the first ten digits of a single file's sha256. */
function hashOf(model: ModelRef): { readonly modelHash?: string } {
    return model.kind === 'file' && model.sha256 ? { modelHash: model.sha256.slice(0, 10) } : {};
}

function rounded(value: number): number {
    return Math.round(value * 1000) / 1000;
}

/** What travels inside a PNG. */
export interface PictureTexts {
    /** The plan with this picture's seed only. */
    readonly plan: PicturePlan;
    readonly model: string;
    readonly sdspec: string;
}
