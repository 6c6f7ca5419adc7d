/** Where the pictures of a layer scan are drawn: as the U-Net that they come from, or in the order of their effect. */

import { type Site, siteOf, stageOf } from '../../../../plan/sites.ts';
import { SD, type Topology } from '../../../../plan/topology.ts';

/** A picture of the scan: the layer that it is of; none for the plain picture. */
export interface Layer {
    readonly cell: number;
    readonly label: string;
    /** How far it moved the picture, of the farthest of all; undefined as long as that is not measured. */
    readonly share?: number;
}

export interface Spot {
    readonly x: number;
    readonly y: number;
}

export interface Tile extends Layer, Spot {
    readonly site: Site | undefined;
}

export interface Drawing {
    readonly width: number;
    readonly height: number;
    /** Of a picture; the caption is below it. */
    readonly tile: { readonly width: number; readonly height: number };
    readonly tiles: readonly Tile[];
    /** Stages that the scan leaves out, as boxes with their names. */
    readonly ghosts: readonly (Spot & { readonly name: string; readonly width: number; readonly height: number })[];
    readonly lines: readonly { readonly kind: 'trunk' | 'skip'; readonly points: readonly Spot[] }[];
}

/** Height of a picture in the drawing's units, and of the label and bar below it. */
const HIGH = 128;
export const CAPTION = 36;
const GHOST = { width: 64, height: 26 };
const MARGIN = 9;

/** Height of the smaller text in the drawing's units, and the least in pixels that it is read at. */
const NOTE = 11.5;
const READABLE = 11;
/** Text larger than this does not fit below a picture with all its words, and at most this much larger without them. */
export const BRIEF = 1.12;
const MOST_TEXT = 1.5;

/** How much larger the text is written, so that it stays readable where the drawing is shown smaller than it is. */
export function textScale(
    { width, height }: Pick<Drawing, 'width' | 'height'>,
    room: { readonly width: number; readonly height: number },
): number {
    const scale = Math.min(room.width / width, room.height / height);
    if (!(scale > 0)) return 1;
    return Math.min(MOST_TEXT, Math.max(1, READABLE / (NOTE * scale)));
}

/** How the parts are spaced: with little room the levels are not indented. */
const SPACING = {
    wide: { gap: 14, between: 44, down: 20, indent: 56 },
    narrow: { gap: 8, between: 12, down: 12, indent: 0 },
} as const;

/** The columns of a level, from left to right. */
type Side = 'down' | 'skip' | 'up';

/**
 * The U-Net: each picture at its layer, the encoder on the left with the finest level on top, the decoder on the right, the
 * middle at the bottom, skips between the two; beside or below the middle the plain picture.
 */
export function network(
    layers: readonly Layer[],
    {
        aspect = 1,
        narrow = false,
        net = SD,
    }: { readonly aspect?: number; readonly narrow?: boolean; readonly net?: Topology } = {},
): Drawing {
    const space = narrow ? SPACING.narrow : SPACING.wide;
    const tile = { width: Math.round(HIGH * Math.min(2, Math.max(0.5, aspect))), height: HIGH };
    const { levels } = net.shape;
    const placed = layers.map((layer) => ({ layer, site: siteOf(layer.label, net), ...groupOf(layer.label, net) }));
    const rowOf = (side: Side, level: number) => placed.filter((one) => one.side === side && one.level === level);
    const widthOf = (count: number) => (count === 0 ? GHOST.width : count * tile.width + (count - 1) * space.gap);
    const widthOfSkips = (count: number) => (count === 0 ? 2 * GHOST.width : widthOf(count));
    const rows = Array.from({ length: levels }, (_, level) => ({
        level,
        down: rowOf('down', level),
        skip: rowOf('skip', level),
        up: rowOf('up', level),
    }));
    const rowWidth = ({ level, down, skip, up }: (typeof rows)[number]) =>
        2 * level * space.indent +
        widthOf(down.length) +
        widthOfSkips(skip.length) +
        widthOf(up.length) +
        2 * space.between;
    const width = Math.max(...rows.map(rowWidth), 3 * tile.width + 2 * space.gap);
    const pitch = tile.height + CAPTION + space.down;
    const tiles: Tile[] = [];
    const ghosts: Drawing['ghosts'][number][] = [];
    const lines: Drawing['lines'][number][] = [];
    const put = (all: typeof placed, x: number, y: number) =>
        tiles.push(...all.map(({ layer, site }, k) => ({ ...layer, site, x: x + k * (tile.width + space.gap), y })));
    const ghost = (name: string, x: number, y: number) => ghosts.push({ name, x, y, ...GHOST });

    interface Box extends Spot {
        readonly right: number;
        readonly bottom: number;
    }
    const boxes: Readonly<Record<'down' | 'up', Box[]>> = { down: [], up: [] };
    for (const { level, down, skip, up } of rows) {
        const y = MARGIN + level * pitch;
        const left = MARGIN + level * space.indent;
        const right = MARGIN + width - level * space.indent;
        const boxAt = (x: number, count: number): Box => {
            // Lines begin below the caption.
            const high = count === 0 ? GHOST.height : tile.height + CAPTION - 4;
            const top = count === 0 ? y + (tile.height - GHOST.height) / 2 : y;
            return { x, y: top, right: x + widthOf(count), bottom: top + high };
        };
        const from = boxAt(left, down.length);
        const to = boxAt(right - widthOf(up.length), up.length);
        boxes.down.push(from);
        boxes.up.push(to);
        const across = y + tile.height / 2;
        lines.push({
            kind: 'skip',
            points: [
                { x: from.right, y: across },
                { x: to.x, y: across },
            ],
        });
        if (down.length === 0) ghost(`down.${level}`, from.x, from.y);
        if (up.length === 0) ghost(`up.${levels - 1 - level}`, to.x, to.y);
        put(down, left, y);
        put(skip, (from.right + to.x - widthOf(skip.length)) / 2, y);
        put(up, to.x, y);
    }
    const bottom = MARGIN + levels * pitch;
    const middle = placed.filter(({ side, level }) => side === undefined && level !== undefined);
    const midX = MARGIN + (width - widthOf(middle.length)) / 2;
    const midY = middle.length === 0 ? bottom + (tile.height - GHOST.height) / 2 : bottom;
    if (middle.length === 0) ghost('mid', midX, midY);
    put(middle, midX, bottom);
    const plain = placed.filter(({ level }) => level === undefined);
    // Where the levels are not indented, the line to the decoder would pass behind it: then it has a row of its own.
    const isBeside = MARGIN + width - widthOf(plain.length) > centre(boxes.up.at(-1)!);
    const isBelow = plain.length > 0 && !isBeside;
    if (isBelow) put(plain, MARGIN + (width - widthOf(plain.length)) / 2, bottom + pitch);
    else put(plain, MARGIN + width - widthOf(plain.length), bottom);
    lines.push(...trunk(boxes, { x: midX, y: midY, right: midX + widthOf(middle.length) }, bottom + tile.height / 2));
    const height = bottom + (isBelow ? pitch : 0) + tile.height + CAPTION + MARGIN;
    return { width: width + 2 * MARGIN, height, tile, tiles, ghosts, lines };
}

