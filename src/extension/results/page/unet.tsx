/** The U-Net as a picture, with the weights of an infusion drawn over its layers. */
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

const WIDE = 320;
const HIGH = 190;

/** A box for every stage and skip group: the down path on the left, the up path on the right, the finest level on top. */
function boxesOf(net: Topology): readonly Box[] {
    const { levels } = net.shape;
    const left = (level: number) => 8 + level * 24;
    const top = (level: number) => 12 + level * 36;
    return net.stages.map((site): Box => {
        const number = Number(/\d/.exec(site)?.[0] ?? 0);
        if (site.startsWith('down')) return { site, x: left(number), y: top(number), width: 40, height: 26 };
        if (site === 'mid') return { site, x: WIDE / 2 - 20, y: 14 + levels * 36, width: 40, height: 26 };
        if (site.startsWith('up')) {
            const level = levels - 1 - number;
            return { site, x: WIDE - 40 - left(level), y: top(level), width: 40, height: 26 };
        }
        const x = left(number) + 46;
        return { site, x, y: top(number) + 8, width: WIDE - 2 * x, height: 10 };
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
            <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={`Layer weights: ${said}`}>
                {boxesOf(net).map((box) => {
                    const one = strongest.get(box.site);
                    const share = one ? size(one) / most : 0;
                    const sign = one && Math.max(...one.weights) <= 0 && size(one) > 0 ? 'negative' : 'positive';
                    return (
                        <g key={box.site} class={one ? `site ${sign}` : 'site'}>
                            <title>{one ? `${one.site}: ${valueText(one)} ${one.drawn}` : `${box.site}: 0`}</title>
                            <rect class="ground" x={box.x} y={box.y} width={box.width} height={box.height} rx="3" />
                            <rect
                                class="weight"
                                x={box.x}
                                y={box.y}
                                width={box.width}
                                height={box.height}
                                rx="3"
                                fill-opacity={share.toFixed(3)}
                            />
                            <text x={box.x + box.width / 2} y={box.y + box.height / 2 + 3} text-anchor="middle">
                                {one ? valueText(one) : box.site.startsWith('skip') ? '' : box.site}
                            </text>
                        </g>
                    );
                })}
            </svg>
        </figure>
    );
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
