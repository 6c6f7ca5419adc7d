/** Axes of a sweep: their names, and what each of their values changes. */

import { constant } from '../../plan/curve.ts';
import { assertNever } from '../../plan/problem.ts';
import type { SamplerName, ScheduleName } from '../../plan/samplers.ts';
import { siteOf } from '../../plan/sites.ts';
import * as ast from '../generated/ast.ts';
import { sourceWords } from '../grammar/text.ts';
import { SCAN_WEIGHT } from '../meaning/defaults.ts';
import { effective, settingsOf } from '../meaning/inherit.ts';
import { sitesOf } from '../meaning/layers.ts';
import { literalValue } from '../meaning/param-values.ts';
import { identity, slotOf } from '../meaning/slots.ts';
import { sizeOf } from '../meaning/values.ts';
import type { Changes, InfusionChange, Weighed } from './changes.ts';
import type { Lowering } from './context.ts';
import { curveOf } from './curve.ts';
import { equally } from './weights.ts';

export interface AxisValue {
    readonly label: string;
    readonly change: (changes: Changes) => Changes;
}

/** What an axis is called on the sheet and in records: its words, without its values. */
export function axisName(axis: ast.Axis): string {
    switch (axis.$type) {
        case 'ParamAxis':
            return axis.param.$refText;
        case 'InfuseAxis':
            return `${clauseWords(axis)} ${axis.property ?? 'layer'}${layerWords(axis)}`;
        case 'ScaleWeightAxis':
            return `scale${layerWords(axis)}`;
        case 'ScanAxis':
            return `${clauseWords(axis)} at`;
        case 'ScaleAxis':
            return 'scale at';
        case 'MemberAxis':
            return `member ${axis.member.$refText}`;
        case 'ApplyAxis':
            return `apply ${axis.lora.$refText}`;
        case 'ControlAxis':
            return `control ${axis.net.$refText}`;
        default:
            return axis.kind;
    }
}

/** The layers that an axis varies, as they are written. */
function layerWords(axis: ast.InfuseAxis | ast.ScaleWeightAxis): string {
    const layer = ast.isInfuseAxis(axis) ? axis.layer?.$refText : undefined;
    const words = layer ?? axis.selectors.map(({ $cstNode }) => $cstNode?.text ?? '').join(', ');
    return words && ` ${words}`;
}

/** How an axis says which clause it varies: by its name, or `infuse` and its picture. */
function clauseWords({ clause, picture }: ast.InfuseAxis | ast.ScanAxis): string {
    return clause ? clause.$refText : `infuse ${picture?.$refText ?? ''}`;
}

export function axisValues(axis: ast.Axis, sweep: ast.Sweep, context: Lowering): readonly AxisValue[] {
    switch (axis.$type) {
        case 'NumberAxis':
            return numbers(axis.values, (n) => (changes) => ({
                ...changes,
                numbers: new Map([...changes.numbers, [axis.kind, n]]),
            }));
        case 'ParamAxis':
            return paramValues(axis);
        case 'SizeAxis':
            return axis.values.map((text) => {
                const { width, height } = sizeOf(text);
                return { label: text, change: (changes) => ({ ...changes, size: { width, height } }) };
            });
        case 'SamplerAxis':
            return axis.values.map(samplerValue);
        case 'PromptAxis':
            return axis.values.map((prompt) => ({
                label: labelOf(prompt),
                change: (changes) => ({ ...changes, prompt }),
            }));
        case 'NegativeAxis':
            return axis.values.map((negative) => ({
                label: labelOf(negative),
                change: (changes) => ({ ...changes, negative }),
            }));
        case 'ModelAxis':
            return axis.values.flatMap(({ model: { ref: model, $refText: label } }) =>
                model ? [{ label, change: (changes: Changes) => ({ ...changes, model }) }] : [],
            );
        case 'StartAxis':
            return axis.values.flatMap((start) =>
                start.picture.ref
                    ? [{ label: pictureLabel(start), change: (changes: Changes) => ({ ...changes, start }) }]
                    : [],
            );
        case 'InfuseAxis':
            return infuseValues(axis, sweep);
        case 'ScanAxis':
            return scanValues(axis, sweep, context);
        case 'ScaleAxis':
            return scaleValues(axis, context);
        case 'ScaleWeightAxis':
            return numbers(axis.values, (n) => (changes) => ({
                ...changes,
                scales: new Map([...(changes.scales ?? []), ...equally(sitesOf(axis.selectors), n)]),
            }));
        case 'MemberAxis':
            return weights(axis.member.ref, axis.values);
        case 'ApplyAxis':
            return weights(axis.lora.ref, axis.values);
        case 'ControlAxis':
            return weights(axis.net.ref, axis.values);
        default:
            return assertNever(axis);
    }
}

/** The numbers of a list or range. Steps are counted, so that 0..1 step 0.1 has eleven, each as near as can be. */
export function numbersOf(values: ast.Numbers): readonly number[] {
    if (ast.isNumberList(values)) return values.items;
    const step = values.step ?? 1;
    const count = Math.floor((values.to - values.from) / step + 1e-9) + 1;
    const digits = Math.max(decimals(values.from), decimals(step));
    return Array.from({ length: Math.max(0, Math.min(count, MAX_VALUES)) }, (_, i) =>
        Number((values.from + i * step).toFixed(digits)),
    );
}

/** More values than this on one axis are a slip of the finger; a check says so. */
export const MAX_VALUES = 10_000;

