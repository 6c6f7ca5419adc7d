/** A mask painted over a picture: brush, eraser, softened border; saved beside the spec, with its clause. */
import { useState } from 'preact/hooks';
import type { Shown, ShownPicture } from '../../shown-run.ts';
import { host } from '../memory.ts';
import type { View } from '../view.ts';
import { altOf } from '../words.ts';
import { Board } from './board.tsx';
import { maskFile } from './mask-picture.ts';
import { isPainted, type MaskDraft, newMask, type Stroke, withStroke } from './strokes.ts';
import { Tools } from './tools.tsx';

interface Props {
    readonly shown: Shown;
    readonly picture: ShownPicture;
    readonly view: View;
    readonly onView: (change: Partial<View>) => void;
}

export function Painter({ shown, picture, view, onView }: Props) {
    const of = `${shown.key}#${picture.cell}`;
    const draft = view.mask?.of === of ? view.mask : newMask(of, picture);
    const change = (part: Partial<MaskDraft>) => onView({ mask: { ...draft, ...part } });
    const add = (stroke: Stroke) => onView({ mask: withStroke(draft, stroke) });
    const undo = () => change({ strokes: draft.strokes.slice(0, -1) });
    const [failed, setFailed] = useState(false);
    const save = async () => {
        try {
            const data = await maskFile(draft.strokes, picture);
            host.postMessage({ kind: 'mask', key: shown.key, cell: picture.cell, feather: draft.feather, data });
        } catch {
            setFailed(true);
        }
    };
    return (
        // biome-ignore lint/a11y/noStaticElementInteractions: keys reach it from the controls within
        <div
            class="painter"
            onKeyDown={(event) => {
                const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !event.shiftKey;
                if (!isUndo) return;
                event.preventDefault();
                event.stopPropagation();
                undo();
            }}
        >
            <Tools picture={picture} draft={draft} onChange={change} onUndo={undo} onAdd={add} />
            <Board picture={picture} label={altOf(shown, picture)} draft={draft} onChange={change} onAdd={add} />
            <div class="line">
                <button type="button" disabled={!isPainted(draft)} onClick={() => void save()}>
                    Use this mask
                </button>
                <button type="button" class="second" onClick={() => onView({ mode: 'large' })}>
                    Close
                </button>
                <span class="quiet" role="status">
                    {failed
                        ? 'The mask could not be drawn: it is too large for this window.'
                        : 'Writes the mask beside the spec, and its clause; what is red is painted again.'}
                </span>
            </div>
        </div>
    );
}
