/** Flat records of settings, as Fooocus, NovelAI, SwarmUI, Easy Diffusion and tools around diffusers write them. */
import * as v from 'valibot';
import {
    type Found,
    noteOf,
    numberOf,
    type Origin,
    type OriginLora,
    originOf,
    seedOf,
    type Tool,
    textOf,
} from '../../../plan/origin.ts';
import { samplerOf } from '../../../plan/other-tools/sampler-names.ts';
import { promptLoras } from './prompt-loras.ts';

/** Names of settings in lower case without spaces, hyphens and underscores. */
const NAMES = {
    prompt: ['prompt', 'positiveprompt', 'fullprompt', 'basecaption', 'c'],
    negative: ['negativeprompt', 'uc', 'fullnegativeprompt'],
    seed: ['seed', 'noiseseed'],
    steps: ['steps', 'numinferencesteps', 'inferencesteps'],
    guidance: ['cfgscale', 'guidancescale', 'scale', 'guidance', 'cfg'],
    rescale: ['cfgrescale', 'guidancerescale', 'cfgrescalemultiplier', 'rescalecfgmultiplier'],
    sampler: ['sampler', 'samplername', 'comfyuisampler', 'comfyuisamplername'],
    scheduler: ['scheduler', 'noiseschedule', 'comfyuischeduler', 'schedulertype', 'schedulename'],
    width: ['width'],
    height: ['height'],
    size: ['resolution', 'size'],
    model: ['model', 'basemodel', 'basemodelname', 'modelname', 'modelid', 'usestablediffusionmodel', 'checkpoint'],
    modelHash: ['modelhash', 'basemodelhash'],
    vae: ['vae', 'vaename', 'usevaemodel'],
    clipSkip: ['clipskip', 'clipstopatlayer'],
    strength: ['strength', 'promptstrength', 'denoisingstrength', 'initimagecreativity'],
    eta: ['eta', 'ddimeta'],
    loras: ['loras', 'lora', 'useloramodel'],
    loraWeights: ['loraweights', 'loraalpha'],
    version: ['version', 'appversion', 'swarmversion', 'software'],
} as const;
type Name = keyof typeof NAMES;

const Record = v.pipe(
    v.record(v.string(), v.unknown()),
    v.check((record) => Object.keys(record).length <= 1000),
);

export type Json = Readonly<Record<string, unknown>>;

/** Returns an object from foreign JSON, `__proto__` and its kin left out; undefined for what is none. */
export function recordOf(value: unknown): Json | undefined {
    const { success, output } = v.safeParse(Record, value);
    return success && !Array.isArray(value) ? output : undefined;
}

/** Settings of a record, each asked for by name; whatever was not asked for is a note. */
export class Settings {
    readonly #json: Json;
    readonly #read = new Set<string>();

    constructor(json: Json) {
        this.#json = json;
    }

