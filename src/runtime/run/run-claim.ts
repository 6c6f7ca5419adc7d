/** The claim on a run: a file beside its folder, held by the process that writes the run. */
import { basename, dirname, join } from 'node:path';
import { withClaim } from '../claim.ts';
import { RunError } from '../run-error.ts';
import { makeFolder, writeError } from '../write-whole.ts';
import type { Supervision } from './request.ts';

/** Two processes never write one run: the second waits until the first has ended, and then finds the run done. */
export async function withRunClaim<Result>(
    folder: string,
    name: string,
    { emit, signal }: Supervision,
    work: () => Promise<Result>,
): Promise<Result> {
    const claim = join(dirname(folder), `.${basename(folder)}.claim`);
    try {
        await makeFolder(dirname(claim));
    } catch (error) {
        throw writeError(error, claim);
    }
    const onWait = (owner: number) => {
        emit({ kind: 'notice', text: `Process ${owner} is making ${name} already: waiting for it.` });
        emit({ kind: 'stage', stage: 'wait' });
    };
    return withClaim(claim, { waitMs: Number.POSITIVE_INFINITY, busy: stillRunning, signal, onWait }, work).catch(
        (error: unknown) => {
            throw writeError(error, claim);
        },
    );
}

function stillRunning(owner: number): Error {
    return new RunError('runtime/ended', `Process ${owner} is making this run.`);
}
