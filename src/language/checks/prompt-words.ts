/** What becomes of a prompt's words: those beyond what the text encoder reads, and those that the built-in model has not learnt. */

import type { AstNode } from 'langium';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { nearest } from '../linking/nearest.ts';
import { specFolderOf } from '../linking/paths.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { modelRef, usedModel } from '../meaning/models.ts';
import { readWords } from '../meaning/read-phrases.ts';
import { isWhole } from '../meaning/whole.ts';
import type { Report } from '../place.ts';
import { knownStepsRun } from './numbers.ts';

/** Words beyond what the text encoder reads. */
export function reportLost(generate: ast.Generate, files: FileAccess, report: Report): void {
    if (!files.countTokens) return;
    const settings = effective(generate);
    if (settingOf(settings, ast.isLongPromptsClause)?.mode === 'chunk') return;
    const model = usedModel(settings);
    if (!model) return;
    const ref = modelRef(model);
    const folder = specFolderOf(model === 'default' ? generate : model).toString();
    for (const { text, node } of promptsOf(generate, settings)) {
        const tokens = files.countTokens(ref, folder, text);
        if (!tokens || tokens.count <= tokens.limit) continue;
        const message = `This prompt has ${tokens.count} tokens, but the text encoder reads ${tokens.limit}: "${tokens.lost}" is lost. Shorten it, or write \`long prompts chunk\`.`;
        report('prompt/long', 'warning', message, node);
    }
}

/** Words that the built-in model has not learnt. */
export function reportUnlearnt(generate: ast.Generate, files: FileAccess, report: Report): void {
    const settings = effective(generate);
    const model = usedModel(settings);
    const known = model && files.knownWords?.(modelRef(model));
    // A LoRA brings words of its own.
    if (!known || settingOf(settings, ast.isApplyClause)) return;
    for (const { text, node } of promptsOf(generate, settings)) {
        const words =
            text
                .replace(/<[^>]*>|\{[^}]*\}/g, ' ')
                .toLowerCase()
                .match(/[a-z]+/g) ?? [];
        const unlearnt = [...new Set(words)].filter((word) => !known.has(word) && !FILLERS.has(word));
        if (unlearnt.length === 0) continue;
        const near = unlearnt.flatMap((word) => nearest(word, known) ?? []);
        const hint =
            near.length > 0
                ? `Words near to them that it knows: ${near.join(', ')}.`
                : 'It knows twenty subjects such as turtle, house and boat, in places such as on a beach.';
        const message = `The built-in model has not learnt ${unlearnt.map((word) => `"${word}"`).join(', ')}: what it draws for that is arbitrary. ${hint}`;
        report('prompt/unlearnt', 'hint', message, node);
    }
}

/** Words that mean nothing to the model, and that are not expected to be drawn. */
const FILLERS: ReadonlySet<string> = new Set(
    'and or with for from to is its very one two s that which looks like art as it'.split(' '),
);

interface JoinedPrompt {
    readonly text: string;
    readonly node: AstNode;
}

function promptsOf(generate: ast.Generate, settings: ReturnType<typeof effective>): readonly JoinedPrompt[] {
    return settings.flatMap(({ setting }): readonly JoinedPrompt[] => {
        if (!ast.isPromptClause(setting) && !ast.isNegativeClause(setting)) return [];
        const node = setting.$container === generate ? setting : generate;
        const source = setting.source?.ref;
        const prompts = ast.isEnsemble(source) ? source.members.filter(isWhole) : [setting];
        const run = knownStepsRun(settings) ?? DEFAULTS.steps;
        const texts = prompts.flatMap((prompt) => readWords(prompt, run).map(({ text }) => text));
        return [...new Set(texts)].map((text) => ({ text, node }));
    });
}
