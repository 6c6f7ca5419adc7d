/** Kills a small mosaic or print again and again, and compares what it becomes: `tsx kills.ts mosaic|print [KILLS] [SEED]`. */
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Contents, contentsOf, finished, type RunUntil, randomOf, runFolder, withBuiltCli } from './killing.ts';

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
        // The last step is made again, from the one before it.
        again: () => ['step-2.png', 'print.png'],
    },
} as const satisfies Readonly<Record<string, Subject>>;

export type Kind = keyof typeof SUBJECTS;

export interface KillsReport {
    /** Runs that were killed before they ended. */
    readonly killed: number;
    /** Finished tiles and steps that were there before a run was killed and were gone or made again after it. */
    readonly lost: readonly string[];
    readonly uninterrupted: Contents;
    readonly resumed: Contents;
}

/**
 * Makes it once whole, and once with so many kills at random moments, then to its end; of the second a part is deleted and
 * made again.
 */
export function killRuns(kind: Kind, kills: number, random: () => number): Promise<KillsReport> {
    return withBuiltCli(async (run, folders) => {
        const [whole, broken] = folders;
        for (const folder of folders) writeFileSync(join(folder, 'made.sdspec'), SUBJECTS[kind].spec);
        const started = performance.now();
        await finished(make(run, whole));
        const seconds = (performance.now() - started) / 1000;
        const lost: string[] = [];
        let killed = 0;
        for (let i = 0; i < kills; i++) {
            const before = finishedParts(broken);
            if ((await make(run, broken, seconds * random())) === 'killed') {
                killed++;
                const after = new Set(finishedParts(broken));
                lost.push(...before.filter((part) => !after.has(part)));
            } else rmSync(join(broken, '.sdspec'), { recursive: true, force: true });
        }
        await finished(make(run, broken));
        const folder = runFolder(broken, 'made');
        for (const file of SUBJECTS[kind].again(folder)) rmSync(join(folder, file));
        await finished(make(run, broken));
        return { killed, lost, uninterrupted: madeIn(whole), resumed: madeIn(broken) };
    });
}

function make(run: RunUntil, cwd: string, seconds?: number): ReturnType<RunUntil> {
    return run(cwd, ['run', 'made.sdspec', 'made', '--device', 'cpu'], seconds);
}

/** Tiles and steps on disk, with the time at which each was written. */
function finishedParts(folder: string): readonly string[] {
    return filesBelow(folder)
        .filter((file) => /[/\\](tiles[/\\][^/\\]+|step-\d+)\.png$/.test(file))
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
    const { killed, lost, uninterrupted, resumed } = await killRuns(kind as Kind, kills, randomOf(seed));
    const same = JSON.stringify(uninterrupted) === JSON.stringify(resumed);
    const files = Object.keys(uninterrupted).length;
    console.log(
        `${killed} of ${kills} runs were killed, ${lost.length} finished parts were lost; ${files} files are ${same ? 'bitwise the same' : 'NOT the same'}.`,
    );
    if (!same) console.log(uninterrupted, resumed);
    process.exitCode = same && lost.length === 0 ? 0 : 1;
}
