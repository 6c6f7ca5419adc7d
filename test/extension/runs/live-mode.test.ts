/** Live mode runs the text again when it rests, and takes the place of what is under way. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { editor, reset, Uri } from '../fake-vscode.ts';

vi.mock('vscode', () => import('../fake-vscode.ts'));

import { LiveMode } from '../../../src/extension/runs/live-mode.ts';
import { Runs } from '../../../src/extension/runs/run.ts';

const base = mkdtempSync(join(tmpdir(), 'sdspec-live-'));
const id = { uri: Uri.file(join(base, 'a.sdspec')), name: 'a' };
const document = { uri: id.uri, languageId: 'sdspec', isClosed: false };

let seed: number | undefined;
beforeEach(() => {
    reset();

    seed = 1;
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function setUp() {
    const ends = new Map<string, (outcome: object) => void>();
    const asked: string[] = [];
    const run = vi.fn((request: { readonly id: string; readonly run: { readonly work: object } }) => {
        asked.push(JSON.stringify(request.run.work));
        const outcome = new Promise((resolve) => ends.set(request.id, resolve));
        return { outcome, cancel: () => ends.get(request.id)?.({ kind: 'cancelled', pictures: 0 }), keep() {} };
    });
    const plan = async () =>
        seed === undefined
            ? { problems: [{ severity: 'error', message: 'unfinished' }] }
            : { value: { name: 'a', work: { kind: 'picture', seeds: [seed] }, expect: [] }, problems: [] };
    const runs = new Runs({ plan } as never, { get: async () => ({ run }), options: () => ({}), queue: [] } as never);
    return { runs, live: new LiveMode(runs), asked };
}

const typed = (next: number | undefined) => {
    seed = next;
    editor.changed.fire({ document });
};

it('runs at once, again with every change that rests, and takes the place of the run before', async () => {
    const { runs, live, asked } = setUp();
    live.toggle(id as never);
    expect(live.isOn(id as never)).toBe(true);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    const [first] = runs.active;
    mkdirSync(first!.folder, { recursive: true });
    const record = { format: 1, name: 'a', digest: 'd', state: 'cancelled', process: 1, cells: 1, pictures: [] };
    writeFileSync(join(first!.folder, 'record.json'), JSON.stringify(record));
    typed(2);
    typed(3);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]).toContain('[3]');
    expect(runs.active.map(({ run }) => run.work)).toEqual([{ kind: 'picture', seeds: [3] }]);
    const { existsSync } = await import('node:fs');
    await vi.waitFor(() => expect(existsSync(join(dirname(first!.folder), first!.digest.slice(0, 16)))).toBe(false));
});

it('says nothing about a text that is being written, and waits for it to be whole', async () => {
    const { live, asked } = setUp();
    live.toggle(id as never);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    typed(undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(editor.said).toEqual([]);
    typed(4);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
});

it('is off again at the second press', async () => {
    const { live, asked } = setUp();
    live.toggle(id as never);
    live.toggle(id as never);
    expect(live.isOn(id as never)).toBe(false);
    typed(2);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked.length).toBeLessThanOrEqual(1);
});
