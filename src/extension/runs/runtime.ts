/** The runtime's process: which program it runs in, its log, and what happens when it ends by itself. */
import * as vscode from 'vscode';
import { hubCache } from '../../runtime/models-folder.ts';
import { createRuntime, type Runtime, type RuntimeOptions } from '../../runtime/process/client.ts';
import { createDownloads, type Downloads } from '../../runtime/process/downloads.ts';
import type { QueueEntry } from '../../runtime/process/protocol.ts';
import { DEVICE_CHOICES, type DeviceChoice, type RunOptions } from '../../runtime/run/request.ts';
import type { Failure } from '../../runtime/run-error.ts';
import { mayRunOrWarn, requireTrust } from '../trust.ts';
import { chooseProgram } from './node-program.ts';
import { SettingError } from './setting-error.ts';

/** One runtime per window. It is started by the first run. */
export interface WindowRuntime extends vscode.Disposable {
    /** The runtime, once it is known which program carries it out. Rejects where nothing may run. */
    get(): Promise<Runtime>;
    /** What runs and waits, as the runtime reported it last. */
    readonly queue: readonly QueueEntry[];
    options(): RunOptions;
    /** Downloads, beside the runtime: they continue when it is stopped, and end with the window. */
    downloads(): Promise<Downloads>;
    /** Where hub models are for this window. */
    readonly models: string;
    restart(): Promise<void>;
    stop(): Promise<void>;
    readonly log: vscode.LogOutputChannel;
    /** The process ended without being asked to. */
    readonly onDidCrash: vscode.Event<Failure>;
    /** Why the process ended by itself, until it is started again or stopped. */
    readonly crash: Failure | undefined;
    /** Whether the runtime is well changed. */
    readonly onDidChange: vscode.Event<void>;
}

export function createWindowRuntime(context: vscode.ExtensionContext): WindowRuntime {
    const log = vscode.window.createOutputChannel('SDSpec Runtime', { log: true });
    const crashed = new vscode.EventEmitter<Failure>();
    const changed = new vscode.EventEmitter<void>();
    const downloads = new Set<Downloads>();
    let runtime: Promise<Runtime> | undefined;
    let queue: readonly QueueEntry[] = [];
    let crash: Failure | undefined;

    function setCrash(failure: Failure | undefined): void {
        if (crash === failure) return;
        crash = failure;
        changed.fire();
    }

    async function processOptions(): Promise<RuntimeOptions> {
        const program = await chooseProgram(settings().get('runtime.node', '').trim());
        log.info(`The runtime is carried out by ${program.path}${program.electron ? ' (Electron as Node)' : ''}.`);
        return {
            host: vscode.Uri.joinPath(context.extensionUri, 'dist', 'host.js').fsPath,
            program,
            env: environment(),
            log: (line) => log.info(line),
            graceMilliseconds: graceWanted() * 1000,
        };
    }

    async function create(): Promise<Runtime> {
        const created = createRuntime(await processOptions());
        created.onQueue((entries) => {
            queue = entries;
        });
        created.onRenewed(() => setCrash(undefined));
        created.onCrash((failure) => {
            log.error(failure.message);
            if (failure.detail) log.error(failure.detail);
            setCrash(failure);
            crashed.fire(failure);
        });
        return created;
    }

    async function get(): Promise<Runtime> {
        requireTrust();
        runtime ??= create();
        // What could not be started is tried again with the settings as they are then.
        runtime.catch(() => {
            runtime = undefined;
        });
        return runtime;
    }

    const changes = vscode.workspace.onDidChangeConfiguration(async (change) => {
        const matters = ['sdspec.runtime.node', 'sdspec.runtime.stopGrace', 'sdspec.models'];
        const created = await runtime?.catch(() => undefined);
        if (!created || !matters.some((name) => change.affectsConfiguration(name))) return;
        // What is wrong with them is said when something is to run.
        const options = await processOptions().catch(() => undefined);
        if (options) created.configure(options);
    });
    return {
        log,
        onDidCrash: crashed.event,
        options: () => ({ device: deviceWanted(), previewEvery: 1 }),
        get,
        get queue() {
            return queue;
        },
        get crash() {
            return crash;
        },
        onDidChange: changed.event,
        async downloads() {
            requireTrust();
            const created = createDownloads(await processOptions());
            downloads.add(created);
            return created;
        },
        get models() {
            return folderOfModels() || hubCache();
        },
        async restart() {
            if (!mayRunOrWarn()) return;
            const created = await get();
            created.configure(await processOptions());
            await created.restart();
        },
        async stop() {
            await (await runtime)?.stop();
            setCrash(undefined);
        },
        dispose() {
            runtime?.then((created) => created.abandon());
            for (const one of downloads) void one.stop();
            changes.dispose();
            crashed.dispose();
            changed.dispose();
            log.dispose();
        },
    };
}

function settings(): vscode.WorkspaceConfiguration {
    return vscode.workspace.getConfiguration('sdspec');
}

/** @throws SettingError for a device that there is not */
function deviceWanted(): DeviceChoice {
    const device = settings().get<DeviceChoice>('runtime.device', 'auto');
    if (DEVICE_CHOICES.includes(device)) return device;
    throw new SettingError('sdspec.runtime.device', device, `is none of ${DEVICE_CHOICES.join(', ')}.`);
}

/** Seconds. @throws SettingError for what is no time */
function graceWanted(): number {
    const grace = settings().get<number>('runtime.stopGrace', 5);
    if (typeof grace === 'number' && grace >= 0) return grace;
    throw new SettingError('sdspec.runtime.stopGrace', grace, 'is no number of seconds.');
}

/** Settings that the runtime reads from its environment, before all that the environment itself says. */
function environment(): Readonly<Record<string, string>> {
    const models = folderOfModels();
    return models ? { SDSPEC_MODELS: models } : {};
}

function folderOfModels(): string {
    return settings().get('models.folder', '').trim();
}
