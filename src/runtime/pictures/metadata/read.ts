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
    const { exif } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return exif && originFrom(exifTexts(exif));
}

/** From texts by keyword; a tool's own record is preferred to the `parameters` that it may write besides. */
export function originFrom(texts: Texts): Origin | undefined {
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
    const origin = readRecord('novelai', { ...captionsOf(json), ...json }, texts);
    return origin && source ? { ...origin, model: origin.model ?? source } : origin;
}

/** NovelAI's version 4 keeps its prompts in captions. */
function captionsOf(json: Json): Json {
    const caption = (key: string) => textOf(recordOf(recordOf(json[key])?.['caption'])?.['base_caption']);
    const [prompt, uc] = [caption('v4_prompt'), caption('v4_negative_prompt')];
    return { ...(prompt === undefined ? {} : { prompt }), ...(uc === undefined ? {} : { uc }) };
}

/** Records as JSON: SwarmUI's under a key of its own, others flat. */
function readJsonText(text: string, texts: Texts): Origin | undefined {
    const json = text.trimStart().startsWith('{') ? recordOf(parseJson(text)) : undefined;
    if (!json) return undefined;
    const { sui_image_params: inner, ...outer } = json;
    const swarm = recordOf(inner);
    if (swarm) return readRecord('swarmui', { ...outer, ...swarm }, texts);
    const isFooocus = /fooocus/i.test(`${texts['fooocus_scheme'] ?? ''} ${textOf(json['version']) ?? ''}`);
    return (
        readComfyGraph(text, texts) ??
        readRecord(isFooocus || 'fooocus_scheme' in texts ? 'fooocus' : 'other', json, texts)
    );
}
