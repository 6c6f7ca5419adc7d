import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOfPath, fileDigests } from '../../../src/runtime/run/inputs/file-digests.ts';
import type { RunRecord } from '../../../src/runtime/run/record.ts';
import { beatRecord, deleteRun, listRuns, readRun } from '../../../src/runtime/run/runs.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { tensorFile } from '../../../src/runtime/tensor-sink.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import {
    placeOnce,
    removeLeftovers,
    removeUnfinished,
    temporaryName,
    withTemporary,
    writeError,
    writeWhole,
} from '../../../src/runtime/write-whole.ts';
import { specFolder } from './carry.ts';

describe('digests of files', () => {
    // printf abc | sha256sum
    const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

    it('are remembered until the file changes', async () => {
        const [file, cache] = [join(specFolder(), 'a'), join(specFolder(), 'digests.json')];
        writeFileSync(file, 'abc');
        const first = await fileDigests(cache);
        expect(await first.of(file)).toBe(ABC);
        await first.save();
        // What is remembered is believed: a cache that is wrong is seen.
        writeFileSync(cache, readFileSync(cache, 'utf8').replace(ABC, 'remembered'));
        const second = await fileDigests(cache);
        expect(await second.of(file)).toBe('remembered');
        utimesSync(file, 1, 1);
        expect(await second.of(file)).toBe(ABC);
    });

    it('of a folder change with its files and their names, not with other files', async () => {
        const folder = specFolder();
        mkdirSync(join(folder, 'unet'));
        writeFileSync(join(folder, 'unet', 'a.safetensors'), 'abc');
        const digests = await fileDigests(join(specFolder(), 'digests.json'));
        const before = await digestOfPath(digests, folder);
        writeFileSync(join(folder, 'README.md'), 'text');
        expect(await digestOfPath(digests, folder)).toBe(before);
        writeFileSync(join(folder, 'config.json'), '{}');
        expect(await digestOfPath(digests, folder)).not.toBe(before);
    });

    it('with a damaged cache are computed again', async () => {
        const [file, cache] = [join(specFolder(), 'a'), join(specFolder(), 'digests.json')];
        writeFileSync(file, 'abc');
        writeFileSync(cache, '[["x');
        expect(await (await fileDigests(cache)).of(file)).toBe(ABC);
    });
});

describe('tensors of a run', () => {
    it('are read back as they were when they were added', () => {
        const folder = specFolder();
        const file = tensorFile(['OUT04']);
        const latents = tensor(Float32Array.of(1, 2, 3, 4), [1, 4]);
        file.add('latents.0.0', latents);
        latents.data.fill(0);
        file.add('noise.0', tensor(Float32Array.of(-1.5), [1]));
        file.save(join(folder, 'a.safetensors'), { name: 'turtle' });
        const { tensors, metadata } = readSafetensors(join(folder, 'a.safetensors'));
        expect(metadata).toEqual({ format: 'pt', name: 'turtle' });
        expect([...tensors.keys()]).toEqual(['latents.0.0', 'noise.0']);
        expect([...readTensor(tensors.get('latents.0.0')!).data]).toEqual([1, 2, 3, 4]);
        expect(readdirSync(folder)).toEqual(['a.safetensors']);
    });

    it('that can not be written leave nothing behind', () => {
        const folder = specFolder();
        mkdirSync(join(folder, 'a.safetensors'));
        expect(() => tensorFile().save(join(folder, 'a.safetensors'))).toThrow();
        expect(readdirSync(folder)).toEqual(['a.safetensors']);
    });
});

