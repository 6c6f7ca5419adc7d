/** `submit`, `jobs` and `cancel` against programs that answer as Slurm does; the scripts that are submitted. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finishScript, shellWord, shellWords, workerScript } from '../../../src/cli/slurm/script.ts';
import { slurmMessage } from '../../../src/cli/slurm/slurm.ts';
import { builtSdspec, folderWith } from '../sdspec.ts';

const sdspec = builtSdspec();

const SPEC = `model sketch = "builtin:sketch"
generate turtle {
    use     sketch
    prompt  "plain"
    size    64x64
    steps   4
    seed    1..6
}
learn pip {
    word  like "animal"
    from  turtle "a <pip>"
    steps 5
}
generate tile extends turtle {
    seed    1
}
mosaic wall {
    of    tile
    grid  2x2
    tiles via tile strength 1
}
`;

const REQUEST = {
    program: ['/usr/bin/node', '/opt/sd spec/cli.js'],
    base: "/home/o'neil/study",
    spec: 'a.sdspec',
    name: 'turtle',
    options: ['--param', 'style=two words'],
    tasks: 3,
    preamble: '#!/bin/sh\r\n#SBATCH --account=me\r\nmodule load node\n',
};

/** A folder with a spec and programs that write down how they were called. */
function cluster(squeue: string) {
    const cwd = folderWith({ 'a.sdspec': SPEC });
    const bin = join(cwd, 'bin');
    mkdirSync(bin);
    const program = (name: string, text: string) => {
        writeFileSync(join(bin, name), `#!/bin/sh\necho "$0 $*" >> "${join(cwd, 'calls')}"\n${text}\n`);
        chmodSync(join(bin, name), 0o755);
    };
    program('sbatch', `echo "$(($(grep -c sbatch "${join(cwd, 'calls')}") + 40));lab"`);
    program('squeue', squeue);
    program('scancel', `rm -f "${join(cwd, 'queued')}"`);
    const env = { PATH: `${bin}:${process.env['PATH']}`, XDG_CONFIG_HOME: join(cwd, 'configuration') };
    const call = (...args: string[]) => sdspec(args, { cwd, fake: true, env });
    const calls = () =>
        (existsSync(join(cwd, 'calls')) ? readFileSync(join(cwd, 'calls'), 'utf8') : '').replaceAll(`${bin}/`, '');
    return { cwd, call, calls };
}

