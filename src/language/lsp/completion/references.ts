/** Names in completions: which of those in scope make sense, and in what order they come. */

import { type AstNode, type AstNodeDescription, AstUtils, type ReferenceInfo } from 'langium';
import type { CompletionItem } from 'vscode-languageserver';
import { SAMPLERS, type SamplerName, SCHEDULES, type ScheduleName } from '../../../plan/samplers.ts';
import { BLOCKS, type Site, STAGES, siteOf } from '../../../plan/sites.ts';
import * as ast from '../../generated/ast.ts';
import { targetClause } from '../../lower/learn.ts';
import { extendedBy } from '../../meaning/inherit.ts';
import { declaredValue, weightSetNamed } from '../../meaning/param-values.ts';
import type { LayerMeasure } from '../hover/measured.ts';
import { type CompletionPlace, inherited } from './fits.ts';

/** Leaves out what could only be an error: a generate that extends itself, a schedule that a sampler cannot follow. */
export function fitting(
    candidate: AstNodeDescription,
    { property, container }: ReferenceInfo,
    place: CompletionPlace,
): boolean {
    const { declaration, line } = place;
    if (candidate.node !== undefined && candidate.node === declaration) return false;
    if (property === 'bases' && ast.isGenerate(candidate.node)) return !extendsFrom(candidate.node, declaration);
    if (property === 'clause') return true;
    if (line[0] === 'without') return isInherited(candidate, place);
    if (ast.isLearn(candidate.node)) {
        // A word is written in the prompt.
        const target = targetClause(candidate.node);
        if (property === 'lora') return !ast.isWordClause(target) && !ast.isLearnControlNetClause(target);
        if (property === 'net') return ast.isLearnControlNetClause(target);
    }
    if (ast.isParam(candidate.node) && candidate.node.value)
        return isNameFor(property, candidate.node) && isQuantityFor(container, candidate.node);
    if (property === 'schedule') {
        const sampler = line[line.lastIndexOf('on') - 1];
        const known = SAMPLERS[sampler as SamplerName]?.schedules;
        return !known || known.includes(candidate.name as ScheduleName);
    }
    return true;
}

/** Whether the value of a param is the name of a sampler, a schedule or a set of weights, where one is needed. */
function isNameFor(property: string, param: ast.Param): boolean {
    const value = String(declaredValue(param));
    switch (property) {
        case 'sampler':
            return value in SAMPLERS;
        case 'schedule':
            return (SCHEDULES as readonly string[]).includes(value);
        case 'weights':
            return weightSetNamed(value, param) !== undefined;
        default:
            return true;
    }
}

/** Whether the value of a param has a unit, where one is needed. */
function isQuantityFor({ $type }: AstNode, param: ast.Param): boolean {
    return $type !== ast.Quantity.$type || /^\d[\d.]*(px|cm|mm|in|%|dpi)$/.test(String(declaredValue(param)));
}

/** Whether a clause that a generate has from its base names this picture, LoRA or network. */
function isInherited({ node }: AstNodeDescription, place: CompletionPlace): boolean {
    const clauses = inherited(place).filter(({ word }) => word === place.line[1]);
    return clauses.some(({ setting }) =>
        AstUtils.streamAst(setting).some((part) =>
            AstUtils.streamReferences(part).some(({ reference }) => 'ref' in reference && reference.ref === node),
        ),
    );
}

function extendsFrom(generate: ast.Generate, from: ast.Declaration | undefined): boolean {
    const seen = new Set<ast.Generate>();
    for (let at: ast.Generate | undefined = generate; at && !seen.has(at); at = extendedBy(at)) {
        if (at === from) return true;
        seen.add(at);
    }
    return false;
}

/** The farthest that a layer moved the picture in the user's own scans. */
export type EffectOf = (site: Site) => LayerMeasure | undefined;

/** A layer that was measured comes before all others, the most effective first, and says what was measured. */
export function measuredFirst({ name, type }: AstNodeDescription, effectOf: EffectOf): Partial<CompletionItem> {
    const site = type === ast.Layer.$type ? siteOf(name) : undefined;
    const effect = site && site === name ? effectOf(site) : undefined;
    if (!effect) return {};
    const description = `moved ${effect.moved.toFixed(2)} in ${effect.sweep}`;
    return {
        sortText: `0A${two(Math.max(0, 99 - Math.round(33 * effect.moved)))}${two(effect.rank)}`,
        labelDetails: { description },
    };
}

/** Layers in the network's order, stages before blocks before aliases and single skips; other names as they come. */
export function ranked({ name, type }: AstNodeDescription): { readonly sortText: string } {
    if (type !== ast.Layer.$type) return { sortText: '0' };
    const stage = (STAGES as readonly string[]).indexOf(name);
    const block = (BLOCKS as readonly string[]).indexOf(name);
    if (stage >= 0) return { sortText: `0a${two(stage)}` };
    if (block >= 0) return { sortText: `0b${two(block)}` };
    return { sortText: name.startsWith('skip[') ? `0c${name.padStart(9, ' ')}` : `0d${name}` };
}

function two(n: number): string {
    return String(n).padStart(2, '0');
}
