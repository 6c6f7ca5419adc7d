/** A sweep to its cells, in a stable order: the last axis changes fastest. */
import type { AxisLabels, PicturePlan, SweepCell, SweepPlan } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import { effective, effectiveIn, settingOf, settingsOf } from '../meaning/inherit.ts';
import { slotOf } from '../meaning/slots.ts';
import { isWhole } from '../meaning/whole.ts';
import { type AxisValue, axisName, axisValues, PLAIN, slotOfAxis } from './axes.ts';
import { NO_CHANGES } from './changes.ts';
import { combinations } from './combinations.ts';
import { type Lowering, MADE_PER_CELL } from './context.ts';
import { newInfusion } from './picture/infuse.ts';
import { picturePlan } from './picture/picture.ts';
import { seedKindIn, seedRange } from './picture/sampling.ts';

/** More pictures than this in one sweep are refused: a sheet of them is of no use. */
export const MAX_CELLS = 10_000;

interface NamedAxis {
    readonly name: string;
    readonly values: readonly AxisValue[];
}

/** `visit` is called with what each cell is lowered with, in the order of the cells. */
export function sweepPlan(
    sweep: ast.Sweep,
    context: Lowering,
    visit: (within: Lowering) => void = () => {},
): SweepPlan | undefined {
    const subject = sweep.subject.ref;
    if (!subject) return undefined;
    const axes = axesOf(sweep, subject, context);
    const count = cellCount(
        axes.map(({ values }) => values.length),
        sweep.zipped,
    );
    if (count > MAX_CELLS) {
        const message = `This sweep would make ${count} pictures: at most ${MAX_CELLS} fit on a sheet. Take fewer values.`;
        context.report('sweep/many', 'error', message, sweep, { property: 'name' });
        return undefined;
    }
    if (sweep.zipped && axes.some(({ values }) => values.length !== axes[0]?.values.length)) return undefined;
    context.budget.left += count * MADE_PER_CELL;
    const scans = sweep.items.filter((item) => ast.isInfuseAxis(item) || ast.isScanAxis(item));
    const cells = combinations(axes, sweep.zipped ? 'zipped' : 'product').map((cell): SweepCell => {
        const changes = [...cell.values()].reduce((made, { change }) => change(made), NO_CHANGES);
        const within = { ...context, changes };
        visit(within);
        return {
            labels: Object.fromEntries([...cell].map(([name, { label }]) => [name, label])),
            plan: withNewInfusions(picturePlan(subject, within), scans, sweep, within),
        };
    });
    const columns = columnsOf(sweep, axes);
    const scan = sweep.items.find((item) => ast.isScanAxis(item) || ast.isScaleAxis(item));
    return {
        kind: 'sweep',
        axes: axes.map(({ name, values }): AxisLabels => ({ name, values: values.map(({ label }) => label) })),
        cells,
        ...(columns === undefined ? {} : { columns }),
        ...(scan ? { baseline: { axis: axisName(scan), value: PLAIN } } : {}),
        animate: sweep.animate,
    };
}

export function cellCount(lengths: readonly number[], zipped: boolean): number {
    return zipped ? (lengths[0] ?? 0) : lengths.reduce((product, length) => product * length, 1);
}

/** The written axes; and, where all combinations are made, the several seeds of the subject as one more. */
function axesOf(sweep: ast.Sweep, subject: ast.Generate, context: Lowering): readonly NamedAxis[] {
    const cases = sweep.items.filter(ast.isCase).filter(isWhole);
    const axes = sweep.items.flatMap((item): readonly NamedAxis[] => {
        if (ast.isAxis(item))
            return [{ name: axisName(item), values: onceEach(axisValues(item, sweep, context), sweep) }];
        // All cases are one axis, where the first of them is.
        return item === cases[0] ? [{ name: CASE, values: cases.map(caseValue) }] : [];
    });
    const seeds =
        context.set?.seeds ??
        settingOf(effective(subject), ast.isSeedClause)?.items.flatMap((item) =>
            seedRange(item, context, seedKindIn(effective(subject))),
        ) ??
        [];
    const once = [...new Set(seeds)];
    if (sweep.zipped || once.length < 2 || axes.some(({ name }) => name === 'seed')) return axes;
    const values = once.map(
        (seed): AxisValue => ({
            label: String(seed),
            change: (changes) => ({ ...changes, numbers: new Map([...changes.numbers, ['seed', seed]]) }),
        }),
    );
    return [...axes, { name: 'seed', values }];
}

/** Two values of one label are one picture, but where axes are paired. */
function onceEach(values: readonly AxisValue[], { zipped }: ast.Sweep): readonly AxisValue[] {
    return zipped ? values : [...new Map(values.map((value) => [value.label, value])).values()];
}

/** The name of the axis that all cases are. */
export const CASE = 'case';

function caseValue(changed: ast.Case): AxisValue {
    return { label: changed.name, change: (changes) => ({ ...changes, case: changed }) };
}

/** `columns infuse` means the axis that begins with that word. */
export function columnsOf(sweep: ast.Sweep, axes: readonly { readonly name: string }[]): string | undefined {
    const wanted = sweep.items.find(ast.isColumnsClause)?.axis;
    return axes.find(({ name }) => name === wanted || name.startsWith(`${wanted} `))?.name;
}

/** A scan may ask for a picture that its subject does not infuse. */
function withNewInfusions(
    plan: PicturePlan,
    scans: readonly (ast.InfuseAxis | ast.ScanAxis)[],
    sweep: ast.Sweep,
    context: Lowering,
): PicturePlan {
    const subject = sweep.subject.ref;
    const slots = new Set(
        subject ? settingsOf(effectiveIn(subject, context.changes.case), ast.isInfuseClause).map(slotOf) : [],
    );
    const added = scans.flatMap((axis) => {
        const slot = slotOfAxis(axis, sweep);
        if (slots.has(slot) || !axis.picture?.ref) return [];
        slots.add(slot);
        return [newInfusion(axis, context.changes.infusions.get(slot) ?? {}, context)];
    });
    return added.length === 0 ? plan : { ...plan, infusions: [...plan.infusions, ...added] };
}
