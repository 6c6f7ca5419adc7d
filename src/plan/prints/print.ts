/** Prints as resolved data: a picture, how it is enlarged, the paper, and how many pixels that takes. */
import { companionOf } from '../companions.ts';
import type { FileRef, PicturePlan, PictureSource, Size } from '../plan.ts';
import { withSeeds } from '../sources.ts';
import { wholeLatents } from '../topology.ts';

/** A picture enlarged to paper. */
export interface PrintPlan {
    readonly kind: 'print';
    readonly of: PictureSource;
    /** In their order: each takes what the one before it made. */
    readonly steps: readonly PrintStep[];
    readonly paper: Paper;
}

export type PrintStep =
    /** Enlarged by a network, tile by tile. */
    ({ readonly kind: 'upscaler'; readonly file: FileRef } & Partial<PrintTiles>) | Refinement;

/** Enlarged `by` a factor and redone by image to image; overlapping windows are mixed as predictions at every step. */
export interface Refinement extends PrintTiles {
    readonly kind: 'refine';
    readonly via: PicturePlan;
    readonly strength: number;
    readonly by: number;
}

/** Pixels: the side of a tile or window, and how far neighbours overlap. */
export interface PrintTiles {
    readonly tile: number;
    readonly overlap: number;
}

export interface Paper {
    /** Centimetres of the trimmed sheet. */
    readonly width: number;
    readonly height: number;
    /** Pixels per inch. */
    readonly dpi: number;
    /** Centimetres that are printed beyond each edge and cut off. */
    readonly bleed: number;
    /** Whether the picture covers the sheet and is cut to its shape, or fits inside it with white borders. */
    readonly fit: 'cover' | 'contain';
    /** Also writes a PDF with crop marks. */
    readonly marks: boolean;
    /** Also writes a TIFF in the colours of this ICC profile. */
    readonly cmyk?: FileRef;
}

const CENTIMETRES_PER_INCH = 2.54;

export interface PaperPixels {
    /** The sheet as it is cut. */
    readonly trimmed: Size;
    /** With the bleed on all sides. */
    readonly sheet: Size;
    readonly bleed: number;
}

/** Pixels of a sheet: centimetres / 2.54 x dpi, rounded. */
export function paperPixels({ width, height, dpi, bleed }: Paper): PaperPixels {
    const pixels = (centimetres: number) => Math.round((centimetres / CENTIMETRES_PER_INCH) * dpi);
    const trimmed = { width: Math.max(1, pixels(width)), height: Math.max(1, pixels(height)) };
    const border = pixels(bleed);
    return {
        trimmed,
        sheet: { width: trimmed.width + 2 * border, height: trimmed.height + 2 * border },
        bleed: border,
    };
}

/** How many times a picture must be enlarged for a sheet: where it covers the sheet, or where it fits inside. */
export function enlargementFor(size: Size, paper: Paper): number {
    const { sheet, trimmed } = paperPixels(paper);
    return paper.fit === 'cover'
        ? Math.max(sheet.width / size.width, sheet.height / size.height)
        : Math.min(trimmed.width / size.width, trimmed.height / size.height);
}

/** Most pixels of a sheet: more would not fit into memory beside the picture that it is made of. */
export const MAX_SHEET_PIXELS = 400_000_000;

/** Most pixels of a picture on its way: its tiles are summed in memory. */
export const MAX_ENLARGED_PIXELS = 120_000_000;

/** How many times larger an upscaler makes a picture: known of what comes with sdspec, or as a file's name says (`4x-…`, `…_x2`). */
export function upscalerFactor(path: string): number | undefined {
    if (companionOf(path)?.kind === 'upscaler') return 4;
    const [, before, after] = /(?:^|[^a-z0-9])(?:x([1248])|([1248])x)(?![0-9])/i.exec(path) ?? [];
    return before || after ? Number(before ?? after) : undefined;
}

/** The size at which a refinement works: both sides `by` times as large, rounded to whole latents. */
export function refinedSize({ width, height }: Size, by: number): Size {
    const side = (length: number) => wholeLatents(length * by);
    return { width: side(width), height: side(height) };
}

/** The plan of a refinement: the settings of `via` at a size, begun from the picture, in windows. */
export function refinementPlan(
    { via, strength, tile, overlap }: Refinement,
    of: PictureSource,
    size: Size,
): PicturePlan {
    return {
        ...withSeeds(via, via.seeds.slice(0, 1)),
        size,
        start: { pictures: [{ picture: of, weight: 1 }], mixing: 'linear', latent: 'mean', strength },
        windows: { side: tile, overlap },
    };
}
