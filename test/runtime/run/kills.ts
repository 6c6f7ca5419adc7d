/** Kills a small mosaic or print again and again, and compares what it becomes: `tsx kills.ts mosaic|print [KILLS] [SEED]`. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunRecord } from '../../../src/runtime/run/record.ts';
import {
    type Contents,
    contentsOf,
    finished,
    type Kill,
    type RunUntil,
    randomOf,
    runFolder,
    withBuiltCli,
} from './killing.ts';

const TURTLE = `model sketch = "builtin:sketch"

generate turtle {
    use    sketch
    prompt "drawing of a turtle"
    size   64x64
    steps  2
    seed   1
}
`;

/** A small run of the built-in model, and what of it is deleted and made once more in the end. */
interface Subject {
    readonly spec: string;
    /** Files of finished parts below the run's folder. */
    readonly parts: RegExp;
    /** With this file a part is known to be finished. */
    readonly known: RegExp;
    readonly again: (folder: string) => readonly string[];
}

const SUBJECTS = {
    mosaic: {
        spec: `${TURTLE}
mosaic made {
    of    turtle
    grid  2x2
    tiles via turtle
}
`,
        parts: /\/tiles\/[^/]+\.png$/,
        known: /\/tiles\/[^/]+\.png$/,
        // One tile is made alone.
        again: (folder) => [join('tiles', readdirSync(join(folder, 'tiles'))[0]!), 'mosaic.png'],
    },
    print: {
        spec: `${TURTLE}
upscaler up = "builtin:sketch-up"

print made {
    of      turtle
    upscale via turtle by 1 strength 0.5 tile 64px overlap 16px
    upscale up tile 32px overlap 8px
    paper   2x2cm at 300dpi bleed 1mm marks
}
`,
        parts: /\/made\/.*\/step-\d+\.png$/,
        // A step that the record does not name yet is made again.
        known: /\/made\/.*\/record\.json$/,
        // The last step is made again, from the one before it.
        again: () => ['step-2.png', 'print.png'],
    },
} as const satisfies Readonly<Record<string, Subject>>;

export type Kind = keyof typeof SUBJECTS;

export interface KillsReport {
    /** Runs that were killed before they ended. */
    readonly killed: number;
    /** Those of them that had finished parts by then. */
    readonly halfway: number;
    /** Finished tiles and steps that were there before a run was killed and were gone or made again after it. */
    readonly lost: readonly string[];
    readonly uninterrupted: Contents;
    readonly resumed: Contents;
}

/**
 * Makes it once whole, and once with so many kills, then to its end; of the second a part is deleted and made again. A run
 * that begins is killed after a random part, exactly; one that continues at a random moment.
 */
export function killRuns(kind: Kind, kills: number, random: () => number): Promise<KillsReport> {
    return withBuiltCli(async (run, folders) => {
        const [whole, broken] = folders;
        for (const folder of folders) writeFileSync(join(folder, 'made.sdspec'), SUBJECTS[kind].spec);
        const started = performance.now();
        await finished(make(run, whole));
        const seconds = (performance.now() - started) / 1000;
        const { parts, known } = SUBJECTS[kind];
        const all = finishedParts(kind, whole).length;
        const lost: string[] = [];
        let [killed, halfway] = [0, 0];
        /** Makes it until then; what was finished before must be what it was. */
        const check = async (until?: Kill) => {
            const before = finishedParts(kind, broken);
            const end = await make(run, broken, until);
            const after = new Set(finishedParts(kind, broken));
            lost.push(...before.filter((part) => !after.has(part)));
            return { end, done: after.size };
        };
        for (let i = 0; i < kills; i++) {
            const count = 1 + Math.floor((all - 1) * random());
            const begins = finishedParts(kind, broken).length === 0;
            const exact = { count, parts: parts.source, known: known.source };
            const { end, done } = await check(begins ? exact : { seconds: seconds * random() });
            if (end === 'killed') [killed, halfway] = [killed + 1, halfway + (done > 0 ? 1 : 0)];
            else if (i < kills - 1) rmSync(join(broken, '.sdspec'), { recursive: true, force: true });
        }
        const { end } = await check();
        if (end !== 0) throw new Error(`The run ended with ${end}.`);
        const folder = runFolder(broken, 'made');
        for (const file of SUBJECTS[kind].again(folder)) rmSync(join(folder, file));
        await finished(make(run, broken));
        return { killed, halfway, lost, uninterrupted: madeIn(whole), resumed: madeIn(broken) };
    });
}

function make(run: RunUntil, cwd: string, kill?: Kill): ReturnType<RunUntil> {
    return run(cwd, ['run', 'made.sdspec', 'made', '--device', 'cpu'], kill);
}

/** Tiles on disk, or steps that the record names, with the time at which each was written. */
function finishedParts(kind: Kind, folder: string): readonly string[] {
    const files = filesBelow(folder).map((file) => file.replaceAll('\\', '/'));
    const records = files.filter((file) => SUBJECTS.print.known.test(file));
    const named = records.flatMap((file) => {
        const { print } = JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
        return print?.steps.map((step) => step.file) ?? [];
    });
    return files
        .filter((file) => SUBJECTS[kind].parts.test(file) && (kind === 'mosaic' || named.includes(basename(file))))
        .map((file) => `${file} ${statSync(file).mtimeMs}`);
}

function filesBelow(folder: string): readonly string[] {
    const runs = join(folder, '.sdspec');
    if (!existsSync(runs)) return [];
    const names = readdirSync(runs, { recursive: true, encoding: 'utf8' });
    return names.map((name) => join(runs, name)).filter((file) => statSync(file).isFile());
}

/** Digests of everything under the folder of runs, but for records, which hold times. */
function madeIn(folder: string): Contents {
    return contentsOf(
        folder,
        filesBelow(folder).filter((file) => /\.(png|jpg|dzi|html|tif|pdf)$/.test(file)),
    );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [kind, ...numbers] = process.argv.slice(2);
    const [kills = 50, seed = 1] = numbers.map(Number);
    const { killed, halfway, lost, uninterrupted, resumed } = await killRuns(kind as Kind, kills, randomOf(seed));
    const same = JSON.stringify(uninterrupted) === JSON.stringify(resumed);
    const files = Object.keys(uninterrupted).length;
    console.log(
        `${killed} of ${kills} runs were killed, ${halfway} of them with finished parts, ${lost.length} finished parts were lost; ${files} files are ${same ? 'bitwise the same' : 'NOT the same'}.`,
    );
    if (!same) console.log(uninterrupted, resumed);
    process.exitCode = same && lost.length === 0 ? 0 : 1;
}
