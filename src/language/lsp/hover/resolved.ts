/** Resolved settings: what a runnable will really do, and where each setting was written. */

import { count } from '../../../plan/amounts.ts';
import { cachedPassesOf, passesOf, picturesText } from '../../../plan/passes/work.ts';
import type { PhraseTime, Prompt } from '../../../plan/phrases.ts';
import type { Mask, ModelChoices, ModelRef, PicturePlan, Size } from '../../../plan/plan.ts';
import type { Work } from '../../../plan/run.ts';
import type * as ast from '../../generated/ast.ts';
import { type Effective, effective } from '../../meaning/inherit.ts';
import { deepCacheText, textCacheText } from '../../write/clause-text.ts';
import { curveWords, figure, guidanceWords } from '../../write/curve-text.ts';
import { isNeutral, windowText } from '../../write/value-text.ts';
import { escapeMarkdown } from '../markdown.ts';

/** A table of the settings in force for a generate. */
export function settingsTable(generate: ast.Generate, plan: PicturePlan): string {
    const settings = effective(generate);
    const rows = ROWS.flatMap(({ name, type, value }) => {
        const text = value(plan);
        return text === undefined ? [] : [`| ${name} | ${cell(text)} | ${writtenWhere(type, settings, generate)} |`];
    });
    return ['| setting | value | from |', '|---|---|---|', ...rows].join('\n');
}

interface Row {
    readonly name: string;
    readonly type: string;
    readonly value: (plan: PicturePlan) => string | undefined;
}

const ROWS: readonly Row[] = [
    { name: 'use', type: 'UseClause', value: ({ model }) => modelWords(model) },
    { name: 'prompt', type: 'PromptClause', value: conditioningWords },
    { name: 'negative', type: 'NegativeClause', value: ({ negative }) => promptWords(negative) },
    {
        name: 'size',
        type: 'SizeClause',
        value: ({ size, windows }) =>
            `${size.width}x${size.height}${windows ? ` in windows of ${windows.side}px` : ''}`,
    },
    { name: 'steps', type: 'StepsClause', value: ({ steps }) => String(steps) },
    { name: 'sampler', type: 'SamplerClause', value: samplerWords },
    { name: 'guidance', type: 'GuidanceClause', value: ({ guidance }) => guidanceWords(guidance) },
    { name: 'seed', type: 'SeedClause', value: ({ seeds }) => seedWords(seeds) },
    { name: 'noise', type: 'NoiseClause', value: ({ noise }) => noise.kind },
    {
        name: 'start',
        type: 'StartClause',
        value: ({ start }) => start && `${count(start.pictures.length, 'picture')}, strength ${figure(start.strength)}`,
    },
    { name: 'mask', type: 'MaskClause', value: ({ mask }) => mask && maskWords(mask) },
    {
        name: 'outpaint',
        type: 'OutpaintClause',
        value: ({ outpaint }) =>
            outpaint &&
            Object.entries(outpaint)
                .filter(([, by]) => by > 0)
                .map(([side, by]) => `${side} ${by}px`)
                .join(', '),
    },
    {
        name: 'infuse',
        type: 'InfuseClause',
        value: ({ infusions }) =>
            infusions.length > 0
                ? infusions
                      .map(
                          ({ pictures, sites, weight }) =>
                              `${count(pictures.length, 'picture')} at ${count(sites.length, 'layer')}, weight ${curveWords(weight)}`,
                      )
                      .join('; ')
                : undefined,
    },
    {
        name: 'scale',
        type: 'ScaleClause',
        value: ({ scales }) => (scales.length > 0 ? count(scales.length, 'layer') : undefined),
    },
    {
        name: 'control',
        type: 'ControlClause',
        value: ({ controls }) => (controls.length > 0 ? String(controls.length) : undefined),
    },
    {
        name: 'apply',
        type: 'ApplyClause',
        value: ({ adapters }) =>
            adapters.length > 0 ? adapters.map(({ weight }) => figure(weight)).join(', ') : undefined,
    },
    { name: 'cache', type: 'DeepCacheClause', value: ({ deepCache }) => deepCache && deepCacheText(deepCache) },
    { name: 'cache', type: 'TextCacheClause', value: ({ textCache }) => textCache && textCacheText(textCache) },
    { name: 'precision', type: 'PrecisionClause', value: ({ precision }) => precision },
];

