/** Resolved settings as spec text: for reading, for diffs, and for pictures that come from elsewhere. */

import { canonicalJson } from '../../plan/digest.ts';
import { captionedPlans } from '../../plan/parts.ts';
import {
    type Control,
    type Guidance,
    type Infusion,
    isLearnResult,
    type LearnPlan,
    type LearnResult,
    type LessonPictures,
    type Mask,
    type ModelRef,
    type PicturePlan,
    type PictureSource,
    type Start,
} from '../../plan/plan.ts';
import type { Work } from '../../plan/run.ts';
import type { MadeSource } from '../../plan/sources.ts';
import { INFUSION } from '../meaning/defaults.ts';
import {
    choicesText,
    deepCacheText,
    outpaintText,
    samplerText,
    seedsText,
    sitesText,
    sizeText,
    targetText,
    textCacheText,
    traceText,
} from './clause-text.ts';
import { figure } from './curve-text.ts';
import { Ingredients } from './ingredients.ts';
import { conditioningText, type PromptWords, promptText } from './prompt-text.ts';
import {
    curveText,
    exact,
    fileText,
    inQuotes,
    isNeutral,
    oneLine,
    optional,
    plainNumber,
    quote,
    windowText,
} from './value-text.ts';

/** The work in the language's own words. Every setting is written, so that two texts can be compared line by line. */
export function specText(name: string, work: Work): string {
    switch (work.kind) {
        case 'picture':
            return pictureText(name, work);
        case 'sweep': {
            const axes = work.axes.map((axis) => `//     ${oneLine(`${axis.name}: ${axis.values.join(' | ')}`)}`);
            const first = work.cells[0];
            const head = `// A sweep of ${work.cells.length} plans over\n${axes.join('\n')}\n// Its first plan:\n\n`;
            return first ? head + pictureText(name, first.plan) : head;
        }
        case 'mosaic': {
            const { columns, rows } = work.grid;
            const { strength, colour, vary, pool, size } = work.tiles;
            const head = `// A mosaic of ${columns}x${rows} tiles of ${size.width}x${size.height} pixels, depth ${work.depth}.\n`;
            const dials = `// Its tiles: strength ${figure(strength)}, colour ${figure(colour)}, vary ${vary}, pool ${pool}.\n`;
            return `${head}${dials}// Every tile is made with:\n\n${pictureText(name, work.tiles.via)}`;
        }
        case 'print': {
            const { paper, steps } = work;
            const { width, height, dpi, bleed, fit } = paper;
            const head = `// A print of ${figure(width)}x${figure(height)}cm at ${figure(dpi)}dpi, bleed ${figure(bleed)}cm, fit ${fit}.\n`;
            const texts = steps.map((step, k) => {
                if (step.kind === 'upscaler') return `// Step ${k + 1}: enlarged by ${oneLine(step.file.path)}.\n`;
                const { strength, by, tile, overlap } = step;
                const how = `${figure(by)} times larger, strength ${figure(strength)}, windows of ${tile}px overlapping by ${overlap}px`;
                return `// Step ${k + 1}: ${how}, with:\n\n${pictureText(`${name}_${k + 1}`, step.via)}`;
            });
            return head + texts.join('\n');
        }
        case 'learn':
            return learnFile(name, work);
    }
}

/** One plan as a `generate` of this name, below the ingredients that it needs. */
export function pictureText(name: string, plan: PicturePlan, known = new Ingredients()): string {
    known.reserve(name);
    return known.above(generateText(name, plan, known));
}

function generateText(name: string, plan: PicturePlan, known: Ingredients): string {
    const clauses = pictureClauses(plan, known);
    const width = Math.max(...clauses.map(([clause]) => clause.length)) + 1;
    const body = clauses.map(([clause, value]) => `    ${clause.padEnd(width)}${value}`);
    return `generate ${name} {\n${body.join('\n')}\n}\n`;
}

