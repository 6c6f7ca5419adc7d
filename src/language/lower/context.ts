/** What every step of lowering carries along. */
import type { AstNode, URI } from 'langium';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { boundValues } from '../meaning/bindings.ts';
import { literalValue, type ValueOf, type WrongValue } from '../meaning/param-values.ts';
import type { Preset } from '../meaning/preset.ts';
import { numberOfQuantity, wrongQuantity } from '../meaning/quantities.ts';
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
    /** Values that the generate sets for what it inherits: `extends base with w = 0.2`. */
    readonly bound?: ReadonlyMap<ast.Param, ParamValue>;
    /** Values that are set where the next picture is used: `start from low with style = "ink"`. */
    readonly boundHere?: ReadonlyMap<ast.Param, ParamValue>;
    /** Values that imports set for what is taken from their files. */
    readonly imported?: ReadonlyMap<ast.Param, ParamValue>;
    /** Settings given from outside, in the place of those of every generate. */
    readonly set?: Preset;
    /** The generates and learns that are being lowered, outermost first: nothing can be made of itself. */
    readonly making: readonly (ast.Generate | ast.Learn)[];
    /** What the whole plan may still hold. */
    readonly budget: Budget;
}

/** How many more pictures, made for other pictures, a plan may hold. Plans are trees: two of two of two … grow without end. */
export interface Budget {
    left: number;
    /** What has been spent on parts so far. */
    spent: number;
    /** A plan that is too large says so once. */
    over?: true;
}

/** A plan holds at most this many made pictures; a sweep this many more for each of its cells. */
const MAX_MADE = 500;
export const MADE_PER_CELL = 2;
/** A picture of a picture of a picture …: at most this many. */
const MAX_DEPTH = 50;

export function newBudget(): Budget {
    return { left: MAX_MADE, spent: 0 };
}

/** Takes something from the budget. False, with a problem, where the plan would be too large or its parts too deep. */
export function spend(cost: number, at: AstNode, { budget, making, report }: Lowering): boolean {
    budget.left -= cost;
    budget.spent += cost;
    const deep = making.length > MAX_DEPTH;
    if (budget.left >= 0 && !deep) return true;
    if (!budget.over) {
        const message = deep
            ? `This is a picture of a picture of a picture …, more than ${MAX_DEPTH} deep: begin again from an image file.`
            : `This plan would make more than ${MAX_MADE} pictures for other pictures: each use of a picture counts, with all that it is made of. Use fewer, or image files.`;
        report('plan/large', 'error', message, at);
        budget.over = true;
    }
    return false;
}

/** The same, for another generate that the plan needs: a sweep's changes are for its subject alone, but for params. */
export function forMade(context: Lowering): Lowering {
    return { ...context, changes: { ...NO_CHANGES, params: context.changes.params } };
}

/** The value of a param: an axis wins over the command line, that over `with`, and that over what it is declared with. */
export function paramValue(param: ast.Param, { changes, params, bound, imported }: Lowering): ParamValue {
    return (
        changes.params.get(param) ??
        params.get(param) ??
        bound?.get(param) ??
        imported?.get(param) ??
        literalValue(param.value)
    );
}

/** What is lowered with the values that are set where it is used; the nearest wins. */
export function withValues(context: Lowering, bindings: readonly ast.ParamBinding[]): Lowering {
    if (bindings.length === 0) return context;
    return { ...context, bound: new Map([...(context.bound ?? []), ...boundValues(bindings)]) };
}

/** The values of params as they are here. */
export function valuesIn(context: Lowering): ValueOf {
    return (param) => paramValue(param, context);
}

/** What is written is checked where it is; what a run, an axis or `with` brings is known only now. */
export function reportWrong(wrong: WrongValue | undefined, at: AstNode, context: Lowering): void {
    if (wrong) context.report(wrong.code, 'error', wrong.message, at);
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

/** The number of a length, a percentage or a density, in the unit that its place needs. */
export function quantityIn(quantity: ast.Quantity, context: Lowering): number {
    const valueIn = valuesIn(context);
    reportWrong(wrongQuantity(quantity, valueIn), quantity, context);
    return numberOfQuantity(quantity, valueIn);
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
