/** The size of a picture where it is not written out. */

import type { Size } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import type { Lowering } from '../lower/context.ts';
import { DEFAULTS } from './defaults.ts';
import type { Effective } from './inherit.ts';
import { settingOf } from './inherit.ts';
import { factsOf, usedModel } from './models.ts';
import { declaredValue, sizeTextOf, type ValueOf } from './param-values.ts';
import { sizeOf } from './values.ts';

/** The size that is written, or the model's own. */
export function sizeInForce(
    settings: readonly Effective[],
    context: Pick<Lowering, 'changes' | 'files'>,
    valueIn: ValueOf = declaredValue,
): Size {
    const clause = settingOf(settings, ast.isSizeClause);
    if (clause) {
        const { width, height } = sizeOf(sizeTextOf(clause, valueIn));
        // A param that is no size is reported where it is read.
        return width > 0 && height > 0 ? { width, height } : DEFAULTS.size;
    }
    return factsOf(context.changes.model ?? usedModel(settings), context.files)?.size ?? DEFAULTS.size;
}
