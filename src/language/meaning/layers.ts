/** Selectors of layers to sites: names, ranges, globs and named sets. */
import { type Site, siteGlob, siteOf, siteRange } from '../../plan/sites.ts';
import * as ast from '../generated/ast.ts';
import { ALL_SITES } from '../library/layers.ts';
import { declaredValue, type ValueOf, weightSetOf } from './param-values.ts';
import { isWhole } from './whole.ts';

/** The lines of a clause that count: those of the set that it names, then its own. */
export function layerWeights(
    clause: ast.InfuseClause | ast.ScaleClause,
    valueIn: ValueOf = declaredValue,
): readonly ast.LayerWeight[] {
    return [...(weightSetOf(clause, valueIn)?.entries ?? []), ...clause.layers].filter(isWhole);
}

/** The sites of selectors, in the order of writing. A set that is named again adds nothing: sets of sets stay small. */
export function sitesOf(selectors: readonly ast.LayerSelector[]): readonly Site[] {
    const expanded = new Set<ast.LayerSet>();
    const sites: Site[] = [];
    // A list of what is still to read instead of recursion: sets of sets may be deep.
    const open = [...selectors].reverse();
    for (let selector = open.pop(); selector; selector = open.pop()) {
        if (!isWhole(selector)) continue;
        const set = ast.isLayerSetUse(selector) ? selector.set.ref : undefined;
        if (set && !expanded.has(set)) {
            expanded.add(set);
            for (const inner of [...set.selectors].reverse()) open.push(inner);
        } else sites.push(...namedSites(selector));
    }
    return sites;
}

/** The sites of a selector that names no set. */
function namedSites(selector: ast.LayerSelector): readonly Site[] {
    if (ast.isLayerGlob(selector)) return siteGlob(selector.pattern);
    if (ast.isLayerSetUse(selector)) return [];
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
