/** The answers to sdspec's own requests. */

import { GrammarUtils, type LangiumDocument, URI, UriUtils } from 'langium';
import { digest } from '../../../plan/digest.ts';
import { passesOf, picturesOf } from '../../../plan/passes/work.ts';
import type { PicturePlan } from '../../../plan/plan.ts';
import { hasErrors } from '../../../plan/problem.ts';
import type { Work } from '../../../plan/run.ts';
import { learntFirst, madeFirst } from '../../../plan/sources.ts';
import { lower } from '../../compile.ts';
import * as ast from '../../generated/ast.ts';
import { listRunnables, lowerRun, type SpecDocument } from '../../index.ts';
import { KnownDeclarations } from '../../known-declarations.ts';
import { libraryDocuments } from '../../library/library.ts';
import { paramsOf } from '../../lower/params.ts';
import { hubDeclarations } from '../../meaning/hub-models.ts';
import { baseReference } from '../../meaning/inherit.ts';
import { sizeOfSubject } from '../../meaning/picture-size.ts';
import { addClause } from '../../write/add-clause.ts';
import { pinSeed } from '../../write/pin-seed.ts';
import type { EditorLanguageServices } from '../services.ts';
import { MAX_PLANNED_CELLS } from './plans.ts';
import type {
    ClauseEditsParams,
    ClauseEditsResult,
    DeclaredHubModel,
    LibraryDocumentResult,
    Parameter,
    ParametersParams,
    PlanParams,
    PlanResult,
    Runnable,
    SeedEditParams,
    SeedEditResult,
} from './requests.ts';

export function runnablesOf(document: LangiumDocument, services: EditorLanguageServices): readonly Runnable[] {
    const files = services.editor.Files;
    const known = new KnownDeclarations(files);
    return listRunnables(document as SpecDocument).flatMap(({ name, kind, node }) => {
        const cst = node.$cstNode;
        const nameRange = GrammarUtils.findNodeForProperty(cst, 'name')?.range;
        if (!cst || !nameRange) return [];
        const { value, problems } = lower(node, { files, known });
        const reference = ast.isGenerate(node) ? baseReference(node) : ast.isSweep(node) ? node.subject : undefined;
        const base = reference?.ref && 'name' in reference.ref ? reference.ref.name : undefined;
        const doc = services.documentation.DocumentationProvider.getDocumentation(node)?.split(/\n\s*\n/)[0];
        const small = value && !(value.work.kind === 'sweep' && value.work.cells.length > MAX_PLANNED_CELLS);
        const passes = value && passesOf(value.work, sizeOfSubject(node, files));
        return [
            {
                name,
                kind,
                range: cst.range,
                nameRange,
                ...(base && { base }),
                ...(doc && { doc }),
                ...(value && { pictures: picturesOf(value.work) }),
                ...(passes !== undefined && { passes }),
                ...(small && { digest: digest(value.work) }),
                errors: problems.filter(({ severity }) => severity === 'error').length,
                expects:
                    'settings' in node ? node.settings.some(ast.isExpectClause) : node.items.some(ast.isExpectClause),
            },
        ];
    });
}

export function answerPlan(
    document: LangiumDocument,
    { name, params = {}, draft: wantsDraft }: PlanParams,
    services: EditorLanguageServices,
): PlanResult {
    const options = { params, files: services.editor.Files };
    const { value, problems } = lowerRun(document as SpecDocument, name, options);
    if (!value || hasErrors(problems)) return { problems };
    const few = { ...options, set: { steps: `${DRAFT_STEPS}` } };
    const draft =
        wantsDraft && needsDraft(value.work) ? lowerRun(document as SpecDocument, name, few).value?.work : null;
    return {
        run: value,
        ...(draft?.kind === 'picture' ? { draft: withoutTrace(draft) } : {}),
        digest: digest(value.work),
        problems,
    };
}

/** Steps of a draft: pictures of fewer have little in common with those of many. */
const DRAFT_STEPS = 4;

function withoutTrace({ trace: _, ...plan }: PicturePlan): PicturePlan {
    return plan;
}

function needsDraft(work: Work): boolean {
    if (work.kind !== 'picture' || work.steps < 2 * DRAFT_STEPS || work.seeds.length > 1) return false;
    return madeFirst(work).length === 0 && learntFirst(work).length === 0;
}

export function parametersOf(document: LangiumDocument, { name }: ParametersParams): readonly Parameter[] {
    const runnable = listRunnables(document as SpecDocument).find((one) => one.name === name);
    return runnable ? paramsOf(runnable.node) : [];
}

export function seedEditOf(document: LangiumDocument, { name, seed }: SeedEditParams): SeedEditResult {
    const runnable = listRunnables(document as SpecDocument).find((one) => one.name === name)?.node;
    const edit = ast.isGenerate(runnable) ? pinSeed(runnable, seed) : undefined;
    if (!edit) return null;
    const { textDocument } = document;
    const range = { start: textDocument.positionAt(edit.start), end: textDocument.positionAt(edit.end) };
    return { range, newText: edit.text };
}

export function clauseEditsOf(document: LangiumDocument, { name, ...clause }: ClauseEditsParams): ClauseEditsResult {
    const runnable = listRunnables(document as SpecDocument).find((one) => one.name === name)?.node;
    const { textDocument } = document;
    return (ast.isGenerate(runnable) ? addClause(runnable, clause) : []).map(({ start, end, text }) => ({
        range: { start: textDocument.positionAt(start), end: textDocument.positionAt(end) },
        newText: text,
    }));
}

export function hubModelsOf(document: LangiumDocument): readonly DeclaredHubModel[] {
    return hubDeclarations((document as SpecDocument).parseResult.value).flatMap(({ node, model }) =>
        node.$cstNode ? [{ model, range: node.$cstNode.range }] : [],
    );
}

export function libraryText(uri: string): LibraryDocumentResult | null {
    const found = libraryDocuments().find((document) => UriUtils.equals(URI.parse(document.uri), URI.parse(uri)));
    return found ? { text: found.text } : null;
}
