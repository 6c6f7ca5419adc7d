/** Slurm's commands: submitting, asking for the queue, cancelling. Text formats only, which all versions have. */
import { type ExecFileException, execFile } from 'node:child_process';
import { RunError } from '../../runtime/run-error.ts';

/** Commands wait for a controller that is away; this is longer than they wait by themselves. */
const TIMEOUT_MS = 90_000;

/** A job or a task of an array that is in the queue. */
export interface QueuedTask {
    /** `123` or `123_4`. */
    readonly id: string;
    readonly job: string;
    /** PD, R, CG and others. */
    readonly state: string;
    readonly reason: string;
    readonly node: string;
    readonly left: string;
}

function call(program: string, args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
        execFile(program, args, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
            if (!error) return resolve(stdout);
            reject(new RunError('run/slurm', slurmMessage(program, error, stderr), { cause: error }));
        });
    });
}

/** Why a command of Slurm failed, with what to do where it is known. */
export function slurmMessage(program: string, error: ExecFileException, stderr: string): string {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return `There is no ${program} here: Slurm's commands are on the machines from which its jobs are submitted.`;
    const said = stderr
        .trim()
        .replace(/^\w+: (?:error: )?/gm, '')
        .split('\n')
        .join('; ');
    if (error.killed) {
        const then =
            program === 'sbatch'
                ? 'look with `squeue --me` before submitting again, since it may be queued'
                : 'try again later';
        return `${program} did not answer within ${TIMEOUT_MS / 1000} seconds: ${then}.${said ? ` It says: ${said}.` : ''}`;
    }
    const tooLarge = /array/i.test(said)
        ? ' An array may be larger than this cluster allows: submit with fewer --tasks.'
        : '';
    return `${program} says: ${said || error.message}.${tooLarge}`;
}

/** Submits a script and returns the job's number. */
export async function submitScript(script: string, options: readonly string[]): Promise<string> {
    const answer = await call('sbatch', ['--parsable', ...options, script]);
    const [, id] = /^(\d+)/.exec(answer.trim()) ?? [];
    if (id) return id;
    throw new RunError('run/slurm', `sbatch answers "${answer.trim().slice(0, 100)}", which is no number of a job.`);
}

/** Tasks of the jobs that are in the queue; jobs that Slurm has forgotten are not among them. */
export async function queueOf(jobs: readonly string[]): Promise<readonly QueuedTask[]> {
    if (jobs.length === 0) return [];
    // All jobs of the user: a number that Slurm has forgotten would make it an error.
    const text = await call('squeue', ['-h', '-r', '--me', '-o', '%F|%K|%t|%r|%N|%L']);
    return text.split('\n').flatMap((line) => {
        const [job = '', task = '', state = '', reason = '', node = '', left = ''] = line.trim().split('|');
        if (!jobs.includes(job)) return [];
        return [{ id: /^\d+$/.test(task) ? `${job}_${task}` : job, job, state, reason, node, left }];
    });
}

export async function cancelJobs(jobs: readonly string[]): Promise<void> {
    if (jobs.length > 0) await call('scancel', jobs);
}

/** Why a job waits, where it would wait for ever, in words; undefined for what passes. */
export function lastingReason(reason: string): string | undefined {
    const words: Readonly<Record<string, string>> = {
        PartitionDown: 'the partition is down',
        PartitionInactive: 'the partition is inactive',
        PartitionTimeLimit: 'it asks for more time than the partition allows',
        PartitionNodeLimit: 'it asks for more nodes than the partition has',
        PartitionConfig: 'it asks for more than a node of the partition has',
        AssociationTimeLimit: 'it asks for more time than the account allows',
        InvalidAccount: 'the account is not known',
        InvalidQOS: 'the quality of service is not known',
        AccountNotAllowed: 'the account may not use the partition',
        QOSNotAllowed: 'the quality of service is not allowed in the partition',
        BadConstraints: 'no node has what it asks for',
        ReqNodeNotAvail: 'the nodes that it asks for are not available',
        JobHeldUser: 'it is held by its user',
        JobHeldAdmin: 'it is held by an administrator',
        DependencyNeverSatisfied: 'what it waits for will not come',
    };
    return words[reason.replace(/,.*/, '')];
}
