/** min-SNR weights against diffusers' training scripts and the paper's formula. */
import { describe, expect, test } from 'vitest';
import type { SchedulerConfig } from '../../../../src/runtime/samplers/sampler.ts';
import { layoutWeights, lossWeights } from '../../../../src/runtime/samplers/schedules/loss-weights.ts';
import { trainingOf } from '../../../../src/runtime/samplers/schedules/training.ts';

/** Stable Diffusion's schedule. */
const SCHEDULE: SchedulerConfig = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
const VELOCITY: SchedulerConfig = { ...SCHEDULE, prediction_type: 'v_prediction' };
const ZERO_SNR: SchedulerConfig = { ...VELOCITY, rescale_betas_zero_snr: true };

// diffusers 0.40: compute_snr of a DDPMScheduler, then the weights of train_text_to_image.py with --snr_gamma 5.
const NOISE_WEIGHTS = { 0: 0.0042537241, 1: 0.0085344305, 10: 0.048305679, 100: 0.59144539, 250: 1, 500: 1, 999: 1 };
const VELOCITY_WEIGHTS = {
    0: 0.0042501087,
    1: 0.0085198879,
    10: 0.047843456,
    100: 0.52888417,
    250: 0.6737923,
    500: 0.2763325,
    900: 0.014151133,
    999: 0.0046600942,
};
const ZERO_SNR_WEIGHTS = { 0: 0.0042501087, 100: 0.56619459, 500: 0.24101862, 998: 1.9679634e-7, 999: 0 };

const WEIGHTS: readonly (readonly [string, SchedulerConfig, Readonly<Record<number, number>>])[] = [
    ['noise', SCHEDULE, NOISE_WEIGHTS],
    ['velocity', VELOCITY, VELOCITY_WEIGHTS],
    ['velocity, with a schedule that ends in pure noise', ZERO_SNR, ZERO_SNR_WEIGHTS],
];

test.each(WEIGHTS)("weights of models that predict %s are diffusers'", (_, scheduler, weights) => {
    const weightAt = lossWeights({ scheduler });
    for (const [time, expected] of Object.entries(weights)) {
        // 1 − ā has few digits left at the first times, in float32 as diffusers keeps it.
        expect(Math.abs(weightAt(Number(time)) - expected), time).toBeLessThanOrEqual(1e-4 * expected);
    }
});

describe('Hang et al. 2023', () => {
    const { alphasCumprod } = trainingOf(SCHEDULE, { zeroSnr: 'exact' });

    test("every time's weight is that of its squared error in x₀ with min(SNR, 5), whatever the model predicts", () => {
        const [noise, velocity] = [lossWeights({ scheduler: SCHEDULE }), lossWeights({ scheduler: VELOCITY })];
        for (const [time, signal] of alphasCumprod.entries()) {
            const picture = Math.min(signal / (1 - signal), 5);
            // An error e in x₀ is one of √ā/√(1 − ā)·e in ε, and of 1/√(1 − ā)·e in v.
            expect(noise(time) * (signal / (1 - signal))).toBeCloseTo(picture, 6);
            expect(velocity(time) * (1 / (1 - signal))).toBeCloseTo(picture, 6);
        }
    });

    test('weights by layout are those of the squared error in x₀, bounded where hardly any signal is left', () => {
        const [noise, velocity] = [layoutWeights({ scheduler: SCHEDULE }), layoutWeights({ scheduler: VELOCITY })];
        for (const [time, signal] of alphasCumprod.entries()) {
            const picture = Math.min(1, (20 * signal) / (1 - signal));
            expect(noise(time) * (signal / (1 - signal))).toBeCloseTo(picture, 6);
            expect(velocity(time) * (1 / (1 - signal))).toBeCloseTo(picture, 6);
        }
        expect(noise(999)).toBe(20);
        expect(layoutWeights({ scheduler: { ...ZERO_SNR, prediction_type: 'epsilon' } })(999)).toBe(20);
        expect(layoutWeights({ scheduler: ZERO_SNR })(999)).toBe(0);
    });

    test('times with a signal to noise of 5 or less count in full where noise is predicted, and none counts more', () => {
        const weightAt = lossWeights({ scheduler: SCHEDULE });
        const weights = [...alphasCumprod.keys()].map(weightAt);
        const first = weights.indexOf(1);
        expect(alphasCumprod[first]! / (1 - alphasCumprod[first]!)).toBeLessThanOrEqual(5);
        expect(alphasCumprod[first - 1]! / (1 - alphasCumprod[first - 1]!)).toBeGreaterThan(5);
        expect(weights.slice(first).every((weight) => weight === 1)).toBe(true);
        expect(weights.slice(0, first)).toEqual([...weights.slice(0, first)].sort((a, b) => a - b));
    });

    test('pure noise has the weight of the limit', () => {
        const scheduler = { ...ZERO_SNR, prediction_type: 'epsilon' };
        expect(lossWeights({ scheduler })(999)).toBe(1);
        expect(lossWeights({ scheduler: ZERO_SNR })(999)).toBe(0);
    });
});
