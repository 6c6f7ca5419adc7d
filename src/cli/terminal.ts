/**
 * What goes to the terminal is text: names, paths, comments and answers of servers may hold escape sequences and direction
 * marks, which would move the cursor, change colours or reorder a line. They are written visibly, in this one place.
 */
import { EXIT } from './command.ts';

/** Control characters but the line end and the tab, line separators, and marks of direction (Unicode UAX 9). */
const ACTIVE = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * The text with active characters as `\x1b` or `\u202e`. A line end of Windows stays one. JSON stays JSON: its strings hold
 * no characters below 0x20, and may hold the others as `\u009b`.
 */
export function visible(text: string): string {
    return text.replaceAll('\r\n', '\n').replace(ACTIVE, (one) => {
        const code = one.charCodeAt(0);
        return code < 0x20 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    });
}

/** The program's own movements of the cursor, which nothing else may make. */
export const CURSOR = {
    /** Back to the start of the line. */
    start: '\r',
    /** Clears what follows on the line. */
    clear: '\x1b[K',
} as const;

/** Where lines and the progress bar go. */
export interface TerminalStream {
    readonly isTTY?: boolean;
    readonly columns?: number;
    write(text: string): boolean;
}

/** Makes `console` write text only; called once, before anything is printed. */
export function printVisibly(target: Pick<Console, 'log' | 'error'> = console): void {
    for (const name of ['log', 'error'] as const) {
        const write = target[name].bind(target);
        target[name] = (...values: unknown[]) =>
            write(...values.map((value) => (typeof value === 'string' ? visible(value) : value)));
    }
}

/** Errors of a stream whose reader is gone. */
const GONE = new Set(['EPIPE', 'EOF', 'ERR_STREAM_DESTROYED', 'ECONNRESET']);

/** How stdout ended before the program did. */
type OutputEnd = 'gone' | 'failed';

let end: OutputEnd | undefined;
const listeners = new Set<() => void>();

/**
 * How stdout ended early; undefined while it is open. What is printed after its reader is `gone` is not read by anyone,
 * and is no failure; where it `failed`, as on a full disk, something that was asked for is lost.
 */
export function outputEnd(): OutputEnd | undefined {
    return end;
}

/** Calls the listener once when stdout ends early: by a reader as `head`, or by a full disk. Returns how to forget it. */
export function onOutputEnd(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/** Makes an early end of stdout stop the program in order, and one of stderr nothing at all; called once. */
export function surviveEndedOutput(): void {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
        if (end) return;
        end = GONE.has(error.code ?? '') ? 'gone' : 'failed';
        if (end === 'failed') {
            console.error(`sdspec: What is printed can't be written: ${error.message}.`);
            process.exitCode = EXIT.failed;
        }
        for (const listener of [...listeners]) listener();
    });
    process.stderr.on('error', () => {});
}
