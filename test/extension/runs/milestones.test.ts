/** What is read from disk is read again at a run's turns, not with its steps. */
import { expect, it } from 'vitest';
import type { LiveRun } from '../../../src/extension/runs/live-run.ts';
import { onMilestones } from '../../../src/extension/runs/milestones.ts';

it('steps are no turns; a beginning, a picture and an end are', () => {
    let turns = 0;
    const hear = onMilestones(() => turns++);
    const told = (state: LiveRun['state'], pictures: number, step: number) => {
        hear({ id: 'one', state, pictures: Array(pictures).fill({}), progress: { stage: 'denoise', step } } as never);
        return turns;
    };
    hear({ name: 'first' } as never);
    expect(told('waiting', 0, 0)).toBe(1);
    expect(told('running', 0, 1)).toBe(2);
    expect(told('running', 0, 2)).toBe(2);
    expect(told('running', 1, 2)).toBe(3);
    expect(told('running', 1, 3)).toBe(3);
    expect(told('ended', 1, 3)).toBe(4);
});
