/** One row of a contact sheet. It is drawn again only where one of its own pictures changes: a sheet can have hundreds. */
import { Component } from 'preact';
import type { Shown, ShownPicture } from '../../shown-run.ts';
import { Preview } from '../picture/preview.tsx';
import type { Previews } from '../picture/previews.ts';
import { Thumb } from '../picture/thumb.tsx';
import { altOf, altOfMissing } from '../words.ts';
import type { SheetLine } from './sheet-layout.ts';

interface Props {
    readonly shown: Shown;
    readonly line: SheetLine;
    /** The columns that are in the row. */
    readonly band: readonly number[];
    readonly byCell: ReadonlyMap<number, ShownPicture>;
    readonly previews: Previews;
    /** The chosen cell. */
    readonly cell: number;
}

export class SheetRow extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
        const now = this.props;
        if (now.line !== next.line || now.band !== next.band) return true;
        return rowCells(next).some(
            (one) =>
                now.byCell.get(one) !== next.byCell.get(one) ||
                now.previews.get(one) !== next.previews.get(one) ||
                (now.cell === one) !== (next.cell === one),
        );
    }

    override render({ line, band, ...tiles }: Props) {
        return (
            <tr>
                <th scope="row">
                    {line.labels.map(([axis, value]) => (
                        <div key={axis}>{value}</div>
                    ))}
                </th>
                {band.map((index) => (
                    <td key={index}>
                        {(line.cells[index] ?? []).map((one) => (
                            <Tile key={one} one={one} {...tiles} />
                        ))}
                    </td>
                ))}
            </tr>
        );
    }
}

/** The cells of the row, from left to right. */
export function rowCells({ line, band }: Pick<Props, 'line' | 'band'>): readonly number[] {
    return band.flatMap((index) => line.cells[index] ?? []);
}

function Tile({ one, shown, byCell, previews, cell }: Omit<Props, 'line' | 'band'> & { readonly one: number }) {
    const picture = byCell.get(one);
    return (
        <button
            type="button"
            class="tile"
            data-cell={one}
            aria-label={picture ? undefined : altOfMissing(shown, one)}
            aria-current={one === cell}
            tabIndex={one === cell ? 0 : -1}
        >
            {picture ? (
                <Thumb picture={picture} label={altOf(shown, picture)} lazy />
            ) : (
                <Preview previews={previews} cell={one} size={shown.size} />
            )}
        </button>
    );
}
