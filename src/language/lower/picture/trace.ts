/** `trace` to the states between steps that are kept. */
import { pointAt } from '../../../plan/curve.ts';
import type { Trace } from '../../../plan/plan.ts';
import type * as ast from '../../generated/ast.ts';
import { amountOf, type Lowering, quantityIn } from '../context.ts';

/** Of `steps` steps that are run. After every step where neither `every` nor `at` is given. */
export function traceOf(clause: ast.TraceClause | undefined, steps: number, context: Lowering): Trace | undefined {
    if (!clause) return undefined;
    const finished = [...clause.finished, ...(clause.finish ? [clause.finish] : [])].map((count) =>
        amountOf(count, context, 'finish'),
    );
    if (severalFinishes(finished)) context.report('trace/finish-several', 'error', SEVERAL_FINISHES, clause);
    const distance = clause.every ? amountOf(clause.every, context, 'every') : 1;
    return {
        after:
            clause.points.length > 0
                ? statesAt(
                      clause.points.map((point) => quantityIn(point, context) / 100),
                      steps,
                  )
                : every(distance, steps),
        completed: clause.completed || finished.includes(1),
        finish: finished.find((count) => count !== 1) ?? 0,
        attention: clause.words,
        ...(clause.gradients.length > 0 && { gradient: clause.gradients }),
    };
}

function every(count: number, steps: number): readonly number[] {
    const distance = Math.max(1, count);
    return Array.from({ length: Math.floor(steps / distance) }, (_, k) => (k + 1) * distance);
}

/** 0% is what the run starts from, 100% its last state; each once, in order. */
function statesAt(shares: readonly number[], steps: number): readonly number[] {
    return [...new Set(shares.map((share) => pointAt(share, steps)))].sort((a, b) => a - b);
}

export const SEVERAL_FINISHES =
    'A traced state is finished in one number of steps, and in 1 step beside it: leave the other numbers out, or trace them in generates of their own.';

/** Whether more is asked for than the completion and one finish. */
export function severalFinishes(counts: readonly number[]): boolean {
    return new Set(counts.filter((count) => count !== 1)).size > 1;
}
