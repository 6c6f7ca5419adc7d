/** Values of a sweep that make no difference: two labels for one picture. And those with which no picture can be made. */
import { samplerFacts } from '../../plan/samplers.ts';
import { stepsRun } from '../../plan/steps.ts';
import * as ast from '../generated/ast.ts';
import { axisName, numbersOf } from '../lower/axes.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { neededBy } from '../meaning/uses.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';
import { quoted } from './settings.ts';

export const sweepValueChecks: Checks = {
    Sweep: (sweep, report) => {
        const subject = sweep.subject?.ref;
        if (!subject) return;
        const axes = sweep.items.filter((item): item is ast.Axis => ast.isAxis(item) && isWhole(item));
        for (const axis of axes) {
            reportRepeats(axis, sweep, report);
            reportCircle(axis, subject, report);
            switch (axis.$type) {
                case 'ParamAxis':
                    reportUnusedParam(axis, subject, axes, report);
                    break;
                case 'NegativeAxis':
                    reportNegative(axis, subject, axes, report);
                    break;
                case 'NumberAxis':
                    if (axis.kind === 'eta') reportEta(axis, axes, report);
                    break;
                default:
            }
        }
        reportSteps(subject, axes, report);
    },
};

function reportUnusedParam(
    axis: ast.ParamAxis,
    subject: ast.Generate,
    axes: readonly ast.Axis[],
    report: Report,
): void {
    const param = axis.param.ref;
    if (!param) return;
    const sources = axes.filter(ast.isPromptAxis).concat(axes.filter(ast.isNegativeAxis) as never[]);
    const prompts = sources.flatMap(({ values }) => values.flatMap(({ source }) => source?.ref ?? []));
    const used = [subject, ...prompts].some((one) => neededBy(one as ast.Runnable).includes(param));
    const inPlace = sources.some((one) => one.$cstNode?.text.includes(`{${axis.param.$refText}}`));
    if (used || inPlace) return;
    const message = `\`${subject.name}\` does not use \`${axis.param.$refText}\`, so all of its pictures are the same: write \`{${axis.param.$refText}}\` into its prompt.`;
    report('sweep/nothing', 'warning', message, axis, { property: 'param' });
}

/** With a guidance of exactly 1 there is no unconditional row, and so no negative prompt. */
function reportNegative(
    axis: ast.NegativeAxis,
    subject: ast.Generate,
    axes: readonly ast.Axis[],
    report: Report,
): void {
    const swept = numberAxis(axes, 'guidance');
    const clause = settingOf(effective(subject), ast.isGuidanceClause);
    const scales = swept ? numbersOf(swept.values) : clause?.scale?.keys.map(({ value }) => known(value));
    if (!scales || scales.length === 0 || !scales.every((scale) => scale === 1)) return;
    const message =
        'With a guidance of 1 the negative prompt has no effect, so these pictures are the same: change the guidance.';
    report('sweep/nothing', 'warning', message, axis, { property: 'kind' });
}

function reportEta(axis: ast.NumberAxis, axes: readonly ast.Axis[], report: Report): void {
    const samplers = axes.filter(ast.isSamplerAxis).flatMap(({ values }) => values.map((one) => one.sampler.$refText));
    const without = samplers.filter((name) => samplerFacts(name)?.noise !== 'with eta');
    if (without.length === 0) return;
    const message = `${quoted(without)} ${without.length === 1 ? 'has' : 'have'} no eta, so their pictures are the same for all of its values: sweep them apart.`;
    report('sweep/nothing', 'warning', message, axis, { property: 'kind' });
}

