/** A child process with a channel for messages: how it is started, what it says, and why it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
    createMessageConnection,
    IPCMessageReader,
    IPCMessageWriter,
    type MessageConnection,
} from 'vscode-jsonrpc/node';
import { type Failure, tooManyFiles } from '../run-error.ts';
import { EndMessage } from './protocol.ts';

export interface RuntimeOptions {
    /** The bundled `dist/host.js`, absolute. */
    readonly host: string;
    /** The program that runs it; default: the one that runs this. */
    readonly program?: NodeProgram;
    /** Added to the environment. */
    readonly env?: Readonly<Record<string, string>>;
    /** Arguments for node itself, before the host. */
    readonly nodeArguments?: readonly string[];
    /** Every line that the process writes to stdout or stderr. */
    readonly log?: (line: string) => void;
    /** How long what was stopped may continue before the process is killed, in milliseconds. Default 8000. */
    readonly graceMilliseconds?: number;
}

/** A node executable, or Electron run as one. */
export interface NodeProgram {
    readonly path: string;
    readonly electron?: boolean;
}

export const GRACE = 8000;

/**
 * Arguments and environment that keep the process's memory flat: pixels and tensors are outside of JavaScript's heap, whose
 * young generation can stay small, and glibc would give every thread a pool of its own that grows and is not returned.
 */
const NODE_ARGUMENTS = ['--max-semi-space-size=8'];
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

/** A process that was started and listens. */
export interface Child {
    readonly child: ChildProcess;
    readonly connection: MessageConnection;
    /** Never rejects; says why the process ended. */
    readonly ended: Promise<Failure>;
}

/** Starts the host; `kept` is the sentence that says what is left when it ends. */
export function startChild(options: RuntimeOptions, kept: string): Child {
    const { path, electron } = options.program ?? { path: process.execPath, electron: 'electron' in process.versions };
    const child = spawn(path, [...NODE_ARGUMENTS, ...(options.nodeArguments ?? []), options.host], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { ...ENVIRONMENT, ...process.env, ...(electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}), ...options.env },
        windowsHide: true,
    });
    const lastLines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
        eachLine(stream, (line) => {
            if (stream === child.stderr && lastLines.push(line) > 8) lastLines.shift();
            options.log?.(line);
        });
    }
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.onError(ignore);
    connection.listen();
    const ended = new Promise<Failure>((resolve) => {
        const end = (what: string) => resolve(endOf(what, lastLines, kept));
        child.once('error', (error) => end(`The runtime could not be started with ${path}: ${error.message}.`));
        // `close`, unlike `exit`, comes after the last message and the last line were read.
        child.once('close', (code, signal) => end(reason(code, signal)));
    });
    return { child, connection, ended };
}

/** An answer that was an error, or none. */
export function answerFailure(error: unknown): Failure {
    return { code: 'runtime/ended', message: `The runtime could not answer: ${String(error)}` };
}

export function ignore(): void {}

/** How long a process that was asked to end may take, in milliseconds. */
const STOP_MS = 1500;

/** Asks a process to end, by a message, since signals are meant for its parent. One that is busy is killed after a moment. */
export function endChild({ child, connection, ended }: Child): Promise<void> {
    // The connection throws at once where the process is gone already.
    Promise.resolve()
        .then(() => connection.sendNotification(EndMessage))
        .catch(ignore);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    return ended.then(() => clearTimeout(timer));
}

function reason(code: number | null, signal: NodeJS.Signals | null): string {
    // The system kills what takes too much; libraries and V8 abort where they are given nothing (134 is 128 + SIGABRT).
    const isStarved = signal === 'SIGKILL' || signal === 'SIGABRT' || signal === 'SIGSEGV' || code === 134;
    if (isStarved) {
        const how = signal === 'SIGKILL' ? 'was killed' : 'ended';
        return `The runtime ${how} (${signal ?? code}), which often means that memory ran out: write a smaller \`size\`, or \`windows\` behind it.`;
    }
    if (signal) return `The runtime ended by ${signal}.`;
    return `The runtime ended with exit code ${code ?? 'unknown'}.`;
}

function endOf(what: string, lastLines: readonly string[], kept: string): Failure {
    if ([what, ...lastLines].some((line) => /\bE[MN]FILE\b/.test(line)))
        return { code: 'runtime/handles', message: `${tooManyFiles('start the runtime')} ${kept}` };
    const message = `${what} ${kept}`;
    return { code: 'runtime/ended', message, ...(lastLines.length > 0 ? { detail: lastLines.join('\n') } : {}) };
}

function eachLine(stream: NodeJS.ReadableStream | null, tell: (line: string) => void): void {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => {
        const lines = (rest + chunk).split(/\r?\n/);
        rest = lines.pop() ?? '';
        lines.forEach(tell);
    });
    stream?.on('end', () => rest && tell(rest));
}
