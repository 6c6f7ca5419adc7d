/** One picture of the grid with its caption: finished, on its way, or yet to come. */
import type { Shown, ShownPicture } from '../../shown-run.ts';
import { replacesFormer } from '../picture/former.ts';
import { Preview } from '../picture/preview.tsx';
import type { Previews } from '../picture/previews.ts';
import { Thumb } from '../picture/thumb.tsx';
import { altOf, captionOf } from '../words.ts';

interface Props {
    readonly shown: Shown;
    readonly index: number;
    readonly picture: ShownPicture | undefined;
    readonly previews: Previews;
    /** The axis whose values are the captions, where there is but one. */
    readonly axis: string | undefined;
    /** Counted from 1. */
    readonly column: number;
    readonly selected: boolean;
    /** Where it is in its row, and how large. */
    readonly style: Readonly<Record<string, string>>;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
}

export function GridTile(props: Props) {
    const { shown, index, previews, axis, column, selected, style, onSelect, onOpen } = props;
    const preview = previews.get(index);
    const picture = preview && replacesFormer(preview, shown, props.picture) ? undefined : props.picture;
    const caption = axis
        ? (shown.labels[index]?.[axis] ?? '')
        : picture
          ? captionOf(picture)
          : waiting(shown, index, preview?.draft);
    return (
        // biome-ignore lint/a11y/useSemanticElements: a windowed grid can't be a table
        // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it handles the keys
        <div
            role="gridcell"
            class="tile"
            data-cell={index}
            aria-colindex={column}
            aria-selected={selected}
            tabIndex={selected ? 0 : -1}
            style={style}
            onClick={() => onSelect(index)}
            onDblClick={() => onOpen(index)}
        >
            {picture ? (
                <Thumb picture={picture} label={altOf(shown, picture)} steady={shown.cells === 1} />
            ) : (
                <Preview previews={previews} cell={index} size={shown.size} />
            )}
            {/* Long ones are cut. */}
            <span class="caption" title={caption}>
                {caption}
            </span>
        </div>
    );
}

function waiting(shown: Shown, cell: number, draft: number | undefined): string {
    const labels = Object.values(shown.labels[cell] ?? {}).join(' · ');
    if (draft) return `draft in ${draft} steps`;
    return labels || (shown.state === 'running' || shown.state === 'waiting' ? '…' : 'not made');
}
