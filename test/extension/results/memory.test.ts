/** What the page remembers when it begins again. */
import { beforeEach, expect, it, vi } from 'vitest';

let state: unknown;
const said: unknown[] = [];
beforeEach(() => {
    state = undefined;
    vi.stubGlobal('acquireVsCodeApi', () => ({
        getState: () => state,
        setState: (news: unknown) => {
            state = news;
        },
        postMessage: (message: unknown) => said.push(message),
    }));
});

/** The page's memory as it is when the page begins. */
function begin(): Promise<typeof import('../../../src/extension/results/page/memory.ts')> {
    vi.resetModules();
    return import('../../../src/extension/results/page/memory.ts');
}

it('the run, the way it was looked at and the pin are kept at once', async () => {
    const before = await begin();
    expect([before.lastKey(), before.isPinned()]).toEqual([undefined, false]);
    before.keep('first', '/a', { ...before.viewOf('first'), cell: 2 });
    before.pin(true);
    expect(said).toEqual([{ kind: 'pin', pinned: true }]);
    const after = await begin();
    expect([after.lastKey(), after.isPinned(), after.viewOf('first').cell]).toEqual(['/a', true, 2]);
});

it('what is no memory is none', async () => {
    for (const bad of [null, 1, {}, { views: null }, { key: 1, pinned: 'yes', views: {} }]) {
        state = bad;
        const memory = await begin();
        expect([memory.lastKey(), memory.isPinned(), memory.viewOf('first').cell]).toEqual([undefined, false, 0]);
    }
});
