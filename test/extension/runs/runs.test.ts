/** What becomes of runs that the user takes back or deletes while they are under way. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runIn, type StoredRun } from '../../../src/extension/runs/records.ts';
import { keptOf } from '../../collected.ts';
import { editor, reset, Uri } from '../fake-vscode.ts';

vi.mock('vscode', () => import('../fake-vscode.ts'));

import { shownProgress } from '../../../src/extension/runs/live-run.ts';
import { progressWords } from '../../../src/extension/runs/progress.ts';
import { Runs } from '../../../src/extension/runs/run.ts';
import { History } from '../../../src/extension/views/history.ts';

beforeEach(reset);

const id = { uri: Uri.file('/work/a.sdspec'), name: 'a' };
const PLAN = { value: { name: 'a', work: { kind: 'picture', seeds: [1] }, expect: [] }, problems: [] };

describe('a run that is being planned', () => {
    it('is taken back by Stop', async () => {
        let answer: (plan: typeof PLAN) => void = () => {};
        const plan = () => new Promise<typeof PLAN>((resolve) => (answer = resolve));
        const run = vi.fn();
        const runs = new Runs(
            { plan } as never,
            { get: async () => ({ run }), options: () => ({}), queue: [] } as never,
        );
        const start = runs.start(id as never);
        runs.withdraw();
        expect(runs.isBusy).toBe(false);
        answer(PLAN);
        expect(await start).toBeUndefined();
        expect(run).not.toHaveBeenCalled();
    });

    it('is taken back alone, and says nothing of its text any more', async () => {
        const answers: ((plan: object) => void)[] = [];
        const plan = () => new Promise<object>((resolve) => answers.push(resolve));
        const runs = new Runs({ plan } as never, { get: async () => ({}), options: () => ({}), queue: [] } as never);
        const other = { ...id, name: 'b' };
        const start = runs.start(id as never);
        void runs.start(other as never);
        expect([runs.isAskedFor(id as never), runs.isAskedFor(other as never)]).toEqual([true, true]);
        runs.withdraw(id as never);
        expect([runs.isBeginning(id as never), runs.isBeginning(other as never)]).toEqual([false, true]);
        answers[0]!({ problems: [{ severity: 'error', message: 'broken' }] });
        expect(await start).toBeUndefined();
        expect(editor.said).toEqual([]);
    });
});

describe('a run that is to stop', () => {
    it('is shown as stopping at once, whatever its step reports until it ends', async () => {
        const ends: ((outcome: object) => void)[] = [];
        let report: (event: object) => void = () => {};
        const run = (_request: unknown, onEvent: (event: object) => void) => {
            report = onEvent;
            return { outcome: new Promise((resolve) => ends.push(resolve)), cancel() {}, keep() {} };
        };
        const runtime = { get: async () => ({ run }), options: () => ({}), queue: [] };
        const runs = new Runs({ plan: async () => PLAN } as never, runtime as never);
        const live = await runs.start(id as never);
        report({ kind: 'step', cells: [0], step: 0, steps: 8 });
        expect(progressWords(shownProgress(live!)!)).toBe('step 1/8');
        runs.stop(live!);
        expect(progressWords(shownProgress(live!)!)).toBe('stopping');
        report({ kind: 'step', cells: [0], step: 1, steps: 8 });
        expect(progressWords(shownProgress(live!)!)).toBe('stopping');
        ends[0]!({ kind: 'cancelled', pictures: 0 });
        await vi.waitFor(() => expect(live!.state).toBe('ended'));
    });
});

describe('a text that is run again while its run is under way', () => {
    const planOf = (seed: number) => ({
        value: { name: 'a', work: { kind: 'picture', seeds: [seed] }, expect: [] },
        problems: [],
    });
    function windowWith(plan: () => ReturnType<typeof planOf>) {
        const ends: ((outcome: object) => void)[] = [];
        const run = vi.fn((_request: unknown, onEvent: (event: object) => void) => {
            onEvent({ kind: 'stage', stage: 'open' });
            return { outcome: new Promise((resolve) => ends.push(resolve)), cancel() {}, keep() {} };
        });
        const runtime = { get: async () => ({ run }), options: () => ({}), queue: [] };
        return { runs: new Runs({ plan: async () => plan() } as never, runtime as never), run, ends };
    }

    it('waits behind it where it has changed, and is run after it', async () => {
        let seed = 1;
        const { runs, run, ends } = windowWith(() => planOf(seed));
        const first = await runs.start(id as never);
        seed = 2;
        const second = await runs.start(id as never);
        expect(run).toHaveBeenCalledTimes(2);
        expect(runs.activeOf(id as never)).toEqual([first, second]);
        expect(runs.of(id as never)).toBe(first);
        ends[0]!({ kind: 'cancelled', pictures: 0 });
        await vi.waitFor(() => expect(runs.of(id as never)).toBe(second));
    });

    it('is the same run where it has not', async () => {
        const { runs, run } = windowWith(() => planOf(1));
        expect(await runs.start(id as never)).toBe(await runs.start(id as never));
        expect(run).toHaveBeenCalledTimes(1);
    });
});

describe('a run that is deleted', () => {
    function stored(process: number): StoredRun {
        const folder = join(mkdtempSync(join(tmpdir(), 'sdspec-runs-')), 'run');
        onTestFinished(() => rmSync(join(folder, '..'), { recursive: true }));
        mkdirSync(folder);
        const record = { format: 1, name: 'a', digest: 'd', state: 'running', process, cells: 1, pictures: [] };
        writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
        return runIn(folder)!;
    }

    it('is stopped first', async () => {
        const run = stored(process.pid);
        const live = { state: 'running' };
        const runs = {
            in: () => live,
            stop: vi.fn(),
            ended: vi.fn(async () => expect(existsSync(run.folder)).toBe(true)),
        };
        editor.pressed = 'Delete';
        await new History().delete([run], runs as never);
        expect(runs.stop).toHaveBeenCalledWith(live);
        expect(runs.ended).toHaveBeenCalledWith(live);
        expect(existsSync(run.folder)).toBe(false);
    });

    it('is kept, and the user learns it, where another window carries it out', async () => {
        const run = stored(process.pid);
        editor.pressed = 'Delete';
        await new History().delete([run], { in: () => undefined } as never);
        expect(existsSync(run.folder)).toBe(true);
        expect(editor.said.at(-1)).toContain('Still under way elsewhere');
    });

    it('that was cut off is deleted at once', async () => {
        const run = stored(2 ** 30);
        editor.pressed = 'Delete';
        await new History().delete([run], { in: () => undefined } as never);
        expect(existsSync(run.folder)).toBe(false);
    });
});

describe('a hundred runs of one runnable', () => {
    it('leave the last one behind', async () => {
        let seed = 0;
        const plan = async () => ({
            value: { name: 'a', work: { kind: 'picture', seeds: [++seed] }, expect: [] },
            problems: [],
        });
        const requests: WeakRef<object>[] = [];
        const run = (request: object, onEvent: (event: object) => void) => {
            requests.push(new WeakRef(request));
            onEvent({ kind: 'stage', stage: 'open' });
            return { outcome: Promise.resolve({ kind: 'cancelled', pictures: 0 }), cancel() {}, keep() {} };
        };
        const runtime = { get: async () => ({ run }), options: () => ({}), queue: [], log: { info() {} } };
        const runs = new Runs({ plan } as never, runtime as never);
        const all: WeakRef<object>[] = [];
        for (let k = 0; k < 100; k++) all.push(new WeakRef((await runs.start(id as never))!));
        expect(runs.isBusy).toBe(false);
        expect(await keptOf(requests)).toBeLessThanOrEqual(2);
        expect(await keptOf(all)).toBeLessThanOrEqual(2);
        expect(runs.of(id as never)?.run.work).toMatchObject({ seeds: [100] });
    });
});
