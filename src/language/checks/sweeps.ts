/** Sweeps: axes that vary something, and lists of one length where they go together. */

import { AstUtils, type Reference } from 'langium';
import { samplerFacts } from '../../plan/samplers.ts';
import * as ast from '../generated/ast.ts';
import { axisName, MAX_VALUES, numbersOf, slotOfAxis } from '../lower/axes.ts';
import { CASE, cellCount, columnsOf, MAX_CELLS } from '../lower/sweep.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, settingOf, settingsOf } from '../meaning/inherit.ts';
import { sitesOf } from '../meaning/layers.ts';
import { libraryName } from '../meaning/param-values.ts';
import { fits, RANGES, type RangeName } from '../meaning/ranges.ts';
import { identity, slotOf } from '../meaning/slots.ts';
import { isWhole } from '../meaning/whole.ts';
import type { Report } from '../place.ts';
import type { Checks } from './check.ts';
import { quoted } from './settings.ts';

const NAME = { property: 'name' } as const;

export const sweepChecks: Checks = {
    Sweep: (sweep, report) => {
        const axes = sweep.items.filter(isWholeAxis);
        const cases = sweep.items.filter(ast.isCase);
        if (cases.length === 0 && !sweep.items.some(ast.isAxis)) {
            report('sweep/empty', 'error', 'A sweep varies something: write a line like `seed in 1..4`.', sweep, NAME);
        }
        reportRepeatedValue(axes, report);
        reportCounts(sweep, axes, cases.length, report);
        const columns = sweep.items.find((item) => ast.isColumnsClause(item) && isWhole(item)) as
            | ast.ColumnsClause
            | undefined;
        const names = [
            ...axes.map((axis) => ({ name: axisName(axis) })),
            ...(cases.length > 0 ? [{ name: CASE }] : []),
        ];
        if (columns && names.length > 0 && columnsOf(sweep, names) === undefined) {
            const message = `The sweep has no axis \`${columns.axis}\`: write one of ${quoted(names.map(({ name }) => name.split(' ')[0]!))}.`;
            report('sweep/columns', 'error', message, columns, { property: 'axis' });
        }
    },
    NumberAxis: (axis, report) => {
        reportRange(axis.values, axis.kind, report);
        const subject = subjectOf(axis);
        if (!subject) return;
        const settings = effective(subject);
        if (axis.kind === 'strength' && !settingOf(settings, ast.isStartClause)) {
            const message = `\`${subject.name}\` starts from noise, so there is no strength to vary: give it \`start from\`.`;
            report('sweep/no-start', 'error', message, axis, { property: 'kind' });
        }
        const sampler = libraryName(settingOf(settings, ast.isSamplerClause)?.sampler) ?? DEFAULTS.sampler.name;
        const swept = axis.$container.items.some(ast.isSamplerAxis);
        if (axis.kind === 'eta' && !swept && samplerFacts(sampler)?.noise !== 'with eta') {
            const message = `\`${sampler}\` has no eta to vary: give \`${subject.name}\` the sampler \`ddim\`.`;
            report('sampler/eta', 'error', message, axis, { property: 'kind' });
        }
    },
    ParamAxis: (axis, report) => {
        const param = axis.param?.ref;
        if (!param || !ast.isNumberLiteral(param.value) || axis.texts.length === 0) return;
        const message = `\`${param.name}\` is a number: write its values without quotes.`;
        report('param/number', 'error', message, axis, { property: 'texts', index: 0 });
    },
    InfuseAxis: (axis, report) => {
        if (axis.property === 'decay' && axis.values) reportRange(axis.values, 'decay', report);
        reportSeveralClauses(axis, report);
        const subject = subjectOf(axis);
        if (ast.isControlClause(axis.clause?.ref) && axis.property !== 'weight') {
            const message = `\`${axis.clause.$refText}\` is a \`control\`, which has no ${axis.property ? `\`${axis.property}\`` : 'layers'} to vary: write \`${axis.clause.$refText} weight in […]\`.`;
            report('sweep/control', 'error', message, axis, { property: axis.property ? 'property' : 'selectors' });
        }
        if (axis.picture && !infusesIt(axis, axis.picture)) {
            const message = `\`${subject?.name}\` does not infuse \`${axis.picture.$refText}\`: add \`infuse ${axis.picture.$refText}\` to it.`;
            if (subject) report('sweep/no-infuse', 'error', message, axis, { property: 'picture' });
        }
    },
    ScanAxis: (axis, report) => {
        reportSeveralClauses(axis, report);
        if (ast.isControlClause(axis.clause?.ref)) {
            const message = `\`${axis.clause.$refText}\` is a \`control\`: only an \`infuse\` acts at layers that can be scanned.`;
            report('sweep/control', 'error', message, axis, { property: 'clause' });
        }
        reportScannedTwice(axis, report);
    },
    ScaleAxis: reportScannedTwice,
    ApplyAxis: (axis, report) => {
        const subject = subjectOf(axis);
        const applied =
            subject &&
            settingsOf(effective(subject), ast.isApplyClause).some(
                ({ lora }) => identity(lora) === identity(axis.lora),
            );
        if (!subject || applied) return;
        const message = `\`${subject.name}\` does not apply \`${axis.lora.$refText}\`: add \`apply ${axis.lora.$refText}\` to it.`;
        report('sweep/no-apply', 'error', message, axis, { property: 'lora' });
    },
    ControlAxis: (axis, report) => {
        const subject = subjectOf(axis);
        const used =
            subject &&
            settingsOf(effective(subject), ast.isControlClause).some(({ net }) => identity(net) === identity(axis.net));
        if (!subject || used) return;
        const message = `\`${subject.name}\` has no \`control ${axis.net.$refText}\`: add it.`;
        report('sweep/no-control', 'error', message, axis, { property: 'net' });
    },
    NumberRange: (range, report) => {
        if (range.from === undefined || range.to === undefined) return;
        if (range.step !== undefined && range.step <= 0) {
            report('sweep/step', 'error', 'The step of a range is above 0.', range, { property: 'step' });
        } else if (range.to < range.from) {
            report('sweep/order', 'error', 'A range runs upwards: write the smaller number first.', range);
        } else if ((range.to - range.from) / (range.step ?? 1) > MAX_VALUES) {
            report('sweep/many', 'error', `This range has more than ${MAX_VALUES} values: take a larger step.`, range);
        }
    },
};

