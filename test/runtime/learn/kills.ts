/**
 * Kills a learning with SIGKILL at drawn moments and compares its file with that of an undisturbed one:
 * `npx tsx test/runtime/learn/kills.ts [KILLS] [SEED] [lora|controlnet]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { mersenne } from '../../../src/runtime/noise/mersenne.ts';
import { temporaryFolder } from '../weights/write-safetensors.ts';

const CHILD = join(import.meta.dirname, 'nano-child.ts');

/** What is learnt. */
export type Subject = 'lora' | 'controlnet';

export interface Life {
    /** The last step that was reported. */
    readonly step: number;
    /** SHA-256 of the file and the number of continuations, where the learning ended. */
    readonly done?: { readonly sha256: string; readonly resumed: number };
}

/** When a process is killed: so many milliseconds after its own n-th step, from 1. */
export interface Moment {
    readonly step: number;
    readonly milliseconds: number;
}

/** Runs the learning in a process of its own, which kills itself at the moment, if that comes before its end. */
export async function live(folder: string, steps: number, subject: Subject, moment?: Moment): Promise<Life> {
    const when = moment ? [moment.step, moment.milliseconds] : [];
    const child = spawn(
        process.execPath,
        ['--import', 'tsx', CHILD, folder, ...[steps, subject, ...when].map(String)],
        {
            stdio: ['ignore', 'pipe', 'inherit'],
        },
    );
    const exit = once(child, 'exit');
    let step = 0;
    let done: Life['done'];
    for await (const line of createInterface(child.stdout)) {
        const [word, value, resumed] = line.split(' ');
        if (word === 'done') done = { sha256: value!, resumed: Number(resumed) };
        if (word === 'step') step = Number(value);
    }
    await exit;
    return { step, ...(done && { done }) };
}

if (process.argv[1]?.endsWith('kills.ts')) {
    const wanted = Number(process.argv[2] ?? 20);
    const seed = Number(process.argv[3] ?? 1);
    const subject = process.argv[4] === 'controlnet' ? 'controlnet' : 'lora';
    const word = mersenne(seed);
    const below = (limit: number) => (word() / 2 ** 32) * limit;
    // Moments have a mean of 25 steps, and a killed process repeats up to 10.
    const steps = 30 * wanted;
    console.log(`${wanted} kills of a ${subject}, moments of seed ${seed}`);
    const whole = await live(temporaryFolder(), steps, subject);
    const folder = temporaryFolder();
    for (let kills = 0; ; kills++) {
        const moment = { step: 1 + Math.floor(below(50)), milliseconds: below(40) };
        const life = await live(folder, steps, subject, kills < wanted ? moment : undefined);
        if (life.done) {
            const same = life.done.sha256 === whole.done?.sha256;
            console.log(`${kills} kills: ${same ? 'the same' : 'ANOTHER'} file, ${life.done.resumed} times continued`);
            process.exitCode = same && kills === wanted ? 0 : 1;
            break;
        }
        console.log(`killed after step ${life.step}, ${moment.milliseconds.toFixed(1)} ms later`);
    }
}
