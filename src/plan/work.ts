/** Work: how often a plan sends a row through the U-Net, so that people know before they wait. */

import type { LearnPlan } from './learn.ts';
import type { PicturePlan, Work } from './plan.ts';
import { SAMPLERS } from './samplers.ts';
import { stepsRun } from './steps.ts';

/** Pictures that a plan makes. */
export function picturesOf(work: Work): number {
    switch (work.kind) {
        case 'picture':
            return work.seeds.length;
        case 'sweep':
            return work.cells.reduce((sum, { plan }) => sum + plan.seeds.length, 0);
        case 'mosaic':
        case 'print':
            return 1;
        case 'learn':
            return tracedPictures(work).reduce((sum, { seeds }) => sum + seeds.length, 0);
    }
}

/** Rows that go through the U-Net, over all steps and pictures. */
export function passesOf(work: Work): number {
    switch (work.kind) {
        case 'picture':
            return picturePasses(work);
        case 'sweep':
            return work.cells.reduce((sum, { plan }) => sum + picturePasses(plan), 0);
        case 'mosaic':
            return work.grid.columns * work.grid.rows * work.depth * picturePasses(work.tiles.via, work.tiles.strength);
        case 'print':
            return work.upscale.kind === 'via' ? picturePasses(work.upscale.via, work.upscale.strength) : 0;
        case 'learn': {
            const rows = work.batch * (work.beside ? 2 : 1);
            return work.steps * rows + tracedPictures(work).reduce((sum, plan) => sum + picturePasses(plan), 0);
        }
    }
}

/** The pictures that a learning makes on its way, in their order. */
function tracedPictures({ steps, trace }: LearnPlan): readonly PicturePlan[] {
    if (!trace) return [];
    return Array.from({ length: Math.floor(steps / trace.every) }, () => trace.pictures).flat();
}

/**
 * A step sends the prompt (or each member of an ensemble), the negative prompt where guidance needs it, and the bias
 * pictures. Clean bias pictures do not depend on the seed: they are sent once for all seeds.
 */
function picturePasses(plan: PicturePlan, strength: number | undefined = plan.start?.strength): number {
    const calls = stepsRun(plan.steps, strength) * SAMPLERS[plan.sampler.name].callsPerStep;
    const guided = plan.guidance.scale.keys.some(({ value }) => value !== 1);
    const { conditioning } = plan;
    const prompts =
        conditioning.kind === 'ensemble' && conditioning.over !== 'embeddings' ? conditioning.members.length : 1;
    const seeds = Math.max(1, plan.seeds.length);
    const bias = plan.infusions.reduce(
        (sum, { pictures, latent }) => sum + pictures.length * (latent === 'clean' ? 1 : seeds),
        0,
    );
    return calls * (seeds * (prompts + (guided ? 1 : 0)) + bias);
}

/** `1,200` with a thin space: figures that people read at a glance. */
export function count(n: number, one: string, many = `${one}s`): string {
    return `${n.toString().replace(/\B(?=(\d{3})+$)/g, '\u202f')} ${n === 1 ? one : many}`;
}