    /** The value under the first of the setting's names that the record has. */
    find(name: Name): unknown {
        const keys = new Map(Object.keys(this.#json).map((one) => [plain(one), one]));
        const key = NAMES[name].map((one) => keys.get(one)).find((one) => one !== undefined);
        return key === undefined ? undefined : this.key(key);
    }

    /** The value under exactly this key. */
    key(key: string): unknown {
        if (!Object.hasOwn(this.#json, key)) return undefined;
        this.#read.add(key);
        return this.#json[key];
    }

    number(name: Name): number | undefined {
        return numberOf(this.find(name));
    }

    text(name: Name): string | undefined {
        return textOf(this.find(name));
    }

    /** What was not read, as `key: value`. */
    rest(): readonly string[] {
        return Object.entries(this.#json).flatMap(([key, value]) =>
            this.#read.has(key) || value === false ? [] : (noteOf(key, value) ?? []),
        );
    }
}

/** Reads a record; undefined where it has neither a prompt nor a seed. */
export function readRecord(tool: Tool, json: Json, texts: Readonly<Record<string, string>>): Origin | undefined {
    const settings = new Settings(json);
    const prompt = settings.text('prompt');
    const seed = seedOf(settings.find('seed'));
    if (prompt === undefined && seed === undefined) return undefined;
    const [width, height] = sizeOf(settings);
    const named = PROMPTS_NAME_LORAS.has(tool) ? promptLoras(prompt ?? '') : { loras: [], notes: [] };
    const loras = lorasOf(settings.find('loras'), settings.find('loraWeights'));
    const found: Found = {
        prompt,
        seed,
        negative: settings.text('negative'),
        steps: settings.number('steps'),
        guidance: settings.number('guidance'),
        rescale: settings.number('rescale') || undefined,
        width,
        height,
        ...samplerIn(settings),
        model: settings.text('model'),
        modelHash: settings.text('modelHash'),
        vae: ownVae(settings.text('vae')),
        strength: settings.number('strength'),
        eta: settings.number('eta') || undefined,
        version: settings.text('version'),
        loras: [...loras.list, ...named.loras.filter((one) => !loras.list.some((other) => isSame(one, other)))],
        ...clipSkipOf(settings),
    };
    // A strength without a picture that it is one of changes nothing.
    if (found.strength === 1 || (tool === 'novelai' && !('image' in json) && found.strength !== undefined))
        delete found.strength;
    return originOf(tool, texts, {
        ...found,
        notes: [...(found.notes ?? []), ...named.notes, ...loras.notes, ...settings.rest()],
    });
}

/** Tools that take `<lora:name:0.8>` from the prompt, and may list it besides. */
const PROMPTS_NAME_LORAS: ReadonlySet<Tool> = new Set(['swarmui', 'fooocus']);

function isSame(one: OriginLora, other: OriginLora): boolean {
    const stem = ({ name }: OriginLora) => name.replace(/^.*[/\\]|\.safetensors$/g, '').toLowerCase();
    return stem(one) === stem(other);
}

function samplerIn(settings: Settings): Found {
    const sampler = settings.text('sampler');
    const schedule = settings.text('scheduler');
    if (sampler) return samplerOf(sampler, schedule);
    return schedule ? samplerOf(schedule) : {};
}

function sizeOf(settings: Settings): readonly [number | undefined, number | undefined] {
    const written = /(\d+)\D+(\d+)/.exec(settings.text('size') ?? '');
    return [settings.number('width') ?? numberOf(written?.[1]), settings.number('height') ?? numberOf(written?.[2])];
}

/** Negative numbers name the layer from the end, -1 the last; positive ones count from 1. */
function clipSkipOf(settings: Settings): Found {
    const value = settings.find('clipSkip');
    if (value === true || (typeof value === 'string' && /^true$/i.test(value))) return { clipSkip: 1 };
    const number = numberOf(value);
    if (number === undefined) return {};
    return { clipSkip: Math.max(0, Math.abs(number) - 1) };
}

/** The name of a VAE, where it is not said to be the model's own. */
export function ownVae(vae: string | undefined): string | undefined {
    return vae && !/^(default|none|automatic|baked)/i.test(vae) ? vae : undefined;
}

/** `[[name, weight, hash]]`, `[{ name, weight }]`, or names alone, whose weights may be in a list beside. */
function lorasOf(
    value: unknown,
    weights: unknown,
): { readonly list: readonly OriginLora[]; readonly notes: readonly string[] } {
    const list: OriginLora[] = [];
    const notes: string[] = [];
    const beside = listOf(weights);
    for (const [at, one] of listOf(value).entries()) {
        const json = recordOf(one) ?? {};
        const [name, weight] = Array.isArray(one)
            ? [textOf(one[0]), numberOf(one[1])]
            : [
                  textOf(one) ?? LORA_NAMES.map((key) => textOf(json[key])).find(Boolean),
                  numberOf(json['weight'] ?? json['strength']) ?? numberOf(beside[at]) ?? 1,
              ];
        if (name && weight !== undefined) list.push({ name, weight });
        else notes.push(noteOf('lora', one) ?? '');
    }
    if (beside.length > list.length) notes.push(noteOf('weights of LoRAs', weights) ?? '');
    return { list, notes };
}

const LORA_NAMES = ['name', 'model_name', 'modelFileName', 'model', 'file'];

function listOf(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : value === undefined || value === null || value === '' ? [] : [value];
}

function plain(name: string): string {
    return name.toLowerCase().replace(/[\s_-]/g, '');
}
