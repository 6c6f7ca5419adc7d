/** A layer scan as the U-Net that it is of: every picture at its layer, with how far it moved the picture, and a table beside. */
import { useRef } from 'preact/hooks';
import type { Shown, ShownPicture, ShownScan } from '../../shown-run.ts';
import { host } from '../memory.ts';
import { Preview } from '../picture/preview.tsx';
import type { Previews } from '../picture/previews.ts';
import { useRoom } from '../use-room.ts';
import type { View } from '../view.ts';
import { altOfMissing } from '../words.ts';
import { frameOf, pngFile, svgFile } from './export.ts';
import { BRIEF, byEffect, type Drawing, neighbour, network, type Tile, textScale } from './network.ts';
import { layersOf, rowsOf } from './scan.ts';
import { MeasureTable } from './table.tsx';

interface Props {
    readonly shown: Shown;
    readonly scan: ShownScan;
    readonly previews: Previews;
    readonly cell: number;
    readonly view: View;
    readonly onView: (part: Partial<View>) => void;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
}

/** Narrower areas have no room for the indents of the levels. */
const NARROW = 620;

export function ScanView({ shown, scan, previews, cell, view, onView, onSelect, onOpen }: Props) {
    const area = useRef<HTMLDivElement>(null);
    const room = useRoom(area, { width: 800, height: 600 });
    const rows = rowsOf(shown, scan);
    const row = rows.find(({ cells }) => cells.some((one) => one.cell === cell)) ?? rows[0];
    if (!row) return null;
    const aspect = shown.size.width / shown.size.height;
    const layers = layersOf(row, scan);
    const isNetwork = view.layers === 'network';
    const drawing = isNetwork
        ? network(layers, { aspect, narrow: room.width < NARROW })
        : byEffect(layers, { aspect, room: room.width / Math.max(1, room.height) });
    const pictures = new Map(shown.pictures.map((picture) => [picture.cell, picture]));
    const noteOf = (tile: Tile, brief = false) => noteText(tile, scan, brief);
    const select = (to: number | undefined) => {
        if (to === undefined) return;
        onSelect(to);
        area.current?.querySelector<SVGElement>(`[data-cell="${to}"]`)?.focus();
    };
    const save = async (format: 'png' | 'svg') => {
        const title = [shown.name, row.title].filter(Boolean).join(', ');
        const note = (tile: Tile) => noteOf(tile);
        const parts = { drawing, title, note, address: (one: number) => pictures.get(one)?.src };
        const data = format === 'svg' ? await svgFile(parts) : await pngFile(parts);
        host.postMessage({ kind: 'save', key: shown.key, name: `${shown.name}-layers.${format}`, data });
    };
    return (
        <div class="layers-view">
            <div class="bar" role="toolbar" aria-label="Layers">
                <button type="button" aria-pressed={isNetwork} onClick={() => onView({ layers: 'network' })}>
                    U-Net
                </button>
                <button type="button" aria-pressed={!isNetwork} onClick={() => onView({ layers: 'effect' })}>
                    By effect
                </button>
                {rows.length > 1 && (
                    <label>
                        of{' '}
                        <select
                            value={row.title}
                            onChange={(event) => {
                                const next = rows.find(({ title }) => title === event.currentTarget.value);
                                const same = layers.find((one) => one.cell === cell)?.label;
                                const to = next?.cells.find(({ label }) => label === same) ?? next?.cells[0];
                                if (to) onSelect(to.cell);
                            }}
                        >
                            {rows.map(({ title }) => (
                                <option key={title} value={title}>
                                    {title}
                                </option>
                            ))}
                        </select>
                    </label>
                )}
                <span class="gap" />
                <button type="button" title="The drawing, for talks and papers" onClick={() => void save('png')}>
                    Save PNG
                </button>
                <button type="button" title="The drawing, for talks and papers" onClick={() => void save('svg')}>
                    Save SVG
                </button>
            </div>
            <div class="layers-room">
                {/* biome-ignore lint/a11y/noStaticElementInteractions: keys reach it from the layers within */}
                <div
                    class="layers-area"
                    ref={area}
                    onKeyDown={(event) => {
                        if (event.ctrlKey || event.altKey || event.metaKey) return;
                        const to = neighbour(drawing, cell, event.key);
                        const opens = event.key === 'Enter' || event.key === ' ';
                        if (to === undefined && !opens) return;
                        event.preventDefault();
                        event.stopPropagation();
                        if (opens) onOpen(cell);
                        else select(to);
                    }}
                >
                    <Network
                        drawing={drawing}
                        shown={shown}
                        pictures={pictures}
                        previews={previews}
                        cell={cell}
                        noteOf={noteOf}
                        minWidth={Math.min(drawing.width, Math.max(room.width, 0.62 * drawing.width))}
                        onSelect={onSelect}
                        onOpen={onOpen}
                    />
                </div>
                {scan.entries.length > 0 && (
                    <MeasureTable scan={scan} row={row} cell={cell} onSelect={select} onOpen={onOpen} />
                )}
            </div>
        </div>
    );
}

