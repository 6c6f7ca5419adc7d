/** A sweep whose processes are killed again and again: it becomes what it would have been, with a whole record and lock. */
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLockFile } from '../../../src/runtime/run/lock/lock.ts';
import { listRuns, runsFolder } from '../../../src/runtime/run/runs.ts';
import { random } from '../../language/fuzz/edits.ts';
import { killGroup, leftovers, picturesIn, sdspec } from '../built.ts';
import { portion, type Scale, Tally } from '../kit.ts';

const MODEL = join(import.meta.dirname, '..', '..', 'goldens', 'models', 'nano-sd15');
const SPEC = `model nano = "./nano"
generate turtle { use nano prompt "a turtle" size 64x64 steps 2 }
sweep table over turtle { seed in 1..4 }
`;

export async function killedSweeps(scale: Scale): Promise<Tally> {
    const tally = new Tally('kills of a sweep (checks)');
    if (process.platform === 'win32') {
        tally.skip('all', 'process groups are killed, which Windows does not have');
        return tally;
    }
    const next = random(scale.seed);
    const [whole, broken] = [folder(), folder()];
    const begun = performance.now();
    await finished(whole, ['lock', 'a.sdspec', 'table', '--device', 'cpu']);
    const lasts = performance.now() - begun;
    const reference = { pictures: picturesIn(whole), lock: readLockFile(whole).entries, record: recordOf(whole)! };
    const kills = Math.max(3, portion(130, scale));
    let hits = 0;
    for (let i = 0; i < kills; i++) {
        const before = stamps(broken);
        const command = i % 3 === 2 ? 'lock' : 'run';
        // A third near the end.
        const delay = lasts * (next() < 0.33 ? 0.7 + 0.5 * next() : 1.1 * next());
        let timer: NodeJS.Timeout | undefined;
        const { code } = await sdspec([command, 'a.sdspec', 'table', '--device', 'cpu'], {
            cwd: broken,
            real: true,
            started(child) {
                timer = setTimeout(() => killGroup(child), delay);
            },
        });
        clearTimeout(timer);
        if (code === 'SIGKILL') hits += 1;
        const what = `kill ${i + 1}, ${command} after ${delay.toFixed(0)} ms`;
        const pictures = picturesIn(broken);
        await tally.try(`${what}: exit`, () => (code === 0 || code === 'SIGKILL' ? undefined : `exit ${code}`));
        await tally.try(`${what}: finished pictures`, () =>
            [...before]
                .map(([file, stamp]) =>
                    stamps(broken).get(file) === stamp ? undefined : `${file} is gone or was made again`,
                )
                .find(Boolean),
        );
        await tally.try(`${what}: pictures`, () => sameAs(pictures, reference.pictures, false));
        await tally.try(`${what}: record`, () => {
            const record = recordOf(broken);
            if (!record) return undefined;
            if (record.pictures.length > 0 && (!record.device.used || Object.keys(record.device.options).length === 0))
                return `device ${JSON.stringify(record.device)}`;
            return record.state === 'complete' && record.pictures.length !== record.cells
                ? 'complete without all pictures'
                : undefined;
        });
        await tally.try(`${what}: lock`, () => {
            const { entries, unreadable } = readLockFile(broken);
            return unreadable.length > 0
                ? `half a line: ${unreadable[0]!.text}`
                : entries.length > 0
                  ? sameText(entries, reference.lock)
                  : undefined;
        });
        // Now and then to the end, and once more from nothing.
        if (code !== 0 && i % 6 < 5 && i < kills - 1) continue;
        await finished(broken, ['lock', 'a.sdspec', 'table', '--device', 'cpu']);
        await tally.try(`${what}, then to the end: pictures`, () =>
            sameAs(picturesIn(broken), reference.pictures, true),
        );
        await tally.try(`${what}, then to the end: lock`, () => sameText(readLockFile(broken).entries, reference.lock));
        await tally.try(`${what}, then to the end: device`, () =>
            sameText(recordOf(broken)?.device, reference.record.device),
        );
        await tally.try(`${what}, then to the end: models`, () =>
            sameText(recordOf(broken)?.models, reference.record.models),
        );
        await tally.try(`${what}, then to the end: nothing left`, () => {
            const left = leftovers(broken);
            return left.length > 0 ? left.join(', ') : undefined;
        });
        rmSync(join(broken, '.sdspec'), { recursive: true, force: true });
        rmSync(join(broken, 'sdspec.lock'), { force: true });
    }
    await tally.try('kills that hit', () => (hits > 0 ? undefined : `all ${kills} came after the end`));
    for (const one of [whole, broken]) rmSync(one, { recursive: true, force: true });
    return tally;
}

function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'sdspec-attack-'));
    cpSync(MODEL, join(path, 'nano'), { recursive: true });
    writeFileSync(join(path, 'a.sdspec'), SPEC);
    return path;
}

async function finished(cwd: string, args: readonly string[]): Promise<void> {
    const { code, stderr } = await sdspec(args, { cwd, real: true });
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
}

function recordOf(folder: string) {
    return listRuns(runsFolder(folder), 'table')[0]?.record;
}

/** When each finished picture that the record names was written. */
function stamps(folder: string): ReadonlyMap<string, number> {
    const run = listRuns(runsFolder(folder), 'table')[0];
    if (!run) return new Map();
    const there = new Set(readdirSync(run.folder));
    const files = run.record.pictures.map(({ file }) => file).filter((file) => there.has(file));
    return new Map(files.map((file) => [file, statSync(join(run.folder, file)).mtimeMs]));
}

function sameAs(
    found: ReadonlyMap<string, string>,
    wanted: ReadonlyMap<string, string>,
    all: boolean,
): string | undefined {
    for (const [file, bytes] of wanted) {
        if (file.startsWith('nano')) continue;
        const here = found.get(file);
        if (here === undefined ? all : here !== bytes)
            return here === undefined ? `${file} is missing` : `${file} is another picture`;
    }
    return undefined;
}

function sameText(a: unknown, b: unknown): string | undefined {
    return JSON.stringify(a) === JSON.stringify(b)
        ? undefined
        : `${JSON.stringify(a)?.slice(0, 1500)} is not ${JSON.stringify(b)?.slice(0, 1500)}`;
}
