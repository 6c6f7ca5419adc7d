/** What sdspec writes into its own pictures: the plan as JSON, and the parameters that other tools read. */
import { ALL_STEPS, sample, stepsOf, type Window } from '../../plan/curve.ts';
import { type Phrase, type Prompt, promptAt, stretchesOf } from '../../plan/phrases.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { isLearnResult } from '../../plan/plan.ts';
import { scaleAt } from '../../plan/rows/weights.ts';
import { BLOCKS } from '../../plan/sites.ts';
import { stepsRun } from '../../plan/steps.ts';
import { escapedWords, parametersText } from './metadata/parameters.ts';
import type { TextsByKeyword } from './save.ts';

/** What travels inside a PNG. */
export interface PictureTexts {
    /** The plan with this picture's seed only. */
    readonly plan: PicturePlan;
    readonly model: string;
    readonly sdspec: string;
    readonly hashes?: PictureHashes;
}

/** Shortened digests, as other tools write them. */
export interface PictureHashes {
    /** Of a single file's model. */
    readonly model?: string;
    /** Of LoRAs, by the path that the plan gives. */
    readonly loras: Readonly<Record<string, string>>;
    /** Of learned embeddings, by token. */
    readonly embeddings: Readonly<Record<string, string>>;
}

/** The scale at each step that is run, where it is not the same at all of them. */
function guidanceOverSteps(plan: PicturePlan): { readonly guidanceOverSteps?: string } {
    const { guidance, steps, start } = plan;
    const run = stepsRun(steps, start?.strength);
    const stretches: { readonly scale: number; count: number }[] = [];
    for (let step = 0; step < run; step++) {
        const scale = rounded(scaleAt(plan, { step, steps: run }));
        const last = stretches.at(-1);
        if (last?.scale === scale) last.count++;
        else stretches.push({ scale, count: 1 });
    }
    const isSaid = stretches.length <= 1 && (stretches[0]?.scale ?? 0) === rounded(guidance.scale.keys[0]!.value);
    if (isSaid || stretches.length === 0) return {};
    return { guidanceOverSteps: stretches.map(({ scale, count }) => `${scale} x ${count}`).join(', ') };
}

/** How much is kept over the steps, as the language has it; of a window the steps. */
function cacheOf({ deepCache, textCache, steps, start }: PicturePlan): { readonly cache?: string } {
    const during = (window: Window | undefined) => {
        const { first, end } = stepsOf(window ?? ALL_STEPS, stepsRun(steps, start?.strength));
        return window ? ` during step ${first + 1}..${end}` : '';
    };
    const deep =
        deepCache &&
        `deep every ${deepCache.every}${deepCache.at ? ` at ${deepCache.at}` : ''}${during(deepCache.window)}`;
    const text = textCache && `text${during(textCache.window)}`;
    const cache = [deep, text].filter(Boolean).join(', ');
    return cache ? { cache } : {};
}

/** `plan` has the picture's own seed only. */
export function pictureTexts({ plan, model, sdspec, hashes }: PictureTexts): TextsByKeyword {
    const { sampler, noise, start, size, seeds } = plan;
    const modelHash = hashes?.model ?? pinnedHash(plan);
    return {
        parameters: parametersText({
            prompt: [conditioningText(plan), ...plan.adapters.map(adapterText)].filter(Boolean).join(' '),
            negative: promptText(plan.negative, plan),
            steps: plan.steps,
            sampler: sampler.name,
            schedule: sampler.schedule,
            guidance: rounded(plan.guidance.scale.keys[0]!.value),
            ...guidanceOverSteps(plan),
            ...cacheOf(plan),
            ...(plan.precision ? { precision: plan.precision } : {}),
            ...(plan.guidance.rescale > 0 ? { rescale: plan.guidance.rescale } : {}),
            ...(seeds[0] === undefined ? {} : { seed: seeds[0] }),
            width: size.width,
            height: size.height,
            model,
            ...(modelHash ? { modelHash } : {}),
            ...(start ? { strength: start.strength } : {}),
            clipSkip: plan.clipSkip,
            ...(sampler.eta > 0 ? { eta: sampler.eta } : {}),
            ...(noise.kind === 'torch-cpu' || noise.kind === 'philox' ? { noise: noise.kind } : {}),
            ...(hashes ? { loraHashes: byStem(hashes.loras), embeddingHashes: hashes.embeddings } : {}),
            version: `sdspec ${sdspec}`.trim(),
        }),
        sdspec: JSON.stringify({ format: 1, version: sdspec, model, plan }),
    };
}

