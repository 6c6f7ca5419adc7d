/** The U-Net as a picture, with the weights of an infusion drawn over its layers. */
import type { LayerWeights, SiteWeights } from '../messages.ts';

interface Box {
    readonly site: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
}

const LEVELS = [0, 1, 2, 3] as const;
const WIDE = 320;
const HIGH = 190;
const LEFT: readonly Box[] = LEVELS.map((level) => ({
    site: `down.${level}`,
    x: 8 + level * 24,
    y: 12 + level * 36,
    width: 40,
    height: 26,
}));
const RIGHT: readonly Box[] = LEVELS.map((level) => ({
    site: `up.${3 - level}`,
    x: WIDE - 48 - level * 24,
    y: 12 + level * 36,
    width: 40,
    height: 26,
}));
const MID: Box = { site: 'mid', x: WIDE / 2 - 20, y: 158, width: 40, height: 26 };
const SKIPS: readonly Box[] = LEVELS.map((level) => ({
    site: `skip.${level}`,
    x: 8 + level * 24 + 40 + 6,
    y: 12 + level * 36 + 8,
    width: WIDE - 2 * (8 + level * 24 + 40 + 6),
    height: 10,
}));

/** The stage whose box a block is drawn into. */
export function stageOf(site: string): string {
    const block = /^(IN|OUT)(\d+)$/.exec(site);
    if (site === 'M00') return 'mid';
    if (block?.[1] === 'IN') return `down.${Math.max(0, Math.floor((Number(block[2]) - 1) / 3))}`;
    if (block?.[1] === 'OUT') return `up.${Math.floor(Number(block[2]) / 3)}`;
    const skip = /^skip\[(\d+)\]$/.exec(site);
    if (skip) return `skip.${[0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3][Number(skip[1])] ?? 3}`;
    return site;
}

export function UNet({ weights }: { readonly weights: LayerWeights }) {
    const strongest = new Map<string, SiteWeights>();
    for (const one of weights.sites) {
        const stage = stageOf(one.site);
        const old = strongest.get(stage);
        if (!old || size(one) > size(old)) strongest.set(stage, one);
    }
    const most = Math.max(1e-9, ...weights.sites.map(size));
    const said = weights.sites.map((one) => `${one.site} ${valueText(one)}`).join(', ');
    return (
        <figure class="unet">
            <figcaption>{weights.title}</figcaption>
            <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={`Layer weights: ${said}`}>
                {[...SKIPS, ...LEFT, MID, ...RIGHT].map((box) => {
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
export function valueText({ weights }: SiteWeights): string {
    const short = (value: number | undefined) => String(Number((value ?? 0).toFixed(3)));
    const acting = weights.filter((weight) => weight !== 0);
    const [first, last] = [short(acting[0]), short(acting.at(-1))];
    return first === last ? first : `${first}→${last}`;
}
