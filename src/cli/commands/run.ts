/** `sdspec run`: makes the pictures of a spec. */
import { join, relative, resolve } from 'node:path';
import { count, timeWords } from '../../plan/amounts.ts';
import { BLOCKS, type EditPoint, editPoints, STAGES, siteOf } from '../../plan/sites.ts';
import type { RunEvent } from '../../runtime/events.ts';
import type { RecordedLearning } from '../../runtime/run/record.ts';
import { DEVICE_CHOICES, type RunOptions, type RunOutcome } from '../../runtime/run/request.ts';
import { type Call, type Command, EXIT, oneOf, UsageError } from '../command.ts';
import { chooseRuns, type Ended, exitCode, PLAN_OPTIONS, runAll, SET_OPTION } from '../runs.ts';
import { prepareBuiltIns, startRuntime } from '../runtime.ts';

/** Options of every command that carries runs out. */
export const RUN_OPTIONS = {
    ...PLAN_OPTIONS,
    device: {
        short: 'd',
        value: 'DEVICE',
        help: `Where to run: ${DEVICE_CHOICES.join(', ')}. What does not work leads to the CPU, and is said.`,
    },
    threads: { value: 'N', help: 'Threads on the CPU; as many as there are cores by default.' },
    out: { short: 'o', value: 'FOLDER', help: 'Puts runs into FOLDER instead of .sdspec/runs beside the spec.' },
    force: { short: 'f', help: 'Makes the pictures again though they are up to date.' },
    verbose: { help: 'Also shows what the runtime writes to its log.' },
} as const;

export const run: Command = {
    name: 'run',
    arguments: 'FILE [NAME…]',
    summary: 'Makes the pictures of a spec: those named, or all.',
    help: `Pictures go to .sdspec/runs/NAME/DIGEST/ beside the spec; DIGEST is that of the plan: every setting, and the paths
of files. A picture that is there already is not made again, unless a file has other contents than it had then. Beside
the pictures are plan.json (every setting spelled out) and record.json (versions, device, digests, seeds, timings). An
interrupted run continues where it was stopped. Without a NAME everything in the file is made, and nothing where a part of
it can't be read; with NAMEs, errors that they do not depend on do not matter.

Examples:
  sdspec run turtle.sdspec                             everything in the file
  sdspec run turtle.sdspec turtle --param style=linocut
  sdspec run turtle.sdspec --set steps=2 --set size=64x64   a quick trial, in a folder of its own
  sdspec run turtle.sdspec --device webgpu --force
  sdspec run table.sdspec table --shard 3/16           one of sixteen workers on one table of pictures
  sdspec run pip.sdspec pip --keep                     what a stopped learning has learnt so far
  sdspec run turtle.sdspec turtle --save-tensors turtle.safetensors --sites OUT04,mid`,
    options: {
        ...RUN_OPTIONS,
        ...SET_OPTION,
        json: {
            help: 'Writes one line of JSON for each run to stdout, with its record; while something is learnt,\nalso one every ten steps, of "kind": "learn".',
        },
        'save-tensors': {
            value: 'FILE',
            help: 'Also writes initial noise, text embeddings, the latents of every step and the predictions to\na .safetensors file. For one NAME.',
        },
        shard: {
            value: 'I/N',
            help: 'Makes share I of N of the pictures, then helps the other shares. Start it on as many machines as you\nlike that have the folder in common; the last one closes the run. See docs/sharing.md.',
        },
        only: { help: 'With --shard: ends after its own share, without helping others.' },
        keep: { help: 'Ends interrupted learnings with what is learnt so far, instead of continuing them.' },
        sites: {
            value: 'SITES',
            help: 'With --save-tensors: also the features of these places in the U-Net,\nsuch as OUT04,mid.',
        },
    },
    async run(call) {
        const options = runOptions(call);
        // Starts, and opens built-in models, while the spec is read.
        const runtime = startRuntime({ verbose: call.flag('verbose') });
        if (call.words[0] !== undefined) prepareBuiltIns(runtime, call.words[0], options);
        const chosen = await chooseRuns(call).catch(async (error: unknown) => {
            await runtime.stop();
            throw error;
        });
        if (!chosen) {
            await runtime.stop();
            return EXIT.spec;
        }
        if (options.tensors && chosen.runs.length !== 1) {
            await runtime.stop();
            throw new UsageError(`--save-tensors is for one run: name one of ${chosen.spec.names.join(', ')}.`);
        }
        const json = call.flag('json');
        const ended = await runAll(chosen, runtime, options, {
            picture: (file) => json || console.log(here(file)),
            event: (event) => json && printLearning(event),
            ended: (one) => printOutcome(one, { json }),
        });
        return exitCode(ended);
    },
};

/** The options of a run as the runtime wants them. */
export function runOptions(call: Call): RunOptions {
    const device = call.value('device');
    const threads = call.value('threads');
    const out = call.value('out');
    const tensors = call.value('save-tensors');
    const sites = call.value('sites');
    if (threads !== undefined && !/^[1-9]\d*$/.test(threads))
        throw new UsageError('--threads wants a whole number from 1.');
    if (out?.trim() === '') throw new UsageError('--out wants a folder, not an empty word.');
    if (tensors?.trim() === '') throw new UsageError('--save-tensors wants a file, not an empty word.');
    if (sites !== undefined && tensors === undefined) throw new UsageError('--sites belongs to --save-tensors FILE.');
    const shard = shardOption(call);
    if (shard && call.flag('force'))
        throw new UsageError(
            "--force and --shard exclude each other: workers would make each other's pictures again. Delete the run first.",
        );
    if (shard && tensors !== undefined) throw new UsageError('--save-tensors is for a run without --shard.');
    return {
        ...(device === undefined ? {} : { device: oneOf('--device', device, DEVICE_CHOICES) }),
        ...(threads === undefined ? {} : { threads: Number(threads) }),
        ...(out === undefined ? {} : { out: resolve(out) }),
        ...(call.flag('force') ? { force: true } : {}),
        ...(shard ? { shard } : {}),
        ...(call.flag('keep') ? { keep: true } : {}),
        ...(tensors === undefined ? {} : { tensors: { file: resolve(tensors), sites: pointsOf(sites ?? '') } }),
    };
}