/** The clauses of a plan's \`generate\`, in their order. */
export function pictureClauses(
    plan: PicturePlan,
    known: Ingredients,
): readonly (readonly [clause: string, value: string])[] {
    const words = wordsOfPrompt(known, plan.embeddings);
    return [
        ['use', modelName(known, plan.model)],
        ['prompt', conditioningText(known, plan.conditioning, words)],
        ...(plan.negative.phrases.length > 0
            ? [['negative', promptText(plan.negative, words, { known })] as const]
            : []),
        ['size', sizeText(plan)],
        ['steps', String(plan.steps)],
        ['sampler', samplerText(plan)],
        ['guidance', guidanceText(plan.guidance)],
        ['seed', seedsText(plan.seeds)],
        ['noise', plan.noise.kind === 'file' ? fileText(plan.noise) : plan.noise.kind],
        ...(plan.clipSkip > 0 ? [['clip', `skip ${plan.clipSkip}`] as const] : []),
        ...(plan.longPrompts === 'chunk' ? [['long', 'prompts chunk'] as const] : []),
        ...(plan.start ? [['start', startText(known, plan.start)] as const] : []),
        ...(plan.mask ? [['mask', maskText(known, plan.mask)] as const] : []),
        ...(plan.outpaint ? [['outpaint', outpaintText(plan.outpaint)] as const] : []),
        ...plan.infusions.map(
            (one, k) => ['infuse', infusionText(known, one, words, twinName(plan.infusions, k))] as const,
        ),
        ...(plan.scales.length > 0 ? [['scale', sitesText(plan.scales)] as const] : []),
        ...plan.adapters.map((one) => {
            const lora = isLearnResult(one.file)
                ? learnName(known, one.file)
                : known.name('lora', stem(one.file.path), fileText(one.file));
            return ['apply', `${lora} weight ${exact(one.weight)}${blocksText(one.blocks)}`] as const;
        }),
        ...plan.controls.map((one) => ['control', controlText(known, one)] as const),
        ...(plan.deepCache ? [['cache', deepCacheText(plan.deepCache)] as const] : []),
        ...(plan.textCache ? [['cache', textCacheText(plan.textCache)] as const] : []),
        ...(plan.precision ? [['precision', plan.precision] as const] : []),
        ...(plan.trace ? [['trace', traceText(plan)] as const] : []),
    ];
}

function modelName(known: Ingredients, model: ModelRef): string {
    switch (model.kind) {
        case 'builtin':
            return known.name('model', model.name, quote(`builtin:${model.name}`));
        case 'file':
            return known.name('model', stem(model.path), fileText(model) + choicesText(model));
        case 'hub': {
            const text = `${quote(`hf:${model.repository}`)} revision ${quote(model.revision)}${choicesText(model)}`;
            return known.name('model', stem(model.repository), text);
        }
    }
}

function pictureName(known: Ingredients, picture: PictureSource): string {
    switch (picture.kind) {
        case 'file':
            return known.name('image', stem(picture.path), fileText(picture));
        case 'edges': {
            const of = pictureName(known, picture.of);
            return known.name(
                'image',
                `${of.replace(/ .*/, '')}_edges`,
                `edges of ${of} low ${picture.low} high ${picture.high}`,
            );
        }
        case 'inside':
            return pictureName(known, picture.of);
        case 'made':
            return madeName(known, picture);
    }
}

/** The generate of a made picture; `each` where it has a picture for every seed of the one that uses it. */
function madeName(known: Ingredients, { name, plan, each }: MadeSource): string {
    const own = known.picture(name, canonicalJson({ name, plan }), (unused) => generateText(unused, plan, known));
    return each && plan.seeds.length > 1 ? `${own} each` : own;
}

function learnFile(name: string, plan: LearnPlan): string {
    const known = new Ingredients();
    known.reserve(name);
    return known.above(learnText(name, plan, known));
}

/** The `learn` of a result, declared above what uses it. */
function learnName(known: Ingredients, result: LearnResult): string {
    return known.picture(result.name, canonicalJson(result), (name) => learnText(name, result.plan, known));
}