/** The resolved value of one kind of clause, for the hover of its keyword. */
export function resolvedValue(type: string, plan: PicturePlan): string | undefined {
    return ROWS.find((row) => row.type === type)?.value(plan);
}

/** Where a kind of setting was written: here, in a base, or nowhere. */
export function writtenWhere(type: string, settings: readonly Effective[], generate: ast.Generate): string {
    const found = settings.filter(({ setting }) => setting.$type === type);
    const names = [...new Set(found.map(({ from }) => (from === generate ? 'here' : `\`${from.name}\``)))];
    return names.length > 0 ? names.join(', ') : '*default*';
}

/** One line on how much a runnable asks for; `subject` is the size of the picture that a print enlarges. */
export function workLine(work: Work | undefined, subject?: Size): string {
    if (!work) return '';
    if (work.kind === 'learn') return `About ${count(passesOf(work), 'row')} through the U-Net, forward and back.`;
    const passes = passesOf(work, subject);
    const cached = cachedPassesOf(work);
    const some = cached > 0 ? `, ${cached} of them through its last blocks only` : '';
    const passing = passes === undefined ? '' : `, about ${count(passes, 'pass', 'passes')} through the U-Net${some}`;
    return `${picturesText(work)}${passing}.`;
}

function modelWords(model: ModelRef): string {
    switch (model.kind) {
        case 'builtin':
            return `builtin:${model.name}`;
        case 'hub':
            return `hf:${model.repository} at ${model.revision}${choiceWords(model)}`;
        case 'file':
            return model.path + choiceWords(model);
    }
}

function choiceWords({ predicts, zeroSnr, vae }: ModelChoices): string {
    const said = [
        predicts && `predicts ${predicts === 'v' ? 'the velocity' : 'the noise'}`,
        zeroSnr && 'zero terminal SNR',
        vae && `VAE ${vae.path}`,
    ].filter(Boolean);
    return said.length > 0 ? ` (${said.join(', ')})` : '';
}

function conditioningWords({ conditioning }: PicturePlan): string {
    if (conditioning.kind === 'prompt') return promptWords(conditioning.prompt) ?? '*empty*';
    return `${conditioning.members.length} prompts, mean of ${conditioning.over}`;
}

export function promptWords({ phrases }: Prompt): string | undefined {
    if (phrases.length === 0) return undefined;
    const times = (weight: number) => (weight === 1 ? '' : ` × ${figure(weight)}`);
    return phrases
        .map(({ text, weight, words = [], times: over = [] }) => {
            const own = words.map((one) => `"${one.words}"${times(one.weight)}${changing(one.times)}`).join(', ');
            return `"${text}"${times(weight)}${changing(over)}${own && ` (${own})`}`;
        })
        .join(', ');
}

/** Curves and windows of a weight. */
function changing(times: readonly PhraseTime[] = []): string {
    return times
        .map(({ during, weight }) => (isNeutral(weight) ? '' : ` × ${curveWords(weight)}`) + windowText(during))
        .join('');
}

function samplerWords({ sampler }: PicturePlan): string {
    const eta = sampler.eta > 0 ? ` eta ${figure(sampler.eta)}` : '';
    return `${sampler.name} on ${sampler.schedule}${eta}`;
}

function seedWords(seeds: readonly number[]): string {
    const run = seeds.length > 2 && seeds.every((seed, i) => seed === seeds[0]! + i);
    if (run) return `${seeds[0]}..${seeds.at(-1)}`;
    return seeds.length > 8 ? `${seeds.slice(0, 8).join(', ')} … (${seeds.length})` : seeds.join(', ');
}

/** `*empty*` and the like are ours; everything else may be a spec's. */
function cell(text: string): string {
    return /^\*[a-z]+\*$/.test(text) ? text : escapeMarkdown(text);
}

function maskWords(mask: Mask): string {
    if (mask.kind === 'corners') return 'inside of a frame';
    return `${mask.outside ? 'outside' : 'inside'}${mask.only ? ', only its surroundings' : ''}`;
}
