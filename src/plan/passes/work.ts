/** Work: how often a plan sends a row through the U-Net, so that people know before they wait. */
import { count } from '../amounts.ts';
import { batchesOf, cellsOf, tracedCells } from '../cells.ts';
import { mostTiles, tilePlan } from '../mosaic/mosaic.ts';
import type { Refinement } from '../prints/print.ts';
import type { Work } from '../run.ts';
import { passesOfPlans } from './passes.ts';

/** Pictures that a plan makes: of a mosaic with several levels, the most that it can make. */
export function picturesOf(work: Work): number {
    switch (work.kind) {
        case 'picture':
            return work.seeds.length;
        case 'sweep':
            return work.cells.reduce((sum, { plan }) => sum + plan.seeds.length, 0);
        case 'mosaic':
            return mostTiles(work);
        case 'print':
            return 1;
        case 'learn':
            return tracedCells(work).length;
    }
}

/** Rows that go through the U-Net, over all steps and pictures. */
export function passesOf(work: Work): number {
    switch (work.kind) {
        case 'picture':
            return passesOfPlans([work]);
        case 'sweep':
            return passesOfPlans(batchesOf(cellsOf(work)).map(({ plan }) => plan));
        case 'mosaic':
            return mostTiles(work) * passesOfPlans([tilePlan(work, 0)]);
        case 'print':
            return work.steps.reduce((sum, step) => sum + (step.kind === 'refine' ? refinementPasses(step) : 0), 0);
        case 'learn': {
            const rows = work.batch * (work.beside ? 2 : 1);
            return work.steps * rows + tracedCells(work).reduce((sum, { plan }) => sum + passesOfPlans([plan]), 0);
        }
    }
}

/** One picture, redone by image to image. */
function refinementPasses({ via, strength }: Pick<Refinement, 'via' | 'strength'>): number {
    return passesOfPlans([{ ...via, start: { pictures: [], mixing: 'linear', latent: 'mean', strength } }]);
}

/** How many pictures a plan makes, in words. */
export function picturesText(work: Work): string {
    const shares = work.kind === 'mosaic' && work.depth > 1;
    return `${shares ? 'at most ' : ''}${count(picturesOf(work), 'picture')}`;
}
