/** Samplers and schedules by name, with the facts that checks and estimates need. */

/**
 * Model calls per step: one; one, but two for the first step; or two, the second in the middle of the step or at its
 * end. The last step of a sampler with two needs only one.
 */
export type SamplerCalls = 'one' | 'first-twice' | 'two-middle' | 'two-ends';

/** Everything that is known of a sampler outside its arithmetic: checks, estimates, completion and docs read it here. */
export interface SamplerFacts {
    readonly title: string;
    /** Fresh noise at every step: never, always, or only with eta above 0. */
    readonly noise: 'never' | 'always' | 'with eta';
    readonly calls: SamplerCalls;
    /** Noise schedules that it can follow besides its own. */
    readonly schedules: readonly ScheduleName[];
    /**
     * The step without fresh noise is affine in the prediction, with one state: the mean of several latents is then the
     * latents of the mean prediction.
     */
    readonly affine?: true;
    /** The first and the last number of steps that makes sense, and what to say outside them; `{steps}` is the number. */
    readonly advice?: { readonly from?: number; readonly to?: number; readonly text: string };
    readonly doc: string;
}

export const SCHEDULES = ['normal', 'karras', 'exponential'] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

const SIGMAS: readonly ScheduleName[] = ['normal', 'karras', 'exponential'];
const FIXED: readonly ScheduleName[] = ['normal'];

export const SAMPLERS = {
    ddim: {
        title: 'DDIM',
        noise: 'with eta',
        calls: 'one',
        schedules: FIXED,
        affine: true,
        doc: 'Denoising diffusion implicit models (Song et al. 2021). Deterministic with eta 0; good from 20 steps.',
    },
    ddpm: {
        title: 'DDPM',
        noise: 'always',
        calls: 'one',
        schedules: FIXED,
        affine: true,
        advice: {
            from: 50,
            text: 'DDPM wants many steps: with {steps} the picture stays noisy; write 100 or more, or take another sampler.',
        },
        doc: 'Denoising diffusion probabilistic models (Ho et al. 2020). Fresh noise at every step; wants many steps.',
    },
    pndm: {
        title: 'PNDM',
        noise: 'never',
        calls: 'first-twice',
        schedules: FIXED,
        affine: true,
        doc: "Pseudo numerical methods (Liu et al. 2022), the linear multistep form: Stable Diffusion 1.x's default.",
    },
    lms: {
        title: 'LMS',
        noise: 'never',
        calls: 'one',
        schedules: SIGMAS,
        affine: true,
        doc: 'Linear multistep of order 4 over sigmas (Crowson, k-diffusion).',
    },
    euler: {
        title: 'Euler',
        noise: 'never',
        calls: 'one',
        schedules: SIGMAS,
        affine: true,
        doc: "Euler's method over sigmas (Karras et al. 2022, algorithm 2 without churn). Simple and steady.",
    },
    'euler-a': {
        title: 'Euler ancestral',
        noise: 'always',
        calls: 'one',
        schedules: FIXED,
        doc: 'Euler steps with fresh noise (k-diffusion). Lively; does not settle as steps rise.',
    },
    heun: {
        title: 'Heun',
        noise: 'never',
        calls: 'two-ends',
        schedules: SIGMAS,
        doc: "Heun's second-order method (Karras et al. 2022). Two model calls per step.",
    },
    dpm2: {
        title: 'DPM2',
        noise: 'never',
        calls: 'two-middle',
        schedules: SIGMAS,
        doc: 'DPM-Solver-2 inspired, second order (k-diffusion). Two model calls per step.',
    },
    'dpm2-a': {
        title: 'DPM2 ancestral',
        noise: 'always',
        calls: 'two-middle',
        schedules: SIGMAS,
        doc: 'DPM2 with fresh noise at every step (k-diffusion). Two model calls per step.',
    },
    'dpmpp-2m': {
        title: 'DPM++ 2M',
        noise: 'never',
        calls: 'one',
        schedules: SIGMAS,
        affine: true,
        doc: 'DPM-Solver++ multistep of order 2 (Lu et al. 2022). The usual choice: good from 15 steps, better on karras.',
    },
    'dpmpp-2m-sde': {
        title: 'DPM++ 2M SDE',
        noise: 'always',
        calls: 'one',
        schedules: SIGMAS,
        doc: 'The stochastic form of DPM++ 2M.',
    },
    'dpmpp-3m-sde': {
        title: 'DPM++ 3M SDE',
        noise: 'always',
        calls: 'one',
        schedules: SIGMAS,
        advice: { from: 20, text: 'DPM++ 3M SDE wants 30 steps or more: with {steps} the picture may stay rough.' },
        doc: 'The stochastic multistep form of order 3 (Crowson, k-diffusion): smooth pictures from 30 steps, often on exponential.',
    },
    'dpmpp-2s': {
        title: 'DPM++ 2S',
        noise: 'never',
        calls: 'one',
        schedules: SIGMAS,
        doc: 'DPM-Solver++ single step of order 2 (Lu et al. 2022), its two stages counted as steps.',
    },
    'dpmpp-sde': {
        title: 'DPM++ SDE',
        noise: 'always',
        calls: 'two-middle',
        schedules: SIGMAS,
        doc: 'DPM-Solver++ single step SDE (k-diffusion). Two model calls per step.',
    },
    unipc: {
        title: 'UniPC',
        noise: 'never',
        calls: 'one',
        schedules: SIGMAS,
        doc: 'Unified predictor-corrector of order 2 (Zhao et al. 2023). Good from 10 steps.',
    },
    lcm: {
        title: 'LCM',
        noise: 'always',
        calls: 'one',
        schedules: FIXED,
        advice: {
            to: 12,
            text: 'LCM wants 1 to 8 steps, and a model distilled for it; here are {steps}.',
        },
        doc: 'Latent consistency models (Luo et al. 2023): 1 to 8 steps, for models distilled for it.',
    },
    deis: {
        title: 'DEIS',
        noise: 'never',
        calls: 'one',
        schedules: SIGMAS,
        affine: true,
        doc: 'Exponential integrator multistep (Zhang & Chen 2023).',
    },
} as const satisfies Record<string, SamplerFacts>;

export type SamplerName = keyof typeof SAMPLERS;
export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];

/** The facts of a sampler by the name that a spec writes; undefined for an unknown one. */
export function samplerFacts(name: string): SamplerFacts | undefined {
    return Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name as SamplerName] : undefined;
}

/** Whether a sampler draws fresh noise between steps. */
export function isStochastic(name: SamplerName, eta: number): boolean {
    const { noise } = SAMPLERS[name];
    return noise === 'always' || (noise === 'with eta' && eta > 0);
}

export interface SamplerChoice {
    readonly name: SamplerName;
    readonly schedule: ScheduleName;
    /** DDIM's eta: 0 is deterministic, 1 is DDPM-like. 0 for samplers without it. */
    readonly eta: number;
    /** Absent: the model's own, or the sampler's default. */
    readonly spacing?: 'leading' | 'trailing' | 'linspace';
}
