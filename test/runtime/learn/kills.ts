/**
 * Kills a learning with SIGKILL at random moments and compares its file with that of an undisturbed one:
 * `npx tsx test/runtime/learn/kills.ts [KILLS]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryFolder } from '../weights/write-safetensors.ts';

const CHILD = join(import.meta.dirname, 'nano-child.ts');

export interface Life {
    /** The last step that was reported. */
    readonly step: number;
    /** SHA-256 of the file and the number of continuations, where the learning ended. */
    readonly done?: { readonly sha256: string; readonly resumed: number };
}

/** Runs the learning in a process of its own; kills it `after` the given step and milliseconds, if that comes first. */
export async function live(
    folder: string,
    steps: number,
    after?: { step: number; milliseconds: number },
): Promise<Life> {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder, String(steps)], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    let step = 0;
    let done: Life['done'];
    let first: number | undefined;
    for await (const line of createInterface(child.stdout)) {
        const [word, value, resumed] = line.split(' ');
        if (word === 'done') done = { sha256: value!, resumed: Number(resumed) };
        if (word !== 'step') continue;
        step = Number(value);
        first ??= step;
        if (after && step === first + after.step) setTimeout(() => child.kill('SIGKILL'), after.milliseconds);
    }
    await exit;
    return { step, ...(done && { done }) };
}

if (process.argv[1]?.endsWith('kills.ts')) {
    const wanted = Number(process.argv[2] ?? 20);
    const steps = 40 * wanted;
    const whole = await live(temporaryFolder(), steps);
    const folder = temporaryFolder();
    let kills = 0;
    for (;;) {
        const after = { step: Math.floor(Math.random() * 100), milliseconds: Math.random() * 40 };
        const life = await live(folder, steps, kills < wanted ? after : undefined);
        if (life.done) {
            console.log(
                `after ${kills} kills: ${life.done.sha256 === whole.done?.sha256 ? 'the same' : 'ANOTHER'} file, ${life.done.resumed} times continued`,
            );
            break;
        }
        kills++;
        console.log(`killed at step ${life.step}`);
    }
}
