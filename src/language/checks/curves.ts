/** Curves and windows: keys in order, within the steps. */
import type { CurveKey, Window } from '../generated/ast.ts';
import { positionsOf } from '../lower/curve.ts';
import { declaredValue, type ValueOf } from '../meaning/param-values.ts';
import { isByParam, quantityText, stepNumber } from '../meaning/quantities.ts';
import { shareOf } from '../meaning/values.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';

/** As many as there can be steps. */
const MAX_KEYS = 1000;

export const curveChecks: Checks = {
    Curve: (curve, report) => {
        const { keys, easing } = curve;
        if (keys.length > MAX_KEYS) {
            const message = `A curve has at most ${MAX_KEYS} keys, and this one has ${keys.length}: there are no more steps than that.`;
            return report('curve/many', 'error', message, curve);
        }
        const given = keys.map(({ at }) => (at === undefined ? undefined : shareOf(at)));
        keys.forEach((key, i) => {
            if ((given[i] ?? 0) > 1) beyond(key, report);
        });
        const positions = positionsOf(given);
        const unordered = positions.findIndex((at, i) => i > 0 && at <= positions[i - 1]!);
        if (keys.length > 1 && unordered > 0) {
            const message = 'Keys are in the order of the steps: each position is later than the one before.';
            report('curve/order', 'error', message, keys[unordered]!);
        }
        if (easing && keys.length === 1) {
            const message = `A single value does not change: leave \`${easing}\` out, or add \`-> 0\`.`;
            report('curve/easing', 'warning', message, curve, { property: 'easing' });
        }
    },
    Window: (window, report) => {
        // Values of params have checks of their own.
        if (!isWhole(window) || isByParam(window)) return;
        if (window.firstStep) return checkSteps(window, report);
        const from = shareOf(quantityText(window.from));
        const to = shareOf(quantityText(window.to));
        if (to > 1) report('window/range', 'error', 'A window ends at 100% at the latest.', window, ending(window));
        else if (from >= to) {
            const fix =
                from > to
                    ? replace('Swap the ends', window, `${quantityText(window.to)}..${quantityText(window.from)}`)
                    : undefined;
            const message = 'A window runs from an earlier to a later part of the steps: write `0%..60%`.';
            report('window/order', 'error', message, window, fix ? { fix } : {});
        }
    },
    TraceClause: (clause, report) => {
        clause.points.forEach((point, index) => {
            if (point.text === undefined || shareOf(point.text) <= 1) return;
            const message = 'A trace is taken at 100% of the steps at the latest.';
            report('trace/range', 'error', message, clause, { property: 'points', index });
        });
    },
};

/** Whether a window's ends are in range and in order; otherwise its own check reports it. */
export function isOrdered(window: Window, valueIn: ValueOf = declaredValue): boolean {
    if (!isWhole(window)) return false;
    const { firstStep, lastStep = firstStep } = window;
    if (firstStep && lastStep) {
        const first = stepNumber(firstStep, valueIn);
        return first >= 1 && stepNumber(lastStep, valueIn) >= first;
    }
    const [from = 0, to = 0] = [window.from, window.to].map((end) => shareOf(quantityText(end, valueIn)));
    return from < to && to <= 1;
}

/** `step 1..5`: whole numbers from 1 on, in order. */
function checkSteps(window: Window, report: Report): void {
    const firstStep = window.firstStep ? stepNumber(window.firstStep) : 1;
    const lastStep = window.lastStep ? stepNumber(window.lastStep) : firstStep;
    if (firstStep < 1 || !Number.isInteger(firstStep) || !Number.isInteger(lastStep)) {
        report('window/range', 'error', 'Steps are whole numbers, counted from 1: write `step 1..5`.', window);
    } else if (lastStep < firstStep) {
        const fix = replace('Swap the ends', window, `step ${lastStep}..${firstStep}`);
        report('window/order', 'error', 'A window runs from an earlier to a later step: write `step 1..5`.', window, {
            fix,
        });
    }
}

function beyond(key: CurveKey, report: Report): void {
    const fix = replace('Change to 100%', key, '100%', { property: 'at' });
    report('curve/range', 'error', 'Positions of keys go up to 100%.', key, { property: 'at', fix });
}

function ending(window: Window) {
    return { property: 'to', fix: replace('Change to 100%', window, '100%', { property: 'to' }) };
}
