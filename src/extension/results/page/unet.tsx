/** The U-Net as a drawing, with the weights of an infusion at its layers and how they change over the steps. */
import { stageOf } from '../../../plan/sites.ts';
import { SD, type Topology } from '../../../plan/topology.ts';
import type { LayerWeights, SiteWeights } from '../messages.ts';

interface Box {
    readonly site: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
}

const WIDE = 340;
const BOX = { width: 78, height: 40 };
const PITCH = 52;
const INDENT = 14;

/** A box for every stage and skip group: the down path on the left, the up path on the right, the finest level on top. */
function boxesOf(net: Topology): readonly Box[] {
    const { levels } = net.shape;
    const left = (level: number) => 2 + level * INDENT;
    const top = (level: number) => 2 + level * PITCH;
    return net.stages.map((site): Box => {
        const number = Number(/\d/.exec(site)?.[0] ?? 0);
        if (site.startsWith('down')) return { site, x: left(number), y: top(number), ...BOX };
        if (site === 'mid') return { site, x: (WIDE - BOX.width) / 2, y: top(levels), ...BOX };
        if (site.startsWith('up')) {
            const level = levels - 1 - number;
            return { site, x: WIDE - BOX.width - left(level), y: top(level), ...BOX };
        }
        const x = left(number) + BOX.width + 8;
        return { site, x, y: top(number) + 5, width: WIDE - 2 * x, height: 30 };
    });
}

export function UNet({ weights, net = SD }: { readonly weights: LayerWeights; readonly net?: Topology }) {
    const strongest = new Map<string, SiteWeights>();
    for (const one of weights.sites) {
        const stage = stageOf(one.site, net) ?? one.site;
        const old = strongest.get(stage);
        if (!old || size(one) > size(old)) strongest.set(stage, one);
    }
    const most = Math.max(1e-9, ...weights.sites.map(size));
    const said = weights.sites.map((one) => `${one.site} ${valueText(one)}`).join(', ');
    return (
        <figure class="unet">
            <figcaption>{weights.title}</figcaption>
            <svg
                viewBox={`0 0 ${WIDE} ${(net.shape.levels + 1) * PITCH}`}
                role="img"
                aria-label={`Layer weights: ${said}`}
            >
                {boxesOf(net).map((box) => {
                    const one = strongest.get(box.site);
                    const isActive = one !== undefined && size(one) > 0;
                    return (
                        <g key={box.site} class={isActive ? `site ${signOf(one)}` : 'site'}>
                            <title>{one ? `${one.site}: ${valueText(one)} ${one.drawn}` : `${box.site}: 0`}</title>
                            <rect class="ground" {...rectOf(box)} rx="3" />
                            {isActive && <Weights box={box} one={one} most={most} />}
                            <text class="name" x={box.x + 6} y={box.y + 14}>
                                {isActive ? one.site : box.site}
                            </text>
                            {isActive && (
                                <text class="value" x={box.x + box.width - 6} y={box.y + 14} text-anchor="end">
                                    {valueText(one)}
                                </text>
                            )}
                        </g>
                    );
                })}
            </svg>
        </figure>
    );
}

/** The weight at every model call, as bars along the bottom of the box; upwards or, below 0, hatched. */
function Weights({ box, one, most }: { readonly box: Box; readonly one: SiteWeights; readonly most: number }) {
    const room = box.height - 19;
    const bottom = box.y + box.height - 2;
    const { weights } = one;
    const wide = (box.width - 8) / weights.length;
    const points = weights.flatMap((weight, k) => {
        const y = (bottom - (room * Math.abs(weight)) / most).toFixed(1);
        return [`${(box.x + 4 + k * wide).toFixed(1)},${y}`, `${(box.x + 4 + (k + 1) * wide).toFixed(1)},${y}`];
    });
    const ends = [`${box.x + 4},${bottom}`, `${box.x + box.width - 4},${bottom}`] as const;
    return <polygon class="weight" points={[ends[0], ...points, ends[1]].join(' ')} />;
}

function rectOf({ x, y, width, height }: Box) {
    return { x, y, width, height };
}

function signOf({ weights }: SiteWeights): 'positive' | 'negative' {
    return Math.max(...weights) <= 0 ? 'negative' : 'positive';
}

function size({ weights }: SiteWeights): number {
    return Math.max(0, ...weights.map(Math.abs));
}

/** The first and the last weight that is not 0: outside its window an infusion has none. */
function valueText({ weights }: SiteWeights): string {
    const short = (value: number | undefined) => String(Number((value ?? 0).toFixed(3)));
    const acting = weights.filter((weight) => weight !== 0);
    const [first, last] = [short(acting[0]), short(acting.at(-1))];
    return first === last ? first : `${first}→${last}`;
}
