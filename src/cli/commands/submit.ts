/** `sdspec submit`: makes runs on the nodes of a Slurm cluster. */
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { count } from '../../plan/amounts.ts';
import { cellsIn } from '../../plan/cells.ts';
import { digest } from '../../plan/digest.ts';
import { mostTiles } from '../../plan/mosaic/mosaic.ts';
import type { Run } from '../../plan/run.ts';
import { findRun, refuseLinks, runFolder, runsFolder, tilesOnDisk } from '../../runtime/run/runs.ts';
import { RunError } from '../../runtime/run-error.ts';
import { writeWhole } from '../../runtime/write-whole.ts';
import { type Call, type Command, EXIT, UsageError } from '../command.ts';
import { type ChosenRuns, chooseRuns, requireModels } from '../runs.ts';
import { finishScript, type ScriptRequest, shellWord, shellWords, workerScript } from '../slurm/script.ts';
import { lastingReason, queueOf, submitScript } from '../slurm/slurm.ts';
import { jobsFolder, readSubmission, sitePreamble, writeSubmission } from '../slurm/submissions.ts';
import { RUN_OPTIONS, runOptions } from './run.ts';

/** So many workers, unless there are fewer pictures. */
const DEFAULT_TASKS = 4;
/** A worker is warned so many seconds before its time ends: longer than a step of a large model. */
const WARNING_SECONDS = 120;

export const submit: Command = {
    name: 'submit',
    arguments: 'FILE [NAME…]',
    summary: 'Makes runs on a Slurm cluster: one array of workers, and a job that finishes.',
    help: `Submits two jobs for each run and returns: an array of workers that share its pictures or tiles (as \`run --shard\` does), and a job
that makes what they have left and closes the run. The terminal may be closed. A worker opens the model once and makes as many
pictures as it can, so the array is the number of workers, not of pictures. Tasks whose time ends or whose node fails go back
into the queue and continue. Submitting again makes only what is missing.

#SBATCH lines and \`module load\` lines of the site are taken from slurm.sh beside the spec, else from
~/.config/sdspec/slurm.sh. Options of sbatch for this submission follow --options. Models must be fetched before.

Examples:
  sdspec submit table.sdspec table --slurm --tasks 8 --options "--time 1:00:00 --gres gpu:1 --cpus-per-task 8"
  sdspec submit table.sdspec table --slurm --dry-run       shows the scripts
  sdspec jobs table.sdspec                                 what runs, waits and failed
  sdspec cancel table.sdspec table`,
    options: {
        slurm: { help: 'The engine; there is no other yet.' },
        tasks: { value: 'N', help: `Workers; ${DEFAULT_TASKS} by default, and never more than pictures.` },
        options: {
            value: 'TEXT',
            many: true,
            dashes: true,
            help: 'Options of sbatch, such as "--time 2:00:00 --partition gpu".',
        },
        more: { help: 'Submits more workers though some are in the queue already.' },
        'dry-run': { help: 'Shows what would be submitted.' },
        param: RUN_OPTIONS.param,
        device: RUN_OPTIONS.device,
        out: RUN_OPTIONS.out,
    },
    async run(call) {
        if (!call.flag('slurm')) throw new UsageError('Where to? Add --slurm: there is no other engine yet.');
        const wanted = tasksOf(call);
        const { out } = runOptions(call);
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        for (const { name, work } of chosen.runs) {
            if (work.kind !== 'learn' && work.kind !== 'print') continue;
            const hint =
                'workers share pictures, sweeps and mosaics. Name those, or submit a script with `sdspec run`.';
            throw new UsageError(`${name} is a ${work.kind}: ${hint}`);
        }
        requireModels(chosen);
        for (const run of chosen.runs) await submitRun(run, chosen, { call, wanted, out });
        return EXIT.done;
    },
};

interface Wanted {
    readonly call: Call;
    readonly wanted: number;
    readonly out: string | undefined;
}

function tasksOf(call: Call): number {
    const text = call.value('tasks') ?? String(DEFAULT_TASKS);
    if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError('--tasks wants a whole number from 1 to 9999.');
    return Number(text);
}

