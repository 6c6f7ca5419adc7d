/** The plan of pictures as a `generate`. */
import { canonicalJson } from '../../plan/digest.ts';
import type { Control, Guidance, Infusion, Mask, PicturePlan, Start } from '../../plan/plan.ts';
import { INFUSION } from '../meaning/defaults.ts';
import {
    deepCacheText,
    outpaintText,
    samplerText,
    seedsText,
    sitesText,
    sizeText,
    textCacheText,
    traceText,
} from './clause-text.ts';
import { Ingredients } from './ingredients.ts';
import { conditioningText, type PromptWords, promptText } from './prompt-text.ts';
import { nameOfFile, nameOfModel, nameOfPicture, wordsOfPrompt } from './source-names.ts';
import { curveText, exact, fileText, isNeutral, optional, plainNumber, windowText } from './value-text.ts';

/** One plan as a `generate` of this name, below the ingredients that it needs. */
export function pictureText(name: string, plan: PicturePlan, known = new Ingredients()): string {
    known.reserve(name);
    return known.above(generateText(name, plan, known));
}

/** The same without what it needs. */
export function generateText(name: string, plan: PicturePlan, known: Ingredients): string {
    const clauses = pictureClauses(plan, known);
    const width = Math.max(...clauses.map(([clause]) => clause.length)) + 1;
    const body = clauses.map(([clause, value]) => `    ${clause.padEnd(width)}${value}`);
    return `generate ${name} {\n${body.join('\n')}\n}\n`;
}

/** The clauses of a plan's `generate`, in their order. */
export function pictureClauses(
    plan: PicturePlan,
    known: Ingredients,
): readonly (readonly [clause: string, value: string])[] {
    const words = wordsOfPrompt(known, plan.embeddings);
    return [
        ['use', nameOfModel(known, plan.model)],
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
        ...plan.adapters.map(
            (one) =>
                [
                    'apply',
                    `${nameOfFile(known, 'lora', one.file)} weight ${exact(one.weight)}${blocksText(one.blocks)}`,
                ] as const,
        ),
        ...plan.controls.map((one) => ['control', controlText(known, one)] as const),
        ...(plan.deepCache ? [['cache', deepCacheText(plan.deepCache)] as const] : []),
        ...(plan.textCache ? [['cache', textCacheText(plan.textCache)] as const] : []),
        ...(plan.precision ? [['precision', plan.precision] as const] : []),
        ...(plan.trace ? [['trace', traceText(plan)] as const] : []),
    ];
}

function startText(known: Ingredients, { pictures, mixing, strength, latent, fit = 'stretch' }: Start): string {
    const from = pictures.map(
        ({ picture, weight }) =>
            `${nameOfPicture(known, picture)}${pictures.length > 1 ? ` share ${exact(weight)}` : ''}`,
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
        return nameOfPicture(known, picture) + share;
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
    const weight = isNeutral(one.weight) ? '' : ` weight ${curveText(one.weight)}`;
    return `${nameOfFile(known, 'controlnet', one.net)} by ${nameOfPicture(known, one.picture)}${weight}${windowText(one.window)}${residualsText(one)}`;
}

function maskText(known: Ingredients, mask: Mask): string {
    const feather = ` feather ${plainNumber(mask.feather)}px`;
    if (mask.kind === 'corners') {
        const corners = mask.corners.map(({ x, y }) => `${plainNumber(x)},${plainNumber(y)}`).join(' ');
        return `corners ${corners}${mask.margin === undefined ? '' : ` margin ${plainNumber(mask.margin)}px`}${feather}`;
    }
    const { margin } = mask.only ?? {};
    const only = mask.only ? ` only${margin === undefined ? '' : ` margin ${plainNumber(margin)}px`}` : '';
    return `${mask.outside ? 'outside ' : ''}${nameOfPicture(known, mask.picture)}${only}${feather}`;
}
