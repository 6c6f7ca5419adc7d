/** Inputs: every file that a plan reads, the pins that they must keep, and pictures that are made first. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { isBuiltin } from '../../plan/companions.ts';
import { modelsOf, plansOf, subjectsOf } from '../../plan/parts.ts';
import type { FileRef, ModelRef, PicturePlan, PictureSource, WeightedPicture, Work } from '../../plan/plan.ts';
import { assertNever } from '../../plan/problem.ts';
import { hubName } from '../hub/names.ts';
import { RunError } from '../run-error.ts';
import { digestOf, type FileDigests } from './file-digests.ts';
import type { RecordedFile } from './record.ts';
import { companionPlace } from './shipped.ts';

/** Every file that the plan names besides its model, once. */
export function filesOf(plan: PicturePlan): readonly FileRef[] {
    const files: FileRef[] = [];
    if (plan.noise.kind === 'file') files.push(plan.noise);
    if (plan.model.kind !== 'builtin' && plan.model.vae) files.push(plan.model.vae);
    for (const { file } of plan.embeddings) files.push(file);
    for (const { file } of plan.adapters) files.push(file);
    for (const { net } of plan.controls) files.push(net);
    mapPictures(plan, (source) => {
        if (source.kind === 'file') files.push(source);
        return source;
    });
    return once(files);
}

function once(files: readonly FileRef[]): readonly FileRef[] {
    const byName = files.map(({ path, sha256 }) => {
        const file: FileRef = { path, ...(sha256 === undefined ? {} : { sha256 }) };
        return [`${path}|${sha256 ?? ''}`, file] as const;
    });
    return [...new Map(byName).values()];
}

/** The plan with every innermost picture source replaced; edges keep their thresholds around the new source. */
export function mapPictures(plan: PicturePlan, change: (source: PictureSource) => PictureSource): PicturePlan {
    const one = (source: PictureSource): PictureSource =>
        source.kind === 'edges' ? { ...source, of: one(source.of) } : change(source);
    const weighted = (picture: WeightedPicture): WeightedPicture => ({ ...picture, picture: one(picture.picture) });
    return {
        ...plan,
        ...(plan.start ? { start: { ...plan.start, pictures: plan.start.pictures.map(weighted) } } : {}),
        ...(plan.mask ? { mask: { ...plan.mask, picture: one(plan.mask.picture) } } : {}),
        infusions: plan.infusions.map((infusion) => ({ ...infusion, pictures: infusion.pictures.map(weighted) })),
        controls: plan.controls.map((control) => ({ ...control, picture: one(control.picture) })),
    };
}

export type MadeSource = Extract<PictureSource, { kind: 'made' }>;

/** The pictures that must be made before this plan can be carried out. */
export function madeFirst(plan: PicturePlan): readonly MadeSource[] {
    const found: MadeSource[] = [];
    mapPictures(plan, (source) => {
        if (source.kind === 'made') found.push(source);
        return source;
    });
    return found;
}

/** Checks every file that the work reads and returns the digests of all but the models, sorted by path. */
export async function checkInputs(work: Work, base: string, digests: FileDigests): Promise<readonly RecordedFile[]> {
    const subjects = subjectsOf(work);
    const plans = allPlans(plansOf(work), subjects);
    const named = [...modelsOf(work), ...plans.map(({ model }) => model)];
    const models = named.flatMap((model) => (model.kind === 'file' ? [model] : []));
    await verifyFiles(once(models), base, digests);
    const files = once([...plans.flatMap(filesOf), ...subjects.flatMap(fileIn)]);
    await verifyFiles(files, base, digests);
    const found: RecordedFile[] = [];
    for (const path of [...new Set(files.map((file) => file.path))].sort()) {
        found.push({ path, sha256: await digestOf(digests, placeOf(base, path)) });
    }
    return found;
}

/** The file at the root of a picture source, where there is one. */
function fileIn(source: PictureSource): readonly FileRef[] {
    switch (source.kind) {
        case 'file':
            return [source];
        case 'edges':
            return fileIn(source.of);
        case 'made':
            return [];
        default:
            return assertNever(source);
    }
}

/** The picture that must be made before this one can be read, where the spec itself makes it. */
export function madeIn(source: PictureSource): readonly MadeSource[] {
    switch (source.kind) {
        case 'file':
            return [];
        case 'edges':
            return madeIn(source.of);
        case 'made':
            return [source];
        default:
            return assertNever(source);
    }
}

/** A model as the spec names it. */
export function modelName(ref: ModelRef): string {
    switch (ref.kind) {
        case 'builtin':
            return `builtin:${ref.name}`;
        case 'file':
            return ref.path;
        case 'hub':
            return hubName(ref);
    }
}

/** The plan, and the plans of all pictures that are made for it. */
export function withMade(plan: PicturePlan): readonly PicturePlan[] {
    return [plan, ...madeFirst(plan).flatMap((source) => withMade(source.plan))];
}

/** The plans, those of the subjects, and those of all pictures that are made for any of them. */
export function allPlans(plans: readonly PicturePlan[], subjects: readonly PictureSource[]): readonly PicturePlan[] {
    return [...plans, ...subjects.flatMap(madeIn).map(({ plan }) => plan)].flatMap(withMade);
}

/** An absolute path of a file that a plan names; `builtin:` ones come with sdspec. */
export function placeOf(base: string, path: string): string {
    if (isBuiltin(path)) return companionPlace(path);
    return isAbsolute(path) ? path : resolve(base, path);
}

/** Refuses files that are not there and files whose digest is not the pinned one. */
async function verifyFiles(files: readonly FileRef[], base: string, digests: FileDigests): Promise<void> {
    for (const { path, sha256 } of files) {
        const place = placeOf(base, path);
        if (!existsSync(place)) {
            throw new RunError(
                'input/unreadable',
                `There is no file ${path} in ${base}. Correct its path in the spec.`,
            );
        }
        if (sha256 === undefined) continue;
        const found = await digestOf(digests, place);
        if (found === sha256.toLowerCase()) continue;
        const message = `${path} is not the file that the spec pins: its digest is sha256:${found}, not sha256:${sha256}. Restore the file, or write the new digest.`;
        throw new RunError('input/digest', message);
    }
}
