/** The parts of a runnable's work: the picture plans that are run for it, whatever its kind. */
import type { ModelRef, PicturePlan, PictureSource, Work } from './plan.ts';
import { assertNever } from './problem.ts';

/** Every picture plan that the work itself runs, in its order; plans of pictures that are made first are not among them. */
export function plansOf(work: Work): readonly PicturePlan[] {
    switch (work.kind) {
        case 'picture':
            return [work];
        case 'sweep':
            return work.cells.map(({ plan }) => plan);
        case 'mosaic':
            return [work.tiles.via];
        case 'print':
            return work.upscale.kind === 'via' ? [work.upscale.via] : [];
        case 'learn':
            return work.trace?.pictures ?? [];
        default:
            return assertNever(work);
    }
}

/** The pictures that the work is made of, besides those that its plans read. */
export function subjectsOf(work: Work): readonly PictureSource[] {
    switch (work.kind) {
        case 'picture':
        case 'sweep':
            return [];
        case 'mosaic':
        case 'print':
            return [work.of];
        case 'learn':
            return [...work.from, ...(work.beside?.pictures ?? [])].flatMap((set) =>
                set.kind === 'pictures' ? set.pictures.map(({ picture }) => picture) : [],
            );
        default:
            return assertNever(work);
    }
}

/** The models that the work itself opens. */
export function modelsOf(work: Work): readonly ModelRef[] {
    const models = plansOf(work).map(({ model }) => model);
    return work.kind === 'learn' ? [work.model, ...models] : models;
}
