/** What becomes of a prompt's words: those beyond what the text encoder reads, and those that the built-in model has not learnt. */

import type { AstNode } from 'langium';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { nearest } from '../linking/nearest.ts';
import { specFolderOf } from '../linking/paths.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { type Effective, effective, extendedBy, settingOf } from '../meaning/inherit.ts';
import { modelRef, usedModel } from '../meaning/models.ts';
import { readWords, windowsOf } from '../meaning/read-phrases.ts';
import { isWhole } from '../meaning/whole.ts';
import type { Report } from '../place.ts';
import { knownStepsRun } from './numbers.ts';

/** Words that a generate loses, and those that its model has not learnt. What its base has too is said there, and once. */
export function reportWords(generate: ast.Generate, files: FileAccess, report: Report): void {
    if (readsTheSame(generate)) return;
    const found = wordsOf(generate, files);
    const base = found.some(({ node }) => node === generate) ? extendedBy(generate) : undefined;
    const said = new Set(base && base !== generate ? wordsOf(base, files).map(({ message }) => message) : []);
    for (const { code, severity, message, node } of found) {
        if (node !== generate || !said.has(message)) report(code, severity, message, node);
    }
}

/** Whether all that decides about its words is its base's, which nearly all heirs of a long chain have. */
function readsTheSame(generate: ast.Generate): boolean {
    const base = extendedBy(generate);
    if (!base || base === generate) return false;
    const [settings, before] = [generate, base].map((one) =>
        effective(one).flatMap(({ setting }) => (DECIDING.has(setting.$type) ? [setting] : [])),
    ) as [ast.Setting[], ast.Setting[]];
    if (settings.length !== before.length || settings.some((setting, k) => setting !== before[k])) return false;
    return settings.every((setting) => windowsOf(setting).length === 0);
}

/** Settings that decide which words are read, and by what. Steps do where phrases have windows. */
const DECIDING: ReadonlySet<string> = new Set<ast.Setting['$type']>([
    'PromptClause',
    'NegativeClause',
    'UseClause',
    'LongPromptsClause',
    'ApplyClause',
]);

interface Said {
    readonly code: 'prompt/long' | 'prompt/unlearnt';
    readonly severity: 'warning' | 'hint';
    readonly message: string;
    /** The prompt, or the generate that inherits it. */
    readonly node: AstNode;
}

function wordsOf(generate: ast.Generate, files: FileAccess): readonly Said[] {
    const settings = effective(generate);
    const prompts = promptsOf(generate, settings);
    return [...lost(generate, settings, prompts, files), ...unlearnt(settings, prompts, files)];
}

/** Words beyond what the text encoder reads. */
function lost(
    generate: ast.Generate,
    settings: readonly Effective[],
    prompts: readonly JoinedPrompt[],
    files: FileAccess,
): readonly Said[] {
    if (settingOf(settings, ast.isLongPromptsClause)?.mode === 'chunk') return [];
    const model = usedModel(settings);
    if (!model) return [];
    const ref = modelRef(model);
    const folder = specFolderOf(model === 'default' ? generate : model).toString();
    return prompts.flatMap(({ text, node }): readonly Said[] => {
        const tokens = files.countTokens?.(ref, folder, text);
        if (!tokens || tokens.count <= tokens.limit) return [];
        const message = `This prompt has ${tokens.count} tokens, but the text encoder reads ${tokens.limit}: "${tokens.lost}" is lost. Shorten it, or write \`long prompts chunk\`.`;
        return [{ code: 'prompt/long', severity: 'warning', message, node }];
    });
}

/** Words that the built-in model has not learnt. */
function unlearnt(
    settings: readonly Effective[],
    prompts: readonly JoinedPrompt[],
    files: FileAccess,
): readonly Said[] {
    const model = usedModel(settings);
    const known = model && files.knownWords?.(modelRef(model));
    // A LoRA brings words of its own.
    if (!known || settingOf(settings, ast.isApplyClause)) return [];
    return prompts.flatMap(({ text, node }): readonly Said[] => {
        const words =
            text
                .replace(/<[^>]*>|\{[^}]*\}/g, ' ')
                .toLowerCase()
                .match(/[a-z]+/g) ?? [];
        const strange = [...new Set(words)].filter((word) => !known.has(word) && !FILLERS.has(word));
        if (strange.length === 0) return [];
        const near = strange.flatMap((word) => nearest(word, known) ?? []);
        const hint =
            near.length > 0
                ? `Words near to them that it knows: ${near.join(', ')}.`
                : 'It knows twenty subjects such as turtle, house and boat, in places such as on a beach.';
        const message = `The built-in model has not learnt ${strange.map((word) => `"${word}"`).join(', ')}: what it draws for that is arbitrary. ${hint}`;
        return [{ code: 'prompt/unlearnt', severity: 'hint', message, node }];
    });
}

/** Words that mean nothing to the model, and that are not expected to be drawn. */
const FILLERS: ReadonlySet<string> = new Set(
    'and or with for from to is its very one two s that which looks like art as it'.split(' '),
);

interface JoinedPrompt {
    readonly text: string;
    readonly node: AstNode;
}

function promptsOf(generate: ast.Generate, settings: readonly Effective[]): readonly JoinedPrompt[] {
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
