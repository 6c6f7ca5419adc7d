/** Metadata in pictures, by sdspec and other tools: whatever it holds, the spec text that is written from it has no mistakes. */
import { readdirSync, readFileSync } from 'node:fs';
import { createNodeLanguage, listRunnables, lowerRun, nodeFiles } from '../../../src/language/index-node.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { pictureTexts } from '../../../src/runtime/pictures/texts.ts';
import { random } from '../../language/fuzz/edits.ts';
import { Isolated } from '../isolated.ts';
import { pick, portion, type Scale, Tally } from '../kit.ts';
import { GIANT_TEXTS } from './metadata-giants.ts';

type Texts = Readonly<Record<string, string>>;

const LIMIT = 10_000;
const ORIGINS = new URL('../../language/write/origins/texts/', import.meta.url);
const EXAMPLES = new URL('../../../examples/', import.meta.url);

export async function pictureMetadata(scale: Scale): Promise<Tally> {
    const tally = new Tally('metadata in pictures (sdspec, ComfyUI, InvokeAI, A1111 and others)');
    const next = random(scale.seed);
    const seeds = [...(await ownTexts()), ...foreignTexts(), ...OTHERS];
    const isolated = new Isolated('inputs/metadata-target.ts');
    const giants = Object.entries(GIANT_TEXTS);
    const count = portion(4000, scale);
    for (let i = 0; i < count; i++) {
        // A short form has some giants, too.
        const giant = i % 3 === 2 ? giants[Math.floor(i / 3)] : undefined;
        const texts = giant ? giant[1]() : mutatedTexts(seeds[i % seeds.length]!, seeds, next);
        const file = next() < 0.7 ? 'house.png' : `${pick(HOSTILE_STRINGS, next)}.png`;
        const what = giant ? giant[0] : JSON.stringify({ file, texts });
        await tally.try(what, async () => {
            const answer = await isolated.call('imported', { file, texts }, LIMIT);
            if ('ended' in answer) return answer.ended;
            return answer.value === '' ? undefined : answer.value;
        });
    }
    isolated.close();
    return tally;
}

/** The texts of pictures that the examples make. */
async function ownTexts(): Promise<readonly Texts[]> {
    const language = createNodeLanguage();
    const texts: Texts[] = [];
    for (const name of readdirSync(EXAMPLES).filter((one) => /^[^.].*\.sdspec$/.test(one))) {
        const url = new URL(name, EXAMPLES);
        const document = await language.parseText(readFileSync(url, 'utf8'), url.toString());
        for (const runnable of listRunnables(document).slice(0, 8)) {
            const work = lowerRun(document, runnable.name, { files: nodeFiles }).value?.work;
            const plan: PicturePlan | undefined =
                work?.kind === 'sweep' ? work.cells[0]?.plan : work?.kind === 'picture' ? work : undefined;
            if (plan) texts.push(pictureTexts({ plan, model: 'm', sdspec: '0' }) as Texts);
        }
    }
    return texts;
}

function foreignTexts(): readonly Texts[] {
    return readdirSync(ORIGINS).map((name) => JSON.parse(readFileSync(new URL(name, ORIGINS), 'utf8')) as Texts);
}

