/** What each step sees: times from the whole schedule, rows without caption, noise that gives the target back. */
import { expect, test } from 'vitest';
import type { StableDiffusion } from '../../../src/runtime/engine/stable-diffusion.ts';
import { openDrawer } from '../../../src/runtime/learn/draws.ts';
import type { Exhibit } from '../../../src/runtime/learn/lesson-pictures.ts';
import type { SchedulerConfig } from '../../../src/runtime/samplers/sampler.ts';
import { trainingOf } from '../../../src/runtime/samplers/schedules/training.ts';
import { tensor } from '../../../src/runtime/tensor.ts';

const SCHEDULE: SchedulerConfig = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
/** Latents of two numbers, 3 and −2, without a deviation. */
const EXHIBIT: Exhibit = {
    captions: ['a', 'b'],
    views: [{ mean: tensor(Float32Array.of(3, -2), [1, 1, 1, 2]), deviation: new Float32Array(2) }],
    sha256: '',
};

function drawerOf(scheduler: SchedulerConfig, { rows = 4, uncaptioned = 0, early = 0, seed = 1 } = {}) {
    const unet = { config: { widths: [32], flipSinToCos: true, freqShift: 0 } };
    const model = { checkpoint: { scheduler, unet } } as unknown as StableDiffusion;
    return openDrawer(model, seed, [{ exhibits: [EXHIBIT], rows }], { uncaptioned, early });
}

test('each row of a batch has a time from its own part of the schedule, and all times of it', () => {
    const drawer = drawerOf(SCHEDULE);
    const seen = [0, 1, 2, 3].map(() => ({ least: 1000, most: 0 }));
    for (let step = 0; step < 400; step++) {
        for (const [row, time] of drawer.draw(step).times.entries()) {
            const of = seen[row]!;
            [of.least, of.most] = [Math.min(of.least, time), Math.max(of.most, time)];
        }
    }
    for (const [row, { least, most }] of seen.entries()) {
        expect(least).toBeGreaterThanOrEqual(250 * row);
        expect(most).toBeLessThan(250 * (row + 1));
        // 400 draws come within a fiftieth of both ends.
        expect(least).toBeLessThan(250 * row + 5);
        expect(most).toBeGreaterThanOrEqual(250 * (row + 1) - 5);
    }
});

test.each([0, 0.6, 1])('a share of %s of the rows is moved to the noisier half of the schedule', (early) => {
    const drawer = drawerOf(SCHEDULE, { early });
    const times = Array.from({ length: 500 }, (_, step) => drawer.draw(step).times).flat();
    const share = times.filter((time) => time >= 500).length / times.length;
    // Those that are moved, and half of the others, which are spread evenly; three deviations of 2,000 draws.
    expect(Math.abs(share - (early + (1 - early) / 2))).toBeLessThanOrEqual(
        3 * Math.sqrt((early * (1 - early)) / 8000),
    );
    expect(Math.max(...times)).toBeGreaterThan(990);
});

test('a draw depends on the seed and the step alone', () => {
    const [drawer, same, other] = [drawerOf(SCHEDULE), drawerOf(SCHEDULE), drawerOf(SCHEDULE, { seed: 2 })];
    for (let step = 0; step < 5; step++) same.draw(step);
    expect(same.draw(7)).toEqual(drawer.draw(7));
    expect(drawer.draw(8).sample).not.toEqual(drawer.draw(7).sample);
    expect(other.draw(7).sample).not.toEqual(drawer.draw(7).sample);
});

test.each([0, 0.1, 0.5])('of the rows a share of %s has no caption', (uncaptioned) => {
    const drawer = drawerOf(SCHEDULE, { uncaptioned });
    const captions = Array.from({ length: 500 }, (_, step) => drawer.draw(step).captions).flat();
    const share = captions.filter((caption) => caption === '').length / captions.length;
    // Three deviations of 2,000 draws.
    expect(Math.abs(share - uncaptioned)).toBeLessThanOrEqual(3 * Math.sqrt((uncaptioned * (1 - uncaptioned)) / 2000));
    expect(new Set(captions.filter((caption) => caption !== ''))).toEqual(new Set(['a', 'b']));
});

test('the target is the noise, or the velocity, that the noisy latents hold', () => {
    const { alphasCumprod } = trainingOf(SCHEDULE, { zeroSnr: 'exact' });
    const noise = drawerOf(SCHEDULE).draw(3);
    const velocity = drawerOf({ ...SCHEDULE, prediction_type: 'v_prediction' }).draw(3);
    expect(velocity.sample).toEqual(noise.sample);
    for (const [row, time] of noise.times.entries()) {
        const [signal, spread] = [Math.sqrt(alphasCumprod[time]!), Math.sqrt(1 - alphasCumprod[time]!)];
        for (const [at, latent] of [3, -2].entries()) {
            const index = 2 * row + at;
            const unit = noise.target.data[index]!;
            expect(noise.sample.data[index]!).toBeCloseTo(signal * latent + spread * unit, 5);
            // Salimans and Ho 2022, https://arxiv.org/abs/2202.00512.
            expect(velocity.target.data[index]!).toBeCloseTo(signal * unit - spread * latent, 5);
        }
    }
});

test('models that predict samples are refused', () => {
    expect(() => drawerOf({ ...SCHEDULE, prediction_type: 'sample' })).toThrow('predicts noise or velocity');
});
