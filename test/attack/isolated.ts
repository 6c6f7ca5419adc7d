/** Cases that could hang or use up the memory run in a process of their own, which ends with them. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('isolated-child.ts', import.meta.url));

/** The answer of a case: text, or how it ended without one. */
export type Answer = { readonly value: string } | { readonly ended: string };

/** Calls functions of a module of this folder, one after the other, each with a time limit. */
export class Isolated {
    readonly #module: string;
    #child: ChildProcess | undefined;

    /** `module`: a file beside this one that exports functions from JSON to text. */
    constructor(module: string) {
        this.#module = module;
    }

    async call(name: string, argument: unknown, limit: number): Promise<Answer> {
        this.#child ??= await started(this.#module);
        const child = this.#child;
        return new Promise((resolve) => {
            const settle = (answer: Answer, over: boolean) => {
                clearTimeout(timer);
                child.removeAllListeners();
                if (over) {
                    child.kill('SIGKILL');
                    this.#child = undefined;
                }
                resolve(answer);
            };
            const begun = Date.now();
            const before = processorTime(child);
            // On a loaded machine an answer takes longer: what counts is the time that the process itself has had.
            const look = () => {
                const had = Math.max(0, processorTime(child) - before);
                const isOver = had >= limit || Date.now() - begun >= limit * PATIENCE;
                if (isOver) settle({ ended: `no answer within ${limit} ms` }, true);
                else timer = setTimeout(look, Math.max(100, limit - had));
            };
            let timer = setTimeout(look, limit);
            child.once('message', (answer: Answer) => settle(answer, false));
            child.once('exit', (code, signal) => settle({ ended: `the process ended (${signal ?? code})` }, true));
            child.send({ name, argument });
        });
    }

    close(): void {
        this.#child?.kill('SIGKILL');
        this.#child = undefined;
    }
}

/** So many times its processor time a case may take by the clock. */
const PATIENCE = 20;
/** Ticks of /proc per second, as on every Linux of today. */
const TICK_MS = 10;

/** Milliseconds of processor time that a process has had; by the clock where the system doesn't say. */
function processorTime({ pid }: ChildProcess): number {
    try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
            .replace(/^.*\) /s, '')
            .split(' ');
        return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    } catch {
        return Date.now();
    }
}

async function started(module: string): Promise<ChildProcess> {
    const child = fork(CHILD, [module], { execArgv: ['--max-old-space-size=1500', '--import', 'tsx'], stdio: 'pipe' });
    await new Promise<void>((resolve, reject) => {
        child.once('message', () => resolve());
        child.once('exit', (code) => reject(new Error(`The process for ${module} ended with ${code}.`)));
    });
    child.removeAllListeners();
    return child;
}
