/** The parts of a runnable's work: the picture plans that are run for it, whatever its kind. */
import type { FileRef, LearnPlan, LessonPictures, MadeLessons, ModelRef, PicturePlan, PictureSource } from './plan.ts';
import { assertNever } from './problem.ts';
import type { Work } from './run.ts';
import { learntFirst, madeFirst, madeIn } from './sources.ts';

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
            return work.steps.flatMap((step) => (step.kind === 'refine' ? [step.via] : []));
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
            return [
                ...lessonGroups(work).flatMap((set) =>
                    set.kind === 'pictures' ? set.pictures.map(({ picture }) => picture) : [],
                ),
                ...(work.trace?.by ? [work.trace.by] : []),
            ];
        default:
            return assertNever(work);
    }
}

/** The models that the work itself opens. */
export function modelsOf(work: Work): readonly ModelRef[] {
    const models = plansOf(work).map(({ model }) => model);
    return work.kind === 'learn' ? [work.model, ...models] : models;
}

/** The groups of pictures that are learnt from, and then those beside. */
export function lessonGroups({ from, beside }: LearnPlan): readonly LessonPictures[] {
    return [...from, ...(beside?.pictures ?? [])];
}

/** The captions of a group's pictures, in their order. */
export function captionsOf(group: LessonPictures): readonly (readonly string[])[] {
    return group.kind === 'pictures' ? group.pictures.map(({ captions }) => captions) : group.captions;
}

/** The plans of a group that is made, each with the captions of its pictures, one for each seed. */
export function captionedPlans({ plan: made, captions }: Pick<MadeLessons, 'plan' | 'captions'>): readonly {
    readonly plan: PicturePlan;
    readonly captions: readonly (readonly string[])[];
}[] {
    let first = 0;
    return plansOf(made).map((plan) => {
        const own = captions.slice(first, first + plan.seeds.length);
        first += plan.seeds.length;
        return { plan, captions: own };
    });
}

/** The work, and all that is made for it first: pictures, sweeps, and what is learnt. */
export function withAllMade(work: Work): readonly Work[] {
    const found = new Set<Work>([work]);
    for (const one of found) for (const inner of madeFor(one)) found.add(inner);
    return [...found];
}

function madeFor(work: Work): readonly Work[] {
    const plans = plansOf(work);
    const sources = [...plans.flatMap(madeFirst), ...subjectsOf(work).flatMap(madeIn)];
    const groups = work.kind === 'learn' ? lessonGroups(work).flatMap((g) => (g.kind === 'made' ? [g.plan] : [])) : [];
    return [...sources.map(({ plan }) => plan), ...plans.flatMap(learntFirst).map(({ plan }) => plan), ...groups];
}

/** Files that the work itself reads, besides pictures and those of its plans: upscalers and colour profiles. */
export function ownFilesOf(work: Work): readonly FileRef[] {
    if (work.kind !== 'print') return [];
    const upscalers = work.steps.flatMap((step) => (step.kind === 'upscaler' ? [step.file] : []));
    return work.paper.cmyk ? [...upscalers, work.paper.cmyk] : upscalers;
}
