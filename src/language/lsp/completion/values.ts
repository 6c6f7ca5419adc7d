/** Values in completions: sizes, windows, durations and globs, with their units. */
import type { CompletionValueItem } from 'langium/lsp';
import { CompletionItemKind } from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import { effective } from '../../meaning/inherit.ts';
import { isKnown, modelRef, usedModel } from '../../meaning/models.ts';
import type { CompletionPlace } from './fits.ts';

interface Value {
    readonly text: string;
    readonly detail: string;
}

const GLOBS: readonly Value[] = [
    { text: 'down.*', detail: 'the four encoder stages' },
    { text: 'up.*', detail: 'the four decoder stages' },
    { text: 'skip.*', detail: 'the four levels of residual connections' },
    { text: 'IN*', detail: 'the twelve input blocks' },
    { text: 'OUT*', detail: 'the twelve output blocks' },
    { text: '*', detail: 'all stages of the trunk: down, mid and up' },
];

const SIZES: Readonly<Record<string, readonly Value[]>> = {
    GridClause: values('columns x rows', '8x8', '12x12', '16x16'),
    PaperClause: values('width x height', '10x15cm', '21x29.7cm', '30x40cm', '8x10in'),
};

const PICTURE_SIZES: readonly Value[] = [
    { text: '512x512', detail: 'square: Stable Diffusion 1.x' },
    { text: '512x768', detail: 'portrait' },
    { text: '768x512', detail: 'landscape' },
    { text: '768x768', detail: 'square: Stable Diffusion 2.x' },
    { text: '1024x1024', detail: 'square: Stable Diffusion XL' },
];

/** Values that a terminal may take in a rule of the grammar. */
export function valuesOf(terminal: string, rule: string, place: CompletionPlace): readonly CompletionValueItem[] {
    return candidates(terminal, rule, place).map(({ text, detail }, index) => ({
        label: text,
        detail,
        kind: terminal === 'GLOB' ? CompletionItemKind.EnumMember : CompletionItemKind.Value,
        sortText: `0${terminal === 'GLOB' ? 'a9' : ''}${index}`,
    }));
}

function candidates(terminal: string, rule: string, place: CompletionPlace): readonly Value[] {
    switch (terminal) {
        case 'GLOB':
            return GLOBS;
        case 'SIZE':
            return SIZES[rule] ?? pictureSizes(place);
        case 'PERCENT':
            return values('part of the steps', '0%', '25%', '50%', '75%', '100%');
        case 'LENGTH':
            return lengths(place.before);
        case 'DENSITY':
            return values('dots per inch', '150dpi', '240dpi', '300dpi');
        case 'DURATION':
            return values('at most', '30s', '90s', '5min');
        default:
            return [];
    }
}

/** The small built-in model works at 128 pixels; the others at 512 and more. */
function pictureSizes({ declaration }: CompletionPlace): readonly Value[] {
    const model = ast.isGenerate(declaration) ? usedModel(effective(declaration)) : undefined;
    if (!isKnown(model) || modelRef(model).kind !== 'builtin') return PICTURE_SIZES;
    return [
        { text: '128x128', detail: 'the size that the built-in model learned' },
        ...values('wider', '128x192', '192x128'),
    ];
}

function lengths(before: string | undefined): readonly Value[] {
    if (before === 'feather') return values('softness of the border', '4px', '8px', '16px');
    if (before === 'bleed') return values('beyond each edge', '3mm', '5mm');
    if (before === 'margin') return values('around the frame', '16px', '32px', '64px');
    if (before === 'windows') return values('side of a window', '128px', '512px');
    if (before === 'tile') return values('side of a tile', '128px', '512px');
    return values('pixels', '32px', '64px', '128px');
}

function values(detail: string, ...texts: readonly string[]): readonly Value[] {
    return texts.map((text) => ({ text, detail }));
}
