/** The schedule of kept cross-attention: which steps take it, and which one keeps it. */
import { expect, test } from 'vitest';
import { constant } from '../../../src/plan/curve.ts';
import { isTextCached, isTextCachedLater, textStepsServed } from '../../../src/plan/passes/text-cache.ts';
import { passesOf } from '../../../src/plan/passes/work.ts';
import { rowsAt } from '../../../src/plan/rows/moment-rows.ts';
import { layOut } from '../../../src/plan/rows/rows.ts';
import { scaleAt } from '../../../src/plan/rows/weights.ts';
import { plan } from '../../runtime/recipe/nano-plans.ts';

const late = { window: { from: 0.4, to: 1 } };
const served = (caches: Parameters<typeof textStepsServed>[0], steps: number) =>
    Array.from({ length: steps }, (_, step) =>
        textStepsServed(caches, { step, steps, call: step }).map((one) => one.step),
    );

test('all steps of the window but the first of a run take it', () => {
    const steps = [0, 1, 2, 3, 4].map((step) => isTextCached(late, { step, steps: 5 }));
    expect(steps).toEqual([false, false, true, true, true]);
    expect(isTextCached({ window: { from: 0, to: 1 } }, { step: 0, steps: 5 })).toBe(false);
    expect(isTextCached({ window: { from: 0, to: 1 } }, { step: 1, steps: 5 })).toBe(true);
    expect(isTextCached(undefined, { step: 4, steps: 5 })).toBe(false);
    const later = [0, 1, 2, 3].map((step) => isTextCachedLater(late, { step, steps: 5 }));
    expect(later).toEqual([true, true, false, false]);
    expect(isTextCachedLater({ window: { firstStep: 9, lastStep: 12 } }, { step: 0, steps: 5 })).toBe(false);
});

test('the last step before the window keeps it, of steps with a branch the last whole one', () => {
    expect(served({ textCache: late }, 5)).toEqual([[], [2, 3, 4], [], [], []]);
    expect(served({ textCache: { window: { firstStep: 3, lastStep: 3 } } }, 5)).toEqual([[], [2], [], [], []]);
    expect(served({ textCache: late, deepCache: { every: 2 } }, 5)).toEqual([[2, 3, 4], [], [], [], []]);
    expect(served({}, 3)).toEqual([[], [], []]);
});

test('in the window the scale is 1, so that the unconditional row is left out; the rows of all its steps run before it', () => {
    const work = plan([], { steps: 5, textCache: late });
    expect([0, 1, 2, 4].map((step) => scaleAt(work, { step, steps: 5 }))).toEqual([6, 6, 1, 1]);
    const roles = (step: number) =>
        rowsAt(layOut(work, 1), { step, steps: 5, call: step }).guided.map(({ role }) => role);
    expect([0, 1, 2].map(roles)).toEqual([['empty', 'prompt'], ['empty', 'prompt'], ['prompt']]);
    expect(passesOf(work)).toBe(2 + 2 + 1 + 1 + 1);
    const unguided = { ...work, guidance: { scale: constant(6), rescale: 0, window: { firstStep: 1, lastStep: 1 } } };
    expect(passesOf(unguided)).toBe(2 + 1 + 1 + 1 + 1);
});
