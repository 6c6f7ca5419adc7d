/** Runs from the click to the outcome: planned from the buffer's text, queued, followed, stopped. */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { specFolder } from '../../language/linking/spec-folder.ts';
import { digest } from '../../plan/digest.ts';
import { hubName } from '../../plan/model-names.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { hasErrors, type Outcome } from '../../plan/problem.ts';
import type { Run } from '../../plan/run.ts';
import type { RunEvent } from '../../runtime/events.ts';
import type { RunHandle, Runtime } from '../../runtime/process/client.ts';
import type { RunOptions, RunOutcome } from '../../runtime/run/request.ts';
import type { LanguageConnection } from '../client.ts';
import { keyOf, type RunnableId } from '../runnable.ts';
import { mayRunOrWarn } from '../trust.ts';
import type { LiveRun, PreviewEvent } from './live-run.ts';
import { Pace } from './progress.ts';
import { inQueueOrder } from './queue-order.ts';
import { deleteRun, folderOf, runIn } from './records.ts';
import { applyEvent } from './run-event.ts';
import type { WindowRuntime } from './runtime.ts';
import { reportStart, showProblems } from './start-failure.ts';

export interface StartOptions {
    readonly params?: Readonly<Record<string, string>>;
    /** Make the pictures again though they are up to date. */
    readonly force?: boolean;
    /** Takes the place of the runnable's other runs, and leaves problems of a text that is being written to the text. */
    readonly live?: boolean;
}

/** Milliseconds between two reports of progress: what draws them works on the same cores as what makes the pictures. */
const PROGRESS_INTERVAL_MS = 160;
/** The same in live mode, where a picture takes about a second. */
const LIVE_INTERVAL_MS = 300;

export class Runs implements vscode.Disposable {
    /** By the run's id: all that are active, and the latest that has ended of each runnable. */
    private readonly live = new Map<string, LiveRun>();
    private readonly paces = new Map<string, Pace>();
    private readonly handles = new Map<string, RunHandle>();
    /** Runnables that are being planned; what was taken back and asked for again is another one. */
    private readonly beginning = new Map<string, { readonly id: RunnableId; readonly isLive: boolean }>();
    private readonly changed = new vscode.EventEmitter<LiveRun | RunnableId>();
    private readonly previewed = new vscode.EventEmitter<{ readonly run: LiveRun; readonly preview: PreviewEvent }>();
    private readonly pictured = new vscode.EventEmitter<LiveRun>();
    private readonly begunWith = new vscode.EventEmitter<LiveRun>();
    /** Live runnables whose text changed while they were planned. */
    private readonly again = new Set<string>();
    /** Runs whose place a live one took. */
    private readonly superseded = new Set<string>();
    /** Runs whose folder was not there when they were asked for: what is in it is theirs alone. */
    private readonly firsts = new Set<string>();
    private count = 0;
    /** When progress was reported last. */
    private reportedAt = 0;
    /** The step that was previewed last, and when: all pictures of one step are shown, or none. */
    private lastPreview = { run: '', step: -1, at: 0 };
    /** The run whose draft is in sight: it is nearer to the picture than the states on the way. */
    private drafted = '';

    /** Something about a run changed: it began, continued, or ended. */
    readonly onDidChange = this.changed.event;
    readonly onDidPreview = this.previewed.event;
    /** The newest of the run's pictures was finished. */
    readonly onDidPicture = this.pictured.event;
    /** The run began with pictures that an earlier attempt had made. */
    readonly onDidKeep = this.begunWith.event;

    private readonly language: LanguageConnection;
    private readonly runtime: WindowRuntime;

    constructor(language: LanguageConnection, runtime: WindowRuntime) {
        this.language = language;
        this.runtime = runtime;
    }

    /** Whether the runnable is being planned. */
    isBeginning(id: RunnableId): boolean {
        return this.beginning.has(keyOf(id));
    }

    /** Whether it is being planned because the user asked for it: not after a change in live mode. */
    isAskedFor(id: RunnableId): boolean {
        return this.beginning.get(keyOf(id))?.isLive === false;
    }

    /** The run of a runnable that is running, else the first that waits, else the latest that has ended. */
    of(id: RunnableId): LiveRun | undefined {
        const [first] = this.activeOf(id);
        return first ?? [...this.live.values()].findLast((run) => keyOf(run) === keyOf(id));
    }

    /** The runs of a runnable that are running or wait, in their order: several where its text changed meanwhile. */
    activeOf(id: RunnableId): readonly LiveRun[] {
        return this.active.filter((run) => keyOf(run) === keyOf(id));
    }

