import { describe, expect, test } from 'vitest';
import { isStochastic, SAMPLER_NAMES, type SamplerName } from '../../../src/plan/samplers.ts';
import { startOf } from '../../../src/plan/steps.ts';
import { rescale } from '../../../src/runtime/denoise/predictions.ts';
import { createSampler } from '../../../src/runtime/samplers/create.ts';
import type { Sampler, SchedulerConfig } from '../../../src/runtime/samplers/sampler.ts';
import { roundHalfEven } from '../../../src/runtime/samplers/schedules/spacing.ts';
import { fromSchedulerConfig } from '../../parity/scheduler-class.ts';

/** What Stable Diffusion 1.x states in its scheduler_config.json. */
const SD15: SchedulerConfig = {
    _class_name: 'PNDMScheduler',
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    beta_start: 0.00085,
    num_train_timesteps: 1000,
    set_alpha_to_one: false,
    skip_prk_steps: true,
    steps_offset: 1,
    clip_sample: false,
};

const noise = (length: number, seed = 1) => Float32Array.from({ length }, (_, i) => Math.sin((i + 1) * 12.9898 * seed));

/** Walks the whole run with a model that always sees the same clean latents, as a perfect model would. */
function denoiseTowards(sampler: Sampler, clean: Float32Array): Float32Array {
    let latents = sampler.addNoise(clean, noise(clean.length), sampler.startCall);
    for (let call = sampler.startCall; call < sampler.timesteps.length; call++) {
        latents = sampler.step(oracle(sampler, clean, call, latents), call, latents, () => noise(clean.length, 7));
    }
    return latents;
}

/** The prediction for which `predictOriginal` gives the clean latents: it is linear in the prediction. */
function oracle(sampler: Sampler, clean: Float32Array, call: number, latents: Float32Array) {
    const zero = sampler.predictOriginal(new Float32Array(clean.length), call, latents);
    const one = sampler.predictOriginal(new Float32Array(clean.length).fill(1), call, latents);
    return clean.map((value, i) => (value - zero[i]!) / (one[i]! - zero[i]!));
}

describe('every sampler', () => {
    describe.each(SAMPLER_NAMES)('%s', (name) => {
        test.each([1, 2, 5, 16])('%i steps have one call after the other', (steps) => {
            const sampler = createSampler(name, SD15, { steps });
            const { timesteps, stepOfCall } = sampler;
            expect(stepOfCall).toHaveLength(timesteps.length);
            expect(stepOfCall[0]).toBe(0);
            expect(stepOfCall.at(-1)).toBe(steps - 1);
            for (let i = 1; i < stepOfCall.length; i++) expect(stepOfCall[i]! - stepOfCall[i - 1]!).toBeOneOf([0, 1]);
            for (const t of timesteps) expect(t >= 0 && t < 1000).toBe(true);
        });

        test.each([0, 1])('draws noise where the plan says so, with eta %d', (eta) => {
            const sampler = createSampler(name, SD15, { steps: 4, eta });
            let drawn = 0;
            const draw = () => {
                drawn++;
                return noise(24, drawn);
            };
            let latents: Float32Array = noise(24, 3);
            for (const call of sampler.timesteps.keys()) latents = sampler.step(noise(24, 5), call, latents, draw);
            expect(drawn > 0).toBe(isStochastic(name, eta));
        });

        test('ends at the latents that the model is sure of', () => {
            const clean = noise(24, 3);
            const sampler = createSampler(name, SD15, { steps: 12 });
            const result = denoiseTowards(sampler, clean);
            // Runs that end above sigma 0 keep a little noise: sigma_min is 0.03 for this model.
            for (let i = 0; i < clean.length; i++) expect(Math.abs(result[i]! - clean[i]!)).toBeLessThan(0.06);
        });

        test('keeps its arguments as they are, and two runs apart', () => {
            const clean = noise(24, 3);
            const model = noise(24, 5);
            const once = () => {
                const sampler = createSampler(name, SD15, { steps: 4 });
                let latents: Float32Array = clean;
                return sampler.timesteps.map((_, call) => {
                    const before = latents.slice();
                    const next = sampler.step(model, call, latents, () => noise(24, 9));
                    expect(latents).toEqual(before);
                    latents = next;
                    return next;
                });
            };
            expect(once()).toEqual(once());
            expect(model).toEqual(noise(24, 5));
        });

        test('treats a batch as its pictures one by one', () => {
            const [a, b, model] = [noise(8, 2), noise(8, 4), noise(16, 6)];
            const both = createSampler(name, SD15, { steps: 6 });
            const first = createSampler(name, SD15, { steps: 6 });
            let batch: Float32Array = Float32Array.from([...a, ...b]);
            let single: Float32Array = a;
            for (let call = 0; call < both.timesteps.length; call++) {
                batch = both.step(model, call, batch, () => noise(16, 9));
                single = first.step(model.subarray(0, 8), call, single, () => noise(8, 9));
            }
            expect(batch.slice(0, 8)).toEqual(single);
        });

        test.each([0, -1, 1.5, 1001])('%f steps are refused', (steps) => {
            expect(() => createSampler(name, SD15, { steps })).toThrow(
                expect.objectContaining({ code: 'sampler/steps' }),
            );
        });
    });
});

