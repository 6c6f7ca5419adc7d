/** The Runs tree shows the newest runs of a heading, and says of no row that it changed where it did not. */
import { expect, it } from 'vitest';
import type { StoredRun } from '../../../src/extension/runs/records.ts';
import { runPages } from '../../../src/extension/views/run-pages.ts';

const run = (number: number, state: StoredRun['state'] = 'complete') =>
    ({ folder: `/none/${number}`, state, record: { started: `${number}`, pictures: [] } }) as unknown as StoredRun;
const group = (count: number) => ({ title: 'a', runs: Array.from({ length: count }, (_, k) => run(k)) });

it('shows twenty runs and how many older ones there are, and twenty more when asked', () => {
    const pages = runPages();
    expect(pages.of(group(21))).toHaveLength(21);
    const rows = pages.of(group(100));
    expect(rows).toHaveLength(21);
    expect(rows.at(-1)).toEqual({ title: 'a', rest: 80 });
    pages.more('a');
    expect(pages.of(group(100)).at(-1)).toEqual({ title: 'a', rest: 60 });
    pages.reset();
    expect(pages.of(group(100))).toHaveLength(21);
});

it('says something else where a row in sight has changed, or their number has', () => {
    const pages = runPages();
    const { title, runs } = group(100);
    const drawn = pages.drawnOf({ title, runs });
    expect(pages.drawnOf(group(100))).toBe(drawn);
    expect(pages.drawnOf({ title, runs: runs.with(0, run(0, 'cancelled')) })).not.toBe(drawn);
    expect(pages.drawnOf({ title, runs: runs.with(99, run(99, 'cancelled')) })).toBe(drawn);
    expect(pages.drawnOf({ title, runs: runs.slice(1) })).not.toBe(drawn);
});
