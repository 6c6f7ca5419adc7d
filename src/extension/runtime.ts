/** The runtime's process: which program it runs in, its log, and what happens when it ends by itself. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { hubCache } from '../runtime/hub/cache.ts';
import { createRuntime, type NodeProgram, type Runtime, type RuntimeOptions } from '../runtime/process/client.ts';
import { createDownloads, type Downloads } from '../runtime/process/downloads.ts';
import type { DeviceChoice, RunOptions } from '../runtime/process/protocol.ts';
import type { Failure } from '../runtime/run-error.ts';

/** One runtime per window. It is started by the first run. */
export interface WindowRuntime extends vscode.Disposable {
    /** The runtime, once it is known which program carries it out. */
    get(): Promise<Runtime>;
    options(): RunOptions;
    /** Downloads, beside the runtime: they go on when it is stopped, and end with the window. */
    downloads(): Promise<Downloads>;
    /** Where hub models lie for this window. */
    readonly models: string;
    restart(): Promise<void>;
    stop(): Promise<void>;
    readonly log: vscode.LogOutputChannel;
    /** The process ended without being asked to. */
    readonly onDidCrash: vscode.Event<Failure>;
}

export function createWindowRuntime(context: vscode.ExtensionContext): WindowRuntime {
    const log = vscode.window.createOutputChannel('SDSpec Runtime', { log: true });
    const crashed = new vscode.EventEmitter<Failure>();
    const downloads = new Set<Downloads>();
    let runtime: Promise<Runtime> | undefined;

    async function processOptions(): Promise<RuntimeOptions> {
        const program = await chooseProgram();
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
        created.onCrash((failure) => {
            log.error(failure.message);
            if (failure.detail) log.error(failure.detail);
            crashed.fire(failure);
        });
        return created;
    }

    async function stop(): Promise<void> {
        const old = runtime;
        runtime = undefined;
        await (await old)?.stop();
    }

    const changes = vscode.workspace.onDidChangeConfiguration(async (change) => {
        const matters = ['sdspec.runtime.node', 'sdspec.runtime.stopGrace', 'sdspec.models'];
        const idle = (await runtime)?.queue.length === 0;
        if (idle && matters.some((name) => change.affectsConfiguration(name))) await stop();
    });
    return {
        log,
        onDidCrash: crashed.event,
        options: () => ({ device: settings().get<DeviceChoice>('runtime.device', 'auto'), previewEvery: 1 }),
        get() {
            runtime ??= create();
            return runtime;
        },
        async downloads() {
            const created = createDownloads(await processOptions());
            downloads.add(created);
            return created;
        },
        get models() {
            return folderOfModels() || hubCache();
        },
        async restart() {
            await stop();
            runtime = create();
            (await runtime).start();
        },
        stop,
        dispose() {
            stop();
            for (const one of downloads) void one.stop();
            changes.dispose();
            crashed.dispose();
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

/** The program of the settings, else the user's node where it is new enough, else the Node inside the editor. */
async function chooseProgram(): Promise<NodeProgram> {
    const wanted = settings().get('runtime.node', '').trim();
    if (wanted) return { path: wanted };
    const own = { path: process.execPath, electron: 'electron' in process.versions };
    if (!own.electron) return own;
    try {
        const { stdout } = await promisify(execFile)('node', ['--version'], { timeout: 3000, windowsHide: true });
        const [, major, minor] = /^v(\d+)\.(\d+)/.exec(stdout) ?? [];
        if (Number(major) > 20 || (Number(major) === 20 && Number(minor) >= 19)) return { path: 'node' };
    } catch {
        // There is no node on the path: the editor brings one.
    }
    return own;
}
