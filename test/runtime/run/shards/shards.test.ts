/** Runs that several workers share: each picture once, the dead are replaced, the last one closes the run. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PrintPlan } from '../../../../src/plan/prints/print.ts';
import type { Run } from '../../../../src/plan/run.ts';
import type { Rgb } from '../../../../src/runtime/pictures/picture.ts';
import { encodePng } from '../../../../src/runtime/pictures/save.ts';
import { executeRun } from '../../../../src/runtime/run/execute-run.ts';
import type { RunOptions, RunOutcome } from '../../../../src/runtime/run/request.ts';
import { listRuns, readRun } from '../../../../src/runtime/run/runs.ts';
import { executeShard } from '../../../../src/runtime/run/shards/execute-shard.ts';
import type { Worker } from '../../../../src/runtime/run/shards/worker.ts';
import { specFolder } from '../carry.ts';
import { type FakeWorkshop, fakeWorkshop, runOf, sweepOf } from '../fake-workshop.ts';

const SWEEP = runOf(sweepOf([1, 2, 3, 4, 5, 6], [1, 5, 9]));

function share(base: string, run: Run, workshop: FakeWorkshop, part: number, of: number, more: RunOptions = {}) {
    const request = { id: '1', run, base, spec: 'spec.sdspec', options: { ...more, shard: { part, of } } };
    return executeShard(request, workshop, { emit: () => {}, signal: new AbortController().signal });
}

function gather(base: string, run: Run, workshop: FakeWorkshop): Promise<RunOutcome> {
    const request = { id: '1', run, base, spec: 'spec.sdspec', options: { gather: true } };
    return executeRun(request, workshop, { emit: () => {}, signal: new AbortController().signal });
}

function folderOf(outcome: RunOutcome): string {
    if (!('folder' in outcome) || !outcome.folder) throw new Error(JSON.stringify(outcome));
    return outcome.folder;
}

const shardOf = (folder: string) => join(folder, 'shards', readdirSync(join(folder, 'shards'))[0]!);
const seedsOf = ({ generated }: FakeWorkshop) =>
    generated.flatMap(({ seeds, guidance }) => seeds.map((s) => [s, guidance]));

/** A worker of another machine that claimed a chunk and did not report since `secondsAgo`. */
function otherWorker(shard: string, chunk: number, secondsAgo: number, generation = 1): void {
    const worker: Worker = {
        id: `gpu07-1-abc${generation}`,
        host: 'gpu07',
        pid: 1,
        shard: '1/2',
        started: '2026-01-01T00:00:00.000Z',
        state: 'working',
        made: 0,
    };
    for (const folder of ['workers', 'claims']) mkdirSync(join(shard, folder), { recursive: true });
    const file = join(shard, 'workers', `${worker.id}.json`);
    writeFileSync(file, JSON.stringify(worker));
    const then = Date.now() / 1000 - secondsAgo;
    utimesSync(file, then, then);
    writeFileSync(join(shard, 'claims', `${chunk}.g${generation}`), worker.id);
}

/** A run whose workers were all stopped before their first picture: its folder with a head. */
async function begunFolder(base: string): Promise<string> {
    const stops = fakeWorkshop(() => {
        throw Object.assign(new Error('Stopped.'), { name: 'AbortError' });
    });
    const folder = folderOf(await share(base, SWEEP, stops, 1, 2));
    for (const name of ['workers', 'claims']) rmSync(join(shardOf(folder), name), { recursive: true });
    return folder;
}