interface NetworkProps {
    readonly drawing: Drawing;
    readonly shown: Shown;
    readonly pictures: ReadonlyMap<number, ShownPicture>;
    readonly previews: Previews;
    readonly cell: number;
    readonly noteOf: (tile: Tile, brief?: boolean) => string;
    readonly minWidth: number;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
}

function Network({ drawing, shown, pictures, previews, cell, noteOf, minWidth, onSelect, onOpen }: NetworkProps) {
    const { width, height, tile, tiles, ghosts, lines } = drawing;
    const svg = useRef<SVGSVGElement>(null);
    const text = textScale(drawing, useRoom(svg, { width, height }));
    // Large letters begin below the strongest frame.
    const [below, bar] = text > BRIEF ? [21.5, 27] : [18, 25];
    const inSight = tiles.some((one) => one.cell === cell) ? cell : tiles[0]?.cell;
    return (
        // biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset
        <svg
            ref={svg}
            class="network"
            viewBox={`0 0 ${width} ${height}`}
            style={{ minWidth: `${Math.round(minWidth)}px`, '--text': text.toFixed(3) }}
            role="group"
            aria-label={`Layers of ${shown.name}. Arrow keys walk the network, Enter opens.`}
        >
            {lines.map(({ kind, points }, k) => (
                <polyline key={k} class={kind} points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
            ))}
            {ghosts.map(({ name, x, y, width: wide, height: high }) => (
                <g key={name} class="ghost">
                    <rect x={x} y={y} width={wide} height={high} rx="3" />
                    <text x={x + wide / 2} y={y + high / 2 + 4} text-anchor="middle">
                        {name}
                    </text>
                </g>
            ))}
            {tiles.map((one) => {
                const picture = pictures.get(one.cell);
                const frame = frameOf(one);
                const note = noteOf(one);
                const label = picture ? `${one.label}${note ? `, ${note}` : ''}` : altOfMissing(shown, one.cell);
                return (
                    // biome-ignore lint/a11y/useSemanticElements: a button can't be part of a drawing
                    <g
                        key={one.cell}
                        class={one.share ? 'layer-tile effective' : 'layer-tile'}
                        data-cell={one.cell}
                        role="button"
                        aria-label={label}
                        aria-current={one.cell === cell}
                        tabIndex={one.cell === inSight ? 0 : -1}
                        onClick={() => onOpen(one.cell)}
                        onFocus={() => one.cell === cell || onSelect(one.cell)}
                    >
                        <rect
                            class="frame"
                            x={one.x - frame / 2}
                            y={one.y - frame / 2}
                            width={tile.width + frame}
                            height={tile.height + frame}
                            stroke-width={frame}
                        />
                        {picture ? (
                            <image x={one.x} y={one.y} width={tile.width} height={tile.height} href={picture.src} />
                        ) : (
                            <foreignObject x={one.x} y={one.y} width={tile.width} height={tile.height}>
                                <Preview previews={previews} cell={one.cell} size={shown.size} />
                            </foreignObject>
                        )}
                        <text class="layer-name" x={one.x} y={one.y + tile.height + below}>
                            {one.label}
                        </text>
                        <text
                            class="layer-note"
                            x={one.x + tile.width}
                            y={one.y + tile.height + below}
                            text-anchor="end"
                        >
                            {noteOf(one, text > BRIEF)}
                        </text>
                        {one.share !== undefined && (
                            <>
                                <rect
                                    class="scale"
                                    x={one.x}
                                    y={one.y + tile.height + bar}
                                    width={tile.width}
                                    height="5"
                                />
                                <rect
                                    class="moved"
                                    x={one.x}
                                    y={one.y + tile.height + bar}
                                    width={tile.width * one.share}
                                    height="5"
                                />
                            </>
                        )}
                        {one.cell === cell && (
                            <rect
                                class="chosen"
                                x={one.x - frame - 2}
                                y={one.y - frame - 2}
                                width={tile.width + 2 * frame + 4}
                                height={tile.height + 2 * frame + 4}
                                rx="3"
                            />
                        )}
                    </g>
                );
            })}
        </svg>
    );
}

/** The measure below a picture; the number alone where there is no room for more. */
function noteText({ cell, site, share }: Tile, { entries }: ShownScan, brief: boolean): string {
    if (site === undefined) return brief ? '' : 'for comparison';
    const entry = share === undefined ? undefined : entries.find((one) => one.cell === cell);
    return entry ? `${brief ? '' : 'moved '}${entry.moved.toFixed(2)}` : '';
}