function learnText(name: string, plan: LearnPlan, known: Ingredients): string {
    const { target, beside, trace } = plan;
    // What is learnt may be called otherwise here.
    const words: PromptWords = (text) =>
        target.kind === 'word' ? quote(text).replaceAll(`\\<${target.word}>`, `<${name}>`) : quote(text);
    const clauses: (readonly [clause: string, value: string])[] = [
        ['use', modelName(known, plan.model)],
        targetText(target),
        ...plan.from.flatMap((set) => lessonTexts(known, set, words).map((text) => ['from', text] as const)),
        ...(beside?.pictures.flatMap((set) =>
            lessonTexts(known, set, words).map(
                (text) => ['beside', `${text} weight ${figure(beside.weight)}`] as const,
            ),
        ) ?? []),
        ['size', `${plan.size.width}x${plan.size.height}`],
        ['steps', `${plan.steps}`],
        ['batch', `${plan.batch}`],
        [
            'rate',
            `${figure(plan.rate)} warmup ${plan.warmup} decay ${figure(plan.decay)} clip ${figure(plan.clip)} ${plan.fall}`,
        ],
        ['seed', `${plan.seed}`],
        ...(plan.flip ? [['flip', ''] as const] : []),
        ['memory', plan.memory],
        ...(trace
            ? [
                  [
                      'trace',
                      `every ${trace.every} ${trace.pictures.map((one) => conditioningText(known, one.conditioning, words)).join(', ')}${trace.by ? ` by ${pictureName(known, trace.by)}` : ''}`,
                  ] as const,
              ]
            : []),
    ];
    const width = Math.max(...clauses.map(([clause]) => clause.length)) + 1;
    const body = clauses.map(([clause, value]) => `    ${clause.padEnd(width)}${value}`.trimEnd());
    return `learn ${name} {\n${body.join('\n')}\n}\n`;
}

/** Pictures that follow each other under the same captions, as a clause each. */
function lessonTexts(known: Ingredients, set: LessonPictures, words: PromptWords): readonly string[] {
    const clauses: { readonly captions: string; readonly names: Set<string> }[] = [];
    for (const { name, captions } of captioned(known, set)) {
        const written = captions.map(words).join(', ');
        const last = clauses.at(-1);
        if (last?.captions === written) last.names.add(name);
        else clauses.push({ captions: written, names: new Set([name]) });
    }
    return clauses.map(({ names, captions }) => `${[...names].join(', ')} ${captions}`.trimEnd());
}

/** A sweep is written picture by picture; the pictures of all seeds of one have the same captions. */
function captioned(
    known: Ingredients,
    set: LessonPictures,
): readonly { readonly name: string; readonly captions: readonly string[] }[] {
    if (set.kind === 'pictures')
        return set.pictures.map(({ picture, captions }) => ({ name: pictureName(known, picture), captions }));
    return captionedPlans(set).map(({ plan, captions: [captions = []] }) => ({
        name: pictureName(known, { kind: 'made', name: set.name, plan }),
        captions,
    }));
}

function startText(known: Ingredients, { pictures, mixing, strength, latent, fit = 'stretch' }: Start): string {
    const from = pictures.map(
        ({ picture, weight }) =>
            `${pictureName(known, picture)}${pictures.length > 1 ? ` share ${exact(weight)}` : ''}`,
    );
    const mixed = pictures.length > 1 ? ` mixing ${mixing}` : '';
    // Plans of earlier versions stretched.
    const fitted = fit === 'cover' ? '' : ` fit ${fit}`;
    return `from ${from.join(', ')}${mixed} strength ${exact(strength)}${latent === 'mean' ? '' : ` latent ${latent}`}${fitted}`;
}

/** Clauses that infuse the same pictures have names, so that each can be meant: `as part-1`, `as part-2`. */
function twinName(infusions: readonly Infusion[], k: number): string {
    const keys = infusions.map(({ pictures }) =>
        pictures
            .map(({ picture }) => canonicalJson(picture))
            .sort()
            .join(' '),
    );
    const twins = keys.flatMap((key, at) => (key === keys[k] ? [at] : []));
    return twins.length > 1 ? ` as part-${twins.indexOf(k) + 1}` : '';
}

