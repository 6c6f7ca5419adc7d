/** Reads the `parameters` text of AUTOMATIC1111's web UI, which Forge, SD.Next, Civitai and most tools write. */
import { type Found, noteOf, numberOf, type Origin, type OriginLora, originOf, seedOf } from '../../../plan/origin.ts';
import { samplerOf } from '../../../plan/other-tools/sampler-names.ts';
import { civitaiResources } from './civitai.ts';
import { pairsOf } from './pairs.ts';
import { promptLoras } from './prompt-loras.ts';
import { ownVae } from './record.ts';

const NEGATIVE = 'Negative prompt:';
/** Longer texts come from no tool. */
const LONGEST = 1024 * 1024;

/**
 * Reads the text, however incomplete: prompts without settings count too.
 * Undefined for an empty text, or, where it `needsSettings`, for one that has neither pairs nor a negative prompt.
 */
export function readParameters(
    text: string,
    texts: Readonly<Record<string, string>>,
    { needsSettings = false }: { readonly needsSettings?: boolean } = {},
): Origin | undefined {
    if (text.length > LONGEST || text.trim() === '') return undefined;
    const { prompt, negative, pairs, rest } = sectionsOf(text);
    if (needsSettings && pairs.size === 0 && negative === '') return undefined;
    const facts = new Facts(pairs);
    const resources = civitaiResources(facts.text('Civitai resources'));
    const settings = settingsOf(facts);
    const weighted = weightedIn(facts.text('Lora weights'));
    const from = weighted.length > 0 ? 'the list of weights' : "Civitai's list";
    const adapters = adaptersOf(prompt, [...resources.loras, ...weighted], from);
    const emphasis = facts.text('Emphasis');
    const found: Found = {
        prompt: asRead(prompt, emphasis),
        negative: asRead(negative, emphasis),
        ...settings,
        ...adapters,
        ...(resources.model ? { model: pairs.get('Model') ?? resources.model } : {}),
    };
    const notes = [
        ...(pairs.size === 0 ? ['The text has no settings.'] : []),
        ...(settings.notes ?? []),
        ...(adapters.notes ?? []),
        ...resources.notes,
        ...(emphasis && emphasis !== 'Original' ? [`Emphasis: ${emphasis}`] : []),
        ...facts.rest(),
        ...rest,
    ];
    const isFooocus = /^fooocus/i.test(settings.version ?? '');
    return originOf(isFooocus ? 'fooocus' : 'automatic1111', texts, { ...found, notes });
}

/** The prompt as the web UI's setting has it read: its brackets may be words, or may count for nothing. */
function asRead(prompt: string, emphasis: string | undefined): string {
    if (emphasis !== 'None' && emphasis !== 'Ignore') return prompt;
    const plain = (text: string) =>
        emphasis === 'None'
            ? text.replace(/(?<!\\)[()[\]]/g, '\\$&')
            : text.replace(/(?<!\\)(?::\s*[+-]?[.\d]+\s*\)|[()[\]])/g, '');
    // Prompt editing has square brackets too, and still counts.
    return prompt
        .split(/((?<!\\)\[[^[\]]*[:|][^[\]]*\])/)
        .map((text, at) => (at % 2 === 1 ? text : plain(text)))
        .join('');
}

/** Pairs by key; what was asked for counts as read. */
class Facts {
    readonly #pairs: ReadonlyMap<string, string>;
    readonly #read = new Set<string>();

    constructor(pairs: ReadonlyMap<string, string>) {
        this.#pairs = pairs;
    }

