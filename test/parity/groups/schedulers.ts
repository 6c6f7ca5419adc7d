/** Parity of the samplers: timesteps, sigmas and trajectories with a closed-form model and a bank of noises. */
import { createSampler } from '../../../src/runtime/samplers/create.ts';
import type { Sampler } from '../../../src/runtime/samplers/sampler.ts';
import { type GoldenCase, type GoldenGroup, type ParityGroup, worstError } from '../golden.ts';
import { fromSchedulerConfig } from '../scheduler-class.ts';

export const run: ParityGroup = async function* (_root, group) {
    for (const one of group.cases) yield compare(one, group);
};

function compare(one: GoldenCase, group: GoldenGroup) {
    const { inputs, outputs, atol } = one;
    const config = { _class_name: inputs['class'], ...group.schedulerConfigs[inputs['config']] };
    const { name } = fromSchedulerConfig(config);
    const startCall: number = inputs['start'];
    const sampler = createSampler(name, config, {
        steps: inputs['steps'],
        eta: inputs['step_kwargs'].eta,
        startCall,
    });
    const timesteps = worstTimestep(sampler.timesteps, group.tensor(outputs['timesteps']).data);
    const { start, trajectory, draws } = walk(sampler, one, group);
    const errors = {
        timesteps,
        init: Math.abs(sampler.initNoiseSigma / outputs['init_noise_sigma'] - 1),
        x_init: worstError(start, group.tensor(outputs['x_init']).data),
        trajectory: worstError(trajectory, group.tensor(outputs['trajectory']).data),
        draws: draws.join() === outputs['noise_draws_per_step'].join() ? 0 : Number.POSITIVE_INFINITY,
    };
    const error = Math.max(...Object.values(errors));
    const worst = Object.entries(errors).find(([, value]) => value === error)?.[0] ?? '';
    return { id: one.id, error, atol, passed: error <= atol, note: worst };
}

/** Whole timesteps are exact; fractions come from differences of float32 logarithms and squares. */
function worstTimestep(ours: readonly number[], reference: ArrayLike<number>): number {
    if (ours.length !== reference.length) return Number.POSITIVE_INFINITY;
    const close = ours.every((t, i) => {
        const expected = reference[i]!;
        return Number.isInteger(expected) && Number.isInteger(t) ? t === expected : Math.abs(t - expected) < 2e-3;
    });
    return close ? 0 : Number.POSITIVE_INFINITY;
}

function walk(sampler: Sampler, { inputs }: GoldenCase, group: GoldenGroup) {
    const unit = group.tensor(inputs['unit_noise']);
    const bank = group.tensor(inputs['noise_bank']).data;
    const noise = Float32Array.from(unit.data);
    const { length } = noise;
    const sample = unit.dims.slice(1).reduce((product, side) => product * side, 1);
    const model = modelOf(group, sample);
    let latents =
        sampler.startCall > 0
            ? sampler.addNoise(Float32Array.from(group.tensor(inputs['clean']).data), noise, sampler.startCall)
            : noise.map((value) => value * sampler.initNoiseSigma);
    const start = latents;
    let drawn = 0;
    const draw = () => Float32Array.from(bank.slice(drawn * length, ++drawn * length));
    const trajectory: number[] = [];
    const draws: number[] = [];
    for (let call = sampler.startCall; call < sampler.timesteps.length; call++) {
        const before = drawn;
        const prediction = model(sampler.scaleModelInput(latents, call), sampler.timesteps[call]!);
        latents = sampler.step(prediction, call, latents, draw);
        trajectory.push(...latents);
        draws.push(drawn - before);
    }
    return { start, trajectory, draws };
}

/** a sin(b x + c t + d k) + e x, with k the index within one sample. */
function modelOf(group: GoldenGroup, sample: number) {
    const { a, b, c, d, e } = group.modelParameters!;
    return (x: Float32Array, t: number) =>
        x.map((value, i) => a! * Math.sin(b! * value + c! * t + d! * (i % sample)) + e! * value);
}
