/** Runs a script of `training/` with the Python that is there. Nothing of the product needs one, so it may be missing. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const TRAINING = join(import.meta.dirname, '..', '..', 'training');
const RECENT = 'import sys; sys.exit(sys.version_info < (3, 9))';

export interface Outcome {
    readonly status: number | null;
    /** What the script wrote, stdout after stderr. */
    readonly said: string;
}

/** The first of `candidates` that runs a program: Windows puts a `python3` on the path that only opens its store. */
export function findPython(
    candidates: readonly string[] = [process.env.PYTHON ?? '', 'python3', 'python'],
): string | undefined {
    return candidates.find((name) => name !== '' && spawnSync(name, ['-c', RECENT]).status === 0);
}

export function runScript(python: string, script: string): Outcome {
    const { status, stdout, stderr } = spawnSync(python, [join(TRAINING, script)], { encoding: 'utf8' });
    return { status, said: stderr + stdout };
}

export const NO_PYTHON = 'neither $PYTHON nor python3 nor python is Python 3.9 or later';