describe('runs on disk', () => {
    function store(runs: string, name: string, change: Partial<RunRecord>): string {
        const folder = join(runs, name, change.digest!.slice(0, 16));
        mkdirSync(folder, { recursive: true });
        const record = { format: 1, name, cells: 0, pictures: [], state: 'complete', process: process.pid, ...change };
        writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
        return folder;
    }

    it('are listed, the latest first, and deleted', () => {
        const runs = specFolder();
        store(runs, 'turtle', { digest: '1', started: '2026-01-01T00:00:00.000Z' });
        const latest = store(runs, 'turtle', { digest: '2', started: '2026-03-01T00:00:00.000Z' });
        store(runs, 'other', { digest: '3', started: '2026-02-01T00:00:00.000Z' });
        mkdirSync(join(runs, 'turtle', 'no-run'));
        expect(listRuns(runs).map(({ record }) => record.digest)).toEqual(['2', '3', '1']);
        expect(listRuns(runs, 'turtle').map(({ record }) => record.digest)).toEqual(['2', '1']);
        deleteRun(readRun(latest)!);
        expect(existsSync(latest)).toBe(false);
        expect(listRuns(join(runs, 'nowhere'))).toEqual([]);
    });

    it.each<[Partial<RunRecord>, string]>([
        [{ state: 'complete' }, 'complete'],
        [{ state: 'complete', cells: 1 }, 'interrupted'],
        [{ state: 'running' }, 'running'],
        // No process has this number: it is beyond what systems give.
        [{ state: 'running', process: 2 ** 30 }, 'interrupted'],
        // The processes of another machine are not those of this one: its run lives while its record is renewed.
        [{ state: 'running', process: 2 ** 30, host: 'another-machine' }, 'running'],
        [{ state: 'failed' }, 'failed'],
    ])('%j is %s', (change, state) => {
        const folder = store(specFolder(), 'turtle', { digest: '1', ...change });
        expect(readRun(folder)?.state).toBe(state);
    });

    it('a run of another machine that is not renewed any more is interrupted; a sign of life renews it', async () => {
        const folder = store(specFolder(), 'turtle', { digest: '1', state: 'running', host: 'another-machine' });
        const old = new Date(Date.now() - 120_000);
        utimesSync(join(folder, 'record.json'), old, old);
        expect(readRun(folder)?.state).toBe('interrupted');
        await beatRecord(folder);
        expect(readRun(folder)?.state).toBe('running');
    });
});

describe('errors of writing', () => {
    const errno = (code: string, syscall: string) => Object.assign(new Error(code), { code, syscall });

    it.each([
        ['EROFS', 'open'],
        ['EACCES', 'open'],
        ['ENOENT', 'mkdir'],
        ['ELOOP', 'open'],
    ])('%s of %s is a sentence with what to do', (code, syscall) => {
        expect(writeError(errno(code, syscall), '/a/b.png')).toMatchObject({
            code: 'output/unwritable',
            message: expect.stringContaining('--out'),
        });
    });

    it('others pass', () => {
        const error = errno('ENOENT', 'open');
        expect(writeError(error, '/a/b.png')).toBe(error);
    });
});

describe('half-written files', () => {
    it('of a process of this machine that is gone are removed, others while they are young are not', async () => {
        const folder = specFolder();
        const own = temporaryName(join(folder, 'a'));
        const gone = own.replace(`-${process.pid}-`, '-999999999-');
        const elsewhere = gone.replace(/\.[0-9a-f]{6}-/, '.ffffff-');
        const old = elsewhere.replace(/[0-9a-f]{8}\.part$/, '00000000.part');
        for (const file of [own, gone, elsewhere, old]) writeFileSync(file, '');
        utimesSync(old, 1, 1);
        await removeLeftovers(folder);
        expect([own, gone, elsewhere, old].map((file) => existsSync(file))).toEqual([true, false, true, false]);
    });

    it('that are folders are removed with all that is in them; what can not be removed stops no writing', async () => {
        const folder = specFolder();
        const gone = temporaryName(join(folder, 'a')).replace(`-${process.pid}-`, '-999999999-');
        const elsewhere = gone.replace(/\.[0-9a-f]{6}-/, '.ffffff-');
        for (const path of [gone, elsewhere]) mkdirSync(join(path, 'deep'), { recursive: true });
        // Files deep in it may be written now: a folder of another machine waits longer than a file.
        utimesSync(elsewhere, Date.now() / 1000 - 600, Date.now() / 1000 - 600);
        await writeWhole(join(folder, 'b.txt'), 'text');
        expect(readdirSync(folder).sort()).toEqual([basename(elsewhere), 'b.txt']);
    });

    it('are removed before a signal ends the process', async () => {
        const folder = specFolder();
        await withTemporary(join(folder, 'a'), async (temporary) => {
            mkdirSync(join(temporary, 'deep'), { recursive: true });
            removeUnfinished();
            expect(readdirSync(folder)).toEqual([]);
        });
        await expect(
            withTemporary(join(folder, 'a'), async (temporary) => {
                mkdirSync(temporary);
                throw new Error('no');
            }),
        ).rejects.toThrow('no');
        expect(readdirSync(folder)).toEqual([]);
    });

    it('take a name only where it is free', async () => {
        const folder = specFolder();
        const [one, two, name] = ['1', '2', 'name'].map((file) => join(folder, file)) as [string, string, string];
        for (const file of [one, two]) writeFileSync(file, file);
        expect([await placeOnce(one, name), await placeOnce(two, name)]).toEqual([true, false]);
        expect(readFileSync(name, 'utf8')).toBe(one);
    });
});
