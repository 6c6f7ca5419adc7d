/** Reads how a picture was made from its file, whichever tool made it. */
import { readFile } from 'node:fs/promises';
import { type Origin, originOf, textOf } from '../../../plan/origin.ts';
import { PictureError } from '../picture.ts';
import { isPng, pngTexts } from '../png-text.ts';
import { readParameters } from './automatic1111.ts';
import { readComfyGraph } from './comfyui.ts';
import { exifTexts } from './exif.ts';
import { readInvokeLegacy, readInvokeMetadata } from './invokeai.ts';
import { parseJson } from './json.ts';
import { type Json, readRecord, recordOf } from './record.ts';
import { xmpTexts } from './xmp.ts';

type Texts = Readonly<Record<string, string>>;

/** Larger files are no pictures of these tools. */
const MOST_BYTES = 2 ** 30;

/**
 * PNG files with texts, JPEG, WebP and AVIF files with EXIF texts. Undefined where the file does not say how it was made.
 * @throws PictureError `picture/missing`, `picture/huge` or `picture/unreadable`.
 */
export async function readOrigin(path: string): Promise<Origin | undefined> {
    try {
        const bytes = await readFile(path);
        return await originIn(bytes);
    } catch (cause) {
        if (cause instanceof PictureError) throw cause;
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
            throw new PictureError('picture/missing', `There is no picture at ${path}.`, { cause });
        }
        throw new PictureError('picture/unreadable', `${path} is no picture that can be read.`, { cause });
    }
}

/** The same for the bytes of a file. */
export async function originIn(bytes: Uint8Array): Promise<Origin | undefined> {
    if (bytes.length > MOST_BYTES) throw new PictureError('picture/huge', 'Files of up to 1024 MB are read.');
    if (isPng(bytes)) return originFrom(pngTexts(bytes));
    // Loaded when needed: it brings a native library along.
    const { default: sharp } = await import('sharp');
    const { exif, xmp } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return originFrom({ ...(xmp && { 'XML:com.adobe.xmp': xmp.toString('utf8') }), ...(exif && exifTexts(exif)) });
}

/** From texts by keyword; a tool's own record is preferred to the `parameters` that it may write besides. */
export function originFrom(written: Texts): Origin | undefined {
    const texts = { ...xmpTexts(written['XML:com.adobe.xmp'] ?? ''), ...written };
    for (const [keyword, read] of READERS) {
        const text = Object.hasOwn(texts, keyword) ? texts[keyword] : undefined;
        const origin = text === undefined ? undefined : read(text, texts);
        if (origin) return origin;
    }
    // Easy Diffusion writes every setting under a keyword of its own.
    return Object.keys(texts).length > 1 ? readRecord('other', texts, texts) : undefined;
}

type Read = (text: string, texts: Texts) => Origin | undefined;

const READERS: readonly (readonly [keyword: string, read: Read])[] = [
    ['sdspec', readSdspec],
    ['invokeai_metadata', readInvokeMetadata],
    ['prompt', readComfyGraph],
    ['sd-metadata', readInvokeLegacy],
    ['Comment', readNovelAi],
    ['generation_data', readTensorArt],
    ['Dream', readDream],
    ['parameters', (text, texts) => readJsonText(text, texts) ?? readParameters(text, texts)],
    // Any tool may write a comment: only one with settings says how a picture was made.
    ['comment', (text, texts) => readJsonText(text, texts) ?? readParameters(text, texts, { needsSettings: true })],
];

/** Our own: the JSON for all, the parameters for the common settings. */
function readSdspec(text: string, texts: Texts): Origin | undefined {
    const sdspec = recordOf(parseJson(text));
    if (!sdspec) return undefined;
    const { tool: _, texts: __, ...common } = readParameters(texts['parameters'] ?? '', texts) ?? { tool: '', texts };
    return originOf('sdspec', texts, { ...common, sdspec });
}

function readNovelAi(text: string, texts: Texts): Origin | undefined {
    const json = recordOf(parseJson(text));
    if (!json || !('uc' in json || texts['Software'] === 'NovelAI')) return undefined;
    const { Source: source } = texts;
    const origin = readRecord('novelai', { ...json, ...captionsOf(json) }, texts);
    return origin && source ? { ...origin, model: origin.model ?? source } : origin;
}

