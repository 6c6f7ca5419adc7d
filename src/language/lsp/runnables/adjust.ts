/** Answers what can be adjusted in a runnable, and the edit of one adjustment, laid out as the formatter would. */
import { type LangiumDocument, URI } from 'langium';
import type { TextEdit } from 'vscode-languageserver';
import { lower } from '../../compile.ts';
import * as ast from '../../generated/ast.ts';
import { listRunnables, type SpecDocument } from '../../index.ts';
import { adjustableOf, adjustmentEdits } from '../../write/adjust/adjustable.ts';
import { laidOut } from '../format/formatter.ts';
import type { EditorLanguageServices } from '../services.ts';
import type { AdjustableParams, AdjustableResult, AdjustEditsParams } from './requests.ts';

export function answerAdjustable(
    document: LangiumDocument,
    { name }: AdjustableParams,
    services: EditorLanguageServices,
): AdjustableResult {
    const generate = generateOf(document, name);
    if (!generate) return null;
    const { work, problem } = planOf(generate, services);
    if (!work) return { name: generate.name, infusions: [], numbers: [], pictures: [], problem };
    return adjustableOf(generate, work);
}

export function answerAdjustEdits(
    document: LangiumDocument,
    { name, adjustment }: AdjustEditsParams,
    services: EditorLanguageServices,
): readonly TextEdit[] {
    const generate = generateOf(document, name);
    const { work } = generate ? planOf(generate, services) : {};
    if (!generate || !work) return [];
    const { textDocument } = document;
    const before = textDocument.getText();
    const after = adjustmentEdits(generate, work, adjustment)
        .toSorted((a, b) => b.start - a.start)
        .reduce((text, { start, end, text: now }) => text.slice(0, start) + now + text.slice(end), before);
    // A text that is laid out stays so; one that is not keeps its own ways.
    const isLaidOut = laidOut(document) === before;
    const scratch = () => services.shared.workspace.LangiumDocumentFactory.fromString(after, SCRATCH);
    const { start, end, text } = difference(before, isLaidOut ? laidOut(scratch()) : after);
    const range = { start: textDocument.positionAt(start), end: textDocument.positionAt(end) };
    return start === end && text === '' ? [] : [{ range, newText: text }];
}

/** A document that no one else sees. */
const SCRATCH = URI.parse('memory:///adjusted.sdspec');

/** The generate of this name, or the one that the sweep of this name is over. */
function generateOf(document: LangiumDocument, name: string): ast.Generate | undefined {
    const node = listRunnables(document as SpecDocument).find((one) => one.name === name)?.node;
    if (ast.isGenerate(node)) return node;
    const subject = ast.isSweep(node) ? node.subject.ref : undefined;
    const isHere = subject?.$cstNode && subject.$cstNode.root.fullText === document.textDocument.getText();
    return ast.isGenerate(subject) && isHere ? subject : undefined;
}

function planOf(generate: ast.Generate, services: EditorLanguageServices) {
    const { value, problems } = lower(generate, { files: services.editor.Files });
    const work = value?.work.kind === 'picture' ? value.work : undefined;
    const error = problems.find(({ severity }) => severity === 'error');
    return { work, problem: error?.message ?? 'The text is not whole yet.' };
}

/** The one piece in which two texts differ. */
function difference(before: string, after: string) {
    let start = 0;
    const least = Math.min(before.length, after.length);
    while (start < least && before[start] === after[start]) start++;
    let same = 0;
    while (same < least - start && before.at(-1 - same) === after.at(-1 - same)) same++;
    return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}
