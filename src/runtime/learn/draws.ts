/** What each step sees: pictures, captions, times and noise, drawn from the seed and the step's number alone. */
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import { sinusoidalTimeEmbedding } from '../graph/time-embedding.ts';
import { mersenne } from '../noise/mersenne.ts';
import { openNoise } from '../noise/open.ts';
import { trainingOf } from '../samplers/schedules/training.ts';
import { stackRows, type Tensor, tensor } from '../tensor.ts';
import { LearnError } from './learn-error.ts';
import type { EncodedPicture, Exhibit } from './lesson-pictures.ts';

export interface Draw {
    readonly captions: readonly string[];
    /** Training times of the rows, 0 … `count` − 1: each row's is from its own part of the schedule. */
    readonly times: readonly number[];
    /** Noisy latents `[R, 4, h, w]`. */
    readonly sample: Tensor;
    /** What the U-Net is to predict: the noise, or the velocity. */
    readonly target: Tensor;
    readonly waves: Tensor;
    /** Hints of a ControlNet `[R, 3, H, W]`, where one is learnt. */
    readonly hints?: Tensor;
}

/** So many rows of a set. */
export interface DrawnSet {
    readonly exhibits: readonly Exhibit[];
    readonly rows: number;
}

/** Shares of rows, from 0 to 1. */
export interface DrawShares {
    readonly uncaptioned: number;
    readonly early: number;
}

export interface Drawer {
    /** Training times of the model, 1000 for Stable Diffusion. */
    readonly times: number;
    draw(step: number): Draw;
}

/**
 * A draw depends on the seed and the step alone, so an interrupted learning continues exactly as if it had not been:
 * no state of a generator is saved. For each row: picture, mirror image or not, caption, time, then noise. `uncaptioned` is
 * the share of rows whose caption is empty: what guidance is away from is learnt, too (Ho and Salimans 2022). `early` is the
 * share of rows that are moved to the schedule's noisier half, where a sampler is early on.
 */
export function openDrawer(
    model: StableDiffusion,
    seed: number,
    sets: readonly DrawnSet[],
    { uncaptioned, early }: DrawShares,
): Drawer {
    const { count, alphasCumprod, prediction } = trainingOf(model.checkpoint.scheduler, { zeroSnr: 'exact' });
    if (prediction === 'sample') {
        throw new LearnError(
            'learn/model',
            'Models that predict samples are not learnt with; use one that predicts noise or velocity.',
        );
    }
    return {
        times: count,
        draw(step) {
            const word = mersenne((seed * 1_000_003 + step) >>> 0);
            const unit = () => word() / 2 ** 32;
            const below = (limit: number) => Math.floor(unit() * limit);
            const noise = openNoise('torch-cpu', word());
            const rows = sets.flatMap(({ exhibits, rows: number }) =>
                Array.from({ length: number }, (_, row) => {
                    const { views, captions } = exhibits[below(exhibits.length)]!;
                    const view = views[below(views.length)]!;
                    const isBare = uncaptioned > 0 && unit() < uncaptioned;
                    const caption = isBare ? '' : captions[below(captions.length)]!;
                    const evenly = (row + unit()) / number;
                    const isMoved = early > 0 && unit() < early;
                    const at = isMoved ? (1 + evenly) / 2 : evenly;
                    const time = Math.min(count - 1, Math.floor(at * count));
                    const latents = sampled(view, noise.normal(view.deviation.length));
                    const noised = noise.normal(latents.length);
                    const signal = Math.sqrt(alphasCumprod[time]!);
                    const spread = Math.sqrt(1 - alphasCumprod[time]!);
                    const mix = (a: Float32Array, b: Float32Array, factor: number) =>
                        tensor(
                            a.map((value, at) => signal * value + factor * b[at]!),
                            view.mean.dims,
                        );
                    // v = √ā·ε − √(1 − ā)·x (https://arxiv.org/abs/2202.00512).
                    const target =
                        prediction === 'v_prediction' ? mix(noised, latents, -spread) : tensor(noised, view.mean.dims);
                    return { caption, time, sample: mix(latents, noised, spread), target, hint: view.hint };
                }),
            );
            const times = rows.map(({ time }) => time);
            const hints = rows.flatMap(({ hint }) => (hint ? [hint] : []));
            return {
                captions: rows.map(({ caption }) => caption),
                times,
                sample: stackRows(rows.map(({ sample }) => sample)),
                target: stackRows(rows.map(({ target }) => target)),
                waves: sinusoidalTimeEmbedding(times, model.checkpoint.unet.config),
                ...(hints.length > 0 && { hints: stackRows(hints) }),
            };
        },
    };
}

/** A draw of the VAE's posterior, as diffusers' training scripts take. */
function sampled({ mean, deviation }: EncodedPicture, unit: Float32Array): Float32Array {
    return mean.data.map((value, at) => value + deviation[at]! * unit[at]!);
}