/** An axis changes one clause: where two infuse the same pictures, its value would count twice. */
function reportSeveralClauses(axis: ast.InfuseAxis | ast.ScanAxis, report: Report): void {
    const subject = subjectOf(axis);
    if (!subject) return;
    const slot = slotOfAxis(axis, axis.$container as ast.Sweep);
    const same = settingsOf(effective(subject), ast.isInfuseClause).filter((clause) => slotOf(clause) === slot);
    if (same.length < 2 || !axis.picture) return;
    const name = axis.picture.$refText;
    const message = `\`${subject.name}\` infuses \`${name}\` in ${same.length} clauses, and the value would act in each of them: name the clauses (\`infuse ${name} as early …\`) and vary one by its name (\`early weight in […]\`).`;
    report('sweep/infuse-twice', 'error', message, axis, { property: 'picture' });
}

function reportScannedTwice(axis: ast.ScanAxis | ast.ScaleAxis, report: Report): void {
    const sites = sitesOf(axis.selectors);
    if (new Set(sites).size === sites.length) return;
    const twice = sites.find((site, i) => sites.indexOf(site) !== i);
    report('sweep/twice', 'information', `\`${twice}\` is named twice; it is scanned once.`, axis);
}

function isWholeAxis(item: ast.SweepItem): item is ast.Axis {
    return ast.isAxis(item) && isWhole(item);
}

function subjectOf(axis: ast.Axis): ast.Generate | undefined {
    return AstUtils.getContainerOfType(axis, ast.isSweep)?.subject?.ref;
}

function infusesIt(axis: ast.InfuseAxis, target: Reference): boolean {
    const subject = subjectOf(axis);
    // A scan of the same picture adds the infusion that the other axes vary.
    const scanned = axis.$container.items.some(
        (item) => ast.isScanAxis(item) && isWhole(item) && item.picture && identity(item.picture) === identity(target),
    );
    if (!subject || scanned) return true;
    return settingsOf(effective(subject), ast.isInfuseClause).some(({ pictures }) =>
        pictures.some(({ picture }) => identity(picture) === identity(target)),
    );
}

function reportRange(values: ast.Numbers | undefined, name: RangeName & string, report: Report): void {
    if (!values || !(name in RANGES)) return;
    const range = RANGES[name];
    if (numbersOf(values).every((n) => fits(range, n))) return;
    report(range.code, 'error', range.rule, values);
}

function reportRepeatedValue(axes: readonly ast.Axis[], report: Report): void {
    const seen = new Set<string>();
    for (const axis of axes) {
        const name = axisName(axis);
        if (seen.has(name)) {
            report(
                'sweep/axis-twice',
                'error',
                `\`${name}\` is varied twice: put all of its values on one axis.`,
                axis,
            );
        }
        seen.add(name);
    }
}

function reportCounts(sweep: ast.Sweep, axes: readonly ast.Axis[], cases: number, report: Report): void {
    const lengths = [...axes.map(lengthOf), ...(cases > 0 ? [cases] : [])];
    if (sweep.zipped && new Set(lengths).size > 1) {
        const counts = lengths.map((length, i) => `${axes[i] ? axisName(axes[i]) : CASE} has ${length}`).join(', ');
        report('sweep/lengths', 'error', `Axes that go together have equally many values: ${counts}.`, sweep, {
            property: 'zipped',
        });
        return;
    }
    const count = lengths.length === 0 ? 0 : cellCount(lengths, sweep.zipped);
    if (count > MAX_CELLS) {
        report(
            'sweep/many',
            'error',
            `This sweep would make ${count} pictures: at most ${MAX_CELLS} fit on a sheet.`,
            sweep,
            NAME,
        );
    } else if (count > 500) {
        report('sweep/large', 'information', `This sweep makes ${count} pictures.`, sweep, NAME);
    }
}

/** How many values an axis has. */
function lengthOf(axis: ast.Axis): number {
    switch (axis.$type) {
        case 'ScanAxis':
        case 'ScaleAxis':
            // The layers one at a time, and the plain picture that they are compared with.
            return new Set(sitesOf(axis.selectors)).size + 1;
        case 'InfuseAxis':
            return axis.values ? numbersOf(axis.values).length : axis.sets.length + axis.pictures.length;
        case 'ParamAxis':
            return axis.values ? numbersOf(axis.values).length : axis.texts.length;
        case 'NumberAxis':
        case 'ScaleWeightAxis':
        case 'MemberAxis':
        case 'ApplyAxis':
        case 'ControlAxis':
            return axis.values ? numbersOf(axis.values).length : 0;
        default:
            return axis.values.length;
    }
}
