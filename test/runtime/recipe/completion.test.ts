/** One-step completion and short finishes of the state that is shown, against a plain loop over the U-Net. */
import { expect, test } from 'vitest';
import { constant } from '../../../src/plan/curve.ts';
import type { PicturePlan, Trace } from '../../../src/plan/plan.ts';
import type { SamplerName, ScheduleName } from '../../../src/plan/samplers.ts';
import type { StableDiffusion } from '../../../src/runtime/engine/stable-diffusion.ts';
import { openNoise } from '../../../src/runtime/noise/open.ts';
import type { Rgb } from '../../../src/runtime/pictures/picture.ts';
import { toRgb } from '../../../src/runtime/pictures/pixels.ts';
import { createSampler } from '../../../src/runtime/samplers/create.ts';
import { type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { caseInfusion, prompt } from '../../parity/plans.ts';
import { openNano, pictures, plan, SCHEDULER, SITES } from './nano-plans.ts';

const STEPS = 5;
const GUIDANCE = 4;
const DIMS = [1, 4, 9, 8];

const work = (name: SamplerName, schedule: ScheduleName, trace: Partial<Trace>, more: Partial<PicturePlan> = {}) =>
    plan([], {
        sampler: { name, schedule, eta: 0 },
        steps: STEPS,
        guidance: { scale: constant(GUIDANCE), rescale: 0 },
        conditioning: { kind: 'prompt', prompt: prompt('a castle on a mountain') },
        negative: prompt('blurry'),
        seeds: [9],
        trace: { after: [0, 1, 3], completed: true, finish: 1, attention: [], ...trace },
        ...more,
    });

/** The noise level sqrt((1 − ā) / ā) at a training timestep, straight from the definition of scaled_linear betas. */
function sigmaOf(timestep: number): number {
    const at = (t: number) => {
        let product = 1;
        for (let i = 0; i <= t; i++) {
            const root = Math.sqrt(0.00085) + ((Math.sqrt(0.012) - Math.sqrt(0.00085)) * i) / 999;
            product *= 1 - root * root;
        }
        return Math.sqrt((1 - product) / product);
    };
    const low = Math.floor(timestep);
    return at(low) + (timestep - low) * (at(low + 1) - at(low));
}

/** The guided noise prediction for x = x0 + sigma noise. */
async function predict(model: StableDiffusion, x: Float32Array, sigma: number, timestep: number) {
    const unet = await model.unet({});
    const sample = tensor(
        x.map((value) => value / Math.sqrt(sigma * sigma + 1)),
        DIMS,
    );
    const noise = async (text: string) => {
        const context = await model.encodeText([model.tokenizer.encodePadded(text)]);
        return (await unet.run({ sample, timestep, context })).prediction.data;
    };
    const [negative, positive] = [await noise('blurry'), await noise('a castle on a mountain')];
    return negative.map((value, i) => value + GUIDANCE * (positive[i]! - value));
}

/** x0 = x − sigma e from one pass; then, for more steps, Euler's method from level to level. */
async function finishPlainly(model: StableDiffusion, state: Float32Array, sigma: number, timestep: number, n: number) {
    let x = state;
    let level = sigma;
    for (let step = 0; step < n; step++) {
        const t = timestep * (1 - step / n);
        const next = step + 1 < n ? sigmaOf(timestep * (1 - (step + 1) / n)) : 0;
        const noise = await predict(model, x, level, t);
        x = x.map((value, i) => value + (next - level) * noise[i]!);
        level = next;
    }
    return toRgb(await model.decode(tensor(x, DIMS)));
}

/** The state after some steps of plain Euler, with its level and timestep. */
async function stateAfter(model: StableDiffusion, steps: number) {
    const schedule = createSampler('euler', SCHEDULER, { steps: STEPS });
    let x = openNoise('torch-cpu', 9)
        .normal(4 * 9 * 8)
        .map((value) => value * schedule.initNoiseSigma);
    for (let step = 0; step < steps; step++) {
        const [level, next] = [schedule.sigmas[step]!, schedule.sigmas[step + 1]!];
        const noise = await predict(model, x, level, schedule.timesteps[step]!);
        x = x.map((value, i) => value + (next - level) * noise[i]!);
    }
    return { x, sigma: schedule.sigmas[steps]!, timestep: schedule.timesteps[steps]! };
}

const greatest = (a: Rgb, b: Rgb) => Math.max(...a.data.map((value, i) => Math.abs(value - b.data[i]!)));

test.each([1, 3])('a state of Euler is completed, and finished in %i, as a plain loop does it', async (n) => {
    const model = await openNano();
    const [made] = await pictures(work('euler', 'normal', { finish: n }));
    expect(made!.trace.map(({ after }) => after)).toEqual([0, 1, 3]);
    for (const { after, noisy, completed, finished } of made!.trace) {
        const { x, sigma, timestep } = await stateAfter(model, after);
        const shown: Tensor = tensor(x, DIMS);
        expect(greatest(noisy, toRgb(await model.decode(shown)))).toBeLessThanOrEqual(1);
        expect(greatest(completed!, await finishPlainly(model, x, sigma, timestep, 1))).toBeLessThanOrEqual(1);
        const steps = Math.min(n, STEPS - after);
        expect(greatest(finished!, await finishPlainly(model, x, sigma, timestep, steps))).toBeLessThanOrEqual(1);
        if (n > 1 && after === 0) expect(greatest(finished!, completed!)).toBeGreaterThan(1);
    }
});

test.each([
    ['ddim', 'normal'],
    ['dpmpp-2m', 'karras'],
    ['euler-a', 'normal'],
    ['heun', 'normal'],
    ['dpm2', 'normal'],
    ['pndm', 'normal'],
    ['unipc', 'normal'],
] as const)('with %s on %s `finish 1` is the completion of the state beside it', async (name, schedule) => {
    const infusions = [caseInfusion([0], SITES, { latent: 'matched', decay: 0.5, window: { from: 0, to: 0.6 } })];
    const [made] = await pictures(work(name, schedule, {}, { infusions }));
    for (const { completed, finished, noisy } of made!.trace) {
        expect(greatest(finished!, completed!)).toBeLessThanOrEqual(1);
        expect(greatest(noisy, completed!)).toBeGreaterThan(3);
    }
});

test('of a state that one step is left for, every finish is the completion, and the next state of Euler is it too', async () => {
    const [made] = await pictures(work('euler', 'normal', { after: [STEPS - 1, STEPS], finish: 4 }));
    const [before, last] = made!.trace;
    expect(greatest(before!.finished!, before!.completed!)).toBeLessThanOrEqual(1);
    expect(greatest(before!.completed!, last!.noisy)).toBeLessThanOrEqual(1);
    expect(last!.completed).toEqual(made!.picture);
});