function infusionText(known: Ingredients, one: Infusion, words: PromptWords, name: string): string {
    const pictures = one.pictures.map(({ picture, weight }) => {
        const share = one.pictures.length > 1 && weight !== 1 ? ` share ${exact(weight)}` : '';
        return pictureName(known, picture) + share;
    });
    const text =
        one.text.kind === 'caption'
            ? `caption ${promptText(one.text.caption, words) || '""'}`
            : one.text.kind === 'rows'
              ? 'as painted'
              : one.text.kind;
    const settings = [
        isNeutral(one.weight) ? '' : ` weight ${curveText(one.weight)}`,
        optional(' decay', one.decay, 1),
        windowText(one.window),
        known.isBrief && isUsual(one)
            ? ''
            : ` noise ${one.latent === 'clean' ? 'none' : one.latent} text ${text} on ${one.rows === 'cond' ? 'prompt' : 'both'}${one.normalise === 'none' ? '' : ' normalise'}`,
    ];
    return `${pictures.join(', ')}${name}${settings.join('')} ${sitesText(one.sites)}`;
}

/** Whether an infusion is read, and fed, as it is where nothing is said about it. */
function isUsual({ latent, text, rows, normalise }: Infusion): boolean {
    return (
        latent === INFUSION.latent &&
        text.kind === INFUSION.text.kind &&
        rows === INFUSION.rows &&
        normalise === INFUSION.normalise
    );
}

function guidanceText({ scale, rescale, window }: Guidance): string {
    return curveText(scale) + optional(' rescale', rescale, 0) + (window ? windowText(window) : '');
}

/** Where a LoRA acts; nothing where it acts everywhere. An empty block would be read as that: one line of 0 is none. */
export function blocksText(blocks: PicturePlan['adapters'][number]['blocks']): string {
    if (blocks?.length === 0) return ' { mid 0 }';
    return blocks ? ` { ${blocks.map(({ block, weight }) => `${block} ${exact(weight)}`).join(' ')} }` : '';
}

/** Where a ControlNet acts, as `blocksText`. */
function residualsText({ sites }: Control): string {
    if (sites?.length === 0) return ' { mid 0 }';
    return sites ? ` ${sitesText(sites)}` : '';
}

function controlText(known: Ingredients, one: Control): string {
    const net = isLearnResult(one.net)
        ? learnName(known, one.net)
        : known.name('controlnet', stem(one.net.path), fileText(one.net));
    const weight = isNeutral(one.weight) ? '' : ` weight ${curveText(one.weight)}`;
    return `${net} by ${pictureName(known, one.picture)}${weight}${windowText(one.window)}${residualsText(one)}`;
}

/** The last part of a path, or of what stands for one, without what it ends in. */
function stem(path: string): string {
    return path.replace(/^.*[/:]/, '').replace(/\.[^.]*$/, '');
}

/** Words with learned tokens among them: `<name>` is one where it is declared, and stands for itself elsewhere. */
export function wordsOfPrompt(known: Ingredients, embeddings: PicturePlan['embeddings'], comment = ''): PromptWords {
    const names = embeddings.map(({ token, file }) => {
        const name = isLearnResult(file)
            ? learnName(known, file)
            : known.name('embedding', token, fileText(file), comment);
        return [token, name] as const;
    });
    return (text) =>
        names.reduce(
            (quoted, [token, name]) => quoted.replaceAll(`\\<${inQuotes(token)}>`, () => `<${name}>`),
            quote(text),
        );
}

function maskText(known: Ingredients, mask: Mask): string {
    const feather = ` feather ${plainNumber(mask.feather)}px`;
    if (mask.kind === 'corners') {
        const corners = mask.corners.map(({ x, y }) => `${plainNumber(x)},${plainNumber(y)}`).join(' ');
        return `corners ${corners}${mask.margin === undefined ? '' : ` margin ${plainNumber(mask.margin)}px`}${feather}`;
    }
    const { margin } = mask.only ?? {};
    const only = mask.only ? ` only${margin === undefined ? '' : ` margin ${plainNumber(margin)}px`}` : '';
    return `${mask.outside ? 'outside ' : ''}${pictureName(known, mask.picture)}${only}${feather}`;
}
