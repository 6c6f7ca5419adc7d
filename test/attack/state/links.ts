/** Links planted in a clone: whatever of a run's folder is one, nothing outside of the spec's folder is written or deleted. */
import {
    cpSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Ended, sdspec } from '../built.ts';
import { badMessage, type Scale, some, Tally } from '../kit.ts';

const SPEC = `generate turtle { prompt "a turtle" size 16x16 steps 1 seed 1..2 }
generate later { prompt "a sea" size 16x16 steps 1 }
generate shell { prompt "a shell" size 16x16 steps 1 }
mosaic wall { of turtle grid 2x2 tiles via shell strength 0.5 }
`;

/** What is replaced by a link to the same thing outside, within a folder that has made runs; `DIGEST` is the run's. */
const PLANTED = [
    '.sdspec',
    '.sdspec/runs',
    '.sdspec/runs/turtle',
    '.sdspec/runs/turtle/DIGEST',
    '.sdspec/runs/turtle/DIGEST/1.png',
    '.sdspec/runs/turtle/DIGEST/record.json',
    '.sdspec/runs/turtle/DIGEST/plan.json',
    '.sdspec/digests.json',
    '.sdspec/.gitignore',
    'sdspec.lock',
    '.sdspec/runs/turtle/.DIGEST.claim',
    '.sdspec/verify',
    '.sdspec/jobs',
    '.sdspec/jobs/later-LATER',
    '.sdspec/jobs/later-LATER/logs',
    '.sdspec/jobs/later-LATER/worker.sh',
] as const;

const COMMANDS: readonly (readonly string[])[] = [
    ['run', 'a.sdspec', 'turtle', '--force'],
    ['run', 'a.sdspec', 'turtle'],
    ['lock', 'a.sdspec', 'turtle'],
    ['clean', 'a.sdspec', '--yes'],
    ['verify', 'a.sdspec', 'turtle'],
    ['verify', 'a.sdspec', 'turtle', '--rerun'],
    ['report', 'a.sdspec', 'turtle'],
    ['pack', 'a.sdspec', 'turtle'],
    ['submit', 'a.sdspec', 'later', '--slurm'],
    ['submit', 'a.sdspec', 'later', '--slurm', '--dry-run'],
    ['jobs', 'a.sdspec'],
];

export async function plantedLinks(scale: Scale): Promise<Tally> {
    const tally = new Tally('planted links');
    if (process.platform === 'win32') {
        tally.skip('all', 'links need a right of their own on Windows');
        return tally;
    }
    const base = folder();
    writeFileSync(join(base, 'a.sdspec'), SPEC);
    // An older run, which `clean` deletes.
    for (const args of [
        ['run', 'a.sdspec', 'turtle', '--set', 'steps=2'],
        ['lock', 'a.sdspec', 'turtle'],
    ]) {
        const first = await sdspec(args, { cwd: base });
        if (first.code !== 0) throw new Error(first.stderr);
    }
    const digest = readFileSync(join(base, 'sdspec.lock'), 'utf8').match(/ turtle ([0-9a-f]{16}) /)![1]!;
    const env = { PATH: `${fakeSlurm()}:${process.env['PATH']}`, XDG_CONFIG_HOME: base };
    const submitted = await sdspec(['submit', 'a.sdspec', 'later', '--slurm'], { cwd: base, env });
    const later = readdirSync(join(base, '.sdspec', 'jobs'))[0]?.replace('later-', '');
    if (!later) throw new Error(submitted.stderr);
    const cases = PLANTED.flatMap((planted) =>
        COMMANDS.map((args) => ({ planted: planted.replace('DIGEST', digest).replace('LATER', later), args })),
    );
    const share = Math.max(scale.share, 6 / cases.length);
    for (const { planted, args } of some(cases, { ...scale, share })) {
        const [clone, outside] = [folder(), folder()];
        cpSync(base, clone, { recursive: true });
        plant(join(clone, planted), join(outside, 'target'));
        const before = contents(outside);
        await tally.try(`${args.join(' ')}, ${planted} is a link`, async () => {
            const ended = await sdspec(args, { cwd: clone, env });
            // The user's own lock may be a link: then its target is written.
            if (planted !== 'sdspec.lock' && contents(outside) !== before)
                return `outside: ${before.slice(0, 500)} became ${contents(outside).slice(0, 500)}`;
            if (planted === 'sdspec.lock' && !lstatSync(join(clone, planted)).isSymbolicLink())
                return 'the link became a file';
            return sentenceProblem(ended);
        });
        for (const one of [clone, outside]) rmSync(one, { recursive: true, force: true });
    }
    rmSync(base, { recursive: true, force: true });
    return tally;
}

/** A folder with programs that answer as Slurm does where nothing is in the queue. */
function fakeSlurm(): string {
    const bin = folder();
    for (const [name, answer] of [
        ['sbatch', 'echo 41'],
        ['squeue', 'true'],
    ] as const)
        writeFileSync(join(bin, name), `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
    return bin;
}

function folder(): string {
    return mkdtempSync(join(tmpdir(), 'sdspec-attack-'));
}

/** Puts what is at the path outside and a link in its place. What is not there leads to a new file's name. */
function plant(path: string, target: string): void {
    if (existsSync(path)) renameSync(path, target);
    else mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
}

function sentenceProblem({ code, stderr, hung }: Ended): string | undefined {
    if (hung) return `it did not end: ${stderr}`;
    return ![0, 1, 3].includes(Number(code)) ? `exit ${code}: ${stderr}` : badMessage(stderr.slice(0, 900));
}

/** Names, sizes, times and texts of all that is below a folder. */
function contents(root: string): string {
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
    return JSON.stringify(
        names.map((name) => {
            const status = statSync(join(root, name));
            return [name, status.isFile() ? readFileSync(join(root, name)).toString('base64') : 'folder'];
        }),
    );
}
