/** Numbers: within the range of their setting, and numbers at all. */
import type { AstNode } from 'langium';
import { stepsRun } from '../../plan/steps.ts';
import * as ast from '../generated/ast.ts';
import { MAX_SEEDS, seedKindIn } from '../lower/picture/sampling.ts';
import { SEVERAL_FINISHES, severalFinishes } from '../lower/picture/trace.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { type Effective, effective, settingOf } from '../meaning/inherit.ts';
import { declaredValue, literalValue } from '../meaning/param-values.ts';
import { fits, nearestFit, RANGES, type RangeName } from '../meaning/ranges.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';

/** The number that an amount is known to be: as written, or as its param is declared. */
export function known(amount: ast.Amount | undefined): number | undefined {
    if (!amount) return undefined;
    if (ast.isNumberAmount(amount)) return amount.value;
    const value = amount.param.ref && isWhole(amount.param.ref) ? declaredValue(amount.param.ref) : undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && !Number.isNaN(number) ? number : undefined;
}

/** How many steps are run, where steps and strength are known. */
export function knownStepsRun(settings: readonly Effective[]): number | undefined {
    const stepsClause = settingOf(settings, ast.isStepsClause);
    const steps = stepsClause ? known(stepsClause.value) : DEFAULTS.steps;
    const start = settingOf(settings, ast.isStartClause);
    const strength = start ? (start.strength ? known(start.strength) : DEFAULTS.strength) : 1;
    if (steps === undefined || strength === undefined) return undefined;
    // What counts step by step has no answer for a number that is refused anyway.
    return steps > RANGES.steps.most ? undefined : stepsRun(steps, strength);
}

export function checkAmount(amount: ast.Amount | undefined, name: RangeName, report: Report): void {
    const value = known(amount);
    if (!amount || value === undefined) return;
    const range = RANGES[name];
    if (fits(range, value)) return;
    const written = ast.isNumberAmount(amount);
    // A negative share is rather a sign too many than none at all.
    const near = name === 'share' && value < 0 ? -value : nearestFit(range, value);
    const fix = written ? fixTo(near, amount) : undefined;
    report(range.code, 'error', range.rule, amount, fix ? { fix } : {});
}

function checkCurve(curve: ast.Curve | undefined, name: RangeName, report: Report): void {
    for (const { value } of curve?.keys ?? []) checkAmount(value, name, report);
}

function checkNumber(node: AstNode, property: string, name: RangeName, report: Report): void {
    const value = (node as unknown as Readonly<Record<string, unknown>>)[property];
    const range = RANGES[name];
    if (typeof value !== 'number' || fits(range, value)) return;
    const near = String(nearestFit(range, value));
    report(range.code, 'error', range.rule, node, {
        property,
        fix: replace(`Change to ${near}`, node, near, { property }),
    });
}

function fixTo(value: number, amount: ast.Amount) {
    return replace(`Change to ${value}`, amount, String(value));
}

/** Philox takes larger seeds than the other generators. */
function seedRange(item: ast.SeedItem): RangeName {
    const generate = item.$container.$container;
    return seedKindIn(ast.isGenerate(generate) ? effective(generate) : []);
}

/** Seeds that occur twice are made once. */
function reportRepeatedSeeds(clause: ast.SeedClause, report: Report): void {
    const seen = new Set<number>();
    for (const item of clause.items) {
        const from = known(item.from);
        const to = item.to ? known(item.to) : from;
        if (from === undefined || to === undefined || !(to - from < MAX_SEEDS)) continue;
        for (let seed = from; seed <= to; seed++) {
            if (seen.has(seed)) {
                report('seed/twice', 'warning', `The seed ${seed} is given twice: its picture is made once.`, item);
                return;
            }
            seen.add(seed);
        }
    }
}

