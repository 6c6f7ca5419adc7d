/** The picture that is painted on, by pointer or by keys, with what is painted in red and the brush where it is. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ShownPicture } from '../../shown-run.ts';
import { useRoom } from '../use-room.ts';
import { drawRed } from './mask-picture.ts';
import { longer, type MaskDraft, type Stroke, widestBrush } from './strokes.ts';

interface Props {
    readonly picture: ShownPicture;
    /** What the picture is. */
    readonly label: string;
    readonly draft: MaskDraft;
    readonly onChange: (part: Partial<MaskDraft>) => void;
    readonly onAdd: (stroke: Stroke) => void;
}

interface Point {
    readonly x: number;
    readonly y: number;
}

type Line = Extract<Stroke, { readonly kind: 'line' }>;

export function Board({ picture, label, draft, onChange, onAdd }: Props) {
    const { width, height } = picture;
    const [line, setLine] = useState<Line>();
    const [brushAt, setBrushAt] = useState<Point>();
    const board = useRef<HTMLDivElement>(null);
    const canvas = useRef<HTMLCanvasElement>(null);
    const room = useRoom(board, { width: 300, height: 300 });
    const scale = Math.min(room.width / width, room.height / height);
    const strokes = line ? [...draft.strokes, line] : draft.strokes;

    useLayoutEffect(() => {
        const element = canvas.current;
        if (element) drawRed(element, strokes, draft.feather);
    }, [draft.strokes, draft.feather, line, width, height]);
    useEffect(() => board.current?.focus(), [draft.of]);

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
    const middle = { x: width / 2, y: height / 2 };
    const moveBrush = (dx: number, dy: number, paints: boolean) => {
        const from = brushAt ?? middle;
        const to = { x: clamp(from.x + dx, width), y: clamp(from.y + dy, height) };
        setBrushAt(to);
        if (paints) onAdd(lineFrom([from.x, from.y, to.x, to.y]));
    };
    const resize = (by: number) =>
        onChange({
            brush: Math.min(widestBrush(picture), Math.max(1, Math.round(draft.brush * by) + Math.sign(by - 1))),
        });
    const step = Math.max(1, draft.brush / 4);
    const keys: Readonly<Record<string, (shift: boolean) => void>> = {
        ArrowLeft: (shift) => moveBrush(-step, 0, shift),
        ArrowRight: (shift) => moveBrush(step, 0, shift),
        ArrowUp: (shift) => moveBrush(0, -step, shift),
        ArrowDown: (shift) => moveBrush(0, step, shift),
        ' ': () => {
            const { x, y } = brushAt ?? middle;
            setBrushAt({ x, y });
            onAdd(lineFrom([x, y]));
        },
        '[': () => resize(1 / 1.2),
        ']': () => resize(1.2),
        e: () => onChange({ erases: !draft.erases }),
    };
    return (
        <div
            ref={board}
            class="board"
            role="application"
            aria-label={`Mask of ${label}. Arrow keys move the brush, with Shift they paint, Space paints a dot, E erases, brackets change the size.`}
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
                        if (line) onAdd(line);
                        setLine(undefined);
                    }}
                    onPointerCancel={() => setLine(undefined)}
                    onPointerLeave={() => line || setBrushAt(undefined)}
                />
                {brushAt && <Brush at={brushAt} size={draft.brush} scale={scale} />}
            </div>
        </div>
    );
}

/** The outline of the brush. */
function Brush({ at, size, scale }: { readonly at: Point; readonly size: number; readonly scale: number }) {
    const side = `${size * scale}px`;
    const style = {
        left: `${(at.x - size / 2) * scale}px`,
        top: `${(at.y - size / 2) * scale}px`,
        width: side,
        height: side,
    };
    return <div class="brush" style={style} />;
}

function clamp(value: number, most: number): number {
    return Math.min(most, Math.max(0, value));
}
