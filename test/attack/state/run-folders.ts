/** Damaged run folders: lists and results never throw, and running again leaves what a run from nothing would. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pixelsSha256 } from '../../../src/runtime/pictures/compare.ts';
import { loadPicture } from '../../../src/runtime/pictures/load.ts';
import { executeRun } from '../../../src/runtime/run/execute-run.ts';
import type { RecordedPicture } from '../../../src/runtime/run/record.ts';
import { listRuns, readRun, runsFolder, storedPlan } from '../../../src/runtime/run/runs.ts';
import { random } from '../../language/fuzz/edits.ts';
import { fakeWorkshop, PLAN, runOf } from '../../runtime/run/fake-workshop.ts';
import { portion, type Scale, Tally } from '../kit.ts';

export async function damagedFolders(scale: Scale): Promise<Tally> {
    const tally = new Tally('damaged run folders (record, plan, pictures)');
    const next = random(scale.seed);
    for (let i = 0; i < portion(800, scale); i++) {
        const base = mkdtempSync(join(tmpdir(), 'sdspec-attack-'));
        const run = async () => {
            const request = { id: '1', run: runOf({ ...PLAN, seeds: [7, 8] }), base };
            return executeRun(request, fakeWorkshop(), { emit: () => {}, signal: new AbortController().signal });
        };
        const first = await run();
        if (first.kind !== 'done') throw new Error('The first run failed.');
        const { folder } = first;
        const sound = contents(folder);
        const names = [...sound.keys()];
        const name = names[Math.floor(next() * names.length)]!;
        const damaged = damage(sound.get(name)!, next);
        writeFileSync(join(folder, name), damaged);
        await tally.try(`${name}: ${damaged.toString('utf8').slice(0, 200)}`, async () => {
            for (const one of listRuns(runsFolder(base))) JSON.stringify([one, storedPlan(one)]);
            readRun(folder);
            const again = await run();
            if (again.kind !== 'done') return `the second run: ${JSON.stringify(again)}`;
            for (const [file, bytes] of sound) {
                if (file !== 'record.json' && !(await isSame(join(folder, file), bytes)))
                    return `${file} is not what it was`;
            }
            const { pictures } = again.record;
            if (JSON.stringify(pictures.map(digests)) !== JSON.stringify(first.record.pictures.map(digests)))
                return `digests: ${JSON.stringify(pictures)}`;
            return undefined;
        });
        rmSync(base, { recursive: true, force: true });
    }
    return tally;
}

function digests({ cell, seed, file, sha256, phash, width, height }: RecordedPicture) {
    return { cell, seed, file, sha256, phash, width, height };
}

function contents(folder: string): ReadonlyMap<string, Buffer> {
    return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Pictures by their pixels, the plan by its text. */
async function isSame(path: string, before: Buffer): Promise<boolean> {
    if (!path.endsWith('.png')) return readFileSync(path).equals(before);
    const copy = `${path}.before.png`;
    writeFileSync(copy, before);
    const [then, now] = await Promise.all([loadPicture(copy), loadPicture(path)]);
    rmSync(copy);
    return pixelsSha256(then) === pixelsSha256(now);
}

/** Cut, bits flipped, a part doubled, or another file's bytes. */
function damage(bytes: Buffer, next: () => number): Buffer {
    const at = Math.floor(next() * bytes.length);
    switch (Math.floor(next() * 5)) {
        case 0:
            return bytes.subarray(0, at);
        case 1: {
            const other = Buffer.from(bytes);
            other[at] = other[at]! ^ (1 << Math.floor(next() * 8));
            return other;
        }
        case 2:
            return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at).subarray(0, 20), bytes.subarray(at)]);
        case 3:
            return Buffer.from('{"format":1,"pictures":[null],"state":"complete"}');
        default: {
            const text = bytes.toString('latin1');
            return Buffer.from(
                text.replace(/\d/g, (digit) => (next() < 0.1 ? String((Number(digit) + 1) % 10) : digit)),
                'latin1',
            );
        }
    }
}
