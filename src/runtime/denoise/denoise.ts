/** The denoising loop: a model call, predictions mixed, the sampler's step. */

import { isCachedStep } from '../../plan/passes/deep-cache.ts';
import { isTextCached } from '../../plan/passes/text-cache.ts';
import { rowsAt, withoutCache } from '../../plan/rows/moment-rows.ts';
import { memberShares } from '../../plan/rows/weights.ts';
import { type Moment, momentAt } from '../../plan/steps.ts';
import type { AttentionMap } from '../engine/stable-diffusion.ts';
import { RunError } from '../run-error.ts';
import { tensor } from '../tensor.ts';
import type { DenoiseRequest } from './denoise-request.ts';
import { keptFeatures } from './kept.ts';
import { attentionOf, predict, yieldToEventLoop } from './pass.ts';
import { guide, mean, meanPrediction } from './predictions.ts';

/** One model call: the state that it starts from and the one that it leads to. */
export interface Denoised {
    readonly moment: Moment;
    /** Whether the call is the first of its step: `before` is then the state between two steps. */
    readonly stepBegins: boolean;
    /** `[pictures, 4, h, w]`, before the call. */
    readonly before: Float32Array;
    /** Whether the call completes its step (second-order samplers need two calls for most steps). */
    readonly stepDone: boolean;
    /** `[pictures, 4, h, w]`, after the call. */
    readonly latents: Float32Array;
    /** The call's number in the sampler's own list. */
    readonly call: number;
    /** Cross-attention of the call, where it was asked for: rows as in the layout, the guided ones first. */
    readonly attention: readonly AttentionMap[];
    /** The clean latents predicted at this call (one-step completion), from the state before it. */
    original(): Float32Array;
}

/** Runs the loop from `latents` to the end; yields after every model call. */
export async function* denoise(request: DenoiseRequest): AsyncGenerator<Denoised, void> {
    const { layout, samplers, blend } = request;
    const schedule = samplers[0]!;
    const calls = schedule.timesteps.length;
    const kept = keptFeatures();
    let latents = request.latents.data;
    request.sink?.add('start', request.latents);
    for (let call = schedule.startCall; call < calls; call++) {
        await yieldToEventLoop(request.signal);
        const moment = (request.moment ?? momentAt)(schedule, call);
        const stepDone = schedule.stepOfCall[call + 1] !== schedule.stepOfCall[call];
        const stepBegins = call === schedule.startCall || schedule.stepOfCall[call - 1] !== schedule.stepOfCall[call];
        const attends = attendsAt(request, moment, stepBegins, call + 1 === calls);
        const { deepCache, textCache } = layout.plan;
        const isCached = isCachedStep(deepCache, moment) || isTextCached(textCache, moment);
        // Attention is that of all blocks and rows, whatever the step itself runs.
        const attend = attends && !isCached;
        const needed = rowsAt(layout, moment, attend || request.sink !== undefined);
        const pass = await predict({ ...request, layout: needed }, latents, moment, call, { attend, kept });
        const attention =
            attends && isCached
                ? await attentionOf(
                      { ...request, layout: rowsAt(withoutCache(layout), moment, true) },
                      latents,
                      moment,
                      call,
                  )
                : pass.attention;
        const guided = guide(needed, pass.prediction, moment, { apart: samplers.length > 1 });
        const before = latents;
        const stepped = stepAll(request, guided, call, latents, moment);
        latents = blend ? blend(stepped, schedule, call + 1 < calls ? call + 1 : undefined) : stepped;
        requireNumbers(latents, moment);
        const original = () => schedule.predictOriginal(meanPrediction(layout, guided, moment), call, before);
        recordTensors(request, { guided: meanPrediction(layout, guided, moment), latents }, call, original);
        yield { moment, call, stepBegins, stepDone, before, latents, attention, original };
    }
}

/** Whether a call's cross-attention is wanted: of the states named, each at the call that starts from it, the last at the last. */
function attendsAt({ attend }: DenoiseRequest, { step, steps }: Moment, stepBegins: boolean, isLast: boolean): boolean {
    if (!attend) return false;
    return (stepBegins && attend.includes(step)) || (isLast && attend.includes(steps));
}

/** Passes a call's tensors to the sink. */
function recordTensors(
    { sink, latents }: DenoiseRequest,
    values: Readonly<Record<string, Float32Array>>,
    call: number,
    original: () => Float32Array,
): void {
    if (!sink) return;
    for (const [name, data] of Object.entries({ ...values, original: original() })) {
        sink.add(`${name}.${call}`, tensor(data, latents.dims));
    }
}

/** One step of the sampler; for an ensemble over latents the mean of the members' steps, with shared noise. */
function stepAll(
    request: DenoiseRequest,
    guided: readonly Float32Array[],
    call: number,
    latents: Float32Array,
    moment: Moment,
): Float32Array {
    const drawn: Float32Array[] = [];
    const stepped = request.samplers.map((sampler, k) => {
        let asked = 0;
        const draw = () => {
            drawn[asked] ??= request.draw();
            return drawn[asked++]!;
        };
        return sampler.step(guided[k]!, call, latents, draw);
    });
    if (stepped.length === 1) return stepped[0]!;
    return mean(stepped, memberShares(request.layout.members, moment));
}

function requireNumbers(latents: Float32Array, moment: Moment): void {
    for (const value of latents) {
        if (Number.isFinite(value)) continue;
        throw new RunError(
            'run/not-a-number',
            `The latents stopped being numbers at step ${moment.step + 1} of ${moment.steps}. Lower the guidance or the layer weights, or take another sampler or device.`,
        );
    }
}
