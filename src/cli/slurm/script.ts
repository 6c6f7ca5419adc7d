/** The scripts that Slurm runs: one for every worker of an array, one that finishes when they have ended. */

export interface ScriptRequest {
    /** Node.js and the command line, absolute. */
    readonly program: readonly string[];
    /** The spec's folder, absolute, and the spec's name in it. */
    readonly base: string;
    readonly spec: string;
    readonly name: string;
    /** Options of the run as they are typed: params, settings, device, folder. */
    readonly options: readonly string[];
    readonly tasks: number;
    /** What the site or the user wants before anything else: #SBATCH lines, modules. */
    readonly preamble: string;
}

/** A task is put back into the queue so often when its time ends. */
const MAX_REQUEUES = 20;

/** Seconds after which a worker that was killed counts as dead, and some more. */
const EXPIRY_SECONDS = 70;

const HEAD = (preamble: string) => `#!/bin/bash
${
    preamble.trim() === ''
        ? ''
        : `${preamble
              .replace(/\r/g, '')
              .replace(/^#!.*\n/, '')
              .trimEnd()}\n`
}# Written by \`sdspec submit\`.`;

const THREADS = '--threads "$' + '{SLURM_CPUS_PER_TASK:-1}"';

/**
 * A worker: makes its share, then helps the others. Shortly before its time limit Slurm sends USR2; then the worker stops after
 * its step and the task goes back into the queue, where it continues with what is left.
 */
export function workerScript({ program, base, spec, name, options, tasks, preamble }: ScriptRequest): string {
    const run = [...program, 'run', spec, name].map(shellWord).join(' ');
    return `${HEAD(preamble)}
cd ${shellWord(base)} || exit 2
warned=
trap 'warned=1; kill -TERM $worker 2>/dev/null' USR2
# Cancelling sends TERM to every process of the job, the worker included.
trap : TERM
${run} ${options.map(shellWord).join(' ')} --shard "$SLURM_ARRAY_TASK_ID/${tasks}" ${THREADS} &
worker=$!
wait $worker; code=$?
# A signal ends the waiting before the worker has ended.
while kill -0 $worker 2>/dev/null; do wait $worker; code=$?; done
if [ -n "$warned" ] && [ "$code" -ne 0 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${MAX_REQUEUES} ]; then
    echo "The time limit is near: back into the queue."
    scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
    sleep 60
fi
exit $code
`;
}

/** Makes what workers that died have left, and closes the run. */
export function finishScript({ program, base, spec, name, options, preamble }: ScriptRequest): string {
    const command = (verb: string) => [...program, verb, spec, name, ...options].map(shellWord).join(' ');
    return `${HEAD(preamble)}
cd ${shellWord(base)} || exit 2
for round in 1 2 3; do
    ${command('run')} --shard 1/1 ${THREADS}
    ${command('gather')} && exit 0
    # Pictures that a worker had when it was killed are free after a while.
    [ $round = 3 ] || sleep \${SDSPEC_EXPIRY_SECONDS:-${EXPIRY_SECONDS}}
done
exit 1
`;
}

/** A word for a shell. */
export function shellWord(word: string): string {
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Words of a command line as a shell reads them: spaces part words, quotes keep them together. */
export function shellWords(text: string): readonly string[] {
    return [...text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) =>
        word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
    );
}
