/** What a picture's file says of its making, as spec text: every fact is expressed, or is in a comment. */
import type { Origin, OriginLora, Tool } from '../../plan/origin.ts';
import { isTimed, type Phrase } from '../../plan/phrases.ts';
import { picturePlanIn } from '../../plan/plan-schema.ts';
import { SAMPLERS } from '../../plan/samplers.ts';
import { LATENT_FACTOR } from '../../plan/topology.ts';
import { defaultScheduleOf } from '../meaning/defaults.ts';
import { fits, LARGEST_SIDE, RANGES, type RangeName } from '../meaning/ranges.ts';
import { LANGUAGE_VERSION } from '../meaning/versions.ts';
import { figure } from './curve-text.ts';
import { blendIn, mixtureIn } from './foreign-prompt.ts';
import { Ingredients, type NameInUse } from './ingredients.ts';
import { blocksText, pictureText } from './picture-text.ts';
import { readPrompt } from './prompt-notation.ts';
import { conditioningText, type PromptWords, promptText } from './prompt-text.ts';
import { wordsOfPrompt } from './source-names.ts';
import { oneLine, quote } from './value-text.ts';

const TOOLS: Readonly<Record<Tool, string>> = {
    sdspec: 'sdspec',
    automatic1111: 'AUTOMATIC1111 or a tool that writes as it does',
    comfyui: 'ComfyUI',
    invokeai: 'InvokeAI',
    fooocus: 'Fooocus',
    novelai: 'NovelAI',
    swarmui: 'SwarmUI',
    other: 'a tool that does not name itself',
};
const PATH = 'put its path here';

/**
 * Returns a `generate` named like the file, below the ingredients that it needs. `existing` are the names of the text that it
 * joins; without them it is a spec of its own, which begins with the version of the language.
 */
export function originText(file: string, origin: Origin, existing?: readonly NameInUse[]): string {
    const known = new Ingredients(existing);
    const name = known.free(file.replace(/\.[^.]*$/, '').replace(/^(?=\d)/, 'picture_') || 'picture');
    const plan = planIn(origin);
    const version = origin.version && !plan ? ` (${oneLine(origin.version)})` : '';
    const first = existing ? '' : `sdspec ${LANGUAGE_VERSION}\n\n`;
    const head = `${first}// From ${oneLine(file)}, made by ${TOOLS[origin.tool]}${version}.\n`;
    return head + (plan ? pictureText(name, plan, known) : known.above(new Writer(origin, known).generate(name)));
}

/** The plan that sdspec writes into its own pictures. */
function planIn({ sdspec }: Origin): ReturnType<typeof picturePlanIn> {
    return picturePlanIn((sdspec as { readonly plan?: unknown } | undefined)?.plan);
}

type Clause = readonly [clause: string, value: string];

/** Writes one origin; what has no clause becomes a note. */
class Writer {
    readonly #origin: Origin;
    readonly #known: Ingredients;
    readonly #notes: string[] = [];
    /** By how much the prompt's guidance counts more than the number says. */
    #sum = 1;

    constructor(origin: Origin, known: Ingredients) {
        this.#origin = origin;
        this.#known = known;
    }

