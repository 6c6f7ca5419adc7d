/** Infusion: weights that do something, and weights that are known to work. */
import type { Site } from '../../plan/sites.ts';
import type * as ast from '../generated/ast.ts';
import { layerWeights, sitesOf } from '../meaning/layers.ts';
import type { Report } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';

/** Hand-tuned and learned weights of the original stay well below these. */
const USUAL = { trunk: 1, skip: 0.5 } as const;

export const infusionChecks: Checks = {
    InfuseClause: (clause, report) => {
        const entries = layerWeights(clause);
        const shares = clause.pictures.map(({ share }) => (share ? known(share) : 1));
        if (shares.length > 0 && shares.every((share) => share === 0)) {
            report('share/sum', 'error', 'All shares are 0: give at least one picture a share above 0.', clause);
        }
        const largest = largestOf(clause.weight) ?? 1;
        if (entries.length > 0 && entries.every(({ weight }) => largestOf(weight) === 0)) {
            report(
                'infuse/nothing',
                'warning',
                'Every layer has the weight 0, so nothing is infused: give a layer a weight.',
                clause,
            );
        } else if (clause.weight && largest === 0) {
            report('infuse/nothing', 'warning', 'The weight is 0, so nothing is infused.', clause, {
                property: 'weight',
            });
        }
        reportStrong(clause, largest, report);
        if ((clause.rows === 'prompt' || clause.rows === 'cond') && clause.text === 'empty') {
            const message =
                'With `text empty` and `on prompt` guidance amplifies features that were read without words: a smaller weight works better.';
            report('infuse/rows', 'information', message, clause, { property: 'rows' });
        }
    },
};

/** The largest distance from 0 that a curve is known to reach. */
function largestOf(curve: ast.Curve | undefined): number | undefined {
    const values = curve?.keys.map(({ value }) => known(value));
    if (!values || values.length === 0 || values.some((value) => value === undefined)) return undefined;
    return Math.max(...values.map((value) => Math.abs(value!)));
}

function reportStrong(clause: ast.InfuseClause, factor: number, report: Report): void {
    for (const entry of clause.layers.length > 0 ? clause.layers : layerWeights(clause)) {
        const weight = (largestOf(entry.weight) ?? 0) * factor;
        const site = sitesOf(entry.selectors).find((s) => Number.isFinite(weight) && weight > usualOf(s));
        if (!site) continue;
        const kind = site.startsWith('skip') ? 'on skips' : 'on layers';
        const message = `A weight of ${round(weight)} ${kind} is more than what is known to work (0.1 to 0.5, near 0 on skips): pictures tend to break.`;
        report('infuse/strong', 'information', message, entry.$container === clause ? entry : clause);
        return;
    }
}

function usualOf(site: Site): number {
    return site.startsWith('skip') ? USUAL.skip : USUAL.trunk;
}

function round(value: number): number {
    return Number(value.toPrecision(3));
}