/** `3/16` as a share; shares are counted from 1. */
function shardOption(call: Call): RunOptions['shard'] {
    const text = call.value('shard');
    if (text === undefined) {
        if (call.flag('only')) throw new UsageError('--only belongs to --shard I/N.');
        return undefined;
    }
    const [, part, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
    if (!part || !of || part > of) {
        throw new UsageError(`--shard wants I/N, such as 3/16: a share from 1 to the number of shares, not "${text}".`);
    }
    return { part, of, ...(call.flag('only') ? { onlyOwn: true } : {}) };
}

function pointsOf(list: string): readonly EditPoint[] {
    const names = list.split(',').map((name) => name.trim());
    return names.filter(Boolean).flatMap((name) => {
        const site = siteOf(name);
        if (!site)
            throw new UsageError(
                `There is no place "${name}" in the U-Net. There is ${[...STAGES, ...BLOCKS].join(', ')}.`,
            );
        return editPoints(site);
    });
}

/** Every tenth step of a learning and its last, as a line of JSON. */
function printLearning(event: RunEvent): void {
    if (event.kind !== 'learn' || (event.step % 10 !== 0 && event.step < event.steps)) return;
    console.log(JSON.stringify({ ...event, lossByQuarter: event.lossByQuarter.map((loss) => loss ?? null) }));
}

/** What became of a run, on stderr; on stdout the files that were not printed while they were made. */
export function printOutcome({ run: { name }, outcome }: Ended, { json }: { readonly json: boolean }): void {
    if (json) {
        const files = outcome.kind === 'done' ? { files: [...picturesOf(outcome), ...togetherOf(outcome)] } : {};
        console.log(JSON.stringify({ name, ...outcome, ...files }));
        return;
    }
    console.error(summary(name, outcome));
    if (outcome.kind !== 'done') return;
    for (const { verdict, message } of outcome.record.expectations ?? []) console.error(`  ${verdict}: ${message}`);
    const files = [...(outcome.upToDate ? picturesOf(outcome) : []), ...togetherOf(outcome)];
    for (const file of files) console.log(here(file));
}

type Done = Extract<RunOutcome, { kind: 'done' }>;

function picturesOf({ folder, record }: Done): readonly string[] {
    return record.pictures.map(({ file }) => join(folder, file));
}

/** Contact sheet and animation. */
function togetherOf({ folder, record: { learnt, sheet, animation } }: Done): readonly string[] {
    return [learnt?.file, sheet, animation].flatMap((file) => (file === undefined ? [] : [join(folder, file)]));
}

function summary(name: string, outcome: RunOutcome): string {
    switch (outcome.kind) {
        case 'done': {
            const { record, upToDate } = outcome;
            if (record.learnt) return learnSummary(name, record.learnt, outcome);
            const pictures = record.pictures.length === 1 ? 'picture' : `${record.pictures.length} pictures`;
            if (upToDate) return `${name}: up to date (--force makes the ${pictures} again)`;
            // A print without upscalers only lays a picture out, on no device.
            const device = record.device.used === '' ? '' : ` on ${record.device.used}`;
            return `${name}: ${pictures} in ${timeWords(record.seconds)}${device}`;
        }
        case 'shared': {
            const { made, left } = outcome;
            const rest =
                left > 0 ? `${count(left, 'is', 'are')} left to other workers` : 'another worker closes the run';
            return `${name}: ${count(made, 'picture')} made here; ${rest}`;
        }
        case 'cancelled':
            return `${name}: stopped. ${kept(outcome)}`;
        case 'failed': {
            const { message, detail, code } = outcome.failure;
            const tail = detail && (code === 'internal' || code === 'runtime/ended') ? `\n${detail}` : '';
            return `${name}: ${message} ${outcome.pictures > 0 ? kept(outcome) : ''}`.trimEnd() + tail;
        }
    }
}

function learnSummary(name: string, learnt: RecordedLearning, { record, upToDate }: Done): string {
    const { step, steps, loss } = learnt;
    const how = step < steps ? `kept after step ${step} of ${steps}` : `learnt in ${steps} steps`;
    if (upToDate) return `${name}: up to date, ${how} (--force learns it again)`;
    return `${name}: ${how}, loss ${loss.toFixed(4)}, in ${timeWords(record.seconds)}`;
}

function kept({ pictures, folder }: { readonly pictures: number; readonly folder?: string }): string {
    if (pictures === 0) return 'No picture was finished.';
    const count = pictures === 1 ? 'The finished picture is' : `The ${pictures} finished pictures are`;
    return `${count} kept${folder ? ` in ${here(folder)}` : ''}; run again to continue.`;
}

/** A path as one would type it here. */
function here(path: string): string {
    const short = relative(process.cwd(), path);
    return short.startsWith('..') ? path : short;
}