/** Tools of which no file is kept. */
const OTHERS: readonly Texts[] = [
    {
        invokeai_metadata: JSON.stringify({
            positive_prompt: 'a (castle)1.2, fog',
            negative_prompt: 'blurry',
            seed: 3,
            steps: 20,
            cfg_scale: 7,
            width: 512,
            height: 768,
            scheduler: 'dpmpp_2m_k',
            clip_skip: 1,
            rand_device: 'cpu',
            generation_mode: 'img2img',
            strength: 0.6,
            model: { name: 'sd15', hash: 'blake3:00' },
            vae: { name: 'v' },
            loras: [{ model: { name: 'ink' }, weight: 0.6 }],
            app_version: '5.0',
        }),
    },
    {
        'sd-metadata': JSON.stringify({
            model: 'stable diffusion',
            model_weights: 'sd15',
            app_version: '2.3',
            image: {
                prompt: [{ prompt: 'a castle [blurry]', weight: 1 }],
                steps: 20,
                cfg_scale: 7,
                seed: 3,
                width: 512,
                height: 512,
                sampler: 'k_euler_a',
            },
        }),
    },
    { Dream: '"a \\"castle\\" [blurry]" -s 20 -S 3 -W 512 -H 512 -C 7.5 -A k_lms -f 0.5 --hires_fix' },
    {
        Software: 'NovelAI',
        Source: 'NovelAI Diffusion V4',
        Title: 'AI generated image',
        Comment: JSON.stringify({
            prompt: '{{castle}}',
            uc: 'lowres',
            steps: 28,
            scale: 5,
            seed: 7,
            width: 832,
            height: 1216,
            sampler: 'k_euler_ancestral',
            noise_schedule: 'karras',
            v4_prompt: {
                caption: {
                    base_caption: 'castle',
                    char_captions: [{ char_caption: 'knight', centers: [{ x: 0.5, y: 0.5 }] }],
                },
                use_coords: true,
            },
        }),
    },
    {
        parameters: JSON.stringify({
            sui_image_params: {
                prompt: 'a <lora:ink:0.6> <segment:face> x',
                negativeprompt: 'y',
                model: 'm',
                seed: 3,
                steps: 20,
                cfgscale: 7,
                width: 512,
                height: 512,
                sampler: 'euler',
            },
        }),
    },
    {
        parameters: JSON.stringify({
            prompt: 'x',
            negative_prompt: 'y',
            steps: 30,
            sampler: 'dpmpp_2m_sde_gpu',
            scheduler: 'karras',
            base_model: 'm',
            loras: [['a', 0.5, 'h']],
            seed: '12345678901234567',
            version: 'Fooocus v2.5',
        }),
        fooocus_scheme: 'fooocus',
    },
    {
        generation_data: JSON.stringify({
            prompt: 'x',
            negativePrompt: 'y',
            models: [{ type: 'LORA', modelFileName: 'ink', weight: 0.5 }],
            baseModel: { modelFileName: 'm' },
            sdVae: 'v',
            seed: '3',
            steps: 20,
            samplerName: 'Euler a',
            width: 512,
            height: 512,
        }),
    },
    {
        prompt: 'a castle',
        negative_prompt: 'y',
        seed: '3',
        use_stable_diffusion_model: 'm',
        num_inference_steps: '25',
        guidance_scale: '7.5',
        width: '512',
        height: '512',
        sampler_name: 'euler_a',
    },
];

// ── Mutations ──────────────────────────────────────────────────────────

function mutatedTexts(texts: Texts, all: readonly Texts[], next: () => number): Texts {
    const keywords = Object.keys(texts);
    const keyword = pick(keywords, next);
    const text = texts[keyword]!;
    const kind = next();
    // The same text where other tools write theirs.
    if (kind < 0.05) return { [pick(Object.keys(pick(all, next)), next)]: text };
    const json = parsed(text);
    const changed =
        json !== undefined && kind < 0.75 ? JSON.stringify(mutatedValue(json, next)) : mutatedText(text, next);
    return kind < 0.9 ? { ...texts, [keyword]: changed } : { [keyword]: changed };
}

function parsed(text: string): unknown {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null ? value : undefined;
    } catch {
        return undefined;
    }
}

type Mutable = Record<string, unknown>;

/** One to three values of the tree are removed, replaced, doubled, moved or renamed. */
function mutatedValue(value: unknown, next: () => number): unknown {
    const copy: unknown = structuredClone(value);
    for (let edits = 1 + Math.floor(next() * 3); edits > 0; edits--) {
        const places = placesIn(copy);
        if (places.length === 0) return copy;
        const { parent, key } = pick(places, next);
        const other = pick(places, next);
        switch (Math.floor(next() * 7)) {
            case 0:
                delete parent[key];
                break;
            case 1:
                parent[key] = other.parent[other.key];
                return JSON.parse(withoutCircles(copy));
            case 2:
                define(parent, pick(HOSTILE_KEYS, next), parent[key]);
                delete parent[key];
                break;
            case 3:
                parent[key] = typeof parent[key] === 'string' ? mutatedText(parent[key], next) : [parent[key]];
                break;
            default:
                parent[key] = pick(HOSTILE_VALUES, next)();
        }
    }
    return copy;
}

