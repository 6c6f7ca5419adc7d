/** Cases that could hang or use up the memory run in a process of their own, which ends with them. */
import { type ChildProcess, fork } from 'node:child_process';
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
            const timer = setTimeout(() => settle({ ended: `no answer within ${limit} ms` }, true), limit);
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

async function started(module: string): Promise<ChildProcess> {
    const child = fork(CHILD, [module], { execArgv: ['--max-old-space-size=1500', '--import', 'tsx'], stdio: 'pipe' });
    await new Promise<void>((resolve, reject) => {
        child.once('message', () => resolve());
        child.once('exit', (code) => reject(new Error(`The process for ${module} ended with ${code}.`)));
    });
    child.removeAllListeners();
    return child;
}