    generate(name: string): string {
        const { prompt = '', negative, strength, clipSkip, loras = [] } = this.#origin;
        if (this.#origin.sdspec !== undefined) {
            this.#notes.push(
                'The plan in the file is damaged or of another version: this is what its `parameters` say.',
            );
        }
        const clauses: readonly Clause[] = [
            ...this.#use(),
            ['prompt', this.#mixture(prompt) ?? this.#words(prompt)],
            ...(negative ? [['negative', this.#mixture(negative, true) ?? this.#words(negative)] as const] : []),
            ...this.#size(),
            ...this.#number('steps', 'steps', this.#origin.steps),
            ...this.#sampler(),
            ...this.#guidance(),
            ...this.#seed(),
            ...this.#noise(),
            ...(clipSkip ? this.#number('clip', 'skip', clipSkip) : []).map(
                ([clause, value]): Clause => [clause, `skip ${value}`],
            ),
            ...loras.flatMap((one) => this.#apply(one)),
        ];
        if (strength !== undefined) {
            this.#notes.push(`It was made from another picture: start from … strength ${figure(strength)}`);
        }
        this.#notes.push(...(this.#origin.notes ?? []));
        const body = clauses.map(([clause, value]) => `    ${clause.padEnd(10)}${value}\n`);
        const comments = [...new Set(this.#notes.map(oneLine))].filter(Boolean).map((note) => `    // ${note}\n`);
        return `generate ${name} {\n${body.join('')}${comments.join('')}}\n`;
    }

    #use(): readonly Clause[] {
        const { model, modelHash, vae, prediction, zeroSnr } = this.#origin;
        if (!model && !modelHash) {
            this.#notes.push('The file names no model: declare one, and write `use` with its name.');
            if (vae) this.#notes.push(`The VAE is ${vae}, not the model's own.`);
            if (prediction) this.#notes.push(`The model predicts ${prediction}.`);
            return [];
        }
        const builtin = /^builtin:([\w-]+)$/.exec(model ?? '')?.[1];
        if (builtin) return [['use', this.#known.name('model', builtin, quote(`builtin:${builtin}`))]];
        const stem = baseName(model ?? 'model');
        const choices = [
            // What models predict unless their file says another thing goes without saying.
            prediction === 'v' ? ` predicts v${zeroSnr ? ' zero-snr' : ''}` : '',
            vae ? ` vae ${quote(`./models/${baseName(vae)}.safetensors`)}` : '',
        ];
        const folder = model && /[/\\]/.test(model) ? ` (${oneLine(model)})` : '';
        const hash = modelHash ? ` (hash ${oneLine(modelHash)})` : '';
        const declared = quote(`./models/${stem}.safetensors`) + choices.join('');
        return [['use', this.#known.name('model', stem, declared, `${PATH}${folder}${hash}`)]];
    }

    #words(text: string): string {
        const phrases = this.#phrases(text);
        return promptText({ phrases }, this.#wordsOf(phrases)) || '""';
    }

    #phrases(text: string): readonly Phrase[] {
        const { tool, embeddings } = this.#origin;
        const { phrases, notes } = readPrompt(text, tool, embeddings);
        this.#notes.push(...notes);
        return phrases;
    }

    /** How these phrases are written: learned words by the names of their declarations. */
    #wordsOf(phrases: readonly Phrase[]): PromptWords {
        const words = phrases.map((phrase) => phrase.text).join(' ');
        const named = (this.#origin.embeddings ?? []).filter((name) => words.includes(`<${name}>`));
        const learned = named.map((token) => ({
            token,
            file: { path: `./embeddings/${baseName(token)}.safetensors` },
        }));
        return wordsOfPrompt(this.#known, learned, PATH);
    }

    /** An ensemble for several prompts at once, phrases with windows for several in turn; undefined for a plain prompt. A negative prompt is one. */
    #mixture(text: string, isNegative = false): string | undefined {
        const { tool, steps } = this.#origin;
        if (text.length > LONGEST_MIXTURE) return undefined;
        const before = this.#notes.length;
        const phrases = (words: string) => this.#phrases(words);
        const mixture =
            tool === 'invokeai'
                ? blendIn(text, phrases)
                : AS_AUTOMATIC1111.has(tool)
                  ? mixtureIn(text.replace(NETWORKS, ''), steps, phrases)
                  : undefined;
        const [only, ...others] = mixture?.members ?? [];
        const isPlainPrompt = only && others.length === 0 && !isTimed({ phrases: only.phrases });
        if (!mixture || !only || isPlainPrompt || (isNegative && others.length > 0)) {
            this.#notes.splice(before);
            return undefined;
        }
        this.#sum = mixture.sum;
        const members = mixture.members.map((one) => ({ prompt: { phrases: one.phrases }, weight: one.weight }));
        const words = this.#wordsOf(mixture.members.flatMap((one) => one.phrases));
        if (others.length === 0) return promptText({ phrases: only.phrases }, words) || '""';
        return conditioningText(this.#known, { kind: 'ensemble', over: mixture.over, members }, words);
    }

    /** AND guides by each of its prompts, so that their mean has the guidance of all of them. */
    #guidance(): readonly Clause[] {
        const { guidance, rescale } = this.#origin;
        if (rescale && guidance === undefined) this.#notes.push(`Guidance rescale: ${rescale}`);
        const whole = guidance === undefined ? undefined : Number((guidance * this.#sum).toFixed(4));
        const note = this.#sum === 1 ? '' : ` // ${guidance} times ${figure(this.#sum)}, the sum of the weights of AND`;
        return this.#number('guidance', 'guidance', whole).map(([clause, value]): Clause => {
            const [share] = rescale ? this.#number('guidance rescale', 'rescale', rescale) : [];
            return [clause, (share ? `${value} rescale ${share[1]}` : value) + note];
        });
    }

    /** Other tools round down to whole latents. */
    #size(): readonly Clause[] {
        const { width, height } = this.#origin;
        if (!width || !height) return [];
        const side = (pixels: number) => Math.floor(pixels / LATENT_FACTOR) * LATENT_FACTOR;
        const size = `${side(width)}x${side(height)}`;
        if (Math.max(side(width), side(height)) > LARGEST_SIDE) {
            this.#notes.push(`size ${width}x${height} was written: sides are at most ${LARGEST_SIDE} pixels here.`);
            return [];
        }
        if (Math.min(side(width), side(height)) <= 0) {
            this.#notes.push(`size ${width}x${height} was written: sides are multiples of ${LATENT_FACTOR} pixels.`);
            return [];
        }
        if (size !== `${width}x${height}`)
            this.#notes.push(`size ${width}x${height} was written, of which ${size} are whole latents.`);
        return [['size', size]];
    }

    #sampler(): readonly Clause[] {
        const { sampler, schedule, samplerText, scheduleText, eta } = this.#origin;
        const named = scheduleText ?? schedule;
        if (!sampler) {
            if (samplerText)
                this.#notes.push(`Specs have no sampler ${samplerText}${named ? ` (schedule ${named})` : ''}.`);
            else if (scheduleText) this.#notes.push(`schedule: ${scheduleText}`);
            return [];
        }
        const isSolver2 = this.#origin.notes?.some((note) => /^UniPC variant: bh2/.test(note));
        if (sampler === 'unipc' && /^uni_?pc$/i.test(samplerText ?? '') && !isSolver2) {
            this.#notes.push('Its UniPC is the variant bh1; that of specs is bh2.');
        }
        const schedules: readonly string[] = SAMPLERS[sampler].schedules;
        const follows = schedule !== undefined && schedules.includes(schedule);
        const normal = !follows && defaultScheduleOf(sampler) !== 'normal' ? ' on normal' : '';
        if (named && !follows && !/^(automatic|normal|uniform|native)$/i.test(named)) {
            this.#notes.push(
                `Specs have no schedule ${named}${schedule ? ` for ${sampler}` : ''}.${NEAREST.test(named) ? ` The nearest is \`${sampler}${normal} spacing trailing\`.` : ''}`,
            );
        } else if (schedule && !follows) this.#notes.push(`Specs have no schedule ${schedule} for ${sampler}.`);
        // Said also where it is the normal one: what a sampler does without a word may be another.
        const on = follows && schedules.length > 1 ? ` on ${schedule}` : normal;
        const { noise, title } = SAMPLERS[sampler];
        const share = noise === 'with eta' && eta !== undefined ? this.#number('eta', 'eta', eta) : [];
        if (noise !== 'with eta' && eta !== undefined && eta !== (noise === 'always' ? 1 : 0))
            this.#notes.push(
                `eta ${eta} was written: ${title} has none here, and draws ${noise === 'always' ? 'all of its noise' : 'no noise'}.`,
            );
        return [['sampler', `${sampler}${on}${share.map(([, value]) => ` eta ${value}`).join('')}`]];
    }

    #seed(): readonly Clause[] {
        const { seed } = this.#origin;
        if (seed === undefined) return [];
        if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
            this.#notes.push(`seed ${seed} was written. ${RANGES.seed.rule}`);
            return [];
        }
        if (this.#generator() === 'philox')
            return typeof seed === 'number' ? this.#number('seed', 'philoxSeed', seed) : this.#tooLong(seed);
        // PyTorch's generator on the CPU takes the last 32 bits of a seed.
        const bits = BigInt.asUintN(32, BigInt(seed));
        return [['seed', bits === BigInt(seed) ? String(bits) : `${bits} // the last 32 bits of ${seed}`]];
    }

    #tooLong(seed: bigint): readonly Clause[] {
        this.#notes.push(`seed ${seed} was written. ${RANGES.philoxSeed.rule}`);
        return [];
    }

    /** AUTOMATIC1111 names its generator only where it is not the device's own. */
    #generator(): NonNullable<Origin['noise']> {
        const { noise, tool } = this.#origin;
        return noise ?? (tool === 'automatic1111' ? 'philox' : 'torch-cpu');
    }

    #noise(): readonly Clause[] {
        const { noise, tool } = this.#origin;
        const guess =
            tool === 'automatic1111'
                ? 'of an NVIDIA device: the file names no generator'
                : 'the file names no generator';
        return [['noise', this.#generator() + (noise || tool === 'invokeai' ? '' : ` // ${guess}`)]];
    }

    #apply({ name, weight, text, blocks }: OriginLora): readonly Clause[] {
        const path = quote(`./loras/${fileStem(name)}.safetensors`);
        const [value] = this.#number(`the weight of the LoRA ${name}`, 'adapter', weight);
        if (!value) return [];
        const declared = this.#known.name('lora', baseName(name), path, PATH);
        const other = text === undefined ? '' : ` // ${exact(text)} in the text encoder`;
        return [['apply', `${declared} weight ${value[1]}${blocksText(blocks)}${other}`]];
    }

    /** A clause where the setting takes the number, else a note. */
    #number(clause: string, range: RangeName, value: number | undefined): readonly Clause[] {
        if (value === undefined) return [];
        if (fits(RANGES[range], value)) return [[clause, exact(value)]];
        this.#notes.push(`${clause} ${value} was written. ${RANGES[range].rule}`);
        return [];
    }
}

/** Tools that read AND and prompt editing as the web UI does. */
const AS_AUTOMATIC1111: ReadonlySet<Tool> = new Set(['sdspec', 'automatic1111']);
/** Longer prompts are read as they are. */
const LONGEST_MIXTURE = 20_000;
const NETWORKS = /<(?:lora|lyco):[^<>]*>/g;

/** Schedules of other tools that leave out the first noise level. */
const NEAREST = /^(sgm.?uniform|simple)$/i;

function exact(value: number): string {
    return String(value);
}

/** Without the ending of a weights file, and with forward slashes. */
function fileStem(path: string): string {
    return oneLine(path.replaceAll('\\', '/').replace(/\.(safetensors|ckpt|pt|bin)$/, ''));
}

function baseName(path: string): string {
    return fileStem(path).replace(/^.*\//, '') || 'model';
}
