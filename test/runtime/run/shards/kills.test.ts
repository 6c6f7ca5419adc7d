/** Workers that are killed: what is left is made by others, and the run is the same as one alone. */
import { expect, it } from 'vitest';
import { randomOf } from '../killing.ts';
import { killWorkers } from './kills.ts';

it('a run that three workers share, two of them killed, is bitwise that of one', { timeout: 600_000 }, async () => {
    const { killed, alone, shared, record } = await killWorkers(3, 2, randomOf(7));
    expect(killed).toBeGreaterThan(0);
    expect(record.state).toBe('complete');
    expect(record.workers?.flatMap(({ pictures }) => pictures).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 24 }, (_, k) => k),
    );
    expect(shared).toEqual(alone);
});
