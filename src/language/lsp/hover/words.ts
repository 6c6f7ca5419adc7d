/** Hover of words: the prompt as the model reads it, and its tokens where the model's tokenizer is at hand. */
import { AstUtils } from 'langium';
import { count } from '../../../plan/amounts.ts';
import * as ast from '../../generated/ast.ts';
import { filled } from '../../lower/words.ts';
import { isKnown, modelRef } from '../../meaning/models.ts';
import { isWhole } from '../../meaning/whole.ts';
import { codeSpan, escapeMarkdown } from '../markdown.ts';
import { modelAt } from '../models.ts';
import type { EditorLanguageServices } from '../services.ts';

export function wordsMarkdown(text: ast.Text, services: EditorLanguageServices): string | undefined {
    if (!isReadable(text)) return undefined;
    const words = filled(text, services.editor.Plans.contextOf(text));
    const lines: string[] = ast.isTemplateText(text) ? [escapeMarkdown(`"${words}"`)] : [];
    const tokens = tokensForModel(text, words, services);
    if (tokens) {
        const shown = tokens.tokens.map((token) => codeSpan(token)).join(' ');
        lines.push(`${count(tokens.tokens.length, 'token')} of ${tokens.limit}: ${shown}`);
    }
    return lines.length > 0 ? lines.join('\n\n') : undefined;
}

/** Whether the words and the params in them are written to their ends. */
export function isReadable(text: ast.Text): boolean {
    if (!isWhole(text)) return false;
    return !ast.isTemplateText(text) || text.holes.every(({ target }) => !target.ref || isWhole(target.ref));
}

/** The tokens of some words for the model that they are for. */
export function tokensForModel(node: ast.Text, words: string, { editor }: EditorLanguageServices) {
    const document = AstUtils.getDocument(node);
    const model = modelAt(node, document.parseResult.value as ast.Spec);
    if (!isKnown(model)) return undefined;
    const folder = model === 'default' ? document.uri : AstUtils.getDocument(model).uri;
    return editor.Tokenizers.tokensOf(modelRef(model), folder, words);
}
