/** Runs asked for on the command line: chosen, executed one after the other, and reported. */
import { join, relative } from 'node:path';
import { SETTABLE } from '../language/index-node.ts';
import { cellsIn } from '../plan/cells.ts';
import { digest } from '../plan/digest.ts';
import { hubModelsIn, hubName } from '../plan/model-names.ts';
import { hasErrors, type Problem } from '../plan/problem.ts';
import type { Run } from '../plan/run.ts';
import type { RunEvent } from '../runtime/events.ts';
import { cachedModel, isCached } from '../runtime/hub/cache.ts';
import type { RunHandle, Runtime } from '../runtime/process/client.ts';
import type { RunOptions, RunOutcome } from '../runtime/run/request.ts';
import { ModelError } from '../runtime/weights/model-error.ts';
import { type Call, EXIT, type Option, UsageError } from './command.ts';
import { describeProblems } from './problems.ts';
import { type ProgressDisplay, progressOf } from './progress.ts';
import { onSignal } from './signals.ts';
import { openSpec, type Spec } from './specs.ts';
import { onOutputEnd, outputEnd } from './terminal.ts';

/** Options of every command that makes plans. */
export const PLAN_OPTIONS = {
    param: { value: 'NAME=VALUE', many: true, help: 'Sets a param of the spec. May be given several times.' },
} as const satisfies Record<string, Option>;

/** Of commands whose plans may differ from what the spec says. */
export const SET_OPTION = {
    set: {
        value: 'NAME=VALUE',
        many: true,
        help: `Another value for a setting of every picture, for a quick trial: ${SETTABLE.join(', ')}.`,
    },
} as const satisfies Record<string, Option>;

export interface ChosenRuns {
    readonly spec: Spec;
    readonly runs: readonly Run[];
}

/** The runs that `FILE [NAME…]` means; undefined, with the problems reported, where the spec has errors. */
export async function chooseRuns(call: Call): Promise<ChosenRuns | undefined> {
    const [file, ...names] = call.words;
    if (file === undefined) throw new UsageError('Which file? For example: sdspec run turtle.sdspec');
    const spec = await openSpec(file, { params: paramsFlag(call), set: setFlag(call) });
    for (const name of names) {
        if (spec.names.includes(name)) continue;
        throw new UsageError(`${file} has no ${name}. It has ${spec.names.join(', ') || 'nothing that can be run'}.`);
    }
    const outcomes = (names.length > 0 ? names : spec.names).map((name) => spec.lower(name));
    // Without names everything in the file is meant, also what can't be read.
    const hiding = names.length > 0 ? [] : spec.hiding;
    const problems = unique([...hiding, ...outcomes.flatMap((outcome) => outcome.problems)]);
    const worth = problems.filter(({ severity }) => severity === 'error' || severity === 'warning');
    if (worth.length > 0) console.error(`${describeProblems(worth)}\n`);
    const runs = outcomes.flatMap(({ value }) => value ?? []);
    if (hasErrors(problems)) return undefined;
    await reportUnusedValues(file, call, names, runs);
    if (runs.length === 0) throw new UsageError(`${file} has nothing that can be run: write a generate.`);
    return { spec, runs };
}

/** A value from outside that makes no difference is one that the user is mistaken about. */
async function reportUnusedValues(file: string, call: Call, names: readonly string[], runs: readonly Run[]) {
    for (const option of ['param', 'set'] as const) {
        const values = valuesByName(call, option);
        for (const [name, value] of Object.entries(values)) {
            const { [name]: _, ...others } = values;
            const given = { param: paramsFlag(call), set: setFlag(call), [option]: others };
            const without = await openSpec(file, { params: given.param, set: given.set });
            const same = (names.length > 0 ? names : without.names).every((one, k) => {
                const work = without.lower(one).value?.work;
                return work !== undefined && digest(work) === digest(runs[k]!.work);
            });
            if (same)
                console.error(`--${option} ${name}=${value} changes nothing here: the plans are the same without it.`);
        }
    }
}

/** Values of params by name, from `--param NAME=VALUE`. */
export function paramsFlag(call: Call): Readonly<Record<string, string>> {
    return valuesByName(call, 'param');
}

