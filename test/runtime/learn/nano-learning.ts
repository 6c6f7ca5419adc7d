/** A small learning on the nano model, for tests and for the script that kills it. */

import type { LearnPlan } from '../../../src/plan/plan.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import type { LearnContext, LearnEvent, LearnOutcome } from '../../../src/runtime/learn/context.ts';
import { learn } from '../../../src/runtime/learn/learn.ts';
import type { Rgb } from '../../../src/runtime/pictures/picture.ts';
import { noise, SD15 } from '../engine/nano.ts';

export const WORD: LearnPlan['target'] = { kind: 'word', word: 'pip', like: 'a', vectors: 2 };
/** Of the last blocks alone: their backward pass is short, and its session is made quickly. */
export const LORA: LearnPlan['target'] = { kind: 'lora', rank: 2, alpha: 1, layers: 'all', blocks: ['OUT10', 'OUT11'] };
export const WEIGHTS: LearnPlan['target'] = { kind: 'weights', layers: 'all', blocks: ['OUT11'] };
export const CONTROLNET: LearnPlan['target'] = { kind: 'controlnet', hint: { low: 40, high: 80 } };

/** Soft random pictures of 64x64 pixels. */
export function picture(seed: number, width = 64, height = 64): Rgb {
    const { data } = noise(seed, width * height * 3);
    return { width, height, data: Uint8Array.from(data, (value) => 128 + 100 * value) };
}

export function planFor(target: LearnPlan['target'], changes: Partial<LearnPlan> = {}): LearnPlan {
    const source = (path: string) => ({ kind: 'file', path }) as const;
    return {
        kind: 'learn',
        model: { kind: 'file', path: SD15 },
        target,
        from: [
            {
                kind: 'pictures',
                pictures: [
                    { picture: source('1'), captions: ['a <pip>', 'the <pip> on a beach'] },
                    { picture: source('2'), captions: ['one <pip>'] },
                ],
            },
        ],
        size: { width: 64, height: 64 },
        steps: 12,
        batch: 2,
        rate: 5e-3,
        warmup: 3,
        fall: 'cosine',
        decay: 0.01,
        clip: 1,
        flip: true,
        seed: 1,
        memory: 'keep',
        ...changes,
    };
}

export interface Learning {
    readonly outcome: LearnOutcome;
    readonly events: readonly LearnEvent[];
}

export async function learnOnNano(
    plan: LearnPlan,
    folder: string,
    changes: Partial<LearnContext> = {},
): Promise<Learning> {
    const events: LearnEvent[] = [];
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    try {
        const outcome = await learn(plan, {
            model,
            modelDigests: { unet: '00' },
            readPictures: async (group) =>
                group.kind === 'pictures' ? group.pictures.map((_, index) => picture(index + 1)) : [],
            folder,
            name: 'pip',
            threads: 1,
            signal: new AbortController().signal,
            ...changes,
            emit(event) {
                events.push(event);
                changes.emit?.(event);
            },
        });
        return { outcome, events };
    } finally {
        await model.close();
    }
}
