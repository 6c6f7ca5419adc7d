/** Work: how often a plan sends a row through the U-Net, so that people know before they wait. */
import { count } from '../amounts.ts';
import { batchesOf, cellsOf, tracedCells } from '../cells.ts';
import { type MosaicPlan, mostTiles, TILES_TOGETHER, tileCounts, tilePlan } from '../mosaic/mosaic.ts';
import type { Size } from '../plan.ts';
import { type PrintPlan, refinedSize, refinementPlan, upscalerFactor } from '../prints/print.ts';
import type { Work } from '../run.ts';
import { cachedPassesOfPlans, passesInGroups, passesOfPlans } from './passes.ts';

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

/**
 * Rows that go through the U-Net, over all steps and pictures. A print's depend on the size of its picture, `subject`:
 * undefined where a refinement's size is not known, since that of the picture or the factor of an upscaler is not.
 */
export function passesOf(work: Exclude<Work, PrintPlan>): number;
export function passesOf(work: Work, subject?: Size): number | undefined;
export function passesOf(work: Work, subject?: Size): number | undefined {
    switch (work.kind) {
        case 'picture':
            return passesOfPlans([work]);
        case 'sweep':
            return passesOfPlans(batchesOf(cellsOf(work)).map(({ plan }) => plan));
        case 'mosaic':
            return mosaicPasses(work);
        case 'print':
            return printPasses(work, subject);
        case 'learn': {
            const rows = work.batch * (work.beside ? 2 : 1);
            return work.steps * rows + tracedCells(work).reduce((sum, { plan }) => sum + passesOfPlans([plan]), 0);
        }
    }
}

/** How many of the rows of a picture or a sweep go through the last blocks of the U-Net only. */
export function cachedPassesOf(work: Work): number {
    if (work.kind === 'picture') return cachedPassesOfPlans([work]);
    return work.kind === 'sweep' ? cachedPassesOfPlans(batchesOf(cellsOf(work)).map(({ plan }) => plan)) : 0;
}

/** Pictures of the pool are free pictures of `via`, with all its steps; tiles run the steps that the strength leaves. */
function mosaicPasses(mosaic: MosaicPlan): number {
    const { pool, first, deeper } = tileCounts(mosaic);
    const memory = new Set<string>();
    const tile = tilePlan(mosaic, 0);
    return (
        passesInGroups(mosaic.tiles.via, pool, TILES_TOGETHER, memory) +
        passesInGroups(tile, first, TILES_TOGETHER, memory) +
        // One at a time is the most that they take: which of them go together is decided by the first level.
        passesInGroups(tile, deeper, 1, memory)
    );
}

/** Refinements redo the picture as large as the steps before them made it. */
function printPasses({ of, steps }: PrintPlan, subject: Size | undefined): number | undefined {
    let size = subject;
    let sum = 0;
    for (const step of steps) {
        if (step.kind === 'upscaler') {
            const factor = upscalerFactor(step.file.path);
            size = size && factor ? { width: size.width * factor, height: size.height * factor } : undefined;
        } else {
            size = size && refinedSize(size, step.by);
            if (!size) return undefined;
            sum += passesOfPlans([refinementPlan(step, of, size)]);
        }
    }
    return sum;
}

/** How many pictures a plan makes, in words. */
export function picturesText(work: Work): string {
    const shares = work.kind === 'mosaic' && work.depth > 1;
    return `${shares ? 'at most ' : ''}${count(picturesOf(work), 'picture')}`;
}