/** NovelAI's version 4 keeps its prompts in captions, those of single characters apart. */
function captionsOf(json: Json): Json {
    const captions: Record<string, unknown> = {};
    for (const [key, whole, part] of CAPTIONS) {
        const { caption, ...settings } = recordOf(json[key]) ?? {};
        const { base_caption: base, char_captions: own } = recordOf(caption) ?? {};
        if (textOf(base) !== undefined) captions[whole] = base;
        for (const [at, one] of (Array.isArray(own) ? own : []).entries()) captions[`${part} ${at + 1}`] = one;
        // The rest is how they are placed.
        if (key in json) captions[key] = settings;
    }
    return captions;
}

const CAPTIONS = [
    ['v4_prompt', 'prompt', 'Character'],
    ['v4_negative_prompt', 'uc', 'Negative of character'],
] as const;

/** SwarmUI's prompts have parts for other passes, and learned words in a notation of their own. */
function readSwarm(json: Json, texts: Texts): Origin | undefined {
    const notes: string[] = [];
    const learned: string[] = [];
    const plain = (text: string) =>
        text
            .replace(/<(?:segment|object|region|refiner|video|extend|clear)\b[\s\S]*$/, (part) => {
                notes.push(`A part of the prompt is for another pass or place: ${part.trim()}`);
                return '';
            })
            .replace(/<embed(?:ding)?:([^<>]+)>/g, (_, name: string) => {
                learned.push(name);
                return name;
            })
            .trim();
    const prompts = Object.fromEntries(
        ['prompt', 'negativeprompt'].flatMap((key) => {
            const text = textOf(json[key]);
            return text === undefined ? [] : [[key, plain(text)]];
        }),
    );
    const origin = readRecord('swarmui', { ...json, ...prompts }, texts);
    if (!origin) return undefined;
    const embeddings = learned.length > 0 ? { embeddings: [...new Set(learned)] } : {};
    return { ...origin, ...embeddings, notes: [...notes, ...(origin.notes ?? [])] };
}

/** Tensor.Art's generator: the base model and the LoRAs in lists of their own. */
function readTensorArt(text: string, texts: Texts): Origin | undefined {
    const json = recordOf(parseJson(text.replace(/\0+$/, '')));
    if (!json) return undefined;
    const { models, baseModel, sdVae, ...settings } = json;
    const base = recordOf(baseModel);
    const model = textOf(base?.['modelFileName']) ?? textOf(base?.['label']);
    const list = Array.isArray(models) ? models.map((one) => recordOf(one) ?? {}) : [];
    const isLora = (one: Json) => /^(lora|lycoris|locon)$/i.test(textOf(one['type']) ?? '');
    const others = list.filter((one) => !isLora(one));
    return readRecord(
        'other',
        {
            ...settings,
            ...(model === undefined ? {} : { model }),
            vae: sdVae,
            loras: list.filter(isLora),
            ...(others.length > 0 ? { models: others } : {}),
        },
        texts,
    );
}

/** InvokeAI's first versions: the command line that makes the picture, its prompt in quotes. */
function readDream(text: string, texts: Texts): Origin | undefined {
    const [, quoted, options = ''] = /^\s*"((?:[^"\\]|\\.)*)"(.*)$/s.exec(text) ?? [];
    if (quoted === undefined) return undefined;
    const image: Record<string, unknown> = { prompt: quoted.replace(/\\(["\\])/g, '$1') };
    const rest: string[] = [];
    for (const [whole, option = '', value = ''] of options.matchAll(
        /(-{1,2}[A-Za-z]\w*)(?:[ =]?([^\s-][^\s]*|-[\d.]\S*))?/g,
    )) {
        const name = Object.hasOwn(DREAM, option) ? DREAM[option] : undefined;
        if (name) image[name] = value;
        else rest.push(whole.trim());
    }
    return readInvokeLegacy(JSON.stringify({ image: { ...image, options: rest } }), texts);
}

const DREAM: Readonly<Record<string, string>> = {
    '-s': 'steps',
    '-S': 'seed',
    '-W': 'width',
    '-H': 'height',
    '-C': 'cfg_scale',
    '-A': 'sampler',
    '-f': 'strength',
};

/** Records as JSON: SwarmUI's under a key of its own, others flat. */
function readJsonText(text: string, texts: Texts): Origin | undefined {
    const json = text.trimStart().startsWith('{') ? recordOf(parseJson(text)) : undefined;
    if (!json) return undefined;
    const { sui_image_params: inner, ...outer } = json;
    const swarm = recordOf(inner);
    if (swarm) return readSwarm({ ...outer, ...swarm }, texts);
    const isFooocus = /fooocus/i.test(`${texts['fooocus_scheme'] ?? ''} ${textOf(json['version']) ?? ''}`);
    return (
        readComfyGraph(text, texts) ??
        readRecord(isFooocus || 'fooocus_scheme' in texts ? 'fooocus' : 'other', json, texts)
    );
}
