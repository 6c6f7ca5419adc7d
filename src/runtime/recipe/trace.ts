/** Traces: what the picture looks like on the way, and what it would become if it were finished at once. */
import { withoutCache } from '../../plan/rows/moment-rows.ts';
import { finishingMoments } from '../../plan/steps.ts';
import { type Denoised, denoise } from '../denoise/denoise.ts';
import type { DenoiseRequest } from '../denoise/denoise-request.ts';
import type { AttentionMap, StableDiffusion } from '../engine/stable-diffusion.ts';
import type { TraceFrame } from '../events.ts';
import type { Rgb } from '../pictures/picture.ts';
import { toRgb } from '../pictures/pixels.ts';
import { finishFrom } from '../samplers/finish.ts';
import { rows, tensor } from '../tensor.ts';
import type { LearnedIds } from '../text/segments.ts';
import { wordMaps } from './attention.ts';
import type { WordGradients } from './word-gradients.ts';

/** A state between two steps, or the last one. */
export interface TracedState {
    /** How many steps come before it. */
    readonly after: number;
    /** `[pictures, 4, h, w]` */
    readonly latents: Float32Array;
    /** The call that starts from the state; absent for the last state, of which nothing is left to complete. */
    readonly next?: Denoised;
    /** The call that attention and gradients are of: `next`, or the last one. */
    readonly pass: Denoised;
    /** What the pass over the state attends to; for the last state what the last pass did. */
    readonly attention: readonly AttentionMap[];
}

/** What heat maps of words need. */
export interface TracedWords {
    readonly gradients?: WordGradients | undefined;
    readonly learned?: LearnedIds | undefined;
}

/**
 * One frame per picture of the batch: the noisy latents decoded; and, where the plan asks for it, the same state completed
 * in one step (the clean latents predicted from it, decoded), finished in a few steps, and its words' attention and gradients.
 */
export async function traceFrames(
    model: StableDiffusion,
    request: DenoiseRequest,
    state: TracedState,
    { gradients, learned }: TracedWords = {},
): Promise<readonly TraceFrame[]> {
    const { dims } = request.latents;
    const trace = request.layout.plan.trace!;
    const decode = async (latents: Float32Array, picture: number): Promise<Rgb> =>
        toRgb(await model.decode(rows(tensor(latents, dims), picture, picture + 1)));
    const attends = trace.attention.length > 0;
    const original = trace.completed || attends || gradients ? (state.next?.original() ?? state.latents) : undefined;
    const finished = trace.finish > 0 ? await finish(model, request, state, trace.finish) : undefined;
    const frames: TraceFrame[] = [];
    for (let picture = 0; picture < dims[0]!; picture++) {
        const completed = original && (await decode(original, picture));
        frames.push({
            after: state.after,
            noisy: await decode(state.latents, picture),
            ...(trace.completed && completed ? { completed } : {}),
            ...(finished ? { finished: await decode(finished, picture) } : {}),
            ...(completed && attends
                ? {
                      attention: wordMaps(
                          model.tokenizer,
                          request.layout,
                          picture,
                          state.pass.moment,
                          state.attention,
                          completed,
                          learned,
                      ),
                  }
                : {}),
            ...(completed && gradients
                ? { gradient: await gradients.overlays(state.pass, request.samplers[0]!, picture, completed) }
                : {}),
        });
    }
    return frames;
}

/**
 * The pictures, finished from this state in `steps` steps (or as many as are left, if these are fewer), beside the run and
 * without drawing from its noise; the whole U-Net runs at each of these steps. Curves, windows and decay act as in the steps whose place these take.
 */
async function finish(
    model: StableDiffusion,
    request: DenoiseRequest,
    { latents, next }: TracedState,
    steps: number,
): Promise<Float32Array> {
    if (!next) return latents;
    const moments = finishingMoments(next.moment, steps);
    const { scheduler } = model.checkpoint;
    const short = finishFrom(scheduler, request.samplers[0]!, next.call, latents, moments.length);
    const { sink: _, attend: __, memory: ___, ...same } = request;
    const beside: DenoiseRequest = {
        ...same,
        layout: withoutCache(request.layout),
        moment: (_sampler, call) => moments[call]!,
        samplers: [short.sampler],
        latents: tensor(short.latents, request.latents.dims),
    };
    let finished = short.latents;
    for await (const state of denoise(beside)) finished = state.latents;
    return finished;
}
