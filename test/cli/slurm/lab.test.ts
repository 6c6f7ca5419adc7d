/**
 * A sweep on a Slurm of several nodes on this machine: tasks killed, a node lost, the submitting shell gone. Every picture is made
 * once and is that of a local run, bit by bit. `npm run test:slurm`; needs Debian's slurm-wlm and munge.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRun } from '../../../src/runtime/run/runs.ts';
import { latestShard, readWorkers } from '../../../src/runtime/run/shards/shard-folder.ts';
import { builtSdspec, specBuild } from '../sdspec.ts';

const PICTURES = 200;
const TASKS = 6;
/** A machine that is too busy is no failure; pictures that do not grow are one, or that are missing when the queue is empty. */
const DEADLINE_MS = 240_000;
const STALLED_MS = 30_000;
const LOCAL_DEADLINE_MS = 150_000;

const SPEC = `model sketch = "builtin:sketch"
generate one {
    use     sketch
    prompt  "a photo of a turtle"
    size    64x64
    steps   1
}
sweep table over one {
    seed in 1..${PICTURES}
}
`;

const execute = promisify(execFile);
const sdspec = builtSdspec();
const lab = mkdtempSync(join(tmpdir(), 'sdspec-slurm-'));
const env = {
    ...process.env,
    PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
    LAB: join(lab, 'slurm'),
    SLURM_CONF: join(lab, 'slurm', 'slurm.conf'),
    SLURM_LAB_PORT: String(21_000 + (process.pid % 300) * 100),
    SLURM_LAB_SLURMD_TIMEOUT: '5',
    SDSPEC_EXPIRY_SECONDS: '5',
    XDG_CONFIG_HOME: join(lab, 'no-configuration'),
};
let missing = '';
let shell: ChildProcess | undefined;

beforeAll(async () => {
    missing = await start();
    if (missing) console.log(`A sweep on Slurm is not tested here: ${missing}`);
}, 60_000);

afterAll(async () => {
    end(shell?.pid);
    if (!missing)
        await execute('bash', [join(import.meta.dirname, 'lab-stop.sh')], { env, timeout: 50_000 }).catch(() => {});
    rmSync(lab, { recursive: true, force: true });
}, 60_000);

/** Starts the lab; why it can't be had. */
async function start(): Promise<string> {
    if (!process.env['SDSPEC_SLURM']) return 'it is asked for by `npm run test:slurm`';
    if (process.platform !== 'linux') return 'it is for Linux';
    for (const program of ['sbatch', 'slurmctld', 'slurmd', 'munged']) {
        const found = env.PATH.split(':').some((folder) => existsSync(join(folder, program)));
        if (!found) return `there is no ${program}: apt-get install --no-install-recommends slurm-wlm munge`;
    }
    try {
        await execute('bash', [join(import.meta.dirname, 'lab-start.sh'), '4', '2'], { env, timeout: 50_000 });
        return '';
    } catch (error) {
        await execute('bash', [join(import.meta.dirname, 'lab-stop.sh')], { env, timeout: 20_000 }).catch(() => {});
        return `Slurm does not start (${String(error).split('\n').slice(0, 3).join(' ').slice(0, 300)})`;
    }
}

/** Kills a process; whether it was there. */
function end(pid: number | undefined): boolean {
    try {
        // What has lost its parent has the first process for one.
        return pid !== undefined && pid > 1 && process.kill(pid, 'SIGKILL');
    } catch {
        // It has ended.
        return false;
    }
}

function parentOf(pid: number): number | undefined {
    try {
        return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);
    } catch {
        return undefined;
    }
}

async function queueLength(): Promise<number> {
    const { stdout } = await execute('squeue', ['-h', '-r', '-o', '%A'], { env, timeout: 20_000 });
    return stdout.split('\n').filter(Boolean).length;
}

const pause = (milliseconds: number) =>
    new Promise<undefined>((resolve) => setTimeout(resolve, milliseconds, undefined));

/** The folder of the one run in a folder of runs. */
function folderIn(runs: string): string | undefined {
    return existsSync(runs) ? readdirSync(runs).find((name) => !name.startsWith('.')) : undefined;
}

function picturesIn(runs: string): number {
    const folder = folderIn(runs);
    return folder ? (readRun(join(runs, folder))?.record.pictures.length ?? 0) : 0;
}

