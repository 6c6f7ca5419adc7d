/** Lengths, parts of the steps, densities, grids and papers: their text, and whether the value of a param fits in their place. */
import { MAX_SHEET_PIXELS, paperPixels } from '../../plan/prints/print.ts';
import { LATENT_FACTOR } from '../../plan/topology.ts';
import * as ast from '../generated/ast.ts';
import { declaredValue, type ValueOf, type WrongValue } from './param-values.ts';
import { centimetresOf, paperOf, quantityOf, shareOf, sizeOf } from './values.ts';

/** `12px` as it is written, or as the value of a param; '' where neither is there yet. */
export function quantityText(quantity: ast.Quantity | undefined, valueIn: ValueOf = declaredValue): string {
    const param = quantity?.param?.ref;
    return param ? String(valueIn(param)) : (quantity?.text ?? '');
}

/** The number of a quantity, whatever its unit; NaN where it is none. */
export function numberOfQuantity(quantity: ast.Quantity, valueIn: ValueOf = declaredValue): number {
    return quantityOf(quantityText(quantity, valueIn)).value;
}

/** `16x16` or `30x40cm` of a grid or a paper, as it is written, or as the value of a param. */
export function measuresText(
    { value, param }: ast.GridClause | ast.PaperClause,
    valueIn: ValueOf = declaredValue,
): string {
    return param?.ref ? String(valueIn(param.ref)) : (value ?? '');
}

/** The number of a step: written, or the value of a param. */
export function stepNumber(amount: ast.Amount, valueIn: ValueOf = declaredValue): number {
    if (ast.isNumberAmount(amount)) return amount.value;
    return amount.param.ref ? Number(valueIn(amount.param.ref)) : Number.NaN;
}

/** Whether an end of a window is a param. */
export function isByParam({ from, to, firstStep, lastStep }: ast.Window): boolean {
    return Boolean(from?.param || to?.param) || [firstStep, lastStep].some((step) => ast.isParamAmount(step));
}

// ── What a place needs ─────────────────────────────────────────────────

interface Need {
    readonly code: 'param/length' | 'param/percent' | 'param/density';
    /** The sentence's end: "but … is needed". */
    readonly what: string;
    readonly example: string;
    readonly fits: (value: number, unit: string) => boolean;
}

/** Tiles of the first level of a mosaic: more are a slip of the finger. */
export const MAX_TILES = 65_536;
export const MAX_BLEED = 5;
export const MAX_DPI = 2400;
/** Pixels below which a tile shows nothing. */
export const SMALLEST_PLACED = 8;

const PIXELS: Need = {
    code: 'param/length',
    what: 'a length in pixels',
    example: '16px',
    fits: (_, unit) => unit === 'px',
};
const LATENTS: Need = {
    code: 'param/length',
    what: `a length in pixels, a multiple of ${LATENT_FACTOR},`,
    example: '64px',
    fits: (value, unit) => unit === 'px' && value > 0 && value % LATENT_FACTOR === 0,
};
const PLACED: Need = {
    code: 'param/length',
    what: `a length of at least ${SMALLEST_PLACED} pixels`,
    example: '64px',
    fits: (value, unit) => unit === 'px' && value >= SMALLEST_PLACED,
};
const BLEED: Need = {
    code: 'param/length',
    what: `a length of up to ${MAX_BLEED} cm`,
    example: '3mm',
    fits: (value, unit) => (centimetresOf(`${value}${unit}`) ?? Number.POSITIVE_INFINITY) <= MAX_BLEED,
};
const PERCENT: Need = {
    code: 'param/percent',
    what: 'a part of the steps, up to 100%,',
    example: '60%',
    fits: (value, unit) => unit === '%' && value <= 100,
};
const DENSITY: Need = {
    code: 'param/density',
    what: `a density from 1dpi to ${MAX_DPI}dpi`,
    example: '240dpi',
    fits: (value, unit) => unit === 'dpi' && value >= 1 && value <= MAX_DPI,
};

function needOf({ $container: clause, $containerProperty: property }: ast.Quantity): Need {
    switch (clause.$type) {
        case 'Window':
        case 'TraceClause':
            return PERCENT;
        case 'PaperClause':
            return property === 'density' ? DENSITY : BLEED;
        case 'SizeClause':
        case 'OutpaintEdge':
            return LATENTS;
        case 'UpscaleClause':
            return clause.upscaler ? PIXELS : LATENTS;
        case 'TilesClause':
            return PLACED;
        default:
            return PIXELS;
    }
}

/** A value that fits in the place of a quantity, for a param that is to be declared. */
export function exampleFor(quantity: ast.Quantity): string {
    return needOf(quantity).example;
}

