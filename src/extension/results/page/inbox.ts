/** What the page knows from its host, and what it was asked to do and has not done yet. */

import type { Progress } from '../../runs/progress.ts';
import type { PageAction, ToPage } from '../messages.ts';
import type { CellDetails, Shown, ShownAdjustable, ShownPicture } from '../shown-run.ts';
import { withFormer } from './picture/former.ts';
import type { Previews } from './picture/previews.ts';

export interface Inbox {
    readonly shown?: Shown | undefined;
    readonly previews: Previews;
    /** Other runs that pictures are compared with. */
    readonly others: ReadonlyMap<string, Shown>;
    readonly trusted: boolean;
    /** The name of a run that is planned. */
    readonly starting?: string | undefined;
    /** The text shown where there is no run. */
    readonly empty: string;
    /** Commands in the order in which they came; they wait for a run to be shown. */
    readonly actions: readonly PageAction[];
    /** A comparison that the host asks for; it waits for its run to be shown. */
    readonly pair?: Pair | undefined;
    /** What differs between the two pictures that were compared last. */
    readonly differences?: Extract<ToPage, { readonly kind: 'differences' }> | undefined;
    /** What is adjusted beside the pictures. */
    readonly adjustable?: ShownAdjustable | undefined;
    /** What was asked for last of one picture of the run. */
    readonly details?: CellDetails | undefined;
}

/** Cell `a` of the run `key` beside cell `b` of another. */
export interface Pair {
    readonly key: string;
    readonly a: number;
    readonly other: string;
    readonly b: number;
}

const NONE: readonly PageAction[] = [];

export const NOTHING: Inbox = { previews: new Map(), others: new Map(), trusted: false, empty: '', actions: NONE };

/** The inbox after a message. */
export function received(inbox: Inbox, message: ToPage): Inbox {
    const { shown, previews, others, actions, pair } = inbox;
    switch (message.kind) {
        case 'show': {
            const { key, state } = message.shown;
            const carried = withFormer(message.shown, shown, previews);
            return {
                ...inbox,
                shown: key === shown?.key ? withAddresses(carried.shown, shown) : carried.shown,
                trusted: message.trusted,
                previews: key === shown?.key && state === 'running' ? previews : carried.previews,
                // Where another run is shown instead, the comparison is no longer wanted.
                pair: pair?.key === key ? pair : undefined,
                details: key === shown?.key ? inbox.details : undefined,
            };
        }
        case 'starting':
            return { ...inbox, starting: message.name };
        case 'other': {
            const { key } = message.shown;
            return {
                ...inbox,
                others: new Map([...others, [key, message.shown]]),
                pair: message.compare ? { ...message.compare, other: key } : pair,
            };
        }
        case 'progress':
            if (shown?.key !== message.key) return inbox;
            return { ...inbox, shown: withProgress(shown, message.progress) };
        case 'preview': {
            if (shown?.key !== message.key) return inbox;
            const { kind: _, key: __, cell, ...preview } = message;
            // A draft shows more than the states of the picture after it.
            if (previews.get(cell)?.draft && !preview.draft) return inbox;
            return { ...inbox, previews: new Map([...previews, [cell, preview]]) };
        }
        case 'picture':
            if (shown?.key !== message.key) return inbox;
            return { ...inbox, shown: { ...shown, pictures: withPicture(shown, message.picture) } };
        case 'differences':
            return { ...inbox, differences: message };
        case 'cell':
            return shown?.key === message.key ? { ...inbox, details: message.details } : inbox;
        case 'adjustable':
            return { ...inbox, adjustable: message.adjustable };
        case 'do':
            return { ...inbox, actions: [...actions, message.action] };
        case 'empty':
            return { ...inbox, shown: undefined, empty: message.text, actions: NONE, pair: undefined };
    }
}

/** The picture of a message that takes the place of one that is in sight: the old one stays until the new one is decoded. */
export function replacement({ shown, previews }: Inbox, message: ToPage): string | undefined {
    if (message.kind !== 'picture' || shown?.key !== message.key || shown.cells !== 1) return undefined;
    return shown.pictures.length > 0 || previews.size > 0 ? message.picture.src : undefined;
}

/** The comparison, as soon as its run is shown. */
export function pairOf({ shown, pair }: Inbox): Pair | undefined {
    return pair?.key === shown?.key ? pair : undefined;
}

/** The inbox after its run was drawn: what was to be done is done. */
export function drawn(inbox: Inbox): Inbox {
    if (!inbox.shown) return inbox;
    return { ...inbox, actions: NONE, pair: pairOf(inbox) ? undefined : inbox.pair };
}

/** A picture that arrived while its run was under way keeps its address: the record's is of the same file. */
function withAddresses(next: Shown, before: Shown): Shown {
    const there = new Map(
        before.pictures.filter(({ sha256 }) => sha256 === undefined).map(({ cell, src }) => [cell, src]),
    );
    const pictures = next.pictures.map((picture) => {
        const src = there.get(picture.cell);
        return src !== undefined && fileOf(src) === fileOf(picture.src) ? { ...picture, src } : picture;
    });
    return { ...next, pictures };
}

/** An address without the mark of its version. */
function fileOf(src: string): string {
    return src.replace(/\?[^?]*$/, '');
}

/** The page draws the curve further with each report. */
function withProgress(shown: Shown, progress: Progress): Shown {
    const { curve } = shown;
    const { step, loss } = progress;
    const next: Shown = { ...shown, state: 'running', progress };
    if (!curve || loss === undefined || step <= (curve.points.at(-1)?.step ?? 0)) return next;
    return { ...next, curve: { ...curve, points: [...curve.points, { step, loss }] } };
}

function withPicture({ pictures }: Shown, picture: ShownPicture): readonly ShownPicture[] {
    const rest = pictures.filter(({ cell }) => cell !== picture.cell);
    return [...rest, picture].sort((a, b) => a.cell - b.cell);
}