test('1000 steps stay inside the training', () => {
    for (const name of SAMPLER_NAMES.filter((one) => one !== 'lcm')) {
        const { timesteps } = createSampler(name, SD15, { steps: 1000 });
        expect(Math.max(...timesteps)).toBeLessThan(1000);
        expect(Math.min(...timesteps)).toBeGreaterThanOrEqual(0);
    }
});

describe('the facts that published runs depend on (diffusers 0.40)', () => {
    const timesteps = (name: SamplerName, steps: number, more: SchedulerConfig = {}) =>
        createSampler(name, { ...SD15, ...more }, { steps }).timesteps;

    test('leading spacing starts below the end', () => {
        expect(timesteps('ddim', 5)).toEqual([801, 601, 401, 201, 1]);
    });
    test('PNDM calls the second timestep twice', () => {
        expect(timesteps('pndm', 5)).toEqual([801, 601, 601, 401, 201, 1]);
        expect(createSampler('pndm', SD15, { steps: 5 }).stepOfCall).toEqual([0, 0, 1, 2, 3, 4]);
    });
    test('trailing spacing rounds halves to even', () => {
        expect(timesteps('ddim', 16, { timestep_spacing: 'trailing' }).slice(0, 4)).toEqual([999, 937, 874, 811]);
        expect([0.5, 1.5, 2.5, 3.4].map(roundHalfEven)).toEqual([0, 2, 2, 3]);
    });
    test('the k-diffusion family takes linspace unless the model says otherwise', () => {
        expect(timesteps('euler', 3)).toEqual([999, 499.5, 0]);
        expect(createSampler('euler', SD15, { steps: 3 }).initNoiseSigma).toBeCloseTo(14.6146, 3);
        const leading = createSampler('euler', { ...SD15, timestep_spacing: 'leading' }, { steps: 2 });
        expect(leading.initNoiseSigma).toBeCloseTo(Math.hypot(leading.sigmas[0]!, 1), 6);
    });
    test('a spec overrides the model', () => {
        const trailing = createSampler('ddim', SD15, { steps: 4, spacing: 'trailing' });
        expect(trailing.timesteps).toEqual([999, 749, 499, 249]);
        const karras = createSampler('euler', SD15, { steps: 10, schedule: 'karras' });
        expect(karras.sigmas[5]).toBeLessThan(createSampler('euler', SD15, { steps: 10 }).sigmas[5]!);
        const normal = createSampler('euler', { ...SD15, use_karras_sigmas: true }, { steps: 10, schedule: 'normal' });
        expect(normal.sigmas).toEqual(createSampler('euler', SD15, { steps: 10 }).sigmas);
    });
});

describe('what a sampler cannot follow', () => {
    test.each(['ddim', 'ddpm', 'pndm', 'lcm'] as const)('%s has no karras schedule', (name) => {
        const make = () => createSampler(name, SD15, { steps: 4, schedule: 'karras' });
        expect(make).toThrow(expect.objectContaining({ code: 'sampler/schedule' }));
    });
    test.each([{ beta_schedule: 'sigmoid' }, { prediction_type: 'flow_prediction' }, { thresholding: true }])(
        'a configuration with %j',
        (more) => {
            const make = () => createSampler('ddim', { ...SD15, ...more }, { steps: 4 });
            expect(make).toThrow(expect.objectContaining({ code: 'sampler/config' }));
        },
    );
    test('LCM with more steps than its distillation', () => {
        expect(() => createSampler('lcm', SD15, { steps: 51 })).toThrow(/up to 50/);
    });
    test('a start past the end or inside a step', () => {
        expect(() => createSampler('ddim', SD15, { steps: 4, startCall: 4 })).toThrow(/4 model calls/);
        expect(() => createSampler('heun', SD15, { steps: 4, startCall: 3 })).toThrow(/cannot start/);
    });
});

test("a model's configuration names its sampler", () => {
    expect(fromSchedulerConfig(SD15)).toEqual({ name: 'pndm', schedule: 'normal' });
    const sde = {
        _class_name: 'DPMSolverMultistepScheduler',
        algorithm_type: 'sde-dpmsolver++',
        use_karras_sigmas: true,
    };
    expect(fromSchedulerConfig(sde)).toEqual({ name: 'dpmpp-2m-sde', schedule: 'karras' });
    expect(() => fromSchedulerConfig({ _class_name: 'FlowMatchEulerDiscreteScheduler' })).toThrow(/No sampler/);
});

