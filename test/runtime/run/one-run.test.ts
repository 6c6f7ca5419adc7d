/** One run, and several that want it: two processes wait for each other, and what is stopped is not complete. */
import { expect, test } from 'vitest';
import { readRun } from '../../../src/runtime/run/runs.ts';
import { keptOf } from '../../collected.ts';
import { carry, specFolder } from './carry.ts';
import { fakeWorkshop, PLAN, runOf } from './fake-workshop.ts';

test('the second of two waits, says so, and finds the run done', async () => {
    const base = specFolder();
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 50));
    const [first, second] = [fakeWorkshop(pause), fakeWorkshop(pause)];
    const run = runOf({ ...PLAN, seeds: [1, 2, 3] });
    const both = await Promise.all([carry(base, run, first), carry(base, run, second)]);
    expect(both.map(({ outcome }) => outcome.kind)).toEqual(['done', 'done']);
    expect(first.generated.length + second.generated.length).toBe(1);
    const notices = both.flatMap(({ events }) => events.filter(({ kind }) => kind === 'notice'));
    expect(notices).toMatchObject([{ text: expect.stringContaining('is making turtle already: waiting for it') }]);
});

test('a run that is stopped while its last picture is saved is cancelled, and keeps the picture', async () => {
    const base = specFolder();
    const control = new AbortController();
    const change = {
        phash: () => {
            control.abort();
            return '00000000000000ff';
        },
    };
    const { outcome } = await carry(
        base,
        runOf(PLAN),
        fakeWorkshop(() => {}, change),
        {},
        control.signal,
    );
    expect(outcome).toMatchObject({ kind: 'cancelled', pictures: 1 });
    expect(readRun((outcome as { folder: string }).folder)?.state).toBe('cancelled');
});

test('runs that have ended are kept by nothing', async () => {
    const base = specFolder();
    const workshop = fakeWorkshop(() => {});
    const requests: WeakRef<object>[] = [];
    for (let seed = 1; seed <= 30; seed++) {
        const run = runOf({ ...PLAN, seeds: [seed] });
        requests.push(new WeakRef(run));
        const { outcome } = await carry(base, run, workshop);
        expect(outcome.kind).toBe('done');
    }
    // The fake keeps a list of what it was asked to make.
    workshop.generated.length = 0;
    expect(await keptOf(requests)).toBeLessThanOrEqual(1);
});
