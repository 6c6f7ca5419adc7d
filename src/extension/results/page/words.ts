/** Words for things on the page: one place, so that screen and screen reader say the same. */
import { progressWords } from '../../runs/progress.ts';
import { endWords } from '../../runs/state-words.ts';
import type { Shown, ShownPicture } from '../shown-run.ts';
import type { Zoom } from './view.ts';

export function altOf(shown: Shown, picture: ShownPicture): string {
    return `${shown.name}, seed ${picture.seed}${labelsOf(picture.labels)}, ${picture.width} by ${picture.height} pixels`;
}

/** A picture that is yet to come, or never came. */
export function altOfMissing(shown: Shown, cell: number): string {
    return `${shown.name}${labelsOf(shown.labels[cell])}, not made yet`;
}

export function captionOf(picture: ShownPicture): string {
    const labels = Object.entries(picture.labels ?? {}).map(([axis, value]) => `${axis} ${value}`);
    return labels.length > 0 ? labels.join(' · ') : `seed ${picture.seed}`;
}

/** How large a picture is seen: a number that grows with it, as its own pixels say little within a narrow view. */
export function zoomWords({ scale }: Zoom): string {
    return scale === 1 ? 'fitted' : `${Number(scale.toPrecision(3))} × fitted`;
}

function labelsOf(labels: Readonly<Record<string, string>> | undefined): string {
    return Object.entries(labels ?? {})
        .map(([axis, value]) => `, ${axis} ${value}`)
        .join('');
}

export function stateOf(shown: Shown): string {
    switch (shown.state) {
        case 'waiting':
            return 'waiting for the runs before it';
        case 'running':
            return shown.progress ? progressWords(shown.progress) : 'starting';
        default:
            return endWords(shown.state, shown.pictures.length, shown.cells);
    }
}