function reportSteps(subject: ast.Generate, axes: readonly ast.Axis[], report: Report): void {
    const settings = effective(subject);
    const start = settingOf(settings, ast.isStartClause);
    const stepsClause = settingOf(settings, ast.isStepsClause);
    const strengths = numberAxis(axes, 'strength');
    const counts = numberAxis(axes, 'steps');
    const place = strengths ?? counts;
    if (!place || !(start || axes.some(ast.isStartAxis))) return;
    const written = start?.strength ? known(start.strength) : DEFAULTS.strength;
    const steps = counts ? numbersOf(counts.values) : [stepsClause ? known(stepsClause.value) : DEFAULTS.steps];
    for (const count of steps) {
        if (count === undefined) continue;
        const byRun = new Map<number, number>();
        for (const strength of strengths ? numbersOf(strengths.values) : [written]) {
            if (strength === undefined || strength < 0 || strength > 1) continue;
            const run = stepsRun(count, strength);
            if (run < 1) {
                const enough = Math.ceil((1 / count) * 100) / 100;
                const message = `A strength of ${strength} leaves none of the ${count} steps: take at least ${enough}.`;
                report('start/no-steps', 'error', message, place, { property: 'values' });
                return;
            }
            const same = byRun.get(run);
            if (same !== undefined && same !== strength) {
                const message = `With a strength of ${same} and of ${strength} the same ${run} of ${count} steps are run, so the pictures are the same: leave one out, or take more steps.`;
                report('sweep/nothing', 'warning', message, place, { property: 'values' });
                return;
            }
            byRun.set(run, strength);
        }
    }
}

/** The same value twice: where all combinations are made, it is made once. */
function reportRepeats(axis: ast.Axis, sweep: ast.Sweep, report: Report): void {
    if (sweep.zipped) return;
    const list = listOf(axis);
    const seen = new Set<string>();
    for (const [index, text] of list.texts.entries()) {
        if (!seen.has(text)) {
            seen.add(text);
            continue;
        }
        const message = `\`${text}\` is twice on the axis \`${axisName(axis)}\`: it is made once.`;
        const kept = list.texts.filter((one, at) => list.texts.indexOf(one) === at);
        const fix = replace('Leave the second out', list.node, `[${kept.join(', ')}]`, list.part);
        report('sweep/value-twice', 'warning', message, list.node, {
            ...(list.property === undefined ? {} : { property: list.property, index }),
            ...(list.whole ? { fix } : {}),
        });
        return;
    }
}

interface List {
    readonly node: ast.SdspecAstType[keyof ast.SdspecAstType];
    readonly part?: { readonly property: string };
    readonly property?: string;
    readonly texts: readonly string[];
    /** Whether the node is the list with its brackets. */
    readonly whole: boolean;
}

function listOf(axis: ast.Axis): List {
    if ('values' in axis && axis.values && !Array.isArray(axis.values)) {
        const values = axis.values as ast.Numbers;
        return ast.isNumberList(values)
            ? { node: values, property: 'items', texts: values.items.map(String), whole: true }
            : { node: values, texts: [], whole: false };
    }
    if (ast.isParamAxis(axis))
        return {
            node: axis,
            property: 'texts',
            texts: axis.texts.map((one) => one.$cstNode?.text ?? ''),
            whole: false,
        };
    const values = 'values' in axis && Array.isArray(axis.values) ? axis.values : [];
    const texts = values.map((one) => (typeof one === 'string' ? one : (one.$cstNode?.text ?? '')));
    return { node: axis, property: 'values', texts, whole: false };
}

/** A value that is made from the subject itself. */
function reportCircle(axis: ast.Axis, subject: ast.Generate, report: Report): void {
    const pictures = ast.isStartAxis(axis) ? axis.values : ast.isInfuseAxis(axis) ? axis.pictures : [];
    for (const value of pictures) {
        const source = value.picture.ref;
        if (!ast.isGenerate(source) || !neededBy(source).includes(subject)) continue;
        const way = source === subject ? subject.name : `${subject.name} → ${source.name} → ${subject.name}`;
        const message = `\`${value.picture.$refText}\` is made from \`${subject.name}\` itself (${way}): take another picture.`;
        report('image/cycle', 'error', message, value);
    }
}

function numberAxis(axes: readonly ast.Axis[], kind: ast.NumberAxis['kind']): ast.NumberAxis | undefined {
    return axes.filter(ast.isNumberAxis).find((axis) => axis.kind === kind);
}
