/** Who works on a run elsewhere, from what its folder holds. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makersOf } from '../../../src/extension/runs/makers.ts';
import { readMark, type StoredRun } from '../../../src/extension/runs/records.ts';
import { writeMark } from '../../../src/runtime/run/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'sdspec-makers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (part: object, state = 'running') =>
    ({ folder, state, record: { process: 4711, ...part } }) as unknown as StoredRun;

it('a run of one process names its host', () => {
    expect(makersOf(run({ host: 'node7' }))).toEqual(['node7, process 4711']);
    expect(makersOf(run({ host: hostname() }))).toEqual(['this machine, process 4711']);
    expect(makersOf(run({ host: 'node7' }, 'complete'))).toEqual([]);
});

it('a shared run names each worker that lives, and what it has made', () => {
    const shard = join(folder, 'shards', '0');
    mkdirSync(join(shard, 'workers'), { recursive: true });
    writeFileSync(join(shard, 'head.json'), JSON.stringify({ name: 'a' }));
    const worker = (id: string, part: object) =>
        writeFileSync(
            join(shard, 'workers', `${id}.json`),
            JSON.stringify({ id, host: 'node7', pid: 12, shard: '1/2', state: 'working', made: 3, ...part }),
        );
    worker('a', { cell: 4, job: '81_1' });
    worker('b', { host: 'node8', made: 0 });
    worker('c', { state: 'ended' });
    expect(makersOf(run({})).toSorted()).toEqual([
        'node7, process 12, job 81_1: 3 made, at picture 5',
        'node8, process 12: 0 made',
    ]);
});

it('a star and a note are kept beside the record, on one line, and leave no file when they are taken away', async () => {
    expect(readMark(folder)).toEqual({ star: false, note: '' });
    await writeMark(folder, { star: true, note: 'for the talk' });
    expect(readMark(folder)).toEqual({ star: true, note: 'for the talk' });
    writeFileSync(join(folder, 'mark.json'), JSON.stringify({ star: 'yes', note: 'two\nlines' }));
    expect(readMark(folder)).toEqual({ star: false, note: 'two lines' });
    writeFileSync(join(folder, 'mark.json'), '{');
    expect(readMark(folder)).toEqual({ star: false, note: '' });
    await writeMark(folder, { star: false, note: '' });
    expect(readMark(folder)).toEqual({ star: false, note: '' });
});