async function submitRun(run: Run, { spec }: ChosenRuns, { call, wanted, out }: Wanted): Promise<void> {
    const { name, work } = run;
    const runs = runsFolder(spec.base, out);
    const stored = findRun(runs, name, work);
    const folder = runFolder(runs, name, work);
    const tiles = work.kind === 'mosaic' ? mostTiles(work) : undefined;
    const left =
        tiles === undefined
            ? cellsIn(work).length - (stored?.record.pictures.length ?? 0)
            : tiles - tilesOnDisk(folder);
    if (stored?.state === 'complete') {
        console.error(`${name}: every picture is made. Nothing is submitted.`);
        return;
    }
    const at = jobsFolder(spec.base, name, digest(work));
    const before = readSubmission(at);
    const isDry = call.flag('dry-run');
    const queued = before && !isDry ? await queueOf(before.jobs) : [];
    if (queued.length > 0 && !call.flag('more')) {
        const ids = [...new Set(queued.map(({ job }) => job))].join(', ');
        throw new UsageError(
            `${name} is in the queue already (${ids}). --more adds workers; \`sdspec cancel\` ends them.`,
        );
    }
    const tasks = Math.max(1, Math.min(wanted, left));
    const site = sitePreamble(spec.base);
    const script: ScriptRequest = {
        program: [process.execPath, process.argv[1] ?? 'sdspec'],
        base: spec.base,
        spec: spec.name,
        name,
        options: passedOn(call, out),
        tasks,
        preamble: site.text,
    };
    const log = (pattern: string) => join(at, 'logs', pattern).replaceAll('\\', '/');
    const own = call.values('options').flatMap(shellWords);
    const common = ['--open-mode=append', '--requeue'];
    const array = [
        ...common,
        `--job-name=sdspec-${name}`,
        `--array=1-${tasks}`,
        `--signal=B:USR2@${WARNING_SECONDS}`,
        `--output=${log('%A_%a.log')}`,
        ...own,
    ];
    const finish = (after: string) => [
        ...common,
        `--job-name=sdspec-${name}-finish`,
        `--dependency=afterany:${after}`,
        `--output=${log('%j.log')}`,
        ...own,
    ];
    if (isDry) {
        if (site.file) console.error(`Lines of the site: ${site.file}`);
        for (const [file, text, options] of [
            ['worker.sh', workerScript(script), array],
            ['finish.sh', finishScript(script), finish('ARRAY')],
        ] as const)
            console.log(`sbatch ${[...options, join(at, file)].map(shellWord).join(' ')}\n\n${text}`);
        return;
    }
    refuseLinks(spec.base, runsFolder(spec.base), join(at, 'logs'), 'Remove the link.');
    mkdirSync(join(at, 'logs'), { recursive: true });
    await writeWhole(join(at, 'worker.sh'), workerScript(script));
    await writeWhole(join(at, 'finish.sh'), finishScript(script));
    const jobs = [...(queued.length > 0 ? (before?.jobs ?? []) : [])];
    const counted = { tasks, ...(tiles === undefined ? {} : { tiles }) };
    const submitted = { name, digest: digest(work), spec: spec.name, folder, ...counted };
    const save = () => writeSubmission(at, { ...submitted, jobs, submitted: new Date().toISOString() });
    // Written after each answer, so that what is in the queue is known whatever comes next.
    const worker = await submitScript(join(at, 'worker.sh'), array);
    jobs.push(worker);
    await save();
    const finisher = await submitScript(join(at, 'finish.sh'), finish(worker)).catch((error: Error) => {
        const where = `${relative(process.cwd(), join(spec.base, spec.name))} ${name}`;
        const then = `\`sdspec cancel ${where}\` takes them out, or \`sdspec gather ${where}\` closes the run when they have ended.`;
        throw new RunError('run/slurm', `${error.message} The workers are queued already (${worker}): ${then}`, {
            cause: error,
        });
    });
    jobs.push(finisher);
    await save();
    const what = tiles === undefined ? count(left, 'picture') : `at most ${count(left, 'tile')}`;
    console.log(`${name}: ${count(tasks, 'worker')} for ${what}: job ${worker}, finished by ${finisher}`);
    console.error(`Logs: ${relative(process.cwd(), join(at, 'logs')) || '.'}`);
    await reportWaiting(name, [worker]);
}

/** Slurm accepts what can never start; the reason is known a moment later. */
async function reportWaiting(name: string, jobs: readonly string[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const reasons = new Set((await queueOf(jobs)).flatMap(({ state, reason }) => (state === 'PD' ? [reason] : [])));
    for (const reason of reasons) {
        const words = lastingReason(reason);
        if (words)
            console.error(
                `${name} will not start: ${words} (${reason}). Cancel it: sdspec cancel, then submit with other --options.`,
            );
    }
}

function passedOn(call: Call, out: string | undefined): readonly string[] {
    const device = call.value('device');
    return [
        ...call.values('param').flatMap((param) => ['--param', param]),
        ...(device === undefined ? [] : ['--device', device]),
        ...(out === undefined ? [] : ['--out', out]),
    ];
}