/** Phrases joined as the text encoder reads them, emphasis in the notation of other tools; ensembles joined by AND. */
function conditioningText(plan: PicturePlan): string {
    const { conditioning, steps } = plan;
    if (conditioning.kind === 'prompt') return promptText(conditioning.prompt, plan);
    const weights = conditioning.members.map(({ weight }) => sample(weight, 0, steps));
    const sum = weights.reduce((a, b) => a + b, 0) || 1;
    return conditioning.members
        .map(({ prompt }, i) => `${promptText(prompt, plan)} :${rounded(weights[i]! / sum)}`)
        .join(' AND ');
}

/** Learned words are bare in the notation of other tools, phrases with a window in the brackets of prompt editing. */
function promptText({ phrases }: Prompt, { embeddings, steps: all, start }: PicturePlan): string {
    const steps = stepsRun(all, start?.strength);
    const words = (text: string) =>
        escapedWords(embeddings.reduce((all, { token }) => all.replaceAll(`<${token}>`, token), text));
    return phrases
        .flatMap((phrase) => {
            const { first, end } = windowOf(phrase, steps);
            const [read] = first < end ? promptAt({ phrases: [phrase] }, { step: first, steps }).phrases : [];
            if (!read) return [];
            const said = stretchesOf(read)
                .map(({ text, weight }) => (weight === 1 ? words(text) : emphasised(words(text), rounded(weight))))
                .join('');
            const since = first > 0 ? `[${said}:${first}]` : said;
            return [end < steps ? `[${since}::${end}]` : since];
        })
        .join(', ');
}

/** The steps at which a phrase is read, from 0, `end` not among them. */
function windowOf({ times = [] }: Phrase, steps: number): { readonly first: number; readonly end: number } {
    const windows = times.map(({ during }) => stepsOf(during, steps));
    return {
        first: Math.max(0, ...windows.map(({ first }) => first)),
        end: Math.min(steps, ...windows.map(({ end }) => end)),
    };
}

/** White space stays outside of the brackets. */
function emphasised(text: string, weight: number): string {
    const [, before = '', inner = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? [];
    return inner === '' ? text : `${before}(${inner}:${weight})${after}`;
}

/** With factors of blocks as LoRA Block Weight writes them: text encoder, then the 25 blocks. */
function adapterText({ file, weight, blocks }: PicturePlan['adapters'][number]): string {
    const factors = BLOCKS.map((name) => blocks?.find(({ block }) => block === name)?.weight ?? 0);
    const byBlock = blocks ? `:lbw=${[1, ...factors].map(rounded).join(',')}` : '';
    return `<lora:${isLearnResult(file) ? file.name : stem(file.path)}:${rounded(weight)}${byBlock}>`;
}

function byStem(hashes: PictureHashes['loras']): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(hashes).map(([path, hash]) => [stem(path), hash]));
}

/** A file's name without folder and ending; the signs that end a name in the notation of other tools are left out. */
function stem(path: string): string {
    return path
        .replace(/^.*[/:]/, '')
        .replace(/\.[^.]*$/, '')
        .replace(/[<>:,]/g, '_');
}

/** The hash that other tools call the model's: the first ten digits of a single file's sha256. */
function pinnedHash({ model }: PicturePlan): string | undefined {
    return model.kind === 'file' ? model.sha256?.slice(0, 10) : undefined;
}

function rounded(value: number): number {
    return Math.round(value * 1000) / 1000;
}
