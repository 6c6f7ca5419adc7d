/** The canvas: how large a picture becomes, and where a start picture is on it. */
import { canvasSize } from '../../plan/passes/batches.ts';
import type { PicturePlan, Size, StartFit } from '../../plan/plan.ts';
import { assertNever } from '../../plan/problem.ts';
import type { Rgb } from '../pictures/picture.ts';
import { contain, cover, resize } from '../pictures/resize.ts';
import { RunError } from '../run-error.ts';

/** Pixels of the finished picture, outpainted sides included, and of its latents. */
export interface Canvas extends Size {
    /** Where the plan's own picture is: at (left, top), with the plan's size. */
    readonly left: number;
    readonly top: number;
    readonly inner: Size;
    readonly latent: Size;
}

/** @throws RunError `run/size` where a side is no multiple of the model's latent factor. */
export function canvasOf(plan: PicturePlan, pixelsPerLatent: number): Canvas {
    const { left = 0, right = 0, top = 0, bottom = 0 } = plan.outpaint ?? {};
    const { width, height } = canvasSize(plan);
    for (const side of [plan.size.width, plan.size.height, left, right, top, bottom]) {
        if (side % pixelsPerLatent === 0) continue;
        const near = Math.max(pixelsPerLatent, Math.round(side / pixelsPerLatent) * pixelsPerLatent);
        const message = `This model makes sides that are multiples of ${pixelsPerLatent} pixels: write ${near} instead of ${side}.`;
        throw new RunError('run/size', message);
    }
    const latent = { width: width / pixelsPerLatent, height: height / pixelsPerLatent };
    return { width, height, left, top, inner: plan.size, latent };
}

/** A start picture on the canvas: fitted to the plan's own part; outpainted sides repeat its border. */
export function placed(picture: Rgb, canvas: Canvas, fit: StartFit = 'stretch'): Rgb {
    const { width, height, left, top, inner } = canvas;
    return withBorder(fitted(picture, inner, fit), { width, height }, left, top);
}

/** A picture of any shape at this size. `contain` repeats its border where it does not reach. */
export function fitted(picture: Rgb, size: Size, fit: StartFit): Rgb {
    switch (fit) {
        case 'stretch':
            return resize(picture, size.width, size.height);
        case 'cover':
            return cover(picture, size.width, size.height);
        case 'contain': {
            const inside = contain(picture, size.width, size.height);
            const left = Math.floor((size.width - inside.width) / 2);
            return withBorder(inside, size, left, Math.floor((size.height - inside.height) / 2));
        }
        default:
            return assertNever(fit);
    }
}

/** The picture at (left, top) of a larger one, its border repeated to all sides. */
function withBorder(picture: Rgb, { width, height }: Size, left: number, top: number): Rgb {
    if (width === picture.width && height === picture.height) return picture;
    const data = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
        const row = Math.min(Math.max(y - top, 0), picture.height - 1) * picture.width;
        for (let x = 0; x < width; x++) {
            const from = (row + Math.min(Math.max(x - left, 0), picture.width - 1)) * 3;
            data.set(picture.data.subarray(from, from + 3), (y * width + x) * 3);
        }
    }
    return { width, height, data };
}
