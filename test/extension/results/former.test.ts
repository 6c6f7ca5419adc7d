/** Live mode: what was in sight stays until there is a picture of the new text. */
import { expect, it } from 'vitest';
import type { ToPage } from '../../../src/extension/results/messages.ts';
import { type Inbox, NOTHING, received, replacement } from '../../../src/extension/results/page/inbox.ts';
import { inOrder } from '../../../src/extension/results/page/picture/arrivals.ts';
import { isOwn, replacesFormer } from '../../../src/extension/results/page/picture/former.ts';
import type { Shown } from '../../../src/extension/results/shown-run.ts';
import { aRun } from './a-run.ts';

const after = (...messages: readonly ToPage[]): Inbox => messages.reduce(received, NOTHING);
const show = (shown: Shown): ToPage => ({ kind: 'show', shown, trusted: true });
const picture = { cell: 0, seed: 1, src: 'a.png', file: 'file:///a.png', width: 8, height: 8, trace: [] };
const done = aRun('/a', { cells: 1, pictures: [picture] });
const next = (key: string, change: Partial<Shown> = {}) =>
    aRun(key, { cells: 1, pictures: [], state: 'running', isLive: true, ...change });
const preview = (key: string, step: number, draft?: number): ToPage => {
    const data = new Uint8Array(3);
    return { kind: 'preview', key, cell: 0, step, width: 1, height: 1, data, ...(draft ? { draft } : {}) };
};
const finished = (key: string): ToPage => ({ kind: 'picture', key, picture: { ...picture, src: `${key}.png` } });

it('the former picture stays while the next one is made, and is replaced by it', () => {
    const waiting = after(show(done), show(next('/b', { state: 'waiting' })));
    expect(waiting.shown).toMatchObject({ key: '/b', pictures: [{ src: 'a.png', isFormer: true }] });
    const running = received(waiting, show(next('/b')));
    expect(running.shown?.pictures.map(isOwn)).toEqual([false]);
    const made = received(running, finished('/b'));
    expect(made.shown?.pictures).toMatchObject([{ src: '/b.png' }]);
    expect(made.shown?.pictures.map(isOwn)).toEqual([true]);
});

it('a picture that has just arrived is not loaded again for its record; one of another time is', () => {
    const record = (src: string) =>
        show(aRun('/b', { cells: 1, pictures: [{ ...picture, src, sha256: 'ab' }], state: 'complete' }));
    const arrived = after(show(next('/b')), finished('/b'));
    expect(received(arrived, record('/b.png?v=ab')).shown?.pictures[0]?.src).toBe('/b.png');
    const again = received(received(arrived, record('/b.png?v=ab')), record('/b.png?v=cd'));
    expect(again.shown?.pictures[0]?.src).toBe('/b.png?v=cd');
    expect(received(arrived, record('/c.png?v=ab')).shown?.pictures[0]?.src).toBe('/c.png?v=ab');
});

it('a draft in sight stays where the next change comes before its picture', () => {
    const drafted = after(show(done), show(next('/b')), preview('/b', 3, 4));
    const changed = received(drafted, show(next('/c')));
    expect(changed.previews.get(0)).toMatchObject({ draft: 4, isFormer: true });
    expect(changed.shown?.pictures).toMatchObject([{ src: 'a.png', isFormer: true }]);
    const again = received(changed, preview('/c', 3, 4));
    expect(again.previews.get(0)?.isFormer).toBeUndefined();
    const made = received(drafted, finished('/b'));
    expect(received(made, show(next('/c'))).previews.size).toBe(0);
});

it.each([
    ['a run that was asked for begins without one', aRun('/b', { cells: 1, pictures: [], state: 'running' })],
    ['another runnable begins without one', next('/b', { name: 'other' })],
    ['several pictures begin without one', next('/b', { cells: 2 })],
    ['what was stopped has none', next('/b', { state: 'cancelled' })],
])('%s', (_, shown) => {
    expect(after(show(done), show(shown)).shown?.pictures).toEqual([]);
});

it('only a draft or a state of the second half takes the place of the former picture', () => {
    const former = { ...picture, isFormer: true } as const;
    const progress = { stage: 'denoise', step: 2, steps: 8 };
    const state = (step: number, draft?: number) => ({
        step,
        width: 1,
        height: 1,
        data: new Uint8Array(3),
        ...(draft ? { draft } : {}),
    });
    expect(replacesFormer(state(1), { progress }, former)).toBe(false);
    expect(replacesFormer(state(3), { progress }, former)).toBe(true);
    expect(replacesFormer(state(1), {}, former)).toBe(false);
    expect(replacesFormer(state(3, 4), {}, former)).toBe(true);
    expect(replacesFormer(state(3, 4), {}, picture)).toBe(false);
    expect(replacesFormer(state(1), {}, undefined)).toBe(true);
});

it('a picture that takes the place of another is decoded before, and messages keep their order', async () => {
    const inbox = after(show(done), show(next('/b')));
    expect(replacement(inbox, finished('/b'))).toBe('/b.png');
    expect(replacement(after(show(next('/b'))), finished('/b'))).toBeUndefined();
    expect(replacement(inbox, finished('/c'))).toBeUndefined();
    const taken: string[] = [];
    let decoded: () => void = () => {};
    const arrive = inOrder(
        (message) => taken.push(message.kind),
        (message) => (message.kind === 'picture' ? 'a.png' : undefined),
        () => new Promise<void>((resolve) => (decoded = resolve)),
    );
    arrive({ kind: 'starting', name: 'a' });
    arrive(finished('/b'));
    arrive({ kind: 'do', action: 'large' });
    expect(taken).toEqual(['starting']);
    decoded();
    await expect.poll(() => taken).toEqual(['starting', 'picture', 'do']);
    arrive({ kind: 'starting' });
    expect(taken).toHaveLength(4);
});