function centre({ x, right }: { readonly x: number; readonly right: number }): number {
    return (x + right) / 2;
}

/** Down the encoder, through the middle, up the decoder. */
function trunk(
    {
        down,
        up,
    }: Readonly<Record<'down' | 'up', readonly (Spot & { readonly right: number; readonly bottom: number })[]>>,
    mid: Spot & { readonly right: number },
    across: number,
): Drawing['lines'] {
    const joints = (boxes: typeof down) =>
        boxes.slice(1).map((box, k) => {
            const above = boxes[k]!;
            const x = Math.max(above.x + 8, Math.min(above.right - 8, centre(box)));
            return {
                kind: 'trunk',
                points: [
                    { x, y: above.bottom },
                    { x, y: box.y },
                ],
            } as const;
        });
    const [lastDown, firstUp] = [down.at(-1)!, up.at(-1)!];
    return [
        ...joints(down),
        {
            kind: 'trunk',
            points: [
                { x: centre(lastDown), y: lastDown.bottom },
                { x: centre(lastDown), y: across },
                { x: mid.x, y: across },
            ],
        },
        {
            kind: 'trunk',
            points: [
                { x: mid.right, y: across },
                { x: centre(firstUp), y: across },
                { x: centre(firstUp), y: firstUp.bottom },
            ],
        },
        ...joints(up),
    ];
}

/** Most effect first, the plain picture before all; in as many columns as make the most of an area of this shape. */
export function byEffect(layers: readonly Layer[], { aspect = 1, room = 1 } = {}): Drawing {
    const { down } = SPACING.narrow;
    // Frames of the strongest layers are beside each other here.
    const { gap } = SPACING.wide;
    const tile = { width: Math.round(HIGH * Math.min(2, Math.max(0.5, aspect))), height: HIGH };
    const sorted = layers.toSorted((a, b) => rank(b) - rank(a));
    const [wide, high] = [tile.width + gap, tile.height + CAPTION + down];
    const columns = Math.max(1, Math.min(sorted.length, Math.round(Math.sqrt((sorted.length * room * high) / wide))));
    const tiles = sorted.map((layer, k) => ({
        ...layer,
        site: siteOf(layer.label),
        x: MARGIN + (k % columns) * wide,
        y: MARGIN + Math.floor(k / columns) * high,
    }));
    const rows = Math.ceil(sorted.length / columns);
    return {
        width: 2 * MARGIN + columns * wide - gap,
        height: 2 * MARGIN + rows * high - down,
        tile,
        tiles,
        ghosts: [],
        lines: [],
    };
}

function rank({ label, share }: Layer): number {
    return siteOf(label) === undefined ? Number.POSITIVE_INFINITY : (share ?? -1);
}

/** Side and level of a layer, the finest level being 0; of the middle only the level is known, of no layer neither. */
function groupOf(label: string, net: Topology): { readonly side?: Side; readonly level?: number } {
    const site = siteOf(label, net);
    const stage = site && stageOf(site, net);
    if (!stage) return {};
    if (stage === 'mid') return { level: net.shape.levels };
    const [side, number] = stage.split('.') as [Side, string];
    return { side, level: side === 'up' ? net.shape.levels - 1 - Number(number) : Number(number) };
}

const DIRECTIONS = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
} as const;

/** The tile that an arrow key goes to: the nearest in its direction. */
export function neighbour({ tiles }: Drawing, cell: number, key: string): number | undefined {
    const direction = DIRECTIONS[key as keyof typeof DIRECTIONS] as readonly [number, number] | undefined;
    const here = tiles.find((one) => one.cell === cell);
    if (!direction || !here) return undefined;
    const [right, down] = direction;
    const distances = tiles.flatMap(({ cell: to, x, y }) => {
        const [dx, dy] = [x - here.x, y - here.y];
        const ahead = dx * right + dy * down;
        const aside = Math.abs(dx * down) + Math.abs(dy * right);
        return ahead > 1 ? [{ to, distance: ahead + 2.5 * aside }] : [];
    });
    return distances.sort((a, b) => a.distance - b.distance)[0]?.to;
}