    /** The latest run of this window in a folder, whether it continues or has ended. */
    in(folder: string): LiveRun | undefined {
        return [...this.live.values()].filter((run) => run.folder === folder).sort((a, b) => b.clicked - a.clicked)[0];
    }

    /** Runs that are running or wait, in the order in which the runtime takes them. */
    get active(): readonly LiveRun[] {
        const active = [...this.live.values()].filter(({ state }) => state !== 'ended');
        return inQueueOrder(active, this.runtime.queue);
    }

    get isBusy(): boolean {
        return this.beginning.size > 0 || this.active.length > 0;
    }

    /** Runs the buffer's text, saved or not. Undefined: it was taken back, or the text does not allow it, which was reported. */
    async start(id: RunnableId, options: StartOptions = {}): Promise<LiveRun | undefined> {
        if (!mayRunOrWarn()) return undefined;
        if (this.isBeginning(id)) {
            if (options.live) this.again.add(keyOf(id));
            return undefined;
        }
        const clicked = Date.now();
        const asked = { id, isLive: options.live ?? false };
        this.beginning.set(keyOf(id), asked);
        this.changed.fire(id);
        try {
            const { value: run, problems, draft } = await this.planned(id, options);
            if (this.beginning.get(keyOf(id)) !== asked) return undefined;
            if (!run || hasErrors(problems)) {
                if (!options.live) showProblems(id, problems);
                return undefined;
            }
            const work = digest(run.work);
            const same = this.activeOf(id).find((one) => one.digest === work && !one.stopping);
            if (same) {
                const how = same.state === 'waiting' ? 'waits already' : 'is being made already';
                vscode.window.setStatusBarMessage(`${id.name} ${how}, from the same text`, 3000);
                return same;
            }
            if (options.live) {
                for (const one of this.activeOf(id)) {
                    this.superseded.add(one.id);
                    this.stop(one);
                }
            }
            const runtime = await this.runtime.get();
            if (this.beginning.get(keyOf(id)) !== asked) return undefined;
            return this.submit(runtime, asked, run, clicked, {
                force: options.force ?? false,
                ...(draft && { draft }),
            });
        } catch (error) {
            void reportStart(id, error as Error);
            return undefined;
        } finally {
            if (this.beginning.get(keyOf(id)) === asked) this.beginning.delete(keyOf(id));
            this.changed.fire(id);
            // The text changed while it was planned.
            if (this.again.delete(keyOf(id))) void this.start(id, options);
        }
    }

    private planned(
        id: RunnableId,
        { params, live }: StartOptions,
    ): Promise<Outcome<Run> & { readonly draft?: PicturePlan }> {
        return live ? this.language.planLive(id) : this.language.plan(id, params);
    }

    /** Takes back what is still being planned: of one runnable, or all. */
    withdraw(only?: RunnableId): void {
        for (const [key, { id }] of [...this.beginning]) {
            if (only && keyOf(only) !== key) continue;
            this.beginning.delete(key);
            this.changed.fire(id);
        }
    }

    /** Stops a run before its next step; the runtime is ended where that takes longer than the grace period. */
    stop(run: LiveRun): void {
        if (run.state === 'ended') return;
        run.stopping = true;
        this.handles.get(run.id)?.cancel();
        this.changed.fire(run);
    }

    /** Takes back that a runnable is being planned; what has become a run by now is stopped. */
    stopLatest(id: RunnableId): void {
        const latest = this.activeOf(id).at(-1);
        if (this.isBeginning(id)) this.withdraw(id);
        else if (latest) this.stop(latest);
    }

    /** Ends a learning after its step, with what is learnt by then as its result. */
    keep(run: LiveRun): void {
        if (run.state === 'running') this.handles.get(run.id)?.keep();
    }

    /** The outcome of a run, once it has ended. */
    async ended(run: LiveRun): Promise<RunOutcome | undefined> {
        return (await this.handles.get(run.id)?.outcome) ?? run.outcome;
    }

