/** The schedule of DeepCache, and what runs at its cached steps. */
import { expect, test } from 'vitest';
import { branchOf, type DeepCache, isCachedStep, stepsServed } from '../../../src/plan/passes/deep-cache.ts';
import { SD, topology } from '../../../src/plan/topology.ts';

/** `W` for a whole step, `.` for a cached one. */
function schedule(cache: DeepCache, steps: number): string {
    return Array.from({ length: steps }, (_, step) => (isCachedStep(cache, { step, steps }) ? '.' : 'W')).join('');
}

test('the first of every n steps is whole', () => {
    expect(schedule({ every: 1 }, 5)).toBe('WWWWW');
    expect(schedule({ every: 2 }, 5)).toBe('W.W.W');
    expect(schedule({ every: 3 }, 8)).toBe('W..W..W.');
    expect(schedule({ every: 10 }, 4)).toBe('W...');
});

test('steps are counted from the first of the window; outside of it all are whole', () => {
    expect(schedule({ every: 3, window: { from: 0.2, to: 1 } }, 10)).toBe('WWW..W..W.');
    expect(schedule({ every: 2, window: { firstStep: 3, lastStep: 6 } }, 8)).toBe('WWW.W.WW');
    expect(schedule({ every: 2, window: { firstStep: 9, lastStep: 12 } }, 8)).toBe('WWWWWWWW');
});

test('a whole step keeps features for the cached ones that follow, of whatever window', () => {
    const served = (cache: DeepCache | undefined, step: number) =>
        stepsServed(cache, { step, steps: 8, call: step }).map((moment) => moment.step);
    expect(served({ every: 3 }, 0)).toEqual([1, 2]);
    expect(served({ every: 3 }, 6)).toEqual([7]);
    expect(served({ every: 1 }, 0)).toEqual([]);
    expect(served(undefined, 0)).toEqual([]);
    const windowed = { every: 3, window: { firstStep: 3, lastStep: 4 } };
    expect([0, 1, 2, 3, 4].map((step) => served(windowed, step))).toEqual([[], [], [3], [], []]);
});

test('the branch is the blocks from one on, and what they read of the way down', () => {
    expect(branchOf({ every: 2 }, SD)).toEqual({ at: 'OUT11', points: new Set(['skip[0]', 'OUT11']), skips: 1 });
    expect(branchOf({ every: 2, at: 'OUT10' }, SD)).toEqual({
        at: 'OUT10',
        points: new Set(['IN00', 'skip[0]', 'skip[1]', 'OUT10', 'OUT11']),
        skips: 2,
    });
    const small = topology({ levels: 3, layersPerBlock: 2, attention: [false, true, true] });
    expect(branchOf({ every: 2 }, small).at).toBe('OUT08');
});
