/** The U-Net as a drawing, with the weights of an infusion at its layers and how they change over the steps. */

import type { Infusion, PicturePlan } from '../../plan/plan.ts';
import { infusionWeight } from '../../plan/rows.ts';
import { stageOf } from '../../plan/sites.ts';
import { momentsOf } from '../../plan/steps.ts';
import { SD } from '../../plan/topology.ts';
import { escaped } from './html.ts';

interface SiteLine {
    readonly site: string;
    /** One for every model call. */
    readonly weights: readonly number[];
}

const WIDE = 340;
const BOX = { width: 78, height: 40 };
const PITCH = 52;

export function unetOf(infusion: Infusion, { sampler, steps, start }: PicturePlan): string {
    const moments = momentsOf(sampler.name, steps, start?.strength);
    const lines = infusion.sites.map((site): SiteLine & { readonly stage: string } => ({
        site: site.site,
        stage: stageOf(site.site) ?? site.site,
        weights: moments.map((moment) => infusionWeight(infusion, site, moment)),
    }));
    const most = Math.max(1e-9, ...lines.map(size));
    const boxes = SD.stages.map((stage) => {
        const box = boxOf(stage);
        const strongest = lines.filter((line) => line.stage === stage).sort((a, b) => size(b) - size(a))[0];
        const acting = strongest !== undefined && size(strongest) > 0 ? strongest : undefined;
        const rect = `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="3"${acting ? '' : ' class="idle"'}/>`;
        const name = `<text x="${box.x + 6}" y="${box.y + 14}">${escaped(acting?.site ?? stage)}</text>`;
        if (!acting) return rect + name;
        const value = `<text class="value" x="${box.x + box.width - 6}" y="${box.y + 14}" text-anchor="end">${valueText(acting)}</text>`;
        return rect + bars(box, acting, most) + name + value;
    });
    const names = infusion.pictures.map(({ picture }) => nameOf(picture));
    const title = `Weights at the layers: ${names.length > 3 ? `${names.length} pictures` : names.join(', ')}`;
    return `<figure class="unet"><svg viewBox="0 0 ${WIDE} ${(SD.shape.levels + 1) * PITCH}" role="img" aria-label="${escaped(title)}">${boxes.join('')}</svg><figcaption>${escaped(title)}</figcaption></figure>`;
}

/** The down path on the left, the up path on the right, the finest level on top. */
function boxOf(site: string) {
    const number = Number(/\d/.exec(site)?.[0] ?? 0);
    const { levels } = SD.shape;
    const left = (level: number) => 2 + level * 14;
    const top = (level: number) => 2 + level * PITCH;
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
function bars({ x, y, width, height }: ReturnType<typeof boxOf>, line: SiteLine, most: number): string {
    const [room, bottom] = [height - 19, y + height - 2];
    const wide = (width - 8) / line.weights.length;
    const points = line.weights.flatMap((weight, k) => {
        const top = (bottom - (room * Math.abs(weight)) / most).toFixed(1);
        return [`${(x + 4 + k * wide).toFixed(1)},${top}`, `${(x + 4 + (k + 1) * wide).toFixed(1)},${top}`];
    });
    const sign = Math.max(...line.weights) <= 0 ? ' negative' : '';
    return `<polygon class="weight${sign}" points="${x + 4},${bottom} ${points.join(' ')} ${x + width - 4},${bottom}"/>`;
}

function size({ weights }: SiteLine): number {
    return Math.max(0, ...weights.map(Math.abs));
}

function valueText({ weights }: SiteLine): string {
    const short = (value: number | undefined) => String(Number((value ?? 0).toFixed(3)));
    const acting = weights.filter((weight) => weight !== 0);
    const [first, last] = [short(acting[0]), short(acting.at(-1))];
    return first === last ? first : `${first}→${last}`;
}

function nameOf(picture: Infusion['pictures'][number]['picture']): string {
    switch (picture.kind) {
        case 'file':
            return picture.path.split('/').at(-1) ?? picture.path;
        case 'made':
            return picture.name;
        default:
            return nameOf(picture.of);
    }
}
