/** The weights of an infusion at its layers, as a run applies them: in numbers and in words. */
import { stepsOf } from '../../plan/curve.ts';
import type { Infusion, PicturePlan, PictureSource } from '../../plan/plan.ts';
import { infusionWeight } from '../../plan/rows/weights.ts';
import type { Site } from '../../plan/sites.ts';
import { type Moment, momentsOf, stepsRun } from '../../plan/steps.ts';
import { drawValues, figure } from './curve-text.ts';

/** Weights of one infusion at sites of the U-Net. */
export interface LayerWeights {
    readonly title: string;
    readonly sites: readonly SiteWeights[];
}

export interface SiteWeights {
    readonly site: Site;
    /** One for every model call. */
    readonly weights: readonly number[];
    /** The same as a row of block characters. */
    readonly drawn: string;
}

/** The weights of an infusion at its sites: one for every model call. */
export function layerWeightsOf(infusion: Infusion, plan: PicturePlan): LayerWeights {
    const moments = momentsOf(plan.sampler.name, plan.steps, plan.start?.strength);
    const title = `infuse ${infusedText(infusion)}${actingText(infusion, plan)}`;
    return { title, sites: siteWeightsAt(infusion, moments) };
}

/** The weights that are applied at each of some model calls, site by site. */
export function siteWeightsAt(
    infusion: Pick<Infusion, 'sites' | 'weight' | 'decay' | 'window'>,
    moments: readonly Moment[],
): readonly SiteWeights[] {
    return infusion.sites.map((site) => {
        const weights = moments.map((moment) => infusionWeight(infusion, site, moment));
        return { site: site.site, weights, drawn: drawValues(weights) };
    });
}

/** Whether it acts anywhere: the plain picture of a scan has an infusion of nothing. */
export function hasWeights({ sites }: LayerWeights): boolean {
    return sites.some((site) => strengthOf(site) > 0);
}

/** The largest weight of a site, whichever its sign. */
export function strengthOf({ weights }: SiteWeights): number {
    return Math.max(0, ...weights.map(Math.abs));
}

/** The first and the last weight that is not 0: outside its window an infusion has none. */
export function weightText({ weights }: SiteWeights): string {
    const short = (value: number | undefined) => String(Number((value ?? 0).toFixed(3)));
    const acting = weights.filter((weight) => weight !== 0);
    const [first, last] = [short(acting[0]), short(acting.at(-1))];
    return first === last ? first : `${first}→${last}`;
}

export function infusedText({ pictures }: Infusion): string {
    const names = pictures.map(({ picture }) => pictureText(picture));
    return names.length > 3 ? `${names.length} pictures` : names.join(', ');
}

function pictureText(picture: PictureSource): string {
    switch (picture.kind) {
        case 'file':
            return picture.path.split(/[\\/]/).at(-1)!;
        case 'made':
            return picture.name;
        default:
            return 'edges';
    }
}

/** The decay, and the steps in which the window lets it act, where that is not all of them. */
export function actingText({ decay, window }: Infusion, plan: PicturePlan): string {
    const steps = stepsRun(plan.steps, plan.start?.strength);
    const { first, end } = stepsOf(window, steps);
    const some = end === first ? ', in no step' : `, in steps ${first + 1} to ${end} of ${steps}`;
    return `${decay === 1 ? '' : `, decay ${figure(decay)}`}${end - first === steps ? '' : some}`;
}
