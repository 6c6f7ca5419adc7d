/** Traced pictures: made on the way of a learning, with what is learnt by then. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tracedCells } from '../../../plan/cells.ts';
import { ALL_STEPS, constant } from '../../../plan/curve.ts';
import type { LearnPlan, PicturePlan, PictureSource } from '../../../plan/plan.ts';
import { assertNever } from '../../../plan/problem.ts';
import { makePictures } from '../make-pictures.ts';
import type { RunContext } from '../run-context.ts';

/** Makes the pictures that the plan asks for after a step, with what is learnt by then, which is in `file`. */
export async function makeTraced(plan: LearnPlan, step: number, file: string, making: RunContext): Promise<void> {
    const cells = tracedCells(plan).filter(({ labels }) => labels?.['step'] === String(step));
    const learnt = cells.map((cell) => ({ ...cell, plan: withLearnt(cell.plan, plan, file) }));
    // The stages and steps of a traced picture are none of the learning's.
    const quiet: RunContext = { ...making, emit: (event) => event.kind === 'picture' && making.emit(event) };
    await makePictures(learnt, quiet);
}

/** Makes pictures of steps that are done already, where the process ended between a step and its pictures. */
export async function makeMissing(plan: LearnPlan, making: RunContext): Promise<void> {
    const { request, folder, record } = making;
    if (request.options?.force) return;
    const done = new Set(record.now.pictures.map(({ cell }) => cell));
    const missing = tracedCells(plan).filter(({ index }) => !done.has(index));
    for (const step of new Set(missing.map(({ labels }) => labels?.['step'] ?? ''))) {
        const file = join(folder, `${request.run.name}-${step.padStart(6, '0')}.safetensors`);
        if (existsSync(file)) await makeTraced(plan, Number(step), file, making);
    }
}

/** A plan that uses what was learnt: the word where it is named, a LoRA or weights as they are, a ControlNet by its picture. */
function withLearnt(plan: PicturePlan, { target, trace }: LearnPlan, path: string): PicturePlan {
    switch (target.kind) {
        case 'word':
            return { ...plan, embeddings: [{ token: target.word, file: { path } }] };
        case 'lora':
        case 'weights':
            return { ...plan, adapters: [{ file: { path }, weight: 1 }] };
        case 'controlnet': {
            const control = (picture: PictureSource) => ({
                net: { path },
                picture,
                weight: constant(1),
                window: ALL_STEPS,
            });
            return { ...plan, controls: trace?.by ? [control(trace.by)] : [] };
        }
        default:
            return assertNever(target);
    }
}
