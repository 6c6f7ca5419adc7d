/** A mask as the strokes that painted it: remembered over a reload, undone one by one, drawn at the picture's own size. */
import { assertNever } from '../../../../plan/problem.ts';

export type Stroke =
    | {
          readonly kind: 'line';
          readonly erases: boolean;
          /** Pixels of the picture. */
          readonly width: number;
          /** x and y in turn, in pixels of the picture. */
          readonly points: readonly number[];
      }
    | { readonly kind: 'invert' };

export interface MaskDraft {
    /** The picture that it is for: another one begins with nothing. */
    readonly of: string;
    readonly strokes: readonly Stroke[];
    /** The brush's width in pixels. */
    readonly brush: number;
    readonly erases: boolean;
    /** Pixels by which the border is softened. */
    readonly feather: number;
}

interface Size {
    readonly width: number;
    readonly height: number;
}

/** Nothing painted yet, with a brush that fits the picture. */
export function newMask(of: string, { width, height }: Size): MaskDraft {
    return { of, strokes: [], brush: Math.max(1, Math.round(Math.min(width, height) / 8)), erases: false, feather: 0 };
}

/** The widest brush for a picture. */
export function widestBrush({ width, height }: Size): number {
    return Math.max(2, Math.round(Math.min(width, height) / 2));
}

/** The draft with a further stroke. */
export function withStroke(draft: MaskDraft, stroke: Stroke): MaskDraft {
    return { ...draft, strokes: [...draft.strokes, stroke] };
}

/** A stroke one point longer; points that add nothing are left out. */
export function longer(points: readonly number[], x: number, y: number, width: number): readonly number[] {
    const [lastX = Number.NaN, lastY = Number.NaN] = points.slice(-2);
    const near = Math.hypot(x - lastX, y - lastY) < Math.max(0.5, width / 16);
    return near ? points : [...points, Math.round(x * 10) / 10, Math.round(y * 10) / 10];
}

/** Whether anything is painted: a mask that is black everywhere repaints nothing. */
export function isPainted({ strokes }: MaskDraft): boolean {
    return strokes.some((stroke) => stroke.kind === 'invert' || !stroke.erases);
}

/** What is drawn on: the context of a canvas. */
export interface MaskContext {
    globalCompositeOperation: string;
    fillStyle: unknown;
    strokeStyle: unknown;
    lineWidth: number;
    lineCap: string;
    lineJoin: string;
    clearRect(x: number, y: number, width: number, height: number): void;
    fillRect(x: number, y: number, width: number, height: number): void;
    beginPath(): void;
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    stroke(): void;
}

/** Draws the mask: white where it is painted, nothing elsewhere. */
export function drawMask(context: MaskContext, strokes: readonly Stroke[], { width, height }: Size): void {
    context.globalCompositeOperation = 'source-over';
    context.clearRect(0, 0, width, height);
    for (const stroke of strokes) drawStroke(context, stroke, { width, height });
    context.globalCompositeOperation = 'source-over';
}

function drawStroke(context: MaskContext, stroke: Stroke, { width, height }: Size): void {
    switch (stroke.kind) {
        case 'line': {
            const [x = 0, y = 0, ...rest] = stroke.points;
            context.globalCompositeOperation = stroke.erases ? 'destination-out' : 'source-over';
            context.strokeStyle = 'white';
            context.lineWidth = stroke.width;
            context.lineCap = 'round';
            context.lineJoin = 'round';
            context.beginPath();
            context.moveTo(x, y);
            // A dot is a very short line: of one without a length nothing is drawn.
            if (rest.length === 0) context.lineTo(x + 0.01, y);
            for (let k = 0; k + 1 < rest.length; k += 2) context.lineTo(rest[k]!, rest[k + 1]!);
            context.stroke();
            return;
        }
        case 'invert':
            context.globalCompositeOperation = 'xor';
            context.fillStyle = 'white';
            context.fillRect(0, 0, width, height);
            return;
        default:
            assertNever(stroke);
    }
}