test.each([
    [10, 0.3, 1, { step: 7, stepsRun: 3, call: 7 }],
    [6, 0.5, 2, { step: 3, stepsRun: 3, call: 6 }],
    [8, 1, 1, { step: 0, stepsRun: 8, call: 0 }],
    [10, 0.05, 1, { step: 10, stepsRun: 0, call: 10 }],
    // 50 * 0.58 is 28.999999999999996, and diffusers cuts it too.
    [50, 0.58, 1, { step: 22, stepsRun: 28, call: 22 }],
] as const)('%i steps at strength %f start there', (steps, strength, order, start) => {
    expect(startOf(steps, strength, order)).toEqual(start);
});

describe('guidance', () => {
    test('rescaled by the sample deviation', () => {
        const [guided, conditional] = [Float32Array.of(0, 4, 8), Float32Array.of(1, 2, 3)];
        expect([...rescale(guided, conditional, 1)]).toEqual([0, 1, 2]);
        expect([...rescale(guided, conditional, 0)]).toEqual([...guided]);
    });
});

test.each(['normal', 'karras', 'exponential'] as const)(
    'dpmpp-3m-sde on %s takes the steps of k-diffusion, from noise and from the middle',
    (schedule) => {
        for (const startCall of [0, 3]) {
            const sampler = createSampler('dpmpp-3m-sde', SD15, { steps: 9, schedule, startCall });
            const { sigmas } = sampler;
            const alpha = (call: number) => 1 / Math.sqrt(sigmas[call]! ** 2 + 1);
            const model = (latents: Float32Array, call: number) =>
                latents.map((value, i) => Math.tanh(value + Math.sin(i + call)));
            const draw = (call: number) => noise(24, call + 2);
            let latents: Float32Array = noise(24, 4);
            let exploding = [...latents].map((value) => value / alpha(startCall));
            const denoised: number[][] = [];
            for (let call = startCall; call < 9; call++) {
                const prediction = model(latents, call);
                // Denoised latents of an epsilon model, x - sigma eps, where the model sees alpha x.
                const seen = Float32Array.from(exploding, (value) => value * alpha(call));
                const eps = model(seen, call);
                denoised.unshift(exploding.map((value, i) => value - sigmas[call]! * eps[i]!));
                exploding = crowson3m(exploding, denoised, sigmas, call, startCall, draw(call));
                latents = sampler.step(prediction, call, latents, () => draw(call));
                exploding.forEach((value, i) => {
                    expect(latents[i]).toBeCloseTo(value * alpha(call + 1), 4);
                });
            }
        }
    },
);

/**
 * One step of `sample_dpmpp_3m_sde` with eta 1 and s_noise 1, line by line
 * (https://github.com/crowsonkb/k-diffusion/blob/master/k_diffusion/sampling.py), in float64.
 */
function crowson3m(
    x: readonly number[],
    [denoised, denoised1, denoised2]: readonly (readonly number[])[],
    sigmas: readonly number[],
    call: number,
    startCall: number,
    drawn: Float32Array,
): number[] {
    const next = sigmas[call + 1]!;
    if (next === 0) return [...denoised!];
    const [t, s] = [-Math.log(sigmas[call]!), -Math.log(next)];
    const h = s - t;
    const hEta = h * 2;
    const h1 = call > startCall ? t + Math.log(sigmas[call - 1]!) : undefined;
    const h2 = call > startCall + 1 ? Math.log(sigmas[call - 2]!) - Math.log(sigmas[call - 1]!) : undefined;
    return x.map((value, i) => {
        let result = Math.exp(-hEta) * value - Math.expm1(-hEta) * denoised![i]!;
        if (h1 !== undefined && h2 !== undefined) {
            const [r0, r1] = [h1 / h, h2 / h];
            const d10 = (denoised![i]! - denoised1![i]!) / r0;
            const d11 = (denoised1![i]! - denoised2![i]!) / r1;
            const d1 = d10 + ((d10 - d11) * r0) / (r0 + r1);
            const d2 = (d10 - d11) / (r0 + r1);
            const phi2 = Math.expm1(-hEta) / hEta + 1;
            const phi3 = phi2 / hEta - 0.5;
            result += phi2 * d1 - phi3 * d2;
        } else if (h1 !== undefined) {
            const d = (denoised![i]! - denoised1![i]!) / (h1 / h);
            result += (Math.expm1(-hEta) / hEta + 1) * d;
        }
        return result + drawn[i]! * next * Math.sqrt(-Math.expm1(-2 * h));
    });
}
