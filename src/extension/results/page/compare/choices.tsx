/** How pictures are compared, and which run and picture is on the other side. */
import type { ComparableRun } from '../../shown-run.ts';
import type { View } from '../view.ts';
import { captionOf } from '../words.ts';
import { MorePictures, type Side } from './several.tsx';

export interface ChoicesProps {
    readonly a: Side;
    readonly b: Side | undefined;
    /** Further pictures side by side, as far as they are known. */
    readonly more: readonly Side[];
    /** Runs that can be on the other side, the likeliest first. */
    readonly runs: readonly ComparableRun[];
    readonly view: View;
    readonly onView: (change: Partial<View>) => void;
}

const MODES = [
    ['side', 'Side by side'],
    ['slider', 'Slider'],
    ['difference', 'Difference'],
] as const;

const GROUPS: Readonly<Record<ComparableRun['group'], string>> = {
    base: 'Base',
    earlier: 'Runs of the same name',
    other: 'Other runs',
};

export function Choices({ a, b, more, runs, view, onView }: ChoicesProps) {
    return (
        <div class="bar" role="toolbar" aria-label="How to compare">
            {MODES.map(([mode, title]) => (
                <button
                    type="button"
                    key={mode}
                    aria-pressed={view.compare === mode}
                    onClick={() => onView({ compare: mode })}
                >
                    {title}
                </button>
            ))}
            <label>
                with{' '}
                <select
                    value={view.other?.key ?? ''}
                    onChange={(event) => onView({ other: { key: event.currentTarget.value, cell: view.cell } })}
                >
                    {(['base', 'earlier', 'other'] as const).map((group) => {
                        const own = runs.filter((run) => run.group === group);
                        if (own.length === 0) return null;
                        return (
                            <optgroup key={group} label={GROUPS[group]}>
                                {own.map(({ key, label }) => (
                                    <option key={key} value={key}>
                                        {label}
                                    </option>
                                ))}
                            </optgroup>
                        );
                    })}
                </select>
            </label>
            {b && b.shown.pictures.length > 1 && (
                <label>
                    picture{' '}
                    <select
                        value={String(b.picture.cell)}
                        onChange={(event) =>
                            onView({ other: { key: b.shown.key, cell: Number(event.currentTarget.value) } })
                        }
                    >
                        {b.shown.pictures.map((picture) => (
                            <option key={picture.cell} value={String(picture.cell)}>
                                {captionOf(picture)}
                            </option>
                        ))}
                    </select>
                </label>
            )}
            {b && view.compare === 'side' && (
                <MorePictures
                    own={a.shown}
                    runs={runs}
                    more={view.more ?? []}
                    sides={more}
                    cell={a.picture.cell}
                    onMore={(next) => onView({ more: next })}
                />
            )}
        </div>
    );
}
