/** `with`: values of params where something is used, by a generate for what it inherits, or by an import. */
import type * as ast from '../generated/ast.ts';
import type { ParamValue } from '../lower/changes.ts';
import { bindingsOf } from './inherit.ts';
import { declaredValue, literalValue, type ValueOf } from './param-values.ts';
import { isWhole } from './whole.ts';

type Values = ReadonlyMap<ast.Param, ParamValue>;

/** What a generate and its bases set; the nearest wins. */
export function boundBy(generate: ast.Generate): Values {
    return boundValues(bindingsOf(generate));
}

/** What the imports set of all files that something needs, the runnable's own file winning over those that it imports. */
export function importedFor(runnable: ast.Runnable, needed: readonly ast.Declaration[]): Values {
    const own = runnable.$container;
    const specs = new Set([...needed.map((node) => node.$container), own]);
    const outermost = [...specs].sort((a, b) => Number(a === own) - Number(b === own));
    return boundValues(outermost.flatMap(({ imports }) => imports.flatMap(({ bindings }) => bindings)));
}

/** What the params of a generate are where it makes tiles, or redoes a picture, as they are declared and set. */
export function valuesVia({ bindings }: ast.TilesClause | ast.UpscaleClause, via: ast.Generate): ValueOf {
    const bound = new Map([...boundBy(via), ...boundValues(bindings)]);
    return (param) => bound.get(param) ?? declaredValue(param);
}

/** The values that some bindings set. */
export function boundValues(bindings: readonly ast.ParamBinding[]): Values {
    return new Map(
        bindings
            .filter(isWhole)
            .flatMap(({ param: { ref }, value }) => (ref ? [[ref, literalValue(value)] as const] : [])),
    );
}