    text(...keys: readonly string[]): string | undefined {
        const key = keys.find((one) => this.#pairs.has(one));
        if (key !== undefined) this.#read.add(key);
        return key === undefined ? undefined : this.#pairs.get(key);
    }

    number(...keys: readonly string[]): number | undefined {
        const key = keys.find((one) => numberOf(this.#pairs.get(one)) !== undefined);
        return key === undefined ? undefined : numberOf(this.text(key));
    }

    has(pattern: RegExp): boolean {
        return [...this.#pairs.keys()].some((key) => pattern.test(key));
    }

    /** Whatever was not read, as `key: value`. */
    rest(): readonly string[] {
        return [...this.#pairs].flatMap(([key, value]) => (this.#read.has(key) ? [] : (noteOf(key, value) ?? [])));
    }
}

function settingsOf(facts: Facts): Found {
    const sampler = facts.text('Sampler');
    const schedule = facts.text('Schedule type', 'Scheduler');
    const first = sizeIn(facts.text('First pass size'));
    const size = sizeIn(facts.text('Size'));
    const clipSkip = facts.number('Clip skip');
    const rng = facts.text('RNG');
    const strength = facts.number('Denoising strength');
    const isSecondPass = first !== undefined || facts.has(/^Hires (upscale|resize|steps|upscaler)$/i);
    const embeddings = facts.text('TI hashes', 'TI');
    const isDdim = /^(ddim|plms)\b/i.test(sampler ?? '');
    return {
        seed: seedOf(facts.text('Seed')),
        steps: facts.number('Steps'),
        // Before schedules had a name of their own, samplers without one in theirs took the normal one.
        ...(sampler ? samplerOf(sampler, schedule ?? 'Normal') : {}),
        ...(schedule ? {} : { scheduleText: undefined }),
        guidance: facts.number('CFG scale'),
        rescale: facts.number('CFG Rescale', 'CFG rescale', 'CFG Rescale φ', 'CFG rescale phi'),
        ...(first ?? size),
        model: facts.text('Model'),
        modelHash: facts.text('Model hash'),
        vae: ownVae(facts.text('VAE')),
        clipSkip: clipSkip === undefined ? undefined : Math.max(0, clipSkip - 1),
        strength: isSecondPass ? undefined : strength,
        eta: isDdim ? facts.number('Eta', 'Eta DDIM') : undefined,
        noise: rng === 'CPU' ? 'torch-cpu' : rng === 'NV' ? 'philox' : undefined,
        version: facts.text('Version'),
        embeddings: embeddings ? namesIn(embeddings) : undefined,
        notes: [
            ...(isSecondPass ? [secondPass(strength, first && size)] : []),
            ...(rng && rng !== 'CPU' && rng !== 'NV' && rng !== 'GPU' ? [`RNG: ${rng}`] : []),
            ...(embeddings ? [`TI hashes: ${embeddings}`] : []),
        ],
    };
}

function secondPass(strength: number | undefined, size: Size | undefined): string {
    const to = size ? ` to ${size.width}x${size.height}` : '';
    const by = strength === undefined ? '' : ` with denoising strength ${strength}`;
    return `A second pass enlarged the picture${to}${by}: what is written here is the first pass.`;
}

interface Size {
    readonly width: number;
    readonly height: number;
}

function sizeIn(text: string | undefined): Size | undefined {
    const [width, height] = (text ?? '').split('x').map(numberOf);
    return width && height ? { width, height } : undefined;
}

/** The names in `name: hash, name: hash`. */
function namesIn(text: string): readonly string[] {
    return [...new Set([...text.matchAll(/([^\s,:][^,:]*?)\s*:\s*[0-9a-f]+/gi)].map(([, name]) => name!))];
}

/** Fooocus lists its LoRAs as `name: weight, name: weight`. */
function weightedIn(text = ''): readonly OriginLora[] {
    return [...text.matchAll(/([^\s,:][^,:]*?)\s*:\s*(-?[\d.]+)/g)].map(([, name, weight]) => ({
        name: name!,
        weight: Number(weight),
    }));
}

// ── Sections ───────────────────────────────────────────────────────────

interface Sections {
    readonly prompt: string;
    readonly negative: string;
    readonly pairs: ReadonlyMap<string, string>;
    /** Lines behind the pairs, as they are. */
    readonly rest: readonly string[];
}

/** Prompt, negative prompt, line of pairs, and lines behind it. */
function sectionsOf(text: string): Sections {
    const lines = linesOf(text);
    const at = lines.findLastIndex(isPairs);
    const above = at < 0 ? lines : lines.slice(0, at);
    const start = above.findIndex((line) => line.trimStart().startsWith(NEGATIVE));
    const prompt = (start < 0 ? above : above.slice(0, start)).join('\n').trim();
    const negative = start < 0 ? '' : above.slice(start).join('\n').trim().slice(NEGATIVE.length).trim();
    const pairs = new Map(at < 0 ? [] : pairsOf(lines[at]!));
    const rest: string[] = [];
    for (const line of at < 0 ? [] : lines.slice(at + 1)) {
        const more = [...pairsOf(line)];
        const isMore = more.length > 0 && more.every(([key]) => KNOWN.test(key) && !pairs.has(key));
        if (isMore) for (const [key, value] of more) pairs.set(key, value);
        else if (line.trim() !== '') rest.push(line.trim());
    }
    return { prompt, negative, pairs, rest };
}

/** Some tools and sites write everything on one line, or put bars where lines would end. */
function linesOf(text: string): readonly string[] {
    const lines = text.trim().split(/\r\n?|\n/);
    if (lines.some(isPairs) && (lines.length > 1 || !/ Negative prompt:|[|.,]\s*Steps:/.test(text))) return lines;
    return text
        .trim()
        .replace(/\s*\|?\s*(?=\b(?:Negative prompt:|Steps: ?\d+ ?[,|]))/g, '\n')
        .split(/\r\n?|\n/);
}

const KNOWN =
    /^(Steps|Sampler|Schedule type|CFG scale|Seed|Size|Model|Model hash|Clip skip|Denoising strength|Version)$/;

/** Whether a line is one of pairs: several of them, with settings that every tool writes. */
function isPairs(line: string): boolean {
    if (!/\b(Steps|Sampler|Seed|CFG scale|Size|Model)\s*:/.test(line)) return false;
    const keys = [...pairsOf(line).keys()];
    return keys.filter((key) => KNOWN.test(key)).length >= (keys[0] === 'Steps' ? 1 : 2);
}

// ── LoRAs ──────────────────────────────────────────────────────────────

/** Those that the prompt names, and those of a list, which says what was used where both name one. */
function adaptersOf(prompt: string, listed: readonly OriginLora[], from: string): Found {
    const { loras: written, notes: unread } = promptLoras(prompt);
    const differs = (one: OriginLora) => {
        const other = listed.find(({ name }) => plain(name) === plain(one.name));
        return other && other.weight !== one.weight ? [other] : [];
    };
    const notes = written.flatMap((one) =>
        differs(one).map(
            ({ weight }) =>
                `The prompt names the LoRA ${one.name} with weight ${one.weight}, ${from} with ${weight}: the list's is written here.`,
        ),
    );
    const unlisted = written.filter((one) => !listed.some(({ name }) => plain(name) === plain(one.name)));
    // What only the prompt says of one is kept.
    const blocksOf = (one: OriginLora) => {
        const blocks = written.find(({ name }) => plain(name) === plain(one.name))?.blocks;
        return blocks ? { blocks } : {};
    };
    const known = listed.map((one) => ({ ...blocksOf(one), ...one }));
    return { loras: [...unlisted, ...known], notes: [...notes, ...unread] };
}

function plain(name: string): string {
    return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
