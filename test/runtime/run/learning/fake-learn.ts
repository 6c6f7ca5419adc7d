/** A learning without a model: every step takes no time, and the file says how many there were. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LearnPlan } from '../../../../src/plan/plan.ts';
import type { StableDiffusion } from '../../../../src/runtime/engine/stable-diffusion.ts';
import type { LearnContext, LearnOutcome } from '../../../../src/runtime/learn/context.ts';
import { RunError } from '../../../../src/runtime/run-error.ts';

/** As much of a model as a learning's run looks at. */
export const FAKE_MODEL = {
    checkpoint: { notices: [] },
    device: { used: 'cpu', threads: 1, fallbacks: [], sessions: [], forms: {} },
} as unknown as StableDiffusion;

/** Learns at once, with the traces that the plan asks for; stops before the given step. */
export async function fakeLearn(plan: LearnPlan, context: LearnContext, stopBefore?: number): Promise<LearnOutcome> {
    let step = 0;
    while (step < plan.steps && !context.keep?.aborted) {
        if (step + 1 === stopBefore) throw new RunError('run/cancelled', 'Stopped.');
        step++;
        context.emit({
            kind: 'progress',
            step,
            steps: plan.steps,
            loss: 0.1,
            lossByQuarter: [0.1, undefined, 0.1, 0.1],
            gradientNorm: 1,
            millisecondsPerStep: 1,
            secondsLeft: 0,
        });
        if (step % (plan.trace?.every ?? 99) !== 0 && step !== plan.steps) continue;
        const file = join(context.folder, `${context.name}-${String(step).padStart(6, '0')}.safetensors`);
        writeFileSync(file, 'interim');
        await context.trace?.(step, file);
    }
    const file = join(context.folder, `${context.name}.safetensors`);
    const content = `learnt ${step}`;
    writeFileSync(file, content);
    return {
        kind: step < plan.steps ? 'kept' : 'done',
        file,
        sha256: createHash('sha256').update(content).digest('hex'),
        step,
        loss: 0.1,
        lossByQuarter: [0.1, undefined, 0.1, 0.1],
        parameters: 256,
        resumed: 0,
        seconds: 1,
        peakMemoryBytes: 1,
    };
}
