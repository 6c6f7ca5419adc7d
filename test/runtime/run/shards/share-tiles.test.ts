/** Mosaics that several workers share: each tile once, and the mosaic is bitwise that of one process. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { MosaicPlan } from '../../../../src/plan/mosaic/mosaic.ts';
import type { Run } from '../../../../src/plan/run.ts';
import type { RunOptions, RunOutcome } from '../../../../src/runtime/run/request.ts';
import { executeShard } from '../../../../src/runtime/run/shards/execute-shard.ts';
import { carry, specFolder } from '../carry.ts';
import type { FakeWorkshop } from '../fake-workshop.ts';
import { DEEP, tileWorkshop, writeGround } from '../mosaic/mosaic-parts.ts';

/** A pool, two levels and a zoom: every stage of a mosaic. */
const WALL: MosaicPlan = { ...DEEP, tiles: { ...DEEP.tiles, pool: 6 } };
const RUN: Run = { name: 'wall', work: WALL, expect: [] };

function share(base: string, workshop: FakeWorkshop, shard: RunOptions['shard'], run = RUN): Promise<RunOutcome> {
    const request = { id: '1', run, base, options: { shard: shard! } };
    return executeShard(request, workshop, { emit: () => {}, signal: new AbortController().signal });
}

async function ground(shift = 0): Promise<string> {
    const base = specFolder();
    await writeGround(base, 32, 32, shift);
    return base;
}

function folderOf(outcome: RunOutcome): string {
    if (!('folder' in outcome) || !outcome.folder) throw new Error(JSON.stringify(outcome));
    return outcome.folder;
}

/** Digests of what a run left besides its record and the files of its workers. */
function contents(folder: string): Readonly<Record<string, string>> {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
        (file) => statSync(join(folder, file)).isFile() && file !== 'record.json' && !file.startsWith('shards'),
    );
    const sha256 = (file: string) =>
        createHash('sha256')
            .update(readFileSync(join(folder, file)))
            .digest('hex');
    return Object.fromEntries(files.sort().map((file) => [file, sha256(file)]));
}

async function alone(shift = 0): Promise<Readonly<Record<string, string>>> {
    return contents(folderOf((await carry(await ground(shift), RUN, tileWorkshop())).outcome));
}

const slow = () => tileWorkshop(() => new Promise((resolve) => setTimeout(resolve, 2)));
const seedsOf = (...workshops: readonly FakeWorkshop[]) =>
    workshops.flatMap(({ generated }) => generated.flatMap(({ seeds }) => seeds));

it('is bitwise that of one process, with each tile painted once', async () => {
    const base = await ground();
    const workshops = [slow(), slow()];
    const outcomes = await Promise.all(workshops.map((workshop, k) => share(base, workshop, { part: k + 1, of: 2 })));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['done', 'shared']);
    const seeds = seedsOf(...workshops);
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(workshops.every(({ generated }) => generated.length > 0)).toBe(true);
    expect(contents(folderOf(outcomes[0]!))).toEqual(await alone());
});

it('leaves the shares of others alone where it is asked to, stage by stage', async () => {
    const base = await ground();
    const only = (part: number, workshop = tileWorkshop()) => share(base, workshop, { part, of: 2, onlyOwn: true });
    const first = await only(1);
    // Of the pool's two groups, of four and of two tiles.
    expect(first).toMatchObject({ kind: 'shared', made: 4, left: 2 });
    let last: RunOutcome = first;
    for (let round = 0; round < 4 && last.kind !== 'done'; round++) last = await only(2 - (round % 2));
    expect(last.kind).toBe('done');
    expect(contents(folderOf(last))).toEqual(await alone());
});

it('takes over the tiles of a worker that died', async () => {
    const base = await ground();
    const stops = tileWorkshop(() => {
        throw Object.assign(new Error('Stopped.'), { name: 'AbortError' });
    });
    const folder = folderOf(await share(base, stops, { part: 1, of: 2 }));
    const shard = join(folder, 'shards', readdirSync(join(folder, 'shards'))[0]!);
    for (const name of ['workers', 'claims']) mkdirSync(join(shard, name), { recursive: true });
    const file = join(shard, 'workers', 'gpu07-1-abc.json');
    writeFileSync(file, JSON.stringify({ id: 'gpu07-1-abc', host: 'gpu07', pid: 1, state: 'working', made: 0 }));
    utimesSync(file, 1, 1);
    writeFileSync(join(shard, 'claims', 'pool1.g1'), 'gpu07-1-abc');
    const outcome = await share(base, tileWorkshop(), { part: 2, of: 2 });
    expect(outcome.kind).toBe('done');
    expect(readdirSync(join(shard, 'claims'))).toContain('pool1.g2');
    expect(contents(folder)).toEqual(await alone());
});

it('does not build upon tiles of another picture', async () => {
    const base = await ground(0);
    expect((await share(base, tileWorkshop(), { part: 1, of: 1 })).kind).toBe('done');
    await writeGround(base, 32, 32, 90);
    const outcome = await share(base, tileWorkshop(), { part: 1, of: 1 });
    expect(outcome.kind).toBe('done');
    expect(contents(folderOf(outcome))).toEqual(await alone(90));
});
