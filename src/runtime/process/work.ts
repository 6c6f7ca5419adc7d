/** A run on its way to an outcome, whichever process carries it out. */
import type { RunEvent } from '../events.ts';
import type { RunOutcome, RunRequest } from '../run/request.ts';
import { closeCancelled, runFolder, runsFolder } from '../run/runs.ts';
import type { Failure } from '../run-error.ts';
import { ignore } from './child.ts';
import { CancelMessage } from './protocol.ts';
import type { RunningProcess } from './running-process.ts';

/** A run on its way. */
export interface ChildWork {
    readonly request: RunRequest;
    readonly outcome: Promise<RunOutcome>;
    process: RunningProcess | undefined;
    cancelled: boolean;
    pictures: number;
    event(event: RunEvent): void;
    end(outcome: RunOutcome): void;
}

/** Work that no process has yet. */
export function newWork(request: RunRequest, onEvent: ((event: RunEvent) => void) | undefined): ChildWork {
    let end: (outcome: RunOutcome) => void = ignore;
    const outcome = new Promise<RunOutcome>((resolve) => {
        end = resolve;
    });
    const one: ChildWork = {
        request,
        outcome,
        end,
        process: undefined,
        cancelled: false,
        pictures: 0,
        event(event) {
            if (event.kind === 'picture') one.pictures++;
            onEvent?.(event);
        },
    };
    return one;
}

/** A run that is not yet started ends at once: the process may be busy with another run's step, which must not suffer. */
export function cancel(one: ChildWork, running: boolean, grace: number): void {
    const { process } = one;
    if (one.cancelled || !process) return;
    one.cancelled = true;
    process.connection.sendNotification(CancelMessage, { id: one.request.id }).catch(ignore);
    if (!running) {
        one.end({ kind: 'cancelled', pictures: 0 });
        return;
    }
    const timer = setTimeout(() => {
        process.expected = true;
        process.child.kill('SIGKILL');
    }, grace);
    one.outcome.finally(() => clearTimeout(timer));
}

/** Ends a run whose process is gone; of a cancelled one the record is closed, which the process can't do any more. */
export async function endWithout(one: ChildWork, { child }: RunningProcess, failure: Failure): Promise<void> {
    const { run, base, options = {} } = one.request;
    const folder = runFolder(runsFolder(base, options.out), run.name, run.work);
    if (one.cancelled && child.pid) await closeCancelled(folder, child.pid).catch(ignore);
    one.end(endOf(one, failure));
}

export function endOf({ cancelled, pictures }: ChildWork, failure: Failure): RunOutcome {
    return cancelled ? { kind: 'cancelled', pictures } : { kind: 'failed', failure, notices: [], pictures };
}