// ── Whether values of params fit; what is written has checks of its own ──

export function wrongQuantity(quantity: ast.Quantity, valueIn: ValueOf = declaredValue): WrongValue | undefined {
    if (!quantity.param?.ref) return undefined;
    const { code, what, example, fits } = needOf(quantity);
    const text = quantityText(quantity, valueIn);
    const { value, unit } = quantityOf(text);
    if (fits(value, unit)) return undefined;
    return {
        code,
        message: `\`${quantity.param.$refText}\` is ${shown(text)} here, but ${what} is needed, as in \`${example}\`.`,
    };
}

export function wrongWindow(window: ast.Window, valueIn: ValueOf = declaredValue): WrongValue | undefined {
    if (!isByParam(window)) return undefined;
    const { from, to, firstStep, lastStep } = window;
    if (firstStep) {
        const first = stepNumber(firstStep, valueIn);
        const last = lastStep ? stepNumber(lastStep, valueIn) : first;
        if (![first, last].every((step) => Number.isInteger(step) && step >= 1)) {
            const message = 'Steps are whole numbers, counted from 1: write `step 1..5`.';
            return { code: 'window/range', message };
        }
        if (first <= last) return undefined;
        const message = `The window runs from step ${first} to step ${last} here: it ends at the step where it begins, or later.`;
        return { code: 'window/order', message };
    }
    const ends = [from, to].map((end) => quantityText(end, valueIn));
    const [begin = Number.NaN, end = Number.NaN] = ends.map(shareOf);
    // A param that is no part of the steps is reported by itself.
    if (to?.text && end > 1) return { code: 'window/range', message: 'A window ends at 100% at the latest.' };
    if (!(begin >= end)) return undefined;
    const message = `The window runs from ${ends.join(' to ')} here: it ends later than it begins, as in \`0%..60%\`.`;
    return { code: 'window/order', message };
}

/** Of windows and tiles: neighbours overlap by at most half of their side. */
export function wrongOverlap(
    { side, overlap }: { readonly side: ast.Quantity | undefined; readonly overlap: ast.Quantity | undefined },
    valueIn: ValueOf = declaredValue,
): WrongValue | undefined {
    if (!side || !overlap || !(side.param || overlap.param)) return undefined;
    if (!(numberOfQuantity(overlap, valueIn) * 2 > numberOfQuantity(side, valueIn))) return undefined;
    const [long, short] = [quantityText(overlap, valueIn), quantityText(side, valueIn)];
    const message = `An overlap of ${long} is more than half of a side of ${short}: write a smaller overlap, or a larger side.`;
    return { code: 'tiles/overlap', message };
}

export function wrongGrid(clause: ast.GridClause, valueIn: ValueOf = declaredValue): WrongValue | undefined {
    if (!clause.param?.ref) return undefined;
    const text = measuresText(clause, valueIn);
    const { width, height, unit } = sizeOf(text);
    const isGrid = unit === '' && [width, height].every((one) => Number.isInteger(one) && one > 0);
    if (isGrid && width * height <= MAX_TILES) return undefined;
    const message = `\`${clause.param.$refText}\` is ${shown(text)} here, but columns by rows are needed, at most ${MAX_TILES} tiles, as in \`16x16\`.`;
    return { code: 'param/size', message };
}

export function wrongPaper(clause: ast.PaperClause, valueIn: ValueOf = declaredValue): WrongValue | undefined {
    const text = measuresText(clause, valueIn);
    const size = paperOf(text);
    if (clause.param?.ref && !(size && size.width > 0 && size.height > 0)) {
        const message = `\`${clause.param.$refText}\` is ${shown(text)} here, but width and height of paper are needed, as in \`30x40cm\`.`;
        return { code: 'param/size', message };
    }
    const isGiven = clause.param ?? clause.density?.param ?? clause.bleed?.param;
    const dpi = clause.density ? numberOfQuantity(clause.density, valueIn) : 1;
    if (!isGiven || !size || !(dpi >= 1 && dpi <= MAX_DPI)) return undefined;
    const bleed = centimetresOf(quantityText(clause.bleed, valueIn)) ?? 0;
    const { sheet } = paperPixels({ ...size, dpi, bleed, fit: 'cover', marks: false });
    if (sheet.width * sheet.height <= MAX_SHEET_PIXELS) return undefined;
    const message = `${text} at ${dpi}dpi is ${sheet.width}x${sheet.height} pixels; ${MAX_SHEET_PIXELS / 1e6} million are possible: write a smaller paper, or fewer dpi.`;
    return { code: 'paper/large', message };
}

function shown(text: string): string {
    return /^[\d.]/.test(text) ? text : `"${text}"`;
}
