/** Layers: ranges that lead somewhere, globs that fit something, lines that take a layer from one another. */
import { editPoints, type Site, siteGlob, siteOf, siteRange, weightedBlocks } from '../../plan/sites.ts';
import * as ast from '../generated/ast.ts';
import { layerWeights, sitesOf } from '../meaning/layers.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';

export const layerChecks: Checks = {
    LayerRange: (range, report) => {
        const first = siteOf(range.first?.$refText ?? '');
        const last = range.last && siteOf(range.last.$refText);
        if (!first || !last || siteRange(first, last)) return;
        if (siteRange(last, first)) {
            const turned = `${range.last?.$refText}..${range.first.$refText}`;
            const message = `Ranges follow the network's order: write \`${turned}\`.`;
            report('layer/order', 'error', message, range, { fix: replace(`Change to ${turned}`, range, turned) });
        } else {
            const message =
                'A range runs among stages (`down.0..up.3`), among skips, or among blocks (`IN00..OUT11`), not between them.';
            report('layer/range', 'error', message, range);
        }
    },
    LayerGlob: (glob, report) => {
        if (siteGlob(glob.pattern).length > 0) return;
        const message = `No layers fit \`${glob.pattern}\`: there are \`down.*\`, \`up.*\`, \`skip.*\`, \`IN*\`, \`IN0*\`, \`OUT*\`, and \`*\` for the nine stages of the trunk.`;
        report('layer/glob', 'error', message, glob);
    },
    LayerSet: (set, report) => {
        if (!containsItself(set)) return;
        const message = `\`${set.name}\` contains itself: take \`@${set.name}\` out of it.`;
        report('layer/cycle', 'error', message, set, { property: 'name' });
    },
    WeightSet: (set, report) => {
        const { entries } = set;
        reportOverlaps(entries, report);
        if (entries.length > 0) return;
        report('weights/empty', 'warning', 'No layer has a weight here: write lines like `mid 0.3`.', set, {
            property: 'name',
        });
    },
    InfuseClause: (clause, report) => reportOverlaps(layerWeights(clause), report, clause.layers),
    ControlClause: ({ layers }, report) => {
        const entries = layers.filter(isWhole);
        reportOverlaps(entries, report);
        for (const entry of entries) {
            const other = sitesOf(entry.selectors).find((site) => !/^(skip|mid$|M00$)/.test(site));
            if (other === undefined) continue;
            const message = `A ControlNet adds to the skips and to \`mid\`, not to \`${other}\`: write \`skip.*\`, \`skip.0\`, \`skip[3]\` or \`mid\`.`;
            report('control/layer', 'error', message, entry);
        }
        reportNone(
            entries,
            'control/none',
            'ControlNet acts in none: name those where it does, as in `{ skip.* 1  mid 1 }`.',
            report,
        );
    },
    ApplyClause: ({ layers }, report) => {
        const entries = layers.filter(isWhole);
        reportOverlaps(entries, report);
        for (const entry of entries) {
            const empty = sitesOf(entry.selectors).find((site) => weightedBlocks(site).length === 0);
            if (empty !== undefined) {
                const message = `A LoRA changes weights, and \`${empty}\` has none: write a layer such as \`up.1\`, \`mid\` or \`OUT05\`.`;
                report('apply/layer', 'error', message, entry);
            } else if (entry.weight.keys.length > 1) {
                const message = 'A LoRA is in the model for all steps: write one number for a layer.';
                report('apply/curve', 'error', message, entry.weight);
            }
        }
        reportNone(entries, 'apply/none', 'LoRA acts in none: name those where it does, as in `{ up.* 1 }`.', report);
    },
    ScaleClause: (clause, report) => {
        reportOverlaps(layerWeights(clause), report, clause.layers);
        if (clause.layers.length > 0 || clause.weights) return;
        report('weights/empty', 'warning', 'No layer is scaled: write lines like `scale { OUT04 0.75 }`.', clause);
    },
};

/** A block of zeros looks like exceptions from all other layers, which have no weight in it either. */
function reportNone(entries: readonly ast.LayerWeight[], code: string, rest: string, report: Report): void {
    const [first] = entries;
    if (!first || !entries.every(isZeroLine)) return;
    report(code, 'information', `Layers that a block does not name have no weight, so this ${rest}`, first);
}

/** A longer circle of sets is not reported; what it stands for is known all the same. */
const MAX_SETS = 500;

/** Whether a set leads back to itself. */
function containsItself(set: ast.LayerSet): boolean {
    const seen = new Set<ast.LayerSet>();
    for (const open = [set]; open.length > 0; ) {
        for (const selector of open.pop()!.selectors) {
            const used = ast.isLayerSetUse(selector) && isWhole(selector) ? selector.set.ref : undefined;
            if (used === set) return true;
            if (!used || seen.has(used)) continue;
            if (seen.size >= MAX_SETS) return false;
            seen.add(used);
            open.push(used);
        }
    }
    return false;
}

/** Later lines win over earlier ones: reported once for each line that does. And two names of one place add up. */
function reportOverlaps(entries: readonly ast.LayerWeight[], report: Report, told = entries): void {
    const line = new Map<Site, ast.LayerWeight>();
    const reported = new Set(told);
    for (const entry of entries) {
        const sites = sitesOf(entry.selectors);
        const overridden = sites.filter((site) => line.has(site) && line.get(site) !== entry);
        // A line for everything and then exceptions is how weights are written: only whole lines that lose are reported.
        if (overridden.length > 0 && reported.has(entry)) reportLoser(entry, overridden, line, report);
        for (const site of sites) line.set(site, entry);
    }
    reportSameSite(line, told, report);
}

function reportLoser(
    winner: ast.LayerWeight,
    sites: readonly Site[],
    line: ReadonlyMap<Site, ast.LayerWeight>,
    report: Report,
): void {
    const loser = line.get(sites[0]!)!;
    const at = (loser.$cstNode?.range.start.line ?? 0) + 1;
    const names = sites.length > 3 ? `${sites.slice(0, 3).join(', ')} and ${sites.length - 3} more` : sites.join(', ');
    report('weights/overlap', 'information', `Wins over line ${at} for ${names}.`, winner);
}

function reportSameSite(
    line: ReadonlyMap<Site, ast.LayerWeight>,
    told: readonly ast.LayerWeight[],
    report: Report,
): void {
    const byPlace = new Map<string, Site>();
    for (const [site, entry] of line) {
        for (const point of editPoints(site)) {
            const other = byPlace.get(point);
            if (other && told.includes(entry) && !isZeroLine(entry) && !isZeroLine(line.get(other)!)) {
                const message = `\`${site}\` and \`${other}\` change the same place, ${point}: their weights add up.`;
                report('weights/same-place', 'information', message, entry);
                return;
            }
            byPlace.set(point, site);
        }
    }
}

function isZeroLine({ weight }: ast.LayerWeight): boolean {
    return weight?.keys.every(({ value }) => ast.isNumberAmount(value) && value.value === 0) ?? true;
}