it('makes each picture once, the same as a run alone, and one worker closes the run', async () => {
    const [base, alone] = [specFolder(), specFolder()];
    const slow = () => fakeWorkshop(() => new Promise((resolve) => setTimeout(resolve, 5)));
    const workshops = [slow(), slow(), slow()];
    const outcomes = await Promise.all(workshops.map((workshop, k) => share(base, SWEEP, workshop, k + 1, 3)));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['done', 'shared', 'shared']);
    expect(workshops.flatMap(seedsOf)).toHaveLength(18);
    const [run] = listRuns(join(base, '.sdspec', 'runs'));
    const whole = await executeRun({ id: '1', run: SWEEP, base: alone, spec: 'spec.sdspec' }, fakeWorkshop(), {
        emit: () => {},
        signal: new AbortController().signal,
    });
    if (whole.kind !== 'done' || !run) throw new Error(JSON.stringify(whole));
    expect(run.state).toBe('complete');
    expect(run.record.pictures.map(({ seconds: _, ...picture }) => picture)).toEqual(
        whole.record.pictures.map(({ seconds: _, ...picture }) => picture),
    );
    for (const { file } of run.record.pictures) {
        expect(readFileSync(join(run.folder, file)).equals(readFileSync(join(whole.folder, file)))).toBe(true);
    }
    expect(run.record.sheet).toBe(whole.record.sheet);
    expect(run.record.workers?.flatMap(({ pictures }) => pictures).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 18 }, (_, k) => k),
    );
    expect(run.record.workers?.every(({ host }) => host === hostname())).toBe(true);
});

it('takes a finished run as it is', async () => {
    const [base, workshop] = [specFolder(), fakeWorkshop()];
    await share(base, SWEEP, workshop, 1, 1);
    const again = await share(base, SWEEP, workshop, 2, 2);
    expect(again).toMatchObject({ kind: 'done', upToDate: true });
    expect(workshop.generated.flatMap(({ seeds }) => seeds)).toHaveLength(18);
});

it('leaves the pictures of a living worker, and takes those of a dead one', async () => {
    const [base, workshop] = [specFolder(), fakeWorkshop()];
    const folder = await begunFolder(base);
    otherWorker(shardOf(folder), 0, 5);
    expect(await share(base, SWEEP, workshop, 1, 2)).toMatchObject({ kind: 'shared', made: 14, left: 4 });
    expect(readRun(folder)).toMatchObject({ state: 'running' });
    otherWorker(shardOf(folder), 0, 90);
    expect(readRun(folder)).toMatchObject({ state: 'interrupted' });
    expect(await share(base, SWEEP, workshop, 2, 2)).toMatchObject({ kind: 'done' });
    expect(existsSync(join(shardOf(folder), 'claims', '0.g2'))).toBe(true);
    expect(workshop.generated.flatMap(({ seeds }) => seeds)).toHaveLength(18);
});

it('discards the picture of a worker that comes back late', async () => {
    const base = specFolder();
    let other: RunOutcome | undefined;
    const isLate = { png: async (picture: Rgb) => encodePng(picture, { late: 'yes' }) };
    const late = fakeWorkshop(async ({ seeds }) => {
        if (other || seeds[0] !== 1) return;
        // Frozen: another worker takes everything over, then this one continues with files of its own.
        const shard = shardOf(
            join(base, '.sdspec', 'runs', 'turtle', readdirSync(join(base, '.sdspec', 'runs', 'turtle'))[0]!),
        );
        for (const name of readdirSync(join(shard, 'workers'))) {
            const file = join(shard, 'workers', name);
            writeFileSync(file, readFileSync(file, 'utf8').replace(hostname(), 'gpu07'));
            utimesSync(file, 1, 1);
        }
        other = await share(base, SWEEP, fakeWorkshop(), 1, 1);
    }, isLate);
    const outcome = await share(base, SWEEP, late, 1, 1);
    expect(other?.kind).toBe('done');
    expect(outcome.kind).not.toBe('failed');
    const { record } = readRun(folderOf(other!))!;
    expect(record.workers).toHaveLength(1);
    for (const { file } of record.pictures) {
        expect(readFileSync(join(folderOf(other!), file)).includes('late'), file).toBe(false);
    }
});

