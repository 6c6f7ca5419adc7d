/** Live mode runs the text again when it rests, and takes the place of what is under way. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { editor, reset, Uri } from '../fake-vscode.ts';

vi.mock('vscode', () => import('../fake-vscode.ts'));

import { LiveMode } from '../../../src/extension/runs/live-mode.ts';
import { folderOf, runIn } from '../../../src/extension/runs/records.ts';
import { Runs } from '../../../src/extension/runs/run.ts';

const base = mkdtempSync(join(tmpdir(), 'sdspec-live-'));
const id = { uri: Uri.file(join(base, 'a.sdspec')), name: 'a' };
const document = { uri: id.uri, languageId: 'sdspec', isClosed: false };

let seed: number | undefined;
let mosaic: boolean;
beforeEach(() => {
    reset();

    seed = 1;
    mosaic = false;
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function setUp() {
    const ends = new Map<string, (outcome: object) => void>();
    const asked: string[] = [];
    const options: object[] = [];
    const run = vi.fn((request: LiveRequest) => {
        options.push(request.options);
        asked.push(JSON.stringify(request.run.work));
        const outcome = new Promise((resolve) => ends.set(request.id, resolve));
        return { outcome, cancel: () => ends.get(request.id)?.({ kind: 'cancelled', pictures: 0 }), keep() {} };
    });
    const planLive = async () =>
        seed === undefined
            ? { problems: [{ severity: 'error', message: 'unfinished' }] }
            : { value: { name: 'a', work: workOf(seed), expect: [] }, draft: { steps: 4 }, problems: [] };
    const runs = new Runs(
        { planLive } as never,
        { get: async () => ({ run }), options: () => ({}), queue: [] } as never,
    );
    return { runs, live: new LiveMode(runs), asked, options };
}

interface LiveRequest {
    readonly id: string;
    readonly run: { readonly work: object };
    readonly options: object;
}

const workOf = (one: number) =>
    mosaic
        ? { kind: 'mosaic', grid: { columns: one, rows: 1 }, picture: { kind: 'file', path: 'a.png' } }
        : { kind: 'picture', seeds: [one] };

/** What a stopped attempt left in a run's folder. */
function leave(folder: string, pictures: readonly string[] = []): void {
    mkdirSync(folder, { recursive: true });
    const made = { seed: 1, width: 8, height: 8, sha256: '0'.repeat(64), phash: '0'.repeat(16), seconds: 1 };
    const recorded = pictures.map((file, cell) => ({ ...made, cell, file }));
    const record = { format: 1, name: 'a', digest: 'd', state: 'cancelled', process: 1, cells: 2, pictures: recorded };
    writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
    for (const file of pictures) writeFileSync(join(folder, file), '');
    expect(runIn(folder)?.record.pictures).toHaveLength(pictures.length);
}

/** A key, or a number in the place of another one. */
const typed = (next: number | undefined, change = { text: '1', rangeLength: 0 }) => {
    seed = next;
    editor.changed.fire({ document, contentChanges: [change] });
};

it('runs at once, again with every change that rests, and takes the place of the run before', async () => {
    const { runs, live, asked } = setUp();
    live.toggle(id as never);
    expect(live.isOn(id as never)).toBe(true);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    const [first] = runs.active;
    leave(first!.folder);
    typed(2);
    typed(3);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]).toContain('[3]');
    expect(runs.active.map(({ run }) => run.work)).toEqual([{ kind: 'picture', seeds: [3] }]);
    await vi.waitFor(() => expect(existsSync(join(dirname(first!.folder), first!.digest.slice(0, 16)))).toBe(false));
});

/** Runs the text, takes its place with another one, and returns what is then in the folder of the first. */
async function superseded(before: (folder: string) => void, meanwhile: (folder: string) => void): Promise<string[]> {
    const { runs, live, asked } = setUp();
    seed = 1;
    const work = workOf(seed);
    const folder = folderOf(base, { name: 'a', work, expect: [] } as never);
    before(folder);
    live.toggle(id as never);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    const [first] = runs.active;
    expect(first!.folder).toBe(folder);
    meanwhile(folder);
    typed(2);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    await vi.waitFor(() => expect(first!.state).toBe('ended'));
    live.dispose();
    return existsSync(folder) ? readdirSync(folder).sort() : [];
}

const nothing = () => {};

it('keeps what an earlier attempt left of a run whose place is taken', async () => {
    expect(await superseded((folder) => leave(folder, ['1.png']), nothing)).toEqual(['1.png', 'record.json']);
    rmSync(base, { recursive: true });
    expect(await superseded((folder) => leave(folder), nothing)).toEqual(['record.json']);
});

it('keeps pictures that a run was stopped after, though it has not reported them', async () => {
    expect(await superseded(nothing, (folder) => leave(folder, ['1.png']))).toEqual(['1.png', 'record.json']);
});

it('keeps the tiles of a mosaic whose place is taken', async () => {
    mosaic = true;
    const tiles = (folder: string) => {
        leave(folder);
        mkdirSync(join(folder, 'tiles'));
    };
    expect(await superseded(nothing, tiles)).toEqual(['record.json', 'tiles']);
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

it('waits for the rest of a word, not after a number has taken the place of another one', async () => {
    const { live, asked, options } = setUp();
    live.toggle(id as never);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(options[0]).toMatchObject({ draft: { steps: 4 } });
    vi.useFakeTimers();
    typed(2, { text: '1001', rangeLength: 4 });
    await vi.advanceTimersByTimeAsync(60);
    expect(asked).toHaveLength(2);
    typed(3);
    await vi.advanceTimersByTimeAsync(60);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).toHaveLength(3);
    // Saved, not changed.
    editor.changed.fire({ document, contentChanges: [] });
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).toHaveLength(3);
    vi.useRealTimers();
    live.dispose();
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
