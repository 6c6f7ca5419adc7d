/** A mask painted over a picture: brush, eraser, softened border; saved beside the spec, with its clause. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Shown, ShownPicture } from '../../shown-run.ts';
import { host } from '../memory.ts';
import { useRoom } from '../use-room.ts';
import type { View } from '../view.ts';
import { altOf } from '../words.ts';
import {
    drawMask,
    isPainted,
    longer,
    type MaskDraft,
    newMask,
    type Stroke,
    widestBrush,
    withStroke,
} from './strokes.ts';

interface Props {
    readonly shown: Shown;
    readonly picture: ShownPicture;
    readonly view: View;
    readonly onView: (change: Partial<View>) => void;
}

interface Point {
    readonly x: number;
    readonly y: number;
}

type Line = Extract<Stroke, { readonly kind: 'line' }>;

/** The widest border that is softened, in pixels. */
const MAX_FEATHER = 64;

export function Painter({ shown, picture, view, onView }: Props) {
    const { width, height } = picture;
    const of = `${shown.key}#${picture.cell}`;
    const draft = view.mask?.of === of ? view.mask : newMask(of, picture);
    const change = (part: Partial<MaskDraft>) => onView({ mask: { ...draft, ...part } });
    const add = (stroke: Stroke) => onView({ mask: withStroke(draft, stroke) });
    const undo = () => change({ strokes: draft.strokes.slice(0, -1) });
    const [line, setLine] = useState<Line>();
    const [brushAt, setBrushAt] = useState<Point>();
    const [failed, setFailed] = useState(false);
    const board = useRef<HTMLDivElement>(null);
    const canvas = useRef<HTMLCanvasElement>(null);
    const room = useRoom(board, { width: 300, height: 300 });
    const scale = Math.min(room.width / width, room.height / height);
    const strokes = line ? [...draft.strokes, line] : draft.strokes;

    useLayoutEffect(() => {
        const element = canvas.current;
        if (element) preview(element, strokes, draft.feather);
    }, [draft.strokes, draft.feather, line, width, height]);
    useEffect(() => board.current?.focus(), [of]);

    const pointOf = (event: PointerEvent): Point => {
        const box = canvas.current!.getBoundingClientRect();
        return {
            x: ((event.clientX - box.left) / box.width) * width,
            y: ((event.clientY - box.top) / box.height) * height,
        };
    };
    const lineFrom = (points: readonly number[]): Line => ({
        kind: 'line',
        erases: draft.erases,
        width: draft.brush,
        points,
    });
    const moveBrush = (dx: number, dy: number, paints: boolean) => {
        const from = brushAt ?? { x: width / 2, y: height / 2 };
        const to = { x: clamp(from.x + dx, width), y: clamp(from.y + dy, height) };
        setBrushAt(to);
        if (paints) add(lineFrom([from.x, from.y, to.x, to.y]));
    };
    const resize = (by: number) =>
        change({
            brush: Math.min(widestBrush(picture), Math.max(1, Math.round(draft.brush * by) + Math.sign(by - 1))),
        });
    const save = async () => {
        try {
            const data = await maskFile(draft.strokes, picture);
            host.postMessage({ kind: 'mask', key: shown.key, cell: picture.cell, feather: draft.feather, data });
        } catch {
            setFailed(true);
        }
    };
    const step = Math.max(1, draft.brush / 4);
    const keys: Readonly<Record<string, (shift: boolean) => void>> = {
        ArrowLeft: (shift) => moveBrush(-step, 0, shift),
        ArrowRight: (shift) => moveBrush(step, 0, shift),
        ArrowUp: (shift) => moveBrush(0, -step, shift),
        ArrowDown: (shift) => moveBrush(0, step, shift),
        ' ': () => {
            const { x, y } = brushAt ?? { x: width / 2, y: height / 2 };
            setBrushAt({ x, y });
            add(lineFrom([x, y]));
        },
        '[': () => resize(1 / 1.2),
        ']': () => resize(1.2),
        e: () => change({ erases: !draft.erases }),
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
            <div class="bar" role="toolbar" aria-label="Mask">
                <button type="button" aria-pressed={!draft.erases} onClick={() => change({ erases: false })}>
                    Brush
                </button>
                <button type="button" aria-pressed={draft.erases} onClick={() => change({ erases: true })}>
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
                        onInput={({ currentTarget }) => change({ brush: currentTarget.valueAsNumber })}
                    />
                </label>
                <label>
                    feather{' '}
                    <input
                        type="range"
                        min="0"
                        max={String(MAX_FEATHER)}
                        value={String(draft.feather)}
                        aria-valuetext={`${draft.feather} pixels`}
                        onInput={({ currentTarget }) => change({ feather: currentTarget.valueAsNumber })}
                    />{' '}
                    {draft.feather}px
                </label>
                <span class="gap" />
                <button type="button" disabled={draft.strokes.length === 0} onClick={undo}>
                    Undo
                </button>
                <button type="button" onClick={() => add({ kind: 'invert' })}>
                    Invert
                </button>
                <button type="button" disabled={draft.strokes.length === 0} onClick={() => change({ strokes: [] })}>
                    Clear
                </button>
            </div>
            <div
                ref={board}
                class="board"
                role="application"
                aria-label={`Mask of ${altOf(shown, picture)}. Arrow keys move the brush, with Shift they paint, Space paints a dot, E erases, brackets change the size.`}
                // biome-ignore lint/a11y/noNoninteractiveTabindex: keys paint here
                tabIndex={0}
                onKeyDown={(event) => {
                    const handle = keys[event.key];
                    if (!handle || event.ctrlKey || event.altKey || event.metaKey) return;
                    event.preventDefault();
                    event.stopPropagation();
                    handle(event.shiftKey);
                }}
            >
                <div class="sheet-of-mask" style={{ width: `${width * scale}px`, height: `${height * scale}px` }}>
                    <img class="picture" src={picture.src} alt="" draggable={false} />
                    <canvas
                        ref={canvas}
                        width={width}
                        height={height}
                        onPointerDown={(event) => {
                            if (event.button !== 0) return;
                            event.currentTarget.setPointerCapture(event.pointerId);
                            const { x, y } = pointOf(event);
                            setLine(lineFrom([x, y]));
                        }}
                        onPointerMove={(event) => {
                            const { x, y } = pointOf(event);
                            setBrushAt({ x, y });
                            setLine((now) => now && { ...now, points: longer(now.points, x, y, now.width) });
                        }}
                        onPointerUp={() => {
                            if (line) add(line);
                            setLine(undefined);
                        }}
                        onPointerCancel={() => setLine(undefined)}
                        onPointerLeave={() => line || setBrushAt(undefined)}
                    />
                    {brushAt && (
                        <div
                            class="brush"
                            style={{
                                left: `${(brushAt.x - draft.brush / 2) * scale}px`,
                                top: `${(brushAt.y - draft.brush / 2) * scale}px`,
                                width: `${draft.brush * scale}px`,
                                height: `${draft.brush * scale}px`,
                            }}
                        />
                    )}
                </div>
            </div>
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

function clamp(value: number, most: number): number {
    return Math.min(most, Math.max(0, value));
}

/** The mask in red, its border softened as the runtime softens it: by a Gaussian whose deviation is half of the feather. */
function preview(canvas: HTMLCanvasElement, strokes: readonly Stroke[], feather: number): void {
    const { width, height } = canvas;
    const hard = new OffscreenCanvas(width, height);
    drawMask(hard.getContext('2d')!, strokes, { width, height });
    const context = canvas.getContext('2d')!;
    context.globalCompositeOperation = 'source-over';
    context.clearRect(0, 0, width, height);
    context.filter = feather > 0 ? `blur(${feather / 2}px)` : 'none';
    context.drawImage(hard, 0, 0);
    context.filter = 'none';
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = '#e5383b';
    context.fillRect(0, 0, width, height);
}

/** White where it is painted, black elsewhere, at the picture's own size. */
async function maskFile(
    strokes: readonly Stroke[],
    { width, height }: Pick<ShownPicture, 'width' | 'height'>,
): Promise<Uint8Array> {
    const white = new OffscreenCanvas(width, height);
    drawMask(white.getContext('2d')!, strokes, { width, height });
    const whole = new OffscreenCanvas(width, height);
    const context = whole.getContext('2d')!;
    context.fillStyle = 'black';
    context.fillRect(0, 0, width, height);
    context.drawImage(white, 0, 0);
    const blob = await whole.convertToBlob({ type: 'image/png' });
    return new Uint8Array(await blob.arrayBuffer());
}
