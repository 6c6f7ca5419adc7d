/** How far a run is: one wording, and a time left that is not a guess. */
import { expect, it } from 'vitest';
import { Pace, progressWords } from '../../../src/extension/runs/progress.ts';
import { endWords } from '../../../src/extension/runs/state-words.ts';

it('says the step, the pictures and the time left', () => {
    const pictures = { made: 12, of: 60 };
    expect(progressWords({ stage: 'denoise', step: 5, steps: 20, pictures, secondsLeft: 90 })).toMatch(
        /^step 5\/20 · 12\/60 pictures · .* left$/,
    );
    expect(progressWords({ stage: 'denoise', step: 5, steps: 20, pictures: { made: 0, of: 1 } })).toBe('step 5/20');
    expect(progressWords({ stage: 'open', step: 0, steps: 0 })).toBe('opening the model');
});

it('counts the time from the work of this attempt, not from what was kept', () => {
    const pace = new Pace();
    expect(pace.secondsLeft(0.5, 0.5, 0)).toBeUndefined();
    expect(pace.secondsLeft(0.51, 0.5, 1000)).toBeUndefined();
    expect(pace.secondsLeft(0.75, 0.5, 10_000)).toBeCloseTo(10);
    expect(pace.secondsLeft(1, 0.5, 20_000)).toBeUndefined();
});

it.each([
    ['complete', 1, 1, 'done'],
    ['complete', 6, 6, 'done, 6 pictures'],
    ['cancelled', 12, 60, 'stopped, 12 of 60 made'],
    ['interrupted', 0, 2, 'interrupted, 0 of 2 made'],
] as const)('%s, %d of %d: %s', (state, made, of, words) => expect(endWords(state, made, of)).toBe(words));
