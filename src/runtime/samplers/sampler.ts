/** Samplers: what every sampler offers to the denoising loop, and the errors and configuration they share. */
import type { ScheduleName } from '../../plan/samplers.ts';
import type { PredictionType } from '../weights/config.ts';

/** How noise levels are laid out between the ends: as a spec names it, or `lu`, which only a model's configuration asks for. */
export type SigmaSchedule = ScheduleName | 'lu';
/** Which training timesteps a run visits (Table 2 of Lin et al. 2023, arXiv 2305.08891). */
export type Spacing = 'leading' | 'trailing' | 'linspace';
export type { PredictionType } from '../weights/config.ts';

/**
 * A sampler over a fixed list of model calls. Latents are flat and of any length: one picture `[4, h/8, w/8]` or a whole
 * batch, as long as every call gets the same layout. No argument is ever changed; every result is a new array.
 *
 * A sampler keeps the history of one run: make a new one for every run and, where pictures are stepped one by one, one
 * for every picture. Calls are made in order, from `startCall` to the last.
 */
export interface Sampler {
    /** The timestep of every model call, the skipped ones before `startCall` included (PNDM n + 1, second order 2n − 1). */
    readonly timesteps: readonly number[];
    /** The step (0 … steps − 1) that each model call belongs to: curves and windows are sampled by it. */
    readonly stepOfCall: readonly number[];
    /** Steps of the whole schedule, the skipped ones included. */
    readonly steps: number;
    /** The first call to make; more than 0 for image to image. */
    readonly startCall: number;
    /** What the model predicts, from the model's configuration. */
    readonly prediction: PredictionType;
    /** Unit noise times this is where a run from pure noise starts. */
    readonly initNoiseSigma: number;
    /** Noise levels sigma = sqrt((1 − ā) / ā) as laid out for the run; with the final one. */
    readonly sigmas: readonly number[];
    /** The latents as the model wants to see them at this call. */
    scaleModelInput(latents: Float32Array, call: number): Float32Array;
    /**
     * One model call's worth of progress: from the latents and the guided prediction at `call` to the latents of the next
     * call. `draw` gives fresh unit noise of the latents' length and is asked exactly as often as the reference asks.
     */
    step(prediction: Float32Array, call: number, latents: Float32Array, draw: () => Float32Array): Float32Array;
    /** Clean latents, noised to the level at which `call` starts. Inpainting blends with it at the *next* call. */
    addNoise(clean: Float32Array, noise: Float32Array, call: number): Float32Array;
    /** The clean latents that a prediction at `call` amounts to, from the latents before `step`. */
    predictOriginal(prediction: Float32Array, call: number, latents: Float32Array): Float32Array;
}

/** What a spec may say about a sampler; what it leaves out comes from the model's configuration, then from the sampler. */
export interface SamplerOptions {
    /** Steps of the whole schedule, 1 or more. */
    readonly steps: number;
    readonly schedule?: SigmaSchedule | undefined;
    readonly spacing?: Spacing | undefined;
    /** DDIM: 0 is deterministic, 1 has the noise of DDPM. */
    readonly eta?: number | undefined;
    /** The first call to make: `startOf(...).call` for image to image. */
    readonly startCall?: number | undefined;
}

/** A model's `scheduler_config.json`: only what the file states. Each sampler has its own defaults for the rest. */
export interface SchedulerConfig {
    readonly _class_name?: string;
    readonly num_train_timesteps?: number;
    readonly beta_start?: number;
    readonly beta_end?: number;
    readonly beta_schedule?: string;
    readonly trained_betas?: readonly number[] | null;
    readonly prediction_type?: string;
    readonly timestep_spacing?: string;
    readonly steps_offset?: number;
    readonly set_alpha_to_one?: boolean;
    readonly clip_sample?: boolean;
    readonly clip_sample_range?: number;
    readonly thresholding?: boolean;
    readonly rescale_betas_zero_snr?: boolean;
    readonly skip_prk_steps?: boolean;
    readonly use_karras_sigmas?: boolean | null;
    readonly use_exponential_sigmas?: boolean | null;
    readonly use_lu_lambdas?: boolean | null;
    readonly use_beta_sigmas?: boolean | null;
    readonly sigma_min?: number | null;
    readonly sigma_max?: number | null;
    readonly final_sigmas_type?: string;
    readonly interpolation_type?: string;
    readonly algorithm_type?: string;
    readonly solver_order?: number;
    readonly solver_type?: string;
    readonly lower_order_final?: boolean;
    readonly euler_at_final?: boolean;
    readonly lambda_min_clipped?: number | null;
    readonly predict_x0?: boolean;
    readonly disable_corrector?: readonly number[];
    readonly variance_type?: string | null;
    readonly original_inference_steps?: number;
    readonly timestep_scaling?: number;
    readonly [other: string]: unknown;
}

/** A request that no sampler can follow: too many steps, a schedule it does not know, a foreign model. */
export class SamplerError extends Error {
    /** `sampler/steps`, `sampler/schedule`, `sampler/spacing`, `sampler/config`, `sampler/start` or `sampler/unknown`. */
    readonly code: string;

    constructor(code: string, message: string) {
        super(message);
        this.code = code;
        this.name = 'SamplerError';
    }
}
