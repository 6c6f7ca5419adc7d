/** Finishing: from a state of another sampler's run to the end in a few steps of DDIM, beginning at the state's own level. */

import { stepsOfCalls } from '../../plan/steps.ts';
import { mixture } from '../mixture.ts';
import { type AlphaSigma, preservingForm } from './forms.ts';
import { noiseWeights, originalWeights } from './original.ts';
import type { Sampler, SchedulerConfig } from './sampler.ts';
import { sigmaAt } from './schedules/sigmas.ts';
import { trainingOf } from './schedules/training.ts';

/** A sampler that starts from a state, and the state as it keeps latents: x = alpha x0 + sigma noise, alpha² + sigma² = 1. */
export interface Finish {
    readonly sampler: Sampler;
    readonly latents: Float32Array;
}

/**
 * Finishes the latents that `running` has at `call` in `steps` steps without fresh noise. The first level is the state's
 * own; the others are at even distances of its timestep down to 0 (DDIM with eta 0, Song et al. 2021, over these levels).
 * One step is the clean latents that the model predicts: one-step completion.
 */
export function finishFrom(
    config: SchedulerConfig,
    running: Sampler,
    call: number,
    latents: Float32Array,
    steps: number,
): Finish {
    const { sigmas } = trainingOf(config, { zeroSnr: 'nudge' });
    const { prediction } = running;
    const first = running.timesteps[call]!;
    const timesteps = Array.from({ length: steps }, (_, step) => first * (1 - step / steps));
    const given = levelAt(running, call);
    const size = Math.hypot(given.alpha, given.sigma);
    const levels: AlphaSigma[] = timesteps.map((timestep, step) =>
        step === 0 ? { alpha: given.alpha / size, sigma: given.sigma / size } : preserving(sigmaAt(sigmas, timestep)),
    );
    levels.push({ alpha: 1, sigma: 0 });
    const sampler: Sampler = {
        timesteps,
        stepOfCall: stepsOfCalls(steps, 1),
        steps,
        startCall: 0,
        prediction,
        initNoiseSigma: 1,
        sigmas: levels.map(({ alpha, sigma }) => sigma / alpha),
        ...preservingForm(prediction, levels),
        step(model, at, state) {
            const { alpha, sigma } = levels[at]!;
            const next = levels[at + 1]!;
            const [a, b] = originalWeights(prediction, alpha, sigma);
            if (next.sigma === 0) return mixture([a, state], [b, model]);
            const [c, d] = noiseWeights(prediction, alpha, sigma);
            return mixture([next.alpha * a + next.sigma * c, state], [next.alpha * b + next.sigma * d, model]);
        },
    };
    return { sampler, latents: size === 1 ? latents : mixture([1 / size, latents]) };
}

function preserving(sigma: number): AlphaSigma {
    const size = Math.hypot(1, sigma);
    return { alpha: 1 / size, sigma: sigma / size };
}

/** Alpha and sigma of x = alpha x0 + sigma noise at a call, read off the sampler itself. */
function levelAt(sampler: Sampler, call: number): AlphaSigma {
    const zero = new Float32Array(1);
    const one = new Float32Array([1]);
    return { alpha: sampler.addNoise(one, zero, call)[0]!, sigma: sampler.addNoise(zero, one, call)[0]! };
}
