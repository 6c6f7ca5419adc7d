/** The pictures and files that a plan reads: walking and mapping them. */
import type { FileRef, PicturePlan, PictureSource, WeightedPicture } from './plan.ts';
import { isLearnResult, type LearnResult } from './plan.ts';
import { assertNever } from './problem.ts';

/** Every file that the plan names besides its model, once. */
export function filesOf(plan: PicturePlan): readonly FileRef[] {
    const files: FileRef[] = [];
    if (plan.noise.kind === 'file') files.push(plan.noise);
    if (plan.model.kind !== 'builtin' && plan.model.vae) files.push(plan.model.vae);
    for (const file of resultsOrFiles(plan)) if (!isLearnResult(file)) files.push(file);
    mapPictures(plan, (source) => {
        if (source.kind === 'file') files.push(source);
        return source;
    });
    return uniqueFiles(files);
}

export function uniqueFiles(files: readonly FileRef[]): readonly FileRef[] {
    const byName = files.map(({ path, sha256 }) => {
        const file: FileRef = { path, ...(sha256 === undefined ? {} : { sha256 }) };
        return [`${path}|${sha256 ?? ''}`, file] as const;
    });
    return [...new Map(byName).values()];
}

/** The plan with every innermost picture source replaced; edges keep their thresholds around the new source. */
function mapPictures(plan: PicturePlan, change: (source: PictureSource) => PictureSource): PicturePlan {
    const one = (source: PictureSource): PictureSource =>
        source.kind === 'edges' || source.kind === 'inside' ? { ...source, of: one(source.of) } : change(source);
    const weighted = (picture: WeightedPicture): WeightedPicture => ({ ...picture, picture: one(picture.picture) });
    return {
        ...plan,
        ...(plan.start ? { start: { ...plan.start, pictures: plan.start.pictures.map(weighted) } } : {}),
        ...(plan.mask && plan.mask.kind !== 'corners'
            ? { mask: { ...plan.mask, picture: one(plan.mask.picture) } }
            : {}),
        infusions: plan.infusions.map((infusion) => ({ ...infusion, pictures: infusion.pictures.map(weighted) })),
        controls: plan.controls.map((control) => ({ ...control, picture: one(control.picture) })),
    };
}

/** The plan for these seeds, and what is paired with it seed by seed (`start from low each`) for the same. */
export function withSeeds(plan: PicturePlan, seeds: readonly number[]): PicturePlan {
    const paired = (source: PictureSource): PictureSource =>
        source.kind === 'made' && source.each ? { ...source, plan: withSeeds(source.plan, seeds) } : source;
    return { ...mapPictures(plan, paired), seeds };
}

/** The pictures that must be made before this plan can be carried out. */
export function madeFirst(plan: PicturePlan): readonly MadeSource[] {
    const found: MadeSource[] = [];
    mapPictures(plan, (source) => {
        if (source.kind === 'made') found.push(source);
        return source;
    });
    return found;
}

/** What must be learnt before this plan can be carried out. */
export function learntFirst(plan: PicturePlan): readonly LearnResult[] {
    return resultsOrFiles(plan).filter(isLearnResult);
}

/** What a `learn` of the spec may make as well as a file may hold it: words, LoRAs, ControlNets. */
function resultsOrFiles({ embeddings, adapters, controls }: PicturePlan): readonly (FileRef | LearnResult)[] {
    return [...[...embeddings, ...adapters].map(({ file }) => file), ...controls.map(({ net }) => net)];
}

export type MadeSource = Extract<PictureSource, { kind: 'made' }>;

/** The picture that must be made before this one can be read, where the spec itself makes it. */
export function madeIn(source: PictureSource): readonly MadeSource[] {
    switch (source.kind) {
        case 'file':
            return [];
        case 'edges':
        case 'inside':
            return madeIn(source.of);
        case 'made':
            return [source];
        default:
            return assertNever(source);
    }
}
