/** Traces: what the picture looks like on the way, and what it would become if it were finished at once. */
import type { PicturePlan } from '../plan/plan.ts';
import type { Denoised } from './denoise.ts';
import type { StableDiffusion } from './engine/stable-diffusion.ts';
import { rows, tensor } from './engine/tensor.ts';
import type { TraceFrame } from './events.ts';
import { toRgb } from './pictures/pixels.ts';

/**
 * One frame a picture of the batch: the noisy latents decoded, and, when the plan asks for it, the predicted x0 decoded
 * (the picture completed in one step).
 */
export async function traceFrames(
    model: StableDiffusion,
    plan: PicturePlan,
    state: Denoised,
    dims: readonly number[],
): Promise<readonly TraceFrame[]> {
    const noisy = tensor(state.latents, dims);
    const original = plan.trace?.completed ? tensor(state.original(), dims) : undefined;
    const frames: TraceFrame[] = [];
    for (let picture = 0; picture < dims[0]!; picture++) {
        const decoded = toRgb(await model.decode(rows(noisy, picture, picture + 1)));
        const completed = original ? toRgb(await model.decode(rows(original, picture, picture + 1))) : undefined;
        frames.push({ step: state.moment.step, noisy: decoded, ...(completed ? { completed } : {}) });
    }
    return frames;
}
