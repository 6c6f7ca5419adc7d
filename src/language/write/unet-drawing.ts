/** Where a drawing of the U-Net has its boxes, and the weights of an infusion as bars within them. */
import { stageOf } from '../../plan/sites.ts';
import { SD, type Topology } from '../../plan/topology.ts';
import { type LayerWeights, type SiteWeights, strengthOf } from './layer-weights.ts';

/** A stage or a group of skips, in the drawing's own units. */
export interface UnetBox {
    readonly site: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    /** The strongest of the weights at the box's layers. */
    readonly strongest: SiteWeights | undefined;
    /** The corners of its bars, as SVG writes them; undefined where it has no effect. */
    readonly bars: string | undefined;
    /** Whether all its weights are below 0. */
    readonly isNegative: boolean;
}

export interface UnetDrawing {
    readonly width: number;
    readonly height: number;
    readonly boxes: readonly UnetBox[];
}

const WIDE = 340;
const BOX = { width: 92, height: 40 };
const PITCH = 52;
const INDENT = 14;

/** Lays the drawing out: the down path on the left, the up path on the right, the finest level on top. */
export function drawUnet({ sites }: LayerWeights, net: Topology = SD): UnetDrawing {
    const most = Math.max(1e-9, ...sites.map(strengthOf));
    const boxes = net.stages.map((site): UnetBox => {
        const place = placeOf(site, net);
        const strongest = sites
            .filter((one) => (stageOf(one.site, net) ?? one.site) === site)
            .sort((a, b) => strengthOf(b) - strengthOf(a))[0];
        const acts = strongest !== undefined && strengthOf(strongest) > 0;
        return {
            site,
            ...place,
            strongest,
            bars: acts ? barsOf(place, strongest.weights, most) : undefined,
            isNegative: acts && Math.max(...strongest.weights) <= 0,
        };
    });
    return { width: WIDE, height: (net.shape.levels + 1) * PITCH, boxes };
}

type Place = Pick<UnetBox, 'x' | 'y' | 'width' | 'height'>;

function placeOf(site: string, net: Topology): Place {
    const { levels } = net.shape;
    const left = (level: number) => 2 + level * INDENT;
    const top = (level: number) => 2 + level * PITCH;
    const number = Number(/\d/.exec(site)?.[0] ?? 0);
    if (site.startsWith('down')) return { x: left(number), y: top(number), ...BOX };
    if (site === 'mid') return { x: (WIDE - BOX.width) / 2, y: top(levels), ...BOX };
    if (site.startsWith('up')) {
        const level = levels - 1 - number;
        return { x: WIDE - BOX.width - left(level), y: top(level), ...BOX };
    }
    const x = left(number) + BOX.width + 8;
    return { x, y: top(number) + 5, width: WIDE - 2 * x, height: 30 };
}

/** The weight at every model call, as bars along the bottom of the box. */
function barsOf({ x, y, width, height }: Place, weights: readonly number[], most: number): string {
    const [room, bottom] = [height - 19, y + height - 2];
    const wide = (width - 8) / weights.length;
    const points = weights.flatMap((weight, k) => {
        const top = (bottom - (room * Math.abs(weight)) / most).toFixed(1);
        return [`${(x + 4 + k * wide).toFixed(1)},${top}`, `${(x + 4 + (k + 1) * wide).toFixed(1)},${top}`];
    });
    return [`${x + 4},${bottom}`, ...points, `${x + width - 4},${bottom}`].join(' ');
}
