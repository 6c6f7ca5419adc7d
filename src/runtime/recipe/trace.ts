/** Traces: what the picture looks like on the way, and what it would become if it were finished at once. */

import { type Denoised, type DenoiseRequest, denoise } from '../denoise/denoise.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { Rgb, TraceFrame } from '../events.ts';
import { mixture } from '../mixture.ts';
import { toRgb } from '../pictures/pixels.ts';
import type { Sampler } from '../samplers/sampler.ts';
import { rows, tensor } from '../tensor.ts';
import { wordMaps } from './attention.ts';
import { shortSampler } from './sampling.ts';

/**
 * One frame per picture of the batch: the noisy latents decoded; and, where the plan asks for it, the predicted x0 decoded
 * (completed in one step), the picture finished by a short denoising of its own, and its words' attention.
 */
export async function traceFrames(
    model: StableDiffusion,
    request: DenoiseRequest,
    state: Denoised,
): Promise<readonly TraceFrame[]> {
    const { dims } = request.latents;
    const trace = request.layout.plan.trace!;
    const decode = async (latents: Float32Array, picture: number): Promise<Rgb> =>
        toRgb(await model.decode(rows(tensor(latents, dims), picture, picture + 1)));
    const original = trace.completed || trace.attention.length > 0 ? state.original() : undefined;
    const finished = trace.finish > 0 ? await finish(model, request, state, trace.finish) : undefined;
    const frames: TraceFrame[] = [];
    for (let picture = 0; picture < dims[0]!; picture++) {
        const completed = original && (await decode(original, picture));
        frames.push({
            step: state.moment.step,
            noisy: await decode(state.latents, picture),
            ...(trace.completed && completed ? { completed } : {}),
            ...(finished ? { finished: await decode(finished, picture) } : {}),
            ...(completed && trace.attention.length > 0
                ? { attention: wordMaps(model.tokenizer, request.layout, picture, state.attention, completed) }
                : {}),
        });
    }
    return frames;
}

/**
 * The pictures, finished from this state in at most `steps` steps of DDIM, beside the run and without drawing from its
 * noise. The state is taken apart into predicted x0 and noise and put together at the short schedule's own level.
 */
async function finish(
    model: StableDiffusion,
    request: DenoiseRequest,
    state: Denoised,
    steps: number,
): Promise<Float32Array> {
    const sampler = request.samplers[0]!;
    const left = state.moment.steps - state.moment.step - 1;
    if (left === 0) return state.latents;
    const short = shortSampler(model.checkpoint.scheduler, sampler.steps, left, Math.min(steps, left));
    const original = state.original();
    const { alpha, sigma } = levelAt(sampler, state.call + 1);
    const noise = mixture([1 / sigma, state.latents], [-alpha / sigma, original]);
    const { sink: _, attend: __, memory: ___, blend, ...same } = request;
    let latents = short.addNoise(original, noise, short.startCall);
    const beside: DenoiseRequest = {
        ...same,
        samplers: [short],
        latents: tensor(latents, request.latents.dims),
        ...(blend ? { blend } : {}),
    };
    for await (const next of denoise(beside)) latents = next.latents;
    return latents;
}

/** Alpha and sigma of x = alpha x0 + sigma noise at a call, read off the sampler itself. */
function levelAt(sampler: Sampler, call: number): { readonly alpha: number; readonly sigma: number } {
    const zero = new Float32Array(1);
    const one = new Float32Array([1]);
    return { alpha: sampler.addNoise(one, zero, call)[0]!, sigma: sampler.addNoise(zero, one, call)[0]! };
}
