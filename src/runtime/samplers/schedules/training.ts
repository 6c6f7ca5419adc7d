/** Training schedules: the noise levels that a model was trained on, from its scheduler configuration. */
import { type PredictionType, SamplerError, type SchedulerConfig } from '../sampler.ts';

/** What a sampler takes where the model's configuration is silent, and what it does with a zero terminal SNR. */
export interface TrainingDefaults {
    readonly betaStart?: number;
    readonly betaEnd?: number;
    readonly betaSchedule?: string;
    /**
     * `rescale_betas_zero_snr`: `ignore` where the reference's sampler does not know it, `exact` keeps ā = 0 at the end,
     * `nudge` puts 2^-24 there, since sigma would be infinite otherwise.
     */
    readonly zeroSnr: 'ignore' | 'exact' | 'nudge';
}

export interface Training {
    /** Timesteps of the training, 1000 for Stable Diffusion. */
    readonly count: number;
    /** ā of every training timestep, in float32 as the reference keeps it. */
    readonly alphasCumprod: Float32Array;
    /** sqrt((1 − ā) / ā) of every training timestep, ascending. */
    readonly sigmas: Float32Array;
    readonly prediction: PredictionType;
}

/** @throws SamplerError `sampler/config` for a schedule or prediction that Stable Diffusion models do not have. */
export function trainingOf(config: SchedulerConfig, defaults: TrainingDefaults): Training {
    const count = config.num_train_timesteps ?? 1000;
    let betas = betasOf(config, count, defaults);
    const zeroSnr = config.rescale_betas_zero_snr === true && defaults.zeroSnr !== 'ignore';
    if (zeroSnr) betas = rescaleToZeroSnr(betas);
    const alphasCumprod = cumulative(betas);
    if (zeroSnr && defaults.zeroSnr === 'nudge') alphasCumprod[count - 1] = 2 ** -24;
    const sigmas = alphasCumprod.map((a) => Math.sqrt(Math.fround(Math.fround(1 - a) / a)));
    if (config.thresholding) {
        throw new SamplerError('sampler/config', 'Dynamic thresholding is for models that work on pixels.');
    }
    return { count, alphasCumprod, sigmas, prediction: predictionOf(config) };
}

function betasOf(config: SchedulerConfig, count: number, defaults: TrainingDefaults): Float32Array {
    if (config.trained_betas) return Float32Array.from(config.trained_betas);
    const start = config.beta_start ?? defaults.betaStart ?? 0.0001;
    const end = config.beta_end ?? defaults.betaEnd ?? 0.02;
    const schedule = config.beta_schedule ?? defaults.betaSchedule ?? 'linear';
    switch (schedule) {
        case 'linear':
            return linspace32(start, end, count);
        case 'scaled_linear':
            return linspace32(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
        case 'squaredcos_cap_v2':
            return cosineBetas(count);
        default:
            throw new SamplerError('sampler/config', `The beta schedule "${schedule}" is not known.`);
    }
}

/** torch.linspace in float32: from both ends towards the middle. */
function linspace32(start: number, end: number, count: number): Float32Array {
    const [first, last] = [Math.fround(start), Math.fround(end)];
    const step = Math.fround(Math.fround(last - first) / (count - 1));
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) {
        const fromStart = i < Math.floor(count / 2);
        values[i] = fromStart ? first + Math.fround(step * i) : last - Math.fround(step * (count - i - 1));
    }
    return values;
}

/** The cosine schedule (Nichol and Dhariwal 2021, arXiv 2102.09672). */
function cosineBetas(count: number): Float32Array {
    const alphaBar = (t: number) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;
    return Float32Array.from({ length: count }, (_, i) =>
        Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999),
    );
}

/** ā, accumulated in double precision and kept in float32 as torch's cumprod does. */
function cumulative(betas: Float32Array): Float32Array {
    let product = 1;
    return betas.map((beta) => {
        product *= Math.fround(1 - beta);
        return product;
    });
}

/** Rescales betas so that the last ā is 0 (Lin et al. 2023, arXiv 2305.08891, algorithm 1). */
function rescaleToZeroSnr(betas: Float32Array): Float32Array {
    const roots = cumulative(betas).map(Math.sqrt);
    const first = roots[0]!;
    const last = roots[roots.length - 1]!;
    const scale = Math.fround(first / Math.fround(first - last));
    const alphaBars = roots.map((root) => Math.fround(Math.fround(root - last) * scale) ** 2);
    return alphaBars.map((a, i) => 1 - (i === 0 ? a : Math.fround(a / alphaBars[i - 1]!)));
}

function predictionOf(config: SchedulerConfig): PredictionType {
    const type = config.prediction_type ?? 'epsilon';
    if (type === 'epsilon' || type === 'v_prediction' || type === 'sample') return type;
    throw new SamplerError('sampler/config', `Models that predict "${type}" are not known.`);
}
