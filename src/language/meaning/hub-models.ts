/** Models of the hub that a text names, also while it is being written. */
import type { LangiumParser } from 'langium';
import { type HubModel, isHubModel } from '../../plan/model-names.ts';
import * as ast from '../generated/ast.ts';
import { modelRef } from './models.ts';

/** A declaration with the model that it names. */
export interface HubDeclaration {
    readonly node: ast.Model;
    readonly model: HubModel;
}

/** What a spec declares itself, even while it is broken elsewhere. */
export function hubDeclarations(spec: ast.Spec): readonly HubDeclaration[] {
    return spec.declarations.filter(ast.isModel).flatMap((node) => {
        const model = hubModelOf(node);
        return model ? [{ node, model }] : [];
    });
}

/** The model that a declaration names, or a part of one: `"hf:owner/name" revision "…"`. */
export function hubModelIn(text: string, parser: LangiumParser): HubModel | undefined {
    for (const whole of [text, `model it = ${text}`]) {
        const { value, lexerErrors, parserErrors } = parser.parse<ast.Model>(whole, { rule: ast.Model.$type });
        if (lexerErrors.length + parserErrors.length === 0) return hubModelOf(value);
    }
    return undefined;
}

function hubModelOf(node: ast.Model): HubModel | undefined {
    const ref = modelRef(node);
    return ref.kind === 'hub' && isHubModel(ref) ? ref : undefined;
}
