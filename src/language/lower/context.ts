/** What every step of lowering carries along. */
import type { URI } from 'langium';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import type { Preset } from '../meaning/preset.ts';
import { fits, nearestFit, RANGES, type RangeName } from '../meaning/ranges.ts';
import type { Report } from '../place.ts';
import type { ParamValue } from './changes.ts';
import { type Changes, NO_CHANGES } from './changes.ts';

export interface Lowering {
    /** The folder that paths of the Plan are relative to: the runnable's own. */
    readonly home: URI;
    readonly report: Report;
    /** Values given from outside, by parameter; others have the value they are declared with. */
    readonly params: ReadonlyMap<ast.Param, ParamValue>;
    readonly files?: FileAccess;
    /** What a sweep changes in this cell. */
    readonly changes: Changes;
    /** Settings given from outside, in the place of those of every generate. */
    readonly set?: Preset;
    /** The generates and learns that are being lowered, outermost first: nothing can be made of itself. */
    readonly making: readonly (ast.Generate | ast.Learn)[];
}

/** The same, for another generate that the plan needs: a sweep's changes are for its subject alone, but for params. */
export function forMade(context: Lowering): Lowering {
    return { ...context, changes: { ...NO_CHANGES, params: context.changes.params } };
}

export function paramValue(param: ast.Param, context: Lowering): ParamValue {
    return context.changes.params.get(param) ?? context.params.get(param) ?? param.value.value;
}

/** A number of the spec: written, or a param's, which must be within the range of its setting. */
export function amountOf(amount: ast.Amount, context: Lowering, name?: RangeName): number {
    if (ast.isNumberAmount(amount)) return amount.value;
    const number = numberOf(amount, context);
    const range = name && RANGES[name];
    if (!range || fits(range, number)) return number;
    // What is written is checked as it is written; what a param brings is known only now.
    context.report(range.code, 'error', range.rule, amount);
    return nearestFit(range, number);
}

function numberOf(amount: ast.ParamAmount, context: Lowering): number {
    const param = amount.param.ref;
    const value = param ? paramValue(param, context) : 0;
    if (typeof value === 'number') return value;
    const number = Number(value);
    if (value.trim() !== '' && Number.isFinite(number)) return number;
    const message = `\`${amount.param.$refText}\` is "${value}" here, but this place needs a number.`;
    context.report('param/number', 'error', message, amount);
    return 0;
}
