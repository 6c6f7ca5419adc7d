/** What stays in sight while live mode makes the next picture: the one before it, so that the page is never blank. */
import type { Shown, ShownPicture } from '../../shown-run.ts';
import type { PreviewPicture, Previews } from './previews.ts';

/** A run with what was in sight before it, as long as it has no picture of its own. */
export interface WithFormer {
    readonly shown: Shown;
    readonly previews: Previews;
}

/** Carries the picture and the draft that are in sight over to the run that takes their place. */
export function withFormer(next: Shown, before: Shown | undefined, previews: Previews): WithFormer {
    const nothing = { shown: next, previews: new Map() };
    if (!before || !next.isLive || next.pictures.length > 0 || !isSameWork(before, next)) return nothing;
    const [picture] = before.pictures;
    const draft = before.pictures.some(isOwn) ? undefined : previews.get(0);
    return {
        shown: picture ? { ...next, pictures: [{ ...picture, isFormer: true }] } : next,
        previews: draft?.draft ? new Map([[0, { ...draft, isFormer: true }]]) : new Map(),
    };
}

/** Whether a preview is nearer to the coming picture than the former one: a draft, or a state of the second half. */
export function replacesFormer(
    { draft, step }: PreviewPicture,
    { progress }: Pick<Shown, 'progress'>,
    picture: ShownPicture | undefined,
): boolean {
    if (!picture) return true;
    return !isOwn(picture) && (draft !== undefined || 2 * (step + 1) >= (progress?.steps || Number.POSITIVE_INFINITY));
}

/** Whether it is a picture of the run itself. */
export function isOwn({ isFormer }: ShownPicture): boolean {
    return isFormer !== true;
}

/** Whether both are one picture of the same runnable, or the same run at another time. */
function isSameWork(a: Shown, b: Shown): boolean {
    if (a.cells !== 1 || b.cells !== 1) return false;
    return a.name === b.name && a.spec === b.spec && (b.state === 'waiting' || b.state === 'running');
}