export const numberChecks: Checks = {
    NumberAmount: (amount, report) => {
        if (Number.isFinite(amount.value)) return;
        const message = `${amount.$cstNode?.text} is more than a number here can be: write one below 1e300.`;
        report('number/large', 'error', message, amount);
    },

    ParamAmount: (amount, report) => {
        const value = amount.param.ref?.value;
        if (!value || ast.isNumberLiteral(value)) return;
        const words = String(literalValue(value));
        if (words.trim() !== '' && Number.isFinite(Number(words))) return;
        const message = `\`${amount.param.$refText}\` is the words "${words}", but a number is needed here.`;
        report('param/number', 'error', message, amount);
    },
    StepsClause: ({ $container, value }, report) => {
        if (!ast.isLearn($container)) checkAmount(value, 'steps', report);
    },
    GuidanceClause: ({ scale, rescale }, report) => {
        checkCurve(scale, 'guidance', report);
        checkAmount(rescale, 'rescale', report);
    },
    SeedItem: (item, report) => {
        const range = seedRange(item);
        checkAmount(item.from, range, report);
        checkAmount(item.to, range, report);
        const from = known(item.from);
        const to = known(item.to);
        if (from === undefined || to === undefined) return;
        if (to < from) {
            const fix = replace('Swap the ends', item, `${to}..${from}`);
            report('seed/order', 'error', 'A range of seeds runs upwards: write the smaller seed first.', item, {
                fix,
            });
        }
    },
    SeedClause: (clause, report) => {
        reportRepeatedSeeds(clause, report);
        let count = 0;
        for (const item of clause.items) {
            const [first = 0, last = first] = [known(item.from), known(item.to)];
            // Seeds beyond all numbers are out of range, which is said of them.
            if (!Number.isFinite(first) || !Number.isFinite(last)) return;
            count += Math.max(1, last - first + 1);
            if (count <= MAX_SEEDS) continue;
            const message = `This makes ${count} pictures: a generate makes at most ${MAX_SEEDS}.`;
            return report('seed/many', 'error', message, item);
        }
    },
    ClipClause: ({ value }, report) => checkAmount(value, 'skip', report),
    SamplerClause: ({ eta }, report) => checkAmount(eta, 'eta', report),
    StartClause: ({ strength }, report) => checkAmount(strength, 'strength', report),
    StartPicture: ({ weight }, report) => checkAmount(weight, 'share', report),
    InfusedPicture: ({ share }, report) => checkAmount(share, 'share', report),
    InfuseClause: ({ decay }, report) => checkAmount(decay, 'decay', report),
    ApplyClause: ({ weight, layers }, report) => {
        checkAmount(weight, 'adapter', report);
        for (const entry of layers) checkCurve(entry.weight, 'adapter', report);
    },
    Phrase: ({ weight }, report) => checkCurve(weight, 'emphasis', report),
    PromptClause: ({ weight }, report) => checkCurve(weight, 'emphasis', report),
    NegativeClause: ({ weight }, report) => checkCurve(weight, 'emphasis', report),
    WordWeight: ({ weight }, report) => checkCurve(weight, 'emphasis', report),
    TilesClause: (clause, report) => {
        checkAmount(clause.strength, 'strength', report);
        checkAmount(clause.colour, 'colour', report);
        checkAmount(clause.vary, 'vary', report);
        checkAmount(clause.pool, 'pool', report);
    },
    UpscaleClause: ({ strength, by }, report) => {
        checkAmount(strength, 'strength', report);
        checkAmount(by, 'by', report);
    },
    DeepCacheClause: ({ every }, report) => checkAmount(every, 'wholeSteps', report),
    TraceClause: (clause, report) => {
        checkAmount(clause.every, 'every', report);
        for (const count of clause.finished) checkAmount(count, 'finish', report);
        checkAmount(clause.finish, 'finish', report);
        const counts = [...clause.finished, clause.finish].map(known);
        if (severalFinishes(counts.filter((count) => count !== undefined)))
            report('trace/finish-several', 'error', SEVERAL_FINISHES, clause, { property: 'finished' });
    },
    DepthClause: (clause, report) => {
        checkAmount(clause.value, 'depth', report);
        checkAmount(clause.frames, 'frames', report);
    },
    PictureExpectation: (expectation, report) => checkNumber(expectation, 'within', 'within', report),
    Edges: checkThresholds,
    LearnControlNetClause: checkThresholds,
};

/** Canny's thresholds. */
function checkThresholds(node: ast.Edges | ast.LearnControlNetClause, report: Report): void {
    checkAmount(node.low, 'edge', report);
    checkAmount(node.high, 'edge', report);
}
