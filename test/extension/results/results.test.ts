/** The results' host: which run a page shows, and which picture commands are for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.mock('vscode', () => import('./fake-vscode.ts'));

import { Results, type ResultsParts } from '../../../src/extension/results/results.ts';
import type { LiveRun } from '../../../src/extension/runs/live-run.ts';
import { writeStoredRun } from '../../editor/stored-run.ts';
import { EventEmitter, editor, FakePlace, soon, Uri, workspace } from './fake-vscode.ts';

const base = mkdtempSync(join(tmpdir(), 'sdspec-results-'));
const folderOf = (name: string) => join(base, '.sdspec', 'runs', name, '0123456789abcdef');
const [A, B, C] = ['a', 'b', 'c'].map(folderOf) as [string, string, string];

let changed: EventEmitter<LiveRun>;
let newest: ResultsParts['newest'];
let act: ResultsParts['act'];
let active: readonly Partial<LiveRun>[];
let results: Results;
beforeEach(() => {
    Object.assign(editor, { settings: {}, contexts: {}, errors: [], panels: [] });
    workspace.workspaceFolders = [{ uri: Uri.file(base) }];
    for (const name of ['a', 'b', 'c']) writeStoredRun(base, name, [picture, picture]);
    changed = new EventEmitter();
    newest = async () => C;
    act = async () => {};
    const none = new EventEmitter<never>().event;
    active = [];
    const runs = {
        onDidChange: changed.event,
        onDidPreview: none,
        onDidPicture: none,
        onDidKeep: none,
        in: () => undefined,
        get active() {
            return active;
        },
    };
    results = new Results({
        extension: { fsPath: '/extension' },
        runs,
        newest: () => newest(),
        act: (...asked: Parameters<typeof act>) => act(...asked),
        adjusting: { onDidChange: none },
    } as unknown as ResultsParts);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const picture = { png: new Uint8Array([1]), width: 8, height: 8 };
const ready = { kind: 'ready', pinned: false };
const viewing = (key: string, cell = 0) => ({ kind: 'viewing', key, cell });

async function openView(message: object = ready): Promise<FakePlace> {
    const view = new FakePlace();
    editor.resolveView(view);
    await view.say(message);
    return view;
}

/** The place shows this run, as soon as that was read. */
const shows = (place: FakePlace, folder: string) => expect.poll(() => place.run).toBe(folder);

async function openPanel(folder: string): Promise<FakePlace> {
    results.openInEditor(folder);
    const panel = editor.panels.at(-1)!;
    await panel.say(ready);
    return panel;
}

/** A run of this window begins. */
async function begin(folder: string): Promise<void> {
    changed.fire({ id: folder, folder, name: 'x', spec: 'x.sdspec', state: 'waiting' } as LiveRun);
    await soon();
}

it('commands are for the picture of the page that one came to, whatever runs meanwhile', async () => {
    const view = await openView();
    const panel = await openPanel(A);
    await panel.say(viewing(A, 1));
    expect(results.chosen).toEqual({ folder: A, cell: 1 });
    await begin(B);
    await view.say(viewing(B));
    expect(results.chosen).toEqual({ folder: A, cell: 1 });
    await view.say({ kind: 'focus' });
    expect(results.chosen).toEqual({ folder: B, cell: 0 });
    panel.turn({ active: true });
    expect(results.chosen).toEqual({ folder: A, cell: 1 });
    panel.turn({ visible: false, active: false });
    expect(results.chosen).toEqual({ folder: B, cell: 0 });
});

it('there is a picture to command as long as there is a page with one', async () => {
    newest = async () => undefined;
    const view = await openView();
    await expect.poll(() => editor.contexts['sdspec.hasPicture']).toBe(false);
    const panel = await openPanel(A);
    await panel.say(viewing(A));
    expect(editor.contexts['sdspec.hasPicture']).toBe(true);
    panel.close();
    expect(editor.contexts['sdspec.hasPicture']).toBe(false);
    await view.say(viewing('/etc'));
    expect(results.chosen).toBeUndefined();
});

it('a command brings its page into sight and waits until it listens', async () => {
    const view = await openView();
    await view.say(viewing(C));
    view.turn({ visible: false });
    const done = results.do('large');
    expect(view.show).toHaveBeenCalledOnce();
    await soon();
    expect(view.told).toEqual([]);
    await view.say(ready);
    await done;
    expect(view.told).toContainEqual({ kind: 'do', action: 'large' });
});

it('a run that was meant for the view is not shown in an editor', async () => {
    editor.settings = { 'results.reveal': 'never' };
    await begin(B);
    const panel = await openPanel(A);
    await shows(panel, A);
    panel.turn({ visible: false });
    panel.turn({ visible: true });
    await panel.say(ready);
    await shows(panel, A);
    await shows(await openView(), B);
});

it('a run that is clicked while the newest is looked for is the one that is shown', async () => {
    let found = (_: string) => {};
    newest = () =>
        new Promise((resolve) => {
            found = resolve;
        });
    const view = await openView();
    await results.open(A);
    found(C);
    await soon();
    await shows(view, A);
});

it('of two runs that are asked for at once the later is shown', async () => {
    const view = await openView();
    await shows(view, C);
    await Promise.all([results.open(A), results.open(B)]);
    await shows(view, B);
    expect(view.told.filter(({ kind }) => kind === 'show')).toHaveLength(2);
});

it('a comparison waits for the view that was hidden', async () => {
    const view = await openView();
    view.turn({ visible: false });
    const compared = results.compare({ folder: A, cell: 0 }, { folder: B, cell: 1 });
    await soon();
    expect(view.told).toEqual([]);
    await view.say(ready);
    await compared;
    await shows(view, A);
    expect(view.told.find(({ kind }) => kind === 'other')).toMatchObject({
        shown: { key: B },
        compare: { key: A, a: 0, b: 1 },
    });
});

it('a pinned view keeps its run, also after the window was loaded again', async () => {
    await begin(B);
    const view = await openView({ kind: 'ready', key: A, pinned: true });
    await shows(view, A);
    await begin(C);
    await shows(view, A);
    await view.say({ kind: 'pin', pinned: false });
    writeStoredRun(base, 'd', [picture]);
    await begin(folderOf('d'));
    await shows(view, folderOf('d'));
});

it('what can not be done is reported', async () => {
    act = async () => Promise.reject(new Error('the disk is full'));
    const view = await openView();
    await view.say({ kind: 'act', action: 'saveAs', key: A, cell: 0 });
    expect(editor.errors).toEqual(['This could not be done: the disk is full']);
});

it('the view follows the run that is running, and not those that wait for it', async () => {
    const view = await openView();
    const run = (folder: string, state: LiveRun['state']) => ({ id: folder, folder, name: folder, spec: 's', state });
    active = [run(A, 'running'), run(B, 'waiting')];
    changed.fire(run(A, 'waiting') as LiveRun);
    changed.fire(run(A, 'running') as LiveRun);
    changed.fire(run(B, 'waiting') as LiveRun);
    await shows(view, A);
    active = [run(B, 'running')];
    changed.fire(run(A, 'ended') as LiveRun);
    changed.fire(run(B, 'running') as LiveRun);
    await shows(view, B);
});

it('what another window makes is seen as it is made', async () => {
    const view = await openView();
    await shows(view, C);
    view.told = [];
    editor.recordChanged(Uri.file(join(C, 'record.json')));
    await expect.poll(() => view.told).toContainEqual(expect.objectContaining({ kind: 'show' }));
});