it('gives up what has cost three workers their lives', async () => {
    const [base, workshop] = [specFolder(), fakeWorkshop()];
    const folder = await begunFolder(base);
    for (const generation of [1, 2, 3]) otherWorker(shardOf(folder), 0, 90, generation);
    const outcome = await share(base, SWEEP, workshop, 1, 1);
    if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome));
    expect(outcome.failure.message).toMatch(
        /^4 of 18 pictures could not be made.*3 workers ended while they made this/,
    );
    expect(readRun(folder)?.record.failures?.map(({ code }) => code)).toEqual(Array(4).fill('shard/deadly'));
    // Another submission tries them again.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await share(base, SWEEP, workshop, 1, 1)).toMatchObject({ kind: 'done' });
});

it('closes what is there when it is gathered by hand, and names what is missing', async () => {
    const [base, workshop] = [specFolder(), fakeWorkshop()];
    const folder = await begunFolder(base);
    otherWorker(shardOf(folder), 1, 5);
    await share(base, SWEEP, workshop, 1, 1);
    const outcome = await gather(base, SWEEP, workshop);
    if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome));
    expect(outcome.failure.message).toMatch(/^4 of 18 pictures could not be made.*No worker has made it yet/);
    expect(readRun(folder)).toMatchObject({ state: 'running', record: { cells: 18 } });
    otherWorker(shardOf(folder), 1, 90);
    expect(readRun(folder)).toMatchObject({ state: 'failed', record: { sheet: 'sheet.png' } });
});

it('makes the other pictures where one fails, and tries it again next time', async () => {
    const base = specFolder();
    let fails = true;
    const workshop = fakeWorkshop(({ seeds }, index) => {
        if (fails && seeds[index] === 3) throw Object.assign(new Error('Not a number.'), { code: 'run/not-a-number' });
    });
    const outcome = await share(base, SWEEP, workshop, 1, 1);
    expect(outcome).toMatchObject({ kind: 'failed', pictures: 15 });
    fails = false;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await share(base, SWEEP, workshop, 1, 2)).toMatchObject({ kind: 'done' });
});

it('makes a deleted picture again, and no other', async () => {
    const [base, workshop] = [specFolder(), fakeWorkshop()];
    const folder = folderOf(await share(base, SWEEP, workshop, 1, 1));
    const before = workshop.generated.length;
    rmSync(join(folder, readRun(folder)!.record.pictures[7]!.file));
    expect(await share(base, SWEEP, workshop, 1, 1)).toMatchObject({ kind: 'done' });
    expect(workshop.generated.slice(before).flatMap(({ seeds }) => seeds)).toHaveLength(1);
});

it.each([
    ['half-written', (text: string) => text.slice(0, 20)],
    ['of another machine', (text: string) => text.replace(/"sha256":"\w+"/, `"sha256":"${'0'.repeat(64)}"`)],
])('a lost picture whose record is %s is made and recorded again', async (_, change) => {
    const [base, workshop] = [specFolder(), fakeWorkshop()];
    const folder = folderOf(await share(base, SWEEP, workshop, 1, 1));
    const { file, cell } = readRun(folder)!.record.pictures[7]!;
    const recorded = join(shardOf(folder), 'cells', `${cell}.json`);
    writeFileSync(recorded, change(readFileSync(recorded, 'utf8')));
    for (const lost of [file, 'record.json']) rmSync(join(folder, lost));
    expect(await share(base, SWEEP, workshop, 1, 1)).toMatchObject({ kind: 'done', record: { state: 'complete' } });
});

it('keeps its own share when it is asked to', async () => {
    const [base, workshop] = [specFolder(), fakeWorkshop()];
    const request = { id: '1', run: SWEEP, base, options: { shard: { part: 2, of: 3, onlyOwn: true } } };
    const outcome = await executeShard(request, workshop, { emit: () => {}, signal: new AbortController().signal });
    expect(outcome).toMatchObject({ kind: 'shared', made: 4, left: 14 });
});

it('refuses what has no pictures to share', async () => {
    const paper = {} as PrintPlan['paper'];
    const print: Run = {
        name: 'card',
        expect: [],
        work: { kind: 'print', of: { kind: 'file', path: 'a.png' }, steps: [], paper },
    };
    const outcome = await share(specFolder(), print, fakeWorkshop(), 1, 2);
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'shard/kind' } });
});
