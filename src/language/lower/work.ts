/** Lowering by kind: each runnable to the work that its plan is. */
import { assertNever } from '../../plan/problem.ts';
import type { Work } from '../../plan/run.ts';
import type * as ast from '../generated/ast.ts';
import type { Lowering } from './context.ts';
import { learnPlan } from './learn.ts';
import { mosaicPlan } from './mosaic.ts';
import { picturePlan } from './picture/picture.ts';
import { printPlan } from './print.ts';
import { sweepPlan } from './sweep.ts';

/** The work of a runnable; undefined where its text does not allow one, with the problems in the context. */
export function workOf(runnable: ast.Runnable, context: Lowering): Work | undefined {
    switch (runnable.$type) {
        case 'Generate':
            return picturePlan(runnable, context);
        case 'Sweep':
            return sweepPlan(runnable, context);
        case 'Mosaic':
            return mosaicPlan(runnable, context);
        case 'Print':
            return printPlan(runnable, context);
        case 'Learn':
            return learnPlan(runnable, context);
        default:
            return assertNever(runnable);
    }
}
