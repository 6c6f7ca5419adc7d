/** What keys and commands make of the way a run is looked at. */
import type { PageAction } from '../messages.ts';
import type { Shown } from '../shown-run.ts';
import { FIT, mostOf, type View, zoomBy } from './view.ts';

/** The view after an action: from the view as it is then, so that actions in quick succession add up. */
export function looked(view: View, action: PageAction, shown: Shown): View {
    const cell = visibleCell(view, shown);
    const compared: View = { ...view, mode: 'compare', other: view.other ?? firstOther(shown, cell) };
    const go = (to: number) => (to >= 0 && to < shown.cells ? { ...view, cell: to } : view);
    switch (action) {
        case 'grid':
        case 'layers':
        case 'large':
        case 'steps':
        case 'mask':
            return { ...view, mode: action };
        case 'compare':
            return compared;
        case 'compareSide':
            return { ...compared, compare: 'side' };
        case 'compareSlider':
            return { ...compared, compare: 'slider' };
        case 'compareDifference':
            return { ...compared, compare: 'difference' };
        case 'details':
            return { ...view, details: !view.details };
        case 'nextPicture':
            return go(cell + 1);
        case 'previousPicture':
            return go(cell - 1);
        case 'copyPicture':
            return view;
        case 'zoomIn': {
            const picture = shown.pictures.find((one) => one.cell === cell);
            return { ...view, zoom: zoomBy(view.zoom, 1.25, { most: mostOf(picture ?? shown.size) }) };
        }
        case 'zoomOut':
            return { ...view, zoom: zoomBy(view.zoom, 0.8) };
        case 'zoomReset':
            return { ...view, zoom: FIT };
    }
}

/** The picture in sight: the one that was chosen, as far as this run has as many. */
export function visibleCell(view: View, shown: Shown): number {
    return Math.min(view.cell, Math.max(0, shown.cells - 1));
}

/** What a picture is compared with at first: the run before, else another picture of the same run. */
export function firstOther(shown: Shown, cell: number): { readonly key: string; readonly cell: number } {
    const before = shown.others[0];
    if (before) return { key: before.key, cell };
    const another = shown.pictures.find((one) => one.cell !== cell);
    return { key: shown.key, cell: another?.cell ?? cell };
}
