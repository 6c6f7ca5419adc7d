/** The canvas: how large a picture becomes, and where a start picture lies on it. */
import type { PicturePlan, Size } from '../../plan/plan.ts';
import { RunError } from '../run-error.ts';

/** Pixels of the finished picture, outpainted sides included, and of its latents. */
export interface Canvas extends Size {
    /** Where the plan's own picture lies: at (left, top), with the plan's size. */
    readonly left: number;
    readonly top: number;
    readonly inner: Size;
    readonly latent: Size;
}

/** @throws RunError `run/size` where a side is no multiple of the model's latent factor. */
export function canvasOf(plan: PicturePlan, pixelsPerLatent: number): Canvas {
    const { left = 0, right = 0, top = 0, bottom = 0 } = plan.outpaint ?? {};
    const width = plan.size.width + left + right;
    const height = plan.size.height + top + bottom;
    for (const side of [plan.size.width, plan.size.height, left, right, top, bottom]) {
        if (side % pixelsPerLatent === 0) continue;
        const near = Math.max(pixelsPerLatent, Math.round(side / pixelsPerLatent) * pixelsPerLatent);
        const message = `This model makes sides that are multiples of ${pixelsPerLatent} pixels: write ${near} instead of ${side}.`;
        throw new RunError('run/size', message);
    }
    const latent = { width: width / pixelsPerLatent, height: height / pixelsPerLatent };
    return { width, height, left, top, inner: plan.size, latent };
}
