/** The weight of one layer written into the text of an `infuse` clause; all else in it stays as it is. */
import { AstUtils } from 'langium';
import { type Curve, constant } from '../../../plan/curve.ts';
import { type Site, siteOf } from '../../../plan/sites.ts';
import * as ast from '../../generated/ast.ts';
import { INFUSED_WEIGHT } from '../../meaning/defaults.ts';
import { layerWeights, sitesOf } from '../../meaning/layers.ts';
import { addClause, appendToBlock } from '../add-clause.ts';
import type { SeedEdit } from '../pin-seed.ts';
import { curveText } from '../value-text.ts';

/**
 * The edits that give a layer a weight; without one, the layer is left out. A line of this layer alone is changed; where
 * ranges, globs or named weights give the layer its weight, a line after them wins. An inherited clause is copied into the
 * generate. Undefined for clauses of other files, whose names may mean something else here.
 */
export function layerEdits(
    generate: ast.Generate,
    clause: ast.InfuseClause,
    site: Site,
    weight: Curve | undefined,
): readonly SeedEdit[] | undefined {
    const node = clause.$cstNode;
    if (!node) return [];
    const edits = within(clause, site, weight);
    if (clause.$container === generate) return edits;
    if (AstUtils.getDocument(clause) !== AstUtils.getDocument(generate)) return undefined;
    const copy = [...edits]
        .sort((a, b) => b.start - a.start)
        .reduce(
            (text, { start, end, text: now }) =>
                text.slice(0, start - node.offset) + now + text.slice(end - node.offset),
            node.text,
        );
    return edits.length === 0 ? [] : addClause(generate, { clause: copy, declarations: [] });
}

function within(clause: ast.InfuseClause, site: Site, weight: Curve | undefined): readonly SeedEdit[] {
    const lines = layerWeights(clause);
    const last = lines.findLast(({ selectors }) => sitesOf(selectors).includes(site));
    const own = last && clause.layers.includes(last) && isOnly(last, site) ? last : undefined;
    const others = lines.some((line) => line !== own && sitesOf(line.selectors).includes(site));
    // A block without lines would mean the default layers.
    const mayLeave = !others && (clause.layers.length > 1 || clause.weights !== undefined);
    const text = curveText(weight ?? constant(0));
    if (own?.$cstNode && own.weight?.$cstNode) {
        if (weight || !mayLeave) return [{ start: own.weight.$cstNode.offset, end: own.weight.$cstNode.end, text }];
        return [lineOf(own.$cstNode)];
    }
    const isDefault = lines.length === 0 && !clause.weights;
    if (!weight && !last && !(isDefault && siteOf(site))) return [];
    if (clause.layers.length > 0) return appendToBlock(clause, `${site} ${text}`, '        ');
    const end = clause.$cstNode?.end ?? 0;
    const before = isDefault ? `* ${INFUSED_WEIGHT}  ` : '';
    return [{ start: end, end, text: ` { ${before}${site} ${text} }` }];
}

/** Whether a line is of this layer and no other, by whichever of its names. */
function isOnly({ selectors }: ast.LayerWeight, site: Site): boolean {
    const [selector] = selectors;
    return (
        selectors.length === 1 &&
        ast.isLayerRange(selector) &&
        !selector.last &&
        siteOf(selector.first.$refText) === site
    );
}

/** A line with the white space before it. */
function lineOf(node: NonNullable<ast.LayerWeight['$cstNode']>): SeedEdit {
    const text = node.root.fullText;
    let start = node.offset;
    while (start > 0 && /\s/.test(text[start - 1]!)) start--;
    return { start, end: node.end, text: '' };
}
