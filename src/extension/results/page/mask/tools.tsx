/** The tools of mask painting: brush, eraser, their size, the feather, and what takes strokes back. */
import type { ShownPicture } from '../../shown-run.ts';
import { type MaskDraft, type Stroke, widestBrush } from './strokes.ts';

/** The widest border that is softened, in pixels. */
const MAX_FEATHER = 64;

interface Props {
    readonly picture: ShownPicture;
    readonly draft: MaskDraft;
    readonly onChange: (part: Partial<MaskDraft>) => void;
    readonly onUndo: () => void;
    readonly onAdd: (stroke: Stroke) => void;
}

export function Tools({ picture, draft, onChange, onUndo, onAdd }: Props) {
    return (
        <div class="bar" role="toolbar" aria-label="Mask">
            <button type="button" aria-pressed={!draft.erases} onClick={() => onChange({ erases: false })}>
                Brush
            </button>
            <button type="button" aria-pressed={draft.erases} onClick={() => onChange({ erases: true })}>
                Erase
            </button>
            <label>
                size{' '}
                <input
                    type="range"
                    min="1"
                    max={String(widestBrush(picture))}
                    value={String(draft.brush)}
                    aria-valuetext={`${draft.brush} pixels`}
                    onInput={({ currentTarget }) => onChange({ brush: currentTarget.valueAsNumber })}
                />{' '}
                {draft.brush}px
            </label>
            <label>
                feather{' '}
                <input
                    type="range"
                    min="0"
                    max={String(MAX_FEATHER)}
                    value={String(draft.feather)}
                    aria-valuetext={`${draft.feather} pixels`}
                    onInput={({ currentTarget }) => onChange({ feather: currentTarget.valueAsNumber })}
                />{' '}
                {draft.feather}px
            </label>
            <span class="gap" />
            <button type="button" disabled={draft.strokes.length === 0} onClick={onUndo}>
                Undo
            </button>
            <button type="button" onClick={() => onAdd({ kind: 'invert' })}>
                Invert
            </button>
            <button type="button" disabled={draft.strokes.length === 0} onClick={() => onChange({ strokes: [] })}>
                Clear
            </button>
        </div>
    );
}
