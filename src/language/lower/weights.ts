/** Weights of layers: lines of selectors and curves to one curve a site. */
import { type Curve, constant } from '../../plan/curve.ts';
import { BLOCKS, type Block, type BlockWeight, type Site, type SiteWeight, weightedBlocks } from '../../plan/sites.ts';
import type * as ast from '../generated/ast.ts';
import { inNetworkOrder, sitesOf } from '../meaning/layers.ts';
import type { SiteCurves } from './changes.ts';
import type { Lowering } from './context.ts';
import { curveOf } from './curve.ts';

/** Later lines win. */
export function curvesOf(entries: readonly ast.LayerWeight[], context: Lowering): SiteCurves {
    const curves = new Map<Site, Curve>();
    for (const { selectors, weight } of entries) {
        const curve = curveOf(weight, context);
        for (const site of sitesOf(selectors)) curves.set(site, curve);
    }
    return curves;
}

export function equally(sites: readonly Site[], weight: number): SiteCurves {
    return new Map(sites.map((site) => [site, constant(weight)]));
}

/** One entry a site in the network's order, without those that `idle` says do nothing. */
export function siteWeights(curves: SiteCurves, idle: (curve: Curve) => boolean): readonly SiteWeight[] {
    return inNetworkOrder(curves)
        .filter(([, curve]) => !idle(curve))
        .map(([site, weight]) => ({ site, weight }));
}

/** The blocks whose weights the layers have, each with the sum of what the lines give it; lines have one number each. */
export function blockWeights(entries: readonly ast.LayerWeight[], context: Lowering): readonly BlockWeight[] {
    const sums = new Map<Block, number>();
    for (const [site, { keys }] of curvesOf(entries, context)) {
        for (const block of weightedBlocks(site)) sums.set(block, (sums.get(block) ?? 0) + (keys[0]?.value ?? 0));
    }
    return BLOCKS.flatMap((block) => {
        const weight = sums.get(block) ?? 0;
        return weight === 0 ? [] : [{ block, weight }];
    });
}
