/** `trace` to the steps after which a picture is kept. */
import type { Trace } from '../../plan/plan.ts';
import type * as ast from '../generated/ast.ts';
import { shareOf } from '../meaning/values.ts';

/** Of `steps` steps that are run. After every step where neither `every` nor `at` is given. */
export function traceOf(clause: ast.TraceClause | undefined, steps: number): Trace | undefined {
    if (!clause) return undefined;
    return {
        steps: clause.points.length > 0 ? stepsAt(clause.points.map(shareOf), steps) : every(clause.every ?? 1, steps),
        completed: clause.completed,
        finish: clause.finish ?? 0,
        attention: clause.words,
    };
}

function every(count: number, steps: number): readonly number[] {
    return Array.from({ length: Math.floor(steps / Math.max(1, count)) }, (_, k) => (k + 1) * Math.max(1, count) - 1);
}

/** 0% is the first step, 100% the last; each once, in order. */
function stepsAt(shares: readonly number[], steps: number): readonly number[] {
    if (steps < 1) return [];
    const found = shares.map((share) => Math.min(steps - 1, Math.max(0, Math.floor(share * steps + 1e-9))));
    return [...new Set(found)].sort((a, b) => a - b);
}
