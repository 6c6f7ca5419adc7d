/** The queue of runs: one at a time, the waiting ones in an order that can be changed. */
import type { QueueEntry } from './protocol.ts';

export interface RunQueue {
    /** Adds a run; the promise is that of `work`, or of `skipped` when it is cancelled while it waits. */
    add<Outcome>(run: QueuedRun<Outcome>): Promise<Outcome>;
    /** Aborts the running one, or takes a waiting one out. */
    cancel(id: string): void;
    /** Asks the running one to end with what it has. */
    keep(id: string): void;
    cancelAll(): void;
    reorder(ids: readonly string[]): void;
    readonly entries: readonly QueueEntry[];
}

export interface QueuedRun<Outcome> {
    readonly id: string;
    readonly name: string;
    /** `keep` asks a learning to end with what is learnt by then. */
    readonly work: (signal: AbortSignal, keep: AbortSignal) => Promise<Outcome>;
    /** The outcome of a run that was cancelled before it began. */
    readonly skipped: () => Outcome;
}

/** An empty queue; `changed` is called after every change. */
export function runQueue(changed: (entries: readonly QueueEntry[]) => void): RunQueue {
    let waiting: Entry[] = [];
    let running: Entry | undefined;

    function entries(): readonly QueueEntry[] {
        const entry =
            (state: QueueEntry['state']) =>
            ({ id, name }: Entry) => ({ id, name, state });
        return [...(running ? [entry('running')(running)] : []), ...waiting.map(entry('waiting'))];
    }

    function next(): void {
        if (running) return;
        running = waiting.shift();
        if (!running) return;
        const { begin } = running;
        changed(entries());
        begin().finally(() => {
            running = undefined;
            if (waiting.length === 0) changed(entries());
            next();
        });
    }

    function cancel(id: string): void {
        if (running?.id === id) running.abort();
        const entry = waiting.find((one) => one.id === id);
        if (!entry) return;
        waiting = waiting.filter((one) => one !== entry);
        entry.skip();
        changed(entries());
    }

    return {
        add({ id, name, work, skipped }) {
            const [control, keep] = [new AbortController(), new AbortController()];
            return new Promise((resolve, reject) => {
                const begin = () => work(control.signal, keep.signal).then(resolve, reject);
                waiting.push({
                    id,
                    name,
                    begin,
                    skip: () => resolve(skipped()),
                    abort: () => control.abort(),
                    keep: () => keep.abort(),
                });
                changed(entries());
                next();
            });
        },
        cancel,
        keep(id) {
            if (running?.id === id) running.keep();
        },
        cancelAll() {
            for (const { id } of [...waiting]) cancel(id);
            running?.abort();
        },
        reorder(ids) {
            const place = (id: string) => (ids.includes(id) ? ids.indexOf(id) : ids.length);
            waiting = [...waiting].sort((a, b) => place(a.id) - place(b.id));
            changed(entries());
        },
        get entries() {
            return entries();
        },
    };
}

interface Entry {
    readonly id: string;
    readonly name: string;
    readonly begin: () => Promise<void>;
    readonly skip: () => void;
    readonly abort: () => void;
    readonly keep: () => void;
}