describe('scripts', () => {
    it('are what a shell reads: site lines first, words with spaces kept', () => {
        for (const script of [workerScript(REQUEST), finishScript(REQUEST)]) {
            execFileSync('bash', ['-n'], { input: script });
            expect(script.split('\n').slice(0, 3)).toEqual(['#!/bin/bash', '#SBATCH --account=me', 'module load node']);
            expect(script).not.toContain('\r');
            expect(script).toContain(`cd '/home/o'\\''neil/study' || exit 2`);
            expect(script).toContain(
                `/usr/bin/node '/opt/sd spec/cli.js' run a.sdspec turtle --param 'style=two words'`,
            );
        }
        expect(workerScript(REQUEST)).toContain('--shard "$SLURM_ARRAY_TASK_ID/3"');
    });

    it('quote and read words', () => {
        expect(shellWords(`--time 1:00 --comment "two words" --x='y z'`)).toEqual([
            '--time',
            '1:00',
            '--comment',
            'two words',
            '--x=y z',
        ]);
        for (const word of ['plain', "o'neil", 'a b', '$(x)', '']) {
            expect(execFileSync('bash', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
        }
    });

    it('a worker that is warned of its time limit goes back into the queue', () => {
        const { cwd } = cluster('');
        // The worker: waits until it is asked to stop.
        writeFileSync(
            join(cwd, 'worker'),
            '#!/bin/sh\ntrap "exit 143" TERM\necho ready > ready\nwhile :; do sleep 0.05; done\n',
        );
        writeFileSync(join(cwd, 'bin', 'scontrol'), '#!/bin/sh\necho "$*" > requeued\nkill $PPID\n');
        for (const file of ['worker', 'bin/scontrol']) chmodSync(join(cwd, file), 0o755);
        const script = workerScript({ ...REQUEST, base: cwd, program: [join(cwd, 'worker')], preamble: '' });
        // The script is ended instead of waiting for Slurm to do it.
        writeFileSync(join(cwd, 'job.sh'), script.replace('sleep 60', ':'));
        const warn = `bash job.sh & job=$!; while [ ! -e ready ]; do sleep 0.05; done; kill -USR2 $job; wait $job; true`;
        const env = {
            ...process.env,
            PATH: `${join(cwd, 'bin')}:${process.env['PATH']}`,
            SLURM_ARRAY_JOB_ID: '7',
            SLURM_ARRAY_TASK_ID: '2',
        };
        execFileSync('bash', ['-c', warn], { cwd, env });
        expect(readFileSync(join(cwd, 'requeued'), 'utf8')).toBe('requeue 7_2\n');
    });
});

describe('submit', () => {
    it('submits an array and what finishes it, once, and cancels both', async () => {
        const { cwd, call, calls } = cluster(
            '[ -e queued ] && printf "41|1|R|None|node1|9:00\\n41|2|PD|PartitionDown||10:00\\n42||PD|Dependency||10:00\\n"; true',
        );
        writeFileSync(join(cwd, 'slurm.sh'), '#SBATCH --account=me\n');
        writeFileSync(join(cwd, 'queued'), '');
        const { code, stdout, stderr } = await call(
            'submit',
            'a.sdspec',
            'turtle',
            '--slurm',
            '--tasks',
            '9',
            '--options',
            '--time 5',
        );
        expect([code, stdout]).toEqual([0, 'turtle: 6 workers for 6 pictures: job 41, finished by 42\n']);
        expect(stderr).toContain('turtle will not start: the partition is down (PartitionDown)');
        const [first = '', second = ''] = calls()
            .split('\n')
            .filter((line) => line.startsWith('sbatch'));
        expect(first).toMatch(/--requeue .*--array=1-6 --signal=B:USR2@120 .*%A_%a\.log --time 5 .*worker\.sh$/);
        expect(second).toMatch(/--dependency=afterany:41 .*--time 5 .*finish\.sh$/);
        const [folder] = readdirSync(join(cwd, '.sdspec', 'jobs'));
        expect(readFileSync(join(cwd, '.sdspec', 'jobs', folder!, 'worker.sh'), 'utf8')).toContain(
            '#SBATCH --account=me',
        );
        const twice = await call('submit', 'a.sdspec', 'turtle', '--slurm');
        expect([twice.code, twice.stderr]).toEqual([
            2,
            expect.stringContaining('turtle is in the queue already (41, 42)'),
        ]);
        const listed = await call('jobs', 'a.sdspec');
        expect(listed.stdout).toBe(
            'turtle 0/? not started · 2 waiting (the partition is down, Dependency) · 9:00 left\n',
        );
        const cancelled = await call('cancel', 'a.sdspec', 'turtle');
        expect([cancelled.code, cancelled.stderr]).toEqual([0, '3 cancelled; finished pictures are kept.\n']);
        expect(calls()).toContain('scancel 41 42\n');
    });

    it.each<[readonly string[], number, string]>([
        [['turtle'], 2, 'Add --slurm'],
        [['turtle', '--slurm', '--tasks', '0'], 2, '--tasks wants a whole number'],
        [['pip', '--slurm'], 2, 'pip is a learn: workers share pictures, sweeps and mosaics'],
    ])('%j is a mistake with a sentence', async (args, code, message) => {
        const { call, calls } = cluster('true');
        const ended = await call('submit', 'a.sdspec', ...args);
        expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(message)]);
        expect(calls()).toBe('');
    });

    it('a mosaic is made by workers that share its tiles, and finished', { timeout: 120_000 }, async () => {
        const { cwd, call } = cluster('true');
        const submitted = await call('submit', 'a.sdspec', 'wall', '--slurm', '--tasks', '2');
        // Four of the pool, and one per place.
        const job = 'wall: 2 workers for at most 8 tiles: job 41, finished by 42\n';
        expect([submitted.code, submitted.stdout]).toEqual([0, job]);
        const waiting = await call('jobs', 'a.sdspec');
        expect(waiting.stdout).toBe('wall 0/8 tiles not started\n');
        const [folder] = readdirSync(join(cwd, '.sdspec', 'jobs'));
        const scripts = ['worker.sh', 'finish.sh'].map((file) => join(cwd, '.sdspec', 'jobs', folder!, file));
        const env = { ...process.env, SLURM_ARRAY_TASK_ID: '2' };
        for (const script of scripts) execFileSync('bash', [script], { cwd, env, stdio: 'pipe' });
        const done = await call('jobs', 'a.sdspec', 'wall');
        expect(done.stdout).toBe('wall 8/8 tiles complete\n');
        const again = await call('submit', 'a.sdspec', 'wall', '--slurm');
        expect(again.stderr).toBe('wall: every picture is made. Nothing is submitted.\n');
    });

    it('--dry-run shows what would be submitted, without Slurm', async () => {
        const cwd = folderWith({ 'a.sdspec': SPEC });
        const { code, stdout } = await sdspec(['submit', 'a.sdspec', 'turtle', '--slurm', '--dry-run'], {
            cwd,
            fake: true,
        });
        expect([code, stdout]).toEqual([
            0,
            expect.stringMatching(/^sbatch .*--array=1-4 [\s\S]*--dependency=afterany:ARRAY/),
        ]);
        expect(existsSync(join(cwd, '.sdspec'))).toBe(false);
    });

    it('workers that are queued when the second job is refused are named, with what to do', async () => {
        const { cwd, call } = cluster('true');
        const sbatch = `#!/bin/sh\ncase "$*" in *finish.sh) echo "sbatch: error: QOS limit" >&2; exit 1;; esac\necho 41\n`;
        writeFileSync(join(cwd, 'bin', 'sbatch'), sbatch);
        const { code, stderr } = await call('submit', 'a.sdspec', 'turtle', '--slurm');
        expect([code, stderr]).toEqual([
            1,
            'sdspec: sbatch says: QOS limit. The workers are queued already (41): `sdspec cancel a.sdspec turtle` takes them out, or `sdspec gather a.sdspec turtle` closes the run when they have ended.\n',
        ]);
        // What is in the queue is known all the same.
        const [folder] = readdirSync(join(cwd, '.sdspec', 'jobs'));
        const submission = readFileSync(join(cwd, '.sdspec', 'jobs', folder!, 'submission.json'), 'utf8');
        expect(JSON.parse(submission).jobs).toEqual(['41']);
    });

    it.each([
        ['sbatch', { killed: true }, '', 'sbatch did not answer within 90 seconds: look with `squeue --me` before'],
        ['squeue', { killed: true }, '', 'squeue did not answer within 90 seconds: try again later.'],
        [
            'sbatch',
            {},
            'sbatch: error: Invalid job array specification\n',
            'Invalid job array specification. An array may be larger than this cluster allows: submit with fewer --tasks.',
        ],
        ['sbatch', { code: 'ENOENT' }, '', 'There is no sbatch here'],
    ])('%s: %j %s has a sentence', (program, error, said, message) => {
        const thrown = Object.assign(new Error('no'), error) as Parameters<typeof slurmMessage>[1];
        expect(slurmMessage(program, thrown, said)).toContain(message);
    });

    it('jobs that cancelling does not end are named, with what to try', async () => {
        const { cwd, call } = cluster('printf "41|1|R|None|node1|9:00\\n"');
        await call('submit', 'a.sdspec', 'turtle', '--slurm');
        writeFileSync(join(cwd, 'bin', 'scancel'), '#!/bin/sh\nexit 0\n');
        const { code, stderr } = await call('cancel', 'a.sdspec', 'turtle');
        expect([code, stderr]).toEqual([1, 'sdspec: still in the queue: 41_1. Try: scancel 41\n']);
    });

    it('what Slurm says of a mistake is passed on', async () => {
        const { cwd, call } = cluster('true');
        writeFileSync(
            join(cwd, 'bin', 'sbatch'),
            '#!/bin/sh\necho "sbatch: error: invalid partition specified: gpu" >&2\nexit 1\n',
        );
        const { code, stderr } = await call('submit', 'a.sdspec', 'turtle', '--slurm');
        expect([code, stderr]).toEqual([1, expect.stringContaining('sbatch says: invalid partition specified: gpu.')]);
    });
});
