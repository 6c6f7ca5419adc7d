/** Measures of sweeps: what they begin at, what the classifier knows, and axes to take means over. */
import { AstUtils } from 'langium';
import { SUBJECTS } from '../../plan/companions.ts';
import * as ast from '../generated/ast.ts';
import { nearest } from '../linking/nearest.ts';
import { axisName } from '../lower/axes.ts';
import { measureName, sweepOfMeasure } from '../lower/expect.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { modelRef, usedModel } from '../meaning/models.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, removeLine, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';
import { quoted } from './settings.ts';

export const measureChecks: Checks = {
    Measure: (measure, report) => {
        const sweep = sweepOfMeasure(measure);
        if (!sweep) return;
        if (measure.kind === 'subject') reportSubject(measure, sweep, report);
        if (measure.kind !== 'moved' && measure.kind !== 'towards') return;
        if (measure.from || sweep.items.some((item) => ast.isScanAxis(item) || ast.isScaleAxis(item))) return;
        const message = `Only a scan has a plain picture in each row: write where the way begins, as in \`${measureName(measure)} from plain\`.`;
        report('measure/from', 'error', message, measure);
    },
    MeasureExpectation: (expectation, report) => {
        const clause = expectation.$container;
        const sweep = AstUtils.getContainerOfType(expectation, ast.isSweep);
        if (sweep && clause.each) return;
        const message = sweep
            ? 'Measures are of every cell: write `expect each { … }`.'
            : 'Only a sweep measures: write `image ssim to photo >= 0.9` here, or expect this of a sweep.';
        const fix = sweep ? { fix: replace('Write `expect each`', clause, 'expect each', { keyword: 'expect' }) } : {};
        report('expect/measure', 'error', message, expectation, fix);
    },
    Sweep: (sweep, report) => {
        const seen = new Set<string>();
        const measures = sweep.items.filter(ast.isMeasureClause).flatMap((clause) => clause.measures);
        for (const measure of measures.filter((one) => isWhole(one))) {
            const name = measureName(measure);
            if (seen.has(name))
                report('measure/twice', 'warning', `\`${name}\` is measured twice: once is enough.`, measure);
            seen.add(name);
        }
        for (const mean of sweep.items.filter(ast.isMeanClause).filter((one) => isWhole(one)))
            reportMean(mean, sweep, report);
    },
};

function reportSubject(measure: ast.Measure, sweep: ast.Sweep, report: Report): void {
    const { label } = measure;
    const subject = sweep.subject?.ref;
    if (label !== undefined && !(SUBJECTS as readonly string[]).includes(label)) {
        const near = nearest(label, SUBJECTS);
        const message = `The classifier does not know "${label}". ${near ? `Did you mean "${near}"?` : `It knows ${SUBJECTS.join(', ')}.`}`;
        const fix = near ? { fix: replace(`Change to "${near}"`, measure, `"${near}"`, { property: 'label' }) } : {};
        report('measure/subject', 'error', message, measure, { property: 'label', ...fix });
        return;
    }
    const model = subject && usedModel(effective(subject));
    if (!model || model === 'default' || modelRef(model).kind === 'builtin') return;
    const message = `The classifier knows the drawings of the built-in model, not pictures of \`${model.name}\`: compare them with a picture instead.`;
    report('measure/model', 'warning', message, measure);
}

function reportMean(mean: ast.MeanClause, sweep: ast.Sweep, report: Report): void {
    const expects = sweep.items.some((item) => ast.isExpectClause(item) && item.checks.some(ast.isMeasureExpectation));
    if (!sweep.items.some(ast.isMeasureClause) && !expects) {
        const message = 'There is nothing to take the mean of: add a line like `measure ssim to plain`.';
        report('mean/nothing', 'warning', message, mean, { fix: removeLine('Remove this line', mean) });
        return;
    }
    const names = sweep.items
        .filter(ast.isAxis)
        .filter((axis) => isWhole(axis))
        .map(axisName);
    const { axis } = mean;
    if (names.some((name) => name === axis || name.startsWith(`${axis} `))) return;
    if (axis === 'seed' && hasSeeds(sweep)) return;
    const all = [...names.map((name) => name.split(' ')[0]!), ...(hasSeeds(sweep) ? ['seed'] : [])];
    const hint = all.length > 0 ? `write one of ${quoted([...new Set(all)])}` : 'give it one';
    report('mean/axis', 'error', `The sweep has no axis \`${axis}\`: ${hint}.`, mean, { property: 'axis' });
}

/** The several seeds of the subject are an axis too, where all combinations are made. */
function hasSeeds(sweep: ast.Sweep): boolean {
    const subject = sweep.subject?.ref;
    const items = subject ? (settingOf(effective(subject), ast.isSeedClause)?.items ?? []) : [];
    return !sweep.zipped && (items.length > 1 || items.some(({ from, to }) => to && known(to) !== known(from)));
}