    private submit(
        runtime: Runtime,
        { id, isLive }: { readonly id: RunnableId; readonly isLive: boolean },
        run: Run,
        clicked: number,
        options: Pick<RunOptions, 'force' | 'draft'>,
    ): LiveRun {
        const file = id.uri.fsPath;
        const base = baseOf(id.uri);
        const live: LiveRun = {
            ...id,
            id: `${clicked}-${++this.count}`,
            run,
            base,
            spec: basename(file),
            folder: folderOf(base, run),
            clicked,
            digest: digest(run.work),
            isLive,
            begun: false,
            state: 'waiting',
            stopping: false,
            progress: undefined,
            pictures: [],
            outcome: undefined,
        };
        if (!existsSync(live.folder)) this.firsts.add(live.id);
        this.live.set(live.id, live);
        this.paces.set(live.id, new Pace());
        const request = { id: live.id, run, base, spec: live.spec, options: { ...this.runtime.options(), ...options } };
        const handle = runtime.run(request, (event) => this.onEvent(live, event));
        this.handles.set(live.id, handle);
        handle.outcome.then((outcome) => this.end(live, outcome));
        this.changed.fire(live);
        return live;
    }

    private onEvent(run: LiveRun, event: RunEvent): void {
        const before = run.state;
        const weight = applyEvent(run, event, this.paces.get(run.id));
        if (event.kind === 'notice') this.runtime.log.info(`${run.name}: ${event.text}`);
        if (event.kind === 'kept') this.begunWith.fire(run);
        if (event.kind === 'preview' && this.isPreviewWanted(run, event)) this.previewed.fire({ run, preview: event });
        if (event.kind === 'picture') this.pictured.fire(run);
        // Small models make more steps per second than anybody can read.
        const isSoon = Date.now() - this.reportedAt < (run.isLive ? LIVE_INTERVAL_MS : PROGRESS_INTERVAL_MS);
        const isStep = weight === 'step' || (run.isLive && event.kind === 'stage' && run.state === before);
        if (weight === 'none' || (isStep && isSoon)) return;
        this.reportedAt = Date.now();
        this.changed.fire(run);
    }

    private isPreviewWanted({ id }: LiveRun, { step, draft }: PreviewEvent): boolean {
        const { run, step: lastStep, at } = this.lastPreview;
        if (draft !== undefined) this.drafted = id;
        else if (this.drafted === id) return false;
        if (draft !== undefined || (run === id && step === lastStep)) return true;
        if (run === id && Date.now() - at < PROGRESS_INTERVAL_MS) return false;
        this.lastPreview = { run: id, step, at: Date.now() };
        return true;
    }

    private end(run: LiveRun, outcome: RunOutcome): void {
        for (const [id, old] of this.live) {
            if (old !== run && old.state === 'ended' && keyOf(old) === keyOf(run)) this.live.delete(id);
        }
        this.paces.delete(run.id);
        run.outcome = outcome;
        run.state = 'ended';
        run.progress = undefined;
        this.handles.delete(run.id);
        const [isSuperseded, isFirst] = [this.superseded.delete(run.id), this.firsts.delete(run.id)];
        if (isSuperseded && isFirst) this.deleteEmpty(run);
        this.changed.fire(run);
        // A dead runtime is reported once, by its listener, not once per run.
        if (outcome.kind === 'failed' && outcome.failure.code !== 'runtime/ended') this.tellFailure(run, outcome);
    }

    /** What a change of the text cut off before its first picture is nothing to keep. */
    private deleteEmpty({ folder, run: { work } }: LiveRun): void {
        // Of other work there are parts that no picture shows: tiles, steps, a state of learning.
        if (work.kind !== 'picture' && work.kind !== 'sweep') return;
        if (this.active.some((other) => other.folder === folder)) return;
        const left = runIn(folder);
        if (left?.state === 'cancelled' && left.record.pictures.length === 0) deleteRun(left);
    }

    private async tellFailure(run: LiveRun, { failure }: Extract<RunOutcome, { kind: 'failed' }>): Promise<void> {
        if (failure.detail) this.runtime.log.error(failure.detail);
        const { missing } = failure;
        const [download, show] = ['Download…', 'Show Log'];
        const choices = missing ? [download, show] : [show];
        const choice = await vscode.window.showErrorMessage(`${run.name} failed: ${failure.message}`, ...choices);
        if (choice === show) this.runtime.log.show(true);
        if (choice !== download || !missing) return;
        const again: RunnableId = { uri: run.uri, name: run.name };
        await vscode.commands.executeCommand('sdspec.downloadModel', hubName(missing), again);
    }

    dispose(): void {
        this.changed.dispose();
        this.previewed.dispose();
        this.pictured.dispose();
        this.begunWith.dispose();
    }
}

/** The folder that a spec runs in: that in which the language finds its files. */
function baseOf(spec: vscode.Uri): string {
    const open = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const folder = specFolder(spec, () => dirname(spec.fsPath), open);
    if (!folder) throw new Error('Save the spec first: its pictures are kept in its folder.');
    return folder;
}
