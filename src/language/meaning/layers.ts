/** Selectors of layers to sites: names, ranges, globs and named sets. */
import { type Site, siteGlob, siteOf, siteRange } from '../../plan/sites.ts';
import * as ast from '../generated/ast.ts';
import { ALL_SITES } from '../library/layers.ts';
import { isWhole } from './whole.ts';

/** The lines of a clause that count: those of the set that it names, then its own. */
export function layerWeights(clause: ast.InfuseClause | ast.ScaleClause): readonly ast.LayerWeight[] {
    return [...(clause.weights?.ref?.entries ?? []), ...clause.layers].filter(isWhole);
}

/** The sites of selectors, in the order of writing; a set that contains itself counts once. */
export function sitesOf(
    selectors: readonly ast.LayerSelector[],
    within: readonly ast.LayerSet[] = [],
): readonly Site[] {
    return selectors.flatMap((selector) => (isWhole(selector) ? sitesOfOne(selector, within) : []));
}

function sitesOfOne(selector: ast.LayerSelector, within: readonly ast.LayerSet[]): readonly Site[] {
    if (ast.isLayerGlob(selector)) return siteGlob(selector.pattern);
    if (ast.isLayerSetUse(selector)) {
        const set = selector.set.ref;
        return set && !within.includes(set) ? sitesOf(set.selectors, [...within, set]) : [];
    }
    const first = siteOf(selector.first.$refText);
    if (!first) return [];
    if (!selector.last) return [first];
    const last = siteOf(selector.last.$refText);
    return (last && siteRange(first, last)) ?? [];
}

/** Sites in the order of the network: stages and skips, blocks, single skips. */
export function inNetworkOrder<T>(sites: ReadonlyMap<Site, T>): readonly (readonly [Site, T])[] {
    return ALL_SITES.flatMap((site) => (sites.has(site) ? [[site, sites.get(site) as T] as const] : []));
}