/** Values of settings by name, from `--set NAME=VALUE`. */
function setFlag(call: Call): Readonly<Record<string, string>> {
    return valuesByName(call, 'set');
}

function valuesByName(call: Call, option: string): Readonly<Record<string, string>> {
    const values = new Map<string, string>();
    for (const text of call.values(option)) {
        const at = text.indexOf('=');
        if (at < 1) throw new UsageError(`--${option} wants NAME=VALUE, not "${text}".`);
        const [name, value] = [text.slice(0, at), text.slice(at + 1)];
        const before = values.get(name);
        if (before !== undefined && before !== value)
            throw new UsageError(`--${option} ${name} is given twice, as "${before}" and "${value}". Leave one out.`);
        values.set(name, value);
    }
    return Object.fromEntries(values);
}

/** Problems of what several runs need are reported once. */
export function unique(problems: readonly Problem[]): readonly Problem[] {
    return [...new Map(problems.map((problem) => [JSON.stringify([problem.code, problem.where]), problem])).values()];
}

/** How each run ended, in their order; runs after one that was stopped are left out. */
export interface Ended {
    readonly run: Run;
    readonly outcome: RunOutcome;
}

/** Called during runs, with the progress bar cleared. */
export interface RunListeners {
    readonly picture?: (file: string) => void;
    readonly event?: (event: RunEvent) => void;
    readonly ended?: (one: Ended) => void | Promise<void>;
}

/** Carries the runs out with a progress bar. Ctrl-C stops gently, a second one at once. */
export async function runAll(
    { spec, runs }: ChosenRuns,
    runtime: Runtime,
    options: RunOptions,
    { picture = () => {}, event: onEvent = () => {}, ended: tell = () => {} }: RunListeners = {},
): Promise<readonly Ended[]> {
    const ended: Ended[] = [];
    let handle: RunHandle | undefined;
    let progress: ProgressDisplay | undefined;
    let stops = 0;
    const stop = () => {
        if (++stops > 1) return void runtime.stop();
        progress?.say('Stopping after this step; finished pictures are kept. Ctrl-C once more stops at once.');
        handle?.cancel();
    };
    const forgetSignals = onSignal(stop);
    const forgetOutput = onOutputEnd(stop);
    try {
        requireModels({ spec, runs });
        for (const [index, run] of runs.entries()) {
            if (stops > 0) break;
            progress = progressOf({ name: run.name, pictures: pictureCount(run), stream: process.stderr, picture });
            const forget = runtime.onMemory((bytes) => progress?.memory(bytes));
            const request = { id: String(index), run, base: spec.base, spec: spec.name, options };
            handle = runtime.run(request, (event) => {
                progress?.onEvent(event);
                onEvent(event);
            });
            const outcome = await handle.outcome;
            forget();
            progress.end();
            ended.push({ run, outcome });
            await tell({ run, outcome });
        }
    } finally {
        forgetSignals();
        forgetOutput();
        await runtime.stop();
    }
    return ended;
}

/** Says in one message which models of the hub are not here, and how to get them: no run downloads by itself. */
export function requireModels({ spec, runs }: ChosenRuns): void {
    const missing = hubModelsIn(runs).filter((ref) => !isCached(ref));
    const [one, another] = missing;
    // For a single model, also print what is already on this machine.
    if (one && !another) cachedModel(one);
    if (!one) return;
    const names = missing.map(hubName).join(' and ');
    const command = `sdspec models fetch ${relative(process.cwd(), join(spec.base, spec.name))}`;
    throw new ModelError('model/not-found', `${names} are not on this machine. Download them: ${command}`);
}

function pictureCount({ work }: Run): number {
    return Math.max(1, cellsIn(work).length);
}

/** The exit code of several runs: the worst that happened. */
export function exitCode(ended: readonly Ended[]): number {
    if (ended.some(({ outcome }) => outcome.kind === 'cancelled'))
        return outputEnd() === 'gone' ? EXIT.closed : EXIT.stopped;
    const failures = ended.flatMap(({ outcome }) => (outcome.kind === 'failed' ? [outcome.failure] : []));
    if (failures.some(({ code }) => code === 'internal')) return EXIT.bug;
    return failures.length > 0 ? EXIT.failed : EXIT.done;
}
