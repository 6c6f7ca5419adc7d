/** The runtime's process: which program it runs in, its log, and what happens when it ends by itself. */
import * as vscode from 'vscode';
import { hubCache } from '../../runtime/models-folder.ts';
import { createRuntime, type Runtime, type RuntimeOptions } from '../../runtime/process/client.ts';
import { createDownloads, type Downloads } from '../../runtime/process/downloads.ts';
import type { QueueEntry } from '../../runtime/process/protocol.ts';
import type { DeviceChoice, RunOptions } from '../../runtime/run/request.ts';
import type { Failure } from '../../runtime/run-error.ts';
import { mayRunOrWarn, requireTrust } from '../trust.ts';
import { chooseProgram } from './node-program.ts';

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
            graceMilliseconds: settings().get<number>('runtime.stopGrace', 5) * 1000,
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
        return runtime;
    }

    const changes = vscode.workspace.onDidChangeConfiguration(async (change) => {
        const matters = ['sdspec.runtime.node', 'sdspec.runtime.stopGrace', 'sdspec.models'];
        const created = await runtime;
        if (!created || !matters.some((name) => change.affectsConfiguration(name))) return;
        created.configure(await processOptions());
    });
    return {
        log,
        onDidCrash: crashed.event,
        options: () => ({ device: settings().get<DeviceChoice>('runtime.device', 'auto'), previewEvery: 1 }),
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

/** Settings that the runtime reads from its environment, before all that the environment itself says. */
function environment(): Readonly<Record<string, string>> {
    const models = folderOfModels();
    return models ? { SDSPEC_MODELS: models } : {};
}

function folderOfModels(): string {
    return settings().get('models.folder', '').trim();
}