function decimals(n: number): number {
    return Math.min(12, (/\.(\d+)/.exec(String(n))?.[1] ?? '').length);
}

function numbers(values: ast.Numbers, change: (n: number) => AxisValue['change']): readonly AxisValue[] {
    return numbersOf(values).map((n) => ({ label: String(n), change: change(n) }));
}

function paramValues(axis: ast.ParamAxis): readonly AxisValue[] {
    const param = axis.param.ref;
    if (!param) return [];
    const set = (value: string | number) => (changes: Changes) => ({
        ...changes,
        params: new Map([...changes.params, [param, value]]),
    });
    if (axis.values) return numbers(axis.values, set);
    return axis.texts.map((text) => {
        const value = literalValue(text);
        return { label: String(value), change: set(value) };
    });
}

function samplerValue({ sampler, schedule }: ast.SamplerChoice): AxisValue {
    const name = sampler.$refText as SamplerName;
    const on = schedule?.$refText as ScheduleName | undefined;
    return {
        label: on ? `${name} on ${on}` : name,
        change: (changes) => ({ ...changes, sampler: on ? { name, schedule: on } : { name } }),
    };
}

function pictureLabel({ picture, which, $cstNode }: ast.PictureChoice): string {
    return which ? ($cstNode?.text.replace(/\s+/g, ' ') ?? picture.$refText) : picture.$refText;
}

function labelOf({ source, text, bindings, $cstNode }: ast.PromptChoice): string {
    if (bindings.length > 0) return $cstNode?.text.replace(/\s+/g, ' ') ?? '';
    return source?.$refText ?? (text ? sourceWords(text) : '');
}

function weights(target: Weighed | undefined, values: ast.Numbers): readonly AxisValue[] {
    if (!target) return [];
    return numbers(values, (n) => (changes) => ({ ...changes, weights: new Map([...changes.weights, [target, n]]) }));
}

// ── Infusions ──────────────────────────────────────────────────────────

function infuseValues(axis: ast.InfuseAxis, sweep: ast.Sweep): readonly AxisValue[] {
    const slot = slotOfAxis(axis, sweep);
    const change = (one: InfusionChange) => infusion(slot, one);
    const { property, values, layer } = axis;
    if (ast.isControlClause(axis.clause?.ref)) return values ? weights(axis.clause.ref, values) : [];
    if (property === 'with') {
        return axis.sets.flatMap(({ weights: { ref, $refText } }) =>
            ref ? [{ label: $refText, change: change({ weights: ref }) }] : [],
        );
    }
    if (property === 'from') {
        return axis.pictures.flatMap((picture) =>
            picture.picture.ref ? [{ label: pictureLabel(picture), change: change({ picture }) }] : [],
        );
    }
    if (!values) return [];
    if (property === 'layer' || property === undefined) {
        const site = siteOf(layer?.$refText ?? '');
        const sites = site ? [site] : sitesOf(axis.selectors);
        return numbers(values, (n) => change({ layers: equally(sites, n) }));
    }
    return numbers(values, (n) => change({ [property]: n }));
}

/** A scan's first value: the picture that the others are compared with. */
export const PLAIN = 'plain';

function scanValues(axis: ast.ScanAxis, sweep: ast.Sweep, context: Lowering): readonly AxisValue[] {
    const slot = slotOfAxis(axis, sweep);
    const weight = axis.weight ? curveOf(axis.weight, context) : constant(SCAN_WEIGHT);
    const plain = { label: PLAIN, change: infusion(slot, { only: new Map() }) };
    const layers = [...new Set(sitesOf(axis.selectors))].map((site) => ({
        label: site,
        change: infusion(slot, { only: new Map([[site, weight]]) }),
    }));
    return [plain, ...layers];
}

/** The subject's own scales stay in force beside the scanned one. */
function scaleValues(axis: ast.ScaleAxis, context: Lowering): readonly AxisValue[] {
    const factor = axis.factor ? curveOf(axis.factor, context) : constant(0);
    const layers = [...new Set(sitesOf(axis.selectors))].map((site) => ({
        label: site,
        change: (changes: Changes): Changes => ({ ...changes, scales: new Map([[site, factor]]) }),
    }));
    return [{ label: PLAIN, change: (changes) => changes }, ...layers];
}

function infusion(slot: string, change: InfusionChange): AxisValue['change'] {
    return (changes) => {
        const before = changes.infusions.get(slot) ?? {};
        // Axes of other layers of the same clause stay in force.
        const layers = change.layers && { layers: new Map([...(before.layers ?? []), ...change.layers]) };
        return {
            ...changes,
            infusions: new Map([...changes.infusions, [slot, { ...before, ...change, ...layers }]]),
        };
    };
}

/** The clause that an axis varies: the one of its name or of that picture alone, else the first that it takes part in, else a new one. */
export function slotOfAxis(axis: ast.InfuseAxis | ast.ScanAxis, sweep: ast.Sweep): string {
    if (!axis.picture) return `as ${axis.clause?.$refText ?? ''}`;
    const target = identity(axis.picture);
    const subject = sweep.subject.ref;
    const clauses = subject ? settingsOf(effective(subject), ast.isInfuseClause) : [];
    const alone = clauses.find(({ pictures }) => pictures.every(({ picture }) => identity(picture) === target));
    const among = clauses.find(({ pictures }) => pictures.some(({ picture }) => identity(picture) === target));
    const clause = alone ?? among;
    return clause ? slotOf(clause) : `infuse ${target}`;
}
