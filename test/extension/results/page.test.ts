/** The page's own reckoning: what it was asked to do, how it looks at a run, what it offers and says. */
import { expect, it } from 'vitest';
import type { ToPage } from '../../../src/extension/results/messages.ts';
import { drawn, type Inbox, NOTHING, pairOf, received } from '../../../src/extension/results/page/inbox.ts';
import { looked } from '../../../src/extension/results/page/look.ts';
import { actionsOf, remediesOf } from '../../../src/extension/results/page/offers.ts';
import { START } from '../../../src/extension/results/page/view.ts';
import { altOfMissing } from '../../../src/extension/results/page/words.ts';
import { aRun } from './a-run.ts';

const A = aRun('/a');
const B = aRun('/b');
const show = (shown = A): ToPage => ({ kind: 'show', shown, trusted: true });
const comparison: ToPage = { kind: 'other', shown: B, compare: { key: A.key, a: 1, b: 2 } };
const after = (...messages: readonly ToPage[]): Inbox => messages.reduce(received, NOTHING);

it('commands of one frame are all carried out, in their order, and once', () => {
    const inbox = after(show(), { kind: 'do', action: 'large' }, { kind: 'do', action: 'details' });
    expect(inbox.actions).toEqual(['large', 'details']);
    expect(drawn(inbox).actions).toEqual([]);
});

it('commands wait for a run to be shown, and are forgotten where there is none', () => {
    const early = drawn(after({ kind: 'do', action: 'large' }));
    expect(early.actions).toEqual(['large']);
    expect(received(early, show()).actions).toEqual(['large']);
    expect(received(early, { kind: 'empty', text: '' }).actions).toEqual([]);
});

it('a comparison waits for its run, and is given up where another is shown', () => {
    const early = drawn(after(comparison));
    expect(pairOf(early)).toBeUndefined();
    const there = received(early, show());
    expect(pairOf(there)).toEqual({ key: '/a', a: 1, other: '/b', b: 2 });
    expect(pairOf(drawn(there))).toBeUndefined();
    expect(received(received(early, show(B)), show()).pair).toBeUndefined();
});

it('previews stay while their run continues, and are gone with it', () => {
    const running = aRun('/a', { state: 'running' });
    const preview: ToPage = {
        kind: 'preview',
        key: '/a',
        cell: 0,
        step: 1,
        width: 1,
        height: 1,
        data: new Uint8Array(3),
    };
    const inbox = after(show(running), preview);
    expect(inbox.previews.size).toBe(1);
    expect(received(inbox, show(running)).previews.size).toBe(1);
    expect(received(inbox, show(A)).previews.size).toBe(0);
    expect(received(inbox, { ...preview, key: '/b' })).toBe(inbox);
});

it('a draft stays until the picture is there', () => {
    const running = aRun('/a', { state: 'running' });
    const state = {
        kind: 'preview',
        key: '/a',
        cell: 0,
        step: 1,
        width: 1,
        height: 1,
        data: new Uint8Array(3),
    } as const;
    const inbox = after(show(running), state, { ...state, step: 3, draft: 4 }, { ...state, step: 2 });
    expect(inbox.previews.get(0)).toMatchObject({ step: 3, draft: 4 });
});

it('a run that is planned is named until it begins or is taken back', () => {
    const inbox = after(show(A), { kind: 'starting', name: 'b' });
    expect(inbox).toMatchObject({ starting: 'b', shown: A });
    expect(received(inbox, { kind: 'starting' }).starting).toBeUndefined();
});

it('actions in quick succession add up', () => {
    const view = (['nextPicture', 'nextPicture', 'nextPicture', 'zoomIn', 'zoomIn', 'details'] as const).reduce(
        (before, action) => looked(before, action, A),
        START,
    );
    expect(view).toMatchObject({ cell: 2, details: true, zoom: { scale: 1.5625 } });
    expect(looked(view, 'zoomReset', A).zoom.scale).toBe(1);
});

it.each(['compare', 'compareSide', 'compareSlider', 'compareDifference'] as const)(
    '%s chooses what to compare with, where nothing was chosen',
    (action) => {
        const others = [{ key: '/b', label: 'before', group: 'base' } as const];
        expect(looked(START, action, aRun('/a', { others })).other).toEqual({ key: '/b', cell: 0 });
        expect(looked(START, action, A).other).toEqual({ key: '/a', cell: 1 });
        const other = { key: '/c', cell: 2 };
        expect(looked({ ...START, other }, action, A)).toMatchObject({ mode: 'compare', other });
    },
);

it('without trust nothing is offered that would run', () => {
    const failed = aRun('/a', { state: 'failed', message: 'model: missing', missing: 'hf:tiny/model' });
    const remedies = (trusted: boolean) => remediesOf(failed, trusted).map(({ action }) => action);
    expect(remedies(true)).toEqual(['downloadModel', 'runAgain', 'restartRuntime', 'showLog']);
    expect(remedies(false)).toEqual([]);
    expect(remediesOf(A, true)).toEqual([]);
    expect(actionsOf(true, A).map(({ action }) => action)).toContain('runAgain');
    expect(actionsOf(false, A).map(({ action }) => action)).not.toContain('runAgain');
});

it('a picture that is not made yet has a name that says its place', () => {
    const sweep = aRun('/a', { name: 'pull', labels: [{ seed: '1', guidance: '4' }] });
    expect(altOfMissing(sweep, 0)).toBe('pull, seed 1, guidance 4, not made yet');
});