test(`${PICTURES} pictures on four nodes: each once and as on one machine, whatever dies`, async (context) => {
    if (missing) return context.skip(missing);
    const [local, shared] = [join(lab, 'local'), join(lab, 'shared')];
    for (const folder of [local, shared]) {
        execFileSync('mkdir', [folder]);
        writeFileSync(join(folder, 'table.sdspec'), SPEC);
    }
    const begun = performance.now();
    const alone = new Set<ChildProcess>();
    const watch = (child: ChildProcess) => void alone.add(child);
    const running = sdspec(['run', 'table.sdspec', 'table'], { cwd: local, watch });
    const ended = await Promise.race([running, pause(LOCAL_DEADLINE_MS)]);
    if (!ended) {
        const localRun = join(local, '.sdspec', 'runs', 'table');
        const madeAlone = () => picturesIn(localRun);
        const before = madeAlone();
        await pause(STALLED_MS);
        const grew = madeAlone() > before;
        for (const child of alone) child.kill();
        await running;
        expect(grew, 'one process makes no more pictures').toBe(true);
        return context.skip(`this machine is too busy: one process needs more than ${LOCAL_DEADLINE_MS / 1000} s`);
    }
    expect(ended.code).toBe(0);
    const localSeconds = (performance.now() - begun) / 1000;

    // From a shell of its own, which is killed as soon as the jobs are in the queue.
    const { cli } = specBuild();
    const submitting = performance.now();
    const command = `"${process.execPath}" "${cli}" submit table.sdspec table --slurm --tasks ${TASKS} --options "--time 5"; sleep 600`;
    // The workers' runtime is of the same build, not that of an earlier `npm run build`.
    const real: Record<string, string> = {
        ...(env as Record<string, string>),
        SDSPEC_HOST: join(dirname(cli), 'host.js'),
    };
    shell = spawn('bash', ['-c', command], { cwd: shared, env: real, stdio: ['ignore', 'pipe', 'inherit'] });
    const submitted = await new Promise<string>((resolve) => {
        shell!.stdout!.setEncoding('utf8').once('data', resolve);
        shell!.once('close', () => resolve('nothing was submitted'));
    });
    expect(submitted).toMatch(/^table: 6 workers for 200 pictures: job \d+, finished by \d+/);
    end(shell.pid);

    const runs = join(shared, '.sdspec', 'runs', 'table');
    const folder = () => folderIn(runs);
    const made = () => picturesIn(runs);
    const living = () => {
        const shard = folder() && latestShard(join(runs, folder()!))?.shard;
        return shard ? readWorkers(shard).filter(({ isAlive }) => isAlive) : [];
    };
    const cancelTask = async (job: string | undefined) =>
        job !== undefined &&
        (await execute('scancel', [job], { env }).then(
            () => true,
            () => false,
        ));
    /** After so many pictures; says whether there was what it kills, and is tried again until there is. */
    const deaths: readonly (readonly [at: number, what: string, kill: () => boolean | Promise<boolean>])[] = [
        [10, 'a runtime', () => end(living()[0]?.pid)],
        [30, 'a command', () => end(parentOf(living()[1]?.pid ?? 0))],
        [60, 'a task, cancelled', () => cancelTask(living().at(-1)?.job)],
        [90, 'a node', () => end(Number(readFileSync(join(env.LAB, 'slurmd-node2.pid'), 'utf8')))],
        [120, 'a runtime', () => end(living().at(-1)?.pid)],
    ];
    const died: string[] = [];
    let grown = { pictures: 0, at: performance.now() };
    for (let state: string | undefined; state !== 'complete'; ) {
        const next = deaths[died.length];
        const pictures = made();
        if (pictures > grown.pictures) grown = { pictures, at: performance.now() };
        if (next && pictures >= next[0] && (await next[2]())) died.push(next[1]);
        await pause(100);
        state = folder() ? readRun(join(runs, folder()!))?.state : undefined;
        const waited = performance.now() - submitting;
        if (performance.now() - begun < DEADLINE_MS) {
            if (waited % 3000 < 100 && state !== 'complete' && (await queueLength()) === 0) {
                await pause(1000);
                if (readRun(join(runs, folder() ?? ''))?.state !== 'complete') break;
            }
            continue;
        }
        expect(performance.now() - grown.at, 'milliseconds since the last picture').toBeLessThan(STALLED_MS);
        return context.skip(
            `this machine is too busy: ${made()} of ${PICTURES} pictures after ${Math.round(waited / 1000)} s`,
        );
    }
    const sharedSeconds = (performance.now() - submitting) / 1000;

    const one = readRun(join(runs, folder()!))!;
    const localRuns = join(local, '.sdspec', 'runs', 'table');
    const other = readRun(join(localRuns, folder()!))!;
    expect(one.state).toBe('complete');
    expect(died).toEqual(deaths.map(([, what]) => what));
    expect(one.record.pictures.map(({ cell }) => cell)).toEqual(Array.from({ length: PICTURES }, (_, k) => k));
    const makers = one.record.workers!.flatMap(({ pictures }) => pictures);
    expect([...makers].sort((a, b) => a - b)).toEqual(Array.from({ length: PICTURES }, (_, k) => k));
    for (const file of [...one.record.pictures.map((picture) => picture.file), 'sheet.png']) {
        const same = readFileSync(join(one.folder, file)).equals(readFileSync(join(other.folder, file)));
        expect([file, same]).toEqual([file, true]);
    }
    // Latents too, step by step.
    expect(one.record.pictures.map(({ latents }) => latents)).toEqual(
        other.record.pictures.map(({ latents }) => latents),
    );
    const again = await sdspec(['submit', 'table.sdspec', 'table', '--slurm'], {
        cwd: shared,
        env: real,
    });
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('Nothing is submitted')]);
    console.log(
        `${PICTURES} pictures: ${localSeconds.toFixed(1)} s in one process, ${sharedSeconds.toFixed(1)} s by ${TASKS} tasks of which ${died.length} died (${died.join(', ')}); ${one.record.workers!.length} workers made pictures.`,
    );
}, 400_000);
