/** Caches: a block that features can be kept for, steps that are cached at all, and what acts below them. */
import { stepsOf, type Window } from '../../plan/curve.ts';
import { type Branch, branchOf, type DeepCache, isCachedStep } from '../../plan/passes/deep-cache.ts';
import type { Fix } from '../../plan/problem.ts';
import { type Block, editPoints, type Site, siteOf } from '../../plan/sites.ts';
import { SD } from '../../plan/topology.ts';
import * as ast from '../generated/ast.ts';
import { windowOf } from '../lower/curve.ts';
import { type Effective, effective, settingOf } from '../meaning/inherit.ts';
import { layerWeights, sitesOf } from '../meaning/layers.ts';
import { RANGES } from '../meaning/ranges.ts';
import { isWhole } from '../meaning/whole.ts';
import { placeOf, type Report, replace } from '../place.ts';
import { percent } from '../write/value-text.ts';
import type { Checks } from './check.ts';
import { isOrdered } from './curves.ts';
import { own } from './generates.ts';
import { known, knownStepsRun } from './numbers.ts';

const UP: readonly Block[] = SD.blocks.filter((block) => block.startsWith('OUT'));
/** Of more steps than this one whole step is far from the exact picture. */
const USUAL = 5;

export const cacheChecks: Checks = {
    DeepCacheClause: ({ layer, every }, report) => {
        const site = layer && siteOf(layer.first.$refText);
        if (layer && site && !isUp(site)) {
            const near = SD.blocksOf.get(site as 'up.0')?.find(isUp) ?? UP.at(-1)!;
            const message = `Features are kept for a block of the way up, from \`${UP[0]}\` to \`${UP.at(-1)}\`, and \`${layer.first.$refText}\` is none: write \`at ${near}\`.`;
            report('cache/layer', 'error', message, layer, { fix: replace(`Change to ${near}`, layer, near) });
        }
        const count = known(every);
        if (count === 1 && ast.isNumberAmount(every)) {
            const message =
                'With `every 1` all steps are whole and nothing is kept: write `every 3`, or leave `cache` out.';
            report('cache/nothing', 'warning', message, every, { fix: replace('Change to 3', every, '3') });
        } else if (count !== undefined && count > USUAL && count <= RANGES.wholeSteps.most) {
            const message = `One whole step of ${count} is far from the exact picture: 2 to ${USUAL} is usual.`;
            report('cache/far', 'information', message, every);
        }
    },
    Generate: (generate, report) => {
        const settings = effective(generate);
        const clause = settingOf(settings, ast.isDeepCacheClause);
        const run = knownStepsRun(settings);
        if (!clause || !run || !isWhole(clause) || (clause.window && !isOrdered(clause.window))) return;
        const cache = cacheOf(clause);
        if (!cache || cache.every < 2) return;
        const cached = Array.from({ length: run }, (_, step) => step).filter((step) =>
            isCachedStep(cache, { step, steps: run }),
        );
        if (cached.length === 0) reportNothing(generate, clause, settings, run, report);
        for (const { setting } of settings) {
            if (isWhole(setting)) reportBelow(generate, clause, { setting, cache, cached, run }, report);
        }
    },
};

function isUp(site: Site): site is Block {
    return (UP as readonly Site[]).includes(site);
}

/** The cache of a clause, where its numbers are known and its block is one. */
function cacheOf({ every, layer, window }: ast.DeepCacheClause): DeepCache | undefined {
    const count = known(every);
    const site = layer ? siteOf(layer.first.$refText) : UP.at(-1);
    if (count === undefined || !site || !isUp(site)) return undefined;
    return { every: count, at: site, window: windowOf(window) };
}

function reportNothing(
    generate: ast.Generate,
    clause: ast.DeepCacheClause,
    settings: readonly Effective[],
    run: number,
    report: Report,
): void {
    const place = own<ast.Setting>(generate, clause, settingOf(settings, ast.isStepsClause));
    // A window without steps is reported as such.
    const { first, end } = stepsOf(windowOf(clause.window), run);
    if (!place || end === first) return;
    const message = `None of the ${run} steps that are run is cached: ${
        run < 2 ? 'a single step is always whole' : 'the first step of a window is whole'
    }. Leave \`cache\` out, or ${run < 2 ? 'run more steps' : 'widen its window'}.`;
    report('cache/nothing', 'warning', message, place.node);
}

interface Acting {
    readonly setting: ast.Setting;
    readonly cache: DeepCache;
    /** The cached steps, from 0. */
    readonly cached: readonly number[];
    readonly run: number;
}

/** What acts on layers that do not run at a cached step is as it was at the last whole one. */
function reportBelow(
    generate: ast.Generate,
    clause: ast.DeepCacheClause,
    { setting, cache, cached, run }: Acting,
    report: Report,
): void {
    const what = actsBelow(setting, branchOf(cache, SD));
    const window = windowIn(setting);
    const place = own<ast.Setting>(generate, clause, setting);
    if (!what || !place || (window && !isOrdered(window))) return;
    const { first, end } = stepsOf(windowOf(window), run);
    if (!cached.some((step) => step >= first && step < end)) return;
    const { text, fix } = wayOut(generate, clause, windowOf(window), run);
    const message = `${what} at whole steps only (one of ${cache.every}); at the steps between it is as it was at the last whole one. ${text}`;
    report('cache/below', 'information', message, place.node, fix ? { fix } : {});
}

/** What a setting does below the branch, as the beginning of a sentence. */
function actsBelow(setting: ast.Setting, branch: Branch): string | undefined {
    if (ast.isControlClause(setting)) return `\`control ${setting.net.$refText}\` acts`;
    if (!ast.isInfuseClause(setting) && !ast.isScaleClause(setting)) return undefined;
    const sites = layerWeights(setting).flatMap(({ selectors }) => sitesOf(selectors));
    const below = sites.find((site) => editPoints(site).some((point) => !branch.points.has(point)));
    const name = ast.isInfuseClause(setting) ? `infuse ${setting.pictures[0]?.picture.$refText}` : 'scale';
    return below && `\`${name}\` acts at ${below}, below ${branch.at},`;
}

function windowIn(setting: ast.Setting): ast.Window | undefined {
    return ast.isInfuseClause(setting) || ast.isControlClause(setting) ? setting.window : undefined;
}

/** What to write instead: a cache that begins where the other ends, if there are steps behind it. */
function wayOut(
    generate: ast.Generate,
    clause: ast.DeepCacheClause,
    acting: Window,
    run: number,
): { readonly text: string; readonly fix?: Fix } {
    const { end } = stepsOf(acting, run);
    if (end >= run) return { text: 'If that is not enough, leave `cache` out.' };
    const behind = 'from' in acting ? `${percent(acting.to)}..100%` : `step ${end + 1}..${run}`;
    const text = `If that is not enough, write \`during ${behind}\` behind \`cache deep\`.`;
    if (clause.window || clause.$container !== generate) return { text };
    const { uri, end: at } = placeOf(clause);
    const where = { uri, start: at, end: at };
    return { text, fix: { title: `Cache during ${behind} only`, where, newText: ` during ${behind}` } };
}
