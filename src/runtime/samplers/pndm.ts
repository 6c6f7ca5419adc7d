/** PNDM: pseudo numerical methods for diffusion models (Liu et al. 2022, arXiv 2202.09778). */

import { mixture } from '../mixture.ts';
import { preservingForm } from './forms.ts';
import { noiseWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { startCallOf } from './schedules/spacing.ts';
import { trainedLevels, trainedSchedule } from './schedules/trained.ts';

/** Calls of the Runge–Kutta start: three steps of four calls. */
const RUNGE_KUTTA = 12;

/**
 * With `skip_prk_steps` (Stable Diffusion) the linear multistep form alone: n + 1 calls, since the first step is taken
 * twice. Without it, three Runge–Kutta steps of four calls come first.
 */
export function pndm(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const schedule = trainedSchedule('pndm', config, options, { zeroSnr: 'ignore' });
    const { steps, training, stride, timesteps: visited } = schedule;
    const { count, alphasCumprod, prediction } = training;
    const half = Math.floor(stride / 2);
    const end = config.set_alpha_to_one ? 1 : alphasCumprod[0]!;
    const rungeKutta = !config.skip_prk_steps && steps >= 4;
    const timesteps = rungeKutta
        ? [...rungeKuttaTimesteps(visited, half), ...visited.slice(3)]
        : [visited[0]!, ...visited.slice(1, 2), ...visited.slice(1)];
    const stepOfCall = timesteps.map((_, call) =>
        rungeKutta ? (call < RUNGE_KUTTA ? Math.floor(call / 4) : call - RUNGE_KUTTA + 3) : Math.max(call - 1, 0),
    );

    const startCall = startCallOf(options, timesteps.length);
    const { sigmas, levels } = trainedLevels(training, timesteps);
    /** Calls made so far; the latest noise predictions, newest first; the latents that the current step started from. */
    let made = 0;
    let history: Float32Array[] = [];
    let origin: Float32Array | undefined;
    let sum: Float32Array | undefined;

    /** Equation 9: from one timestep to another by the mixed prediction. */
    function transfer(latents: Float32Array, from: number, to: number, model: Float32Array): Float32Array {
        const alphaBar = alphasCumprod[Math.min(from, count - 1)]!;
        const alphaBarTo = to >= 0 ? alphasCumprod[to]! : end;
        const [ofLatents, ofModel] = noiseWeights(prediction, Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar));
        const divisor = alphaBar * Math.sqrt(1 - alphaBarTo) + Math.sqrt(alphaBar * (1 - alphaBar) * alphaBarTo);
        const ofNoise = -(alphaBarTo - alphaBar) / divisor;
        return mixture([Math.sqrt(alphaBarTo / alphaBar) + ofNoise * ofLatents, latents], [ofNoise * ofModel, model]);
    }

    function rungeKuttaStep(model: Float32Array, call: number, latents: Float32Array): Float32Array {
        // After a start in the middle the reference counts calls from there, but takes its timesteps from the beginning.
        const part = made % 4;
        const to = timesteps[call]! - (part % 2 === 1 ? 0 : half);
        const from = timesteps[made - part]!;
        if (part === 0) {
            history = [model, ...history];
            origin = latents;
            sum = undefined;
        }
        const weight = part === 0 || part === 3 ? 1 / 6 : 1 / 3;
        const total: Float32Array = sum ? mixture([1, sum], [weight, model]) : mixture([weight, model]);
        sum = total;
        return transfer(origin ?? latents, from, to, part === 3 ? total : model);
    }

    function multistep(model: Float32Array, call: number, latents: Float32Array): Float32Array {
        let from = timesteps[call]!;
        let to = from - stride;
        if (!rungeKutta && made === 1) {
            [from, to] = [from + stride, from];
            return transfer(origin ?? latents, from, to, mixture([0.5, model], [0.5, history[0]!]));
        }
        history = [model, ...history.slice(0, 3)];
        if (!rungeKutta && made === 0) origin = latents;
        const weights = ADAMS_BASHFORTH[history.length - 1]!;
        return transfer(latents, from, to, mixture(...history.map((one, i) => [weights[i]!, one] as const)));
    }

    return {
        timesteps,
        stepOfCall,
        steps,
        startCall,
        prediction,
        initNoiseSigma: 1,
        sigmas,
        ...preservingForm(prediction, levels),
        step(model, call, latents) {
            const next =
                rungeKutta && made < RUNGE_KUTTA
                    ? rungeKuttaStep(model, call, latents)
                    : multistep(model, call, latents);
            made++;
            return next;
        },
    };
}

/** Weights of the newest predictions (Adams–Bashforth of orders 1 to 4). */
const ADAMS_BASHFORTH = [
    [1],
    [3 / 2, -1 / 2],
    [23 / 12, -16 / 12, 5 / 12],
    [55 / 24, -59 / 24, 37 / 24, -9 / 24],
] as const;

/** Each of three steps calls at its start, twice in its middle and at its end. */
function rungeKuttaTimesteps(visited: readonly number[], half: number): number[] {
    return [0, 1, 2].flatMap((step) => {
        const middle = visited[step + 1]! + half;
        return [visited[step]!, middle, middle, visited[step + 1]!];
    });
}
