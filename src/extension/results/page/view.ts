/** How one runnable's pictures are looked at. */
import type { PictureName } from '../shown-run.ts';
import type { MaskDraft } from './mask/strokes.ts';

export type Mode = 'grid' | 'layers' | 'large' | 'compare' | 'steps' | 'mask';
export type CompareMode = 'side' | 'slider' | 'difference';

export interface View {
    readonly mode: Mode;
    readonly cell: number;
    readonly zoom: Zoom;
    readonly compare: CompareMode;
    /** The picture on the other side: a run and a cell. */
    readonly other?: { readonly key: string; readonly cell: number };
    /** Further pictures beside the two. */
    readonly more?: readonly PictureName[];
    /** Position of the slider, 0…1. */
    readonly split: number;
    /** Index of the frame within the trace. */
    readonly frame: number;
    readonly details: boolean;
    /** How the pictures of a layer scan are laid out. */
    readonly layers: 'network' | 'effect';
    readonly scroll: number;
    /** What was painted last as a mask. */
    readonly mask?: MaskDraft;
}

/** Zoom 1 fits the picture into its area; x and y are offsets of its middle in area pixels. */
export interface Zoom {
    readonly scale: number;
    readonly x: number;
    readonly y: number;
}

export const FIT: Zoom = { scale: 1, x: 0, y: 0 };

export const START: View = {
    mode: 'grid',
    cell: 0,
    zoom: FIT,
    compare: 'side',
    split: 0.5,
    frame: 0,
    details: false,
    layers: 'network',
    scroll: 0,
};

/** How much a small picture can be enlarged. */
export const MOST = 64;
const LEAST = 0.25;

/** How much a picture can be enlarged: a large one as far as a small one, until its pixels are squares on the screen. */
export function mostOf({ width, height }: { readonly width: number; readonly height: number }): number {
    return MOST * Math.max(1, Math.max(width, height) / 2048);
}

/** Zooms by a factor about a point, given from the area's middle, that stays where it is. */
export function zoomBy(zoom: Zoom, factor: number, { x = 0, y = 0, most = MOST } = {}): Zoom {
    const scale = Math.min(most, Math.max(LEAST, zoom.scale * factor));
    const share = scale / zoom.scale;
    return { scale, x: x - (x - zoom.x) * share, y: y - (y - zoom.y) * share };
}
