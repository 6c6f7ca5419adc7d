/** Runs in the order in which they are carried out, and the one that Stop without a name means. */
import { describe, expect, it } from 'vitest';
import { inQueueOrder, runToStop } from '../../../src/extension/runs/queue-order.ts';

const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id, stopping: false })) as [Run, Run, Run];
interface Run {
    readonly id: string;
    readonly stopping: boolean;
}

describe('runs', () => {
    it('are as the queue has them, also where one was asked for earlier', () => {
        expect(inQueueOrder([a, b, c], [b, c, a])).toEqual([b, c, a]);
    });

    it('that the runtime does not know yet come last', () => {
        expect(inQueueOrder([a, b, c], [c])).toEqual([c, a, b]);
    });
});

describe('Stop', () => {
    const stopping = { ...b, stopping: true };

    it('means the run that continues', () => {
        expect(runToStop([b, a])).toBe(b);
    });

    it('means the run under the cursor before that', () => {
        expect(runToStop([b, a], a)).toBe(a);
    });

    it('passes over a run that stops already', () => {
        expect(runToStop([stopping, a])).toBe(a);
        expect(runToStop([stopping])).toBeUndefined();
    });

    it('does not pass to the next run where the one under the cursor stops already', () => {
        expect(runToStop([stopping, a], stopping)).toBeUndefined();
    });

    it('takes no run under the cursor that has ended', () => {
        expect(runToStop([b], c)).toBe(b);
    });
});
