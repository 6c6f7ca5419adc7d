/** Signals that ask a command to stop: it ends in order, with a word and an exit code of its own. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type StopSignal = (typeof SIGNALS)[number];

/** 128 and the signal's number, as shells report it. */
const CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

let received: StopSignal | undefined;
const listeners = new Set<() => void>();
const cleanups = new Set<() => void>();

/** Catches signals from here on; called once, before anything else. */
export function catchSignals(): void {
    for (const signal of SIGNALS) {
        process.on(signal, () => {
            received ??= signal;
            if (listeners.size > 0) {
                for (const listener of [...listeners]) listener();
                return;
            }
            for (const cleanup of cleanups) cleanup();
            process.stderr.write('sdspec: stopped.\n', () => process.exit(CODES[received ?? signal]));
        });
    }
}

/** Calls the listener at each signal instead of ending the process. Returns how to forget it. */
export function onSignal(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/** Called before a signal ends the process. */
export function beforeStop(cleanup: () => void): void {
    cleanups.add(cleanup);
}

/** The exit code of a process that a signal asked to stop, whatever it had done by then; undefined where none came. */
export function signalCode(): number | undefined {
    return received && CODES[received];
}