/** As JSON would: also a key that objects have a setter for. */
function define(target: Mutable, key: string, value: unknown): void {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

function withoutCircles(value: unknown): string {
    const seen = new Set<unknown>();
    const inside = (one: unknown): unknown => {
        if (typeof one !== 'object' || one === null) return one;
        if (seen.has(one)) return null;
        seen.add(one);
        const result = Array.isArray(one)
            ? one.map(inside)
            : Object.fromEntries(Object.entries(one).map(([key, of]) => [key, inside(of)]));
        seen.delete(one);
        return result;
    };
    return JSON.stringify(inside(value));
}

function placesIn(value: unknown): readonly { readonly parent: Mutable; readonly key: string }[] {
    if (typeof value !== 'object' || value === null) return [];
    const parent = value as Mutable;
    return Object.keys(parent).flatMap((key) => [{ parent, key }, ...placesIn(parent[key])]);
}

function mutatedText(text: string, next: () => number): string {
    const at = Math.floor(next() * (text.length + 1));
    const end = Math.min(text.length, at + Math.floor(next() * (next() < 0.8 ? 8 : 200)));
    const put = next() < 0.3 ? '' : next() < 0.4 ? text.slice(at, end).repeat(2) : pick(HOSTILE_STRINGS, next);
    return text.slice(0, at) + put + text.slice(end);
}

const HOSTILE_KEYS = [
    '__proto__',
    'constructor',
    'toString',
    '',
    'inputs',
    'class_type',
    'prompt',
    'seed',
    'a"b',
    'a\nb',
    '\u202e',
];

/** What ends strings, comments and lines, words of other notations, and what is no text. */
export const HOSTILE_STRINGS: readonly string[] = [
    '"',
    '\\',
    '"""',
    "'",
    '`',
    '\n',
    '\r',
    '\r\n',
    '\u2028',
    '\u0000',
    '\u001b[31m',
    '\u009b',
    '\u202e',
    '\ud800',
    '//',
    '/*',
    '*/',
    '{',
    '}',
    '{style}',
    '\\{',
    '<',
    '>',
    '<moon>',
    '<lora:a:1>',
    '(((',
    ':1.2)',
    '[a|b]',
    '[a:b:0.5]',
    ' AND ',
    ' BREAK ',
    '"\n} generate x {\n',
    '" weight 1',
    '@',
    '#',
    ', Steps: 3, ',
    '\nNegative prompt: ',
    '\nSteps: 9, ',
    'generate',
    'prompt',
    '__proto__',
    '$&',
    '$1',
    '../../../etc/passwd',
    'C:\\a\\b',
    '\\\\host\\share',
    'http://a/b',
    'hf:a/b',
    'builtin:sketch',
    '🐢',
    'é',
    '1e999',
    '-1',
    '',
    ' ',
    'x'.repeat(5000),
    '{'.repeat(300),
    '('.repeat(300),
];

const HOSTILE_VALUES: readonly (() => unknown)[] = [
    ...HOSTILE_STRINGS.map((text) => () => text),
    ...[
        null,
        true,
        false,
        0,
        -1,
        -0,
        0.5,
        1e-9,
        1e308,
        2 ** 32,
        2 ** 53,
        1e20,
        [],
        {},
        [[]],
        [null],
        ['1', 0],
        ['1', -1],
        [1, 2, 3],
    ].map((one) => () => one),
    () => Array.from({ length: 2000 }, (_, i) => i),
    () => Object.fromEntries(Array.from({ length: 500 }, (_, i) => [i, { a: i }])),
    () => nested(50),
];

function nested(depth: number): unknown {
    return depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
}
