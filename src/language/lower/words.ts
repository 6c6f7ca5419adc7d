/** Prompts and ensembles to phrases, with params filled in. */
import { type AstNode, AstUtils } from 'langium';
import { type Curve, constant, isAllSteps, isConstant, type Window } from '../../plan/curve.ts';
import type { Conditioning, EnsembleMember, Phrase, PhraseTime, Prompt } from '../../plan/phrases.ts';
import type { LearnedToken } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import { pieces, wordsOf } from '../grammar/text.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { wordSourceNamed, wordsNamedIn } from '../meaning/param-values.ts';
import { type Lowering, paramValue, withValues } from './context.ts';
import { curveOf, windowIn } from './curve.ts';
import { fileOrResult } from './learn.ts';

const EMPTY: Prompt = { phrases: [] };

export function conditioningOf(clause: ast.PromptClause | undefined, context: Lowering): Conditioning {
    const choice = context.changes.prompt;
    if (choice)
        return choice.text
            ? inPlace(textPhrase(choice.text, context))
            : named(choice.source?.ref, withValues(context, choice.bindings));
    if (!clause) return { kind: 'prompt', prompt: EMPTY };
    if (!clause.source) return { kind: 'prompt', prompt: promptOf(clause, context) };
    if (ast.isEnsemble(clause.source.ref)) return ensembleOf(clause.source.ref, withValues(context, clause.bindings));
    return {
        kind: 'prompt',
        prompt: promptWith(...sourcePhrases(clause, context), ...promptOf(clause, context).phrases),
    };
}

export function negativeOf(clause: ast.NegativeClause | undefined, context: Lowering): Prompt {
    const choice = context.changes.negative;
    if (choice?.text) return promptWith(textPhrase(choice.text, context));
    if (choice) {
        const prompt = choice.source?.ref;
        return ast.isPrompt(prompt) ? promptOf(prompt, withValues(context, choice.bindings)) : EMPTY;
    }
    if (!clause) return EMPTY;
    return promptWith(...sourcePhrases(clause, context), ...promptOf(clause, context).phrases);
}

/** The phrases of the prompt that a clause names first. */
function sourcePhrases(clause: ast.PromptClause | ast.NegativeClause, context: Lowering): readonly Phrase[] {
    const prompt = clause.source?.ref;
    if (!ast.isPrompt(prompt)) return [];
    return phrasesOf({ ...emphasisOf(clause, context), prompt }, withValues(context, clause.bindings), [clause]);
}

function named(source: ast.PromptSource | undefined, context: Lowering): Conditioning {
    if (ast.isEnsemble(source)) return ensembleOf(source, context);
    return { kind: 'prompt', prompt: source ? promptOf(source, context) : EMPTY };
}

function ensembleOf(ensemble: ast.Ensemble, context: Lowering): Conditioning {
    return {
        kind: 'ensemble',
        over: ensemble.space ?? DEFAULTS.over,
        members: ensemble.members.map((member) => memberOf(member, context)),
    };
}

function memberOf(member: ast.Member, context: Lowering): EnsembleMember {
    const swept = context.changes.weights.get(member);
    const name = member.name ?? member.prompt?.$refText;
    return {
        ...(name === undefined ? {} : { name }),
        prompt: memberPrompt(member, context),
        weight: swept === undefined ? (member.weight ? curveOf(member.weight, context) : constant(1)) : constant(swept),
    };
}

function memberPrompt(member: ast.Member, context: Lowering): Prompt {
    const named = member.prompt?.ref;
    if (member.prompt) return named ? promptOf(named, withValues(context, member.bindings)) : EMPTY;
    return member.text ? promptWith(textPhrase(member.text, context)) : promptOf(member, context);
}

/** The phrases of a prompt, those of the prompts that it names among them. A prompt that contains itself ends there. */
export function promptOf(
    node: { readonly phrases: readonly ast.Phrase[] },
    context: Lowering,
    within: readonly unknown[] = [],
): Prompt {
    const phrases = node.phrases.flatMap((phrase) => {
        const own = emphasisOf(phrase, context);
        if (phrase.text) return [{ text: filled(phrase.text, context), ...own }];
        const prompt = phrase.prompt?.ref;
        return prompt ? phrasesOf({ ...own, prompt }, withValues(context, phrase.bindings), [...within, node]) : [];
    });
    return promptWith(...phrases);
}

/** The phrases of a prompt that is named, with the emphasis and the windows of the place that names it. */
function phrasesOf(
    own: Omit<Phrase, 'text'> & { readonly prompt: ast.Prompt },
    context: Lowering,
    within: readonly unknown[],
): readonly Phrase[] {
    if (within.includes(own.prompt)) return [];
    return promptOf(own.prompt, context, within).phrases.map(({ text, weight, words = [], times = [] }) => {
        const all = [...words, ...(own.words ?? [])];
        const whenever = [...times, ...(own.times ?? [])];
        return {
            text,
            weight: weight * own.weight,
            ...(all.length > 0 && { words: all }),
            ...(whenever.length > 0 && { times: whenever }),
        };
    });
}

function inPlace(phrase: Phrase): Conditioning {
    return { kind: 'prompt', prompt: promptWith(phrase) };
}

/** An empty phrase says nothing: it is left out, so that `""` is the empty prompt. */
function promptWith(...phrases: readonly Phrase[]): Prompt {
    return { phrases: phrases.filter(({ text }) => text !== '') };
}

export function textPhrase(text: ast.Text, context: Lowering): Phrase {
    return { text: filled(text, context), weight: 1 };
}

/** What a phrase, or the prompt that it names, weighs and when it is read. */
function emphasisOf(
    { weight, window, words }: Pick<ast.Phrase, 'weight' | 'window' | 'words'>,
    context: Lowering,
): Omit<Phrase, 'text'> {
    const during = windowIn(window, context);
    return {
        ...weightOver(weight, during, context),
        ...(words.length > 0 && {
            words: words.map((one) => {
                const own = weightOver(one.weight, during, context);
                // The window is the phrase's.
                return { words: filled(one.text, context), ...(isConstantly(own) ? { weight: own.weight } : own) };
            }),
        }),
    };
}

interface Emphasis {
    readonly weight: number;
    readonly times?: readonly PhraseTime[];
}

function weightOver(curve: ast.Curve | undefined, during: Window, context: Lowering): Emphasis {
    const weight: Curve = curve ? curveOf(curve, context, 'emphasis') : constant(1);
    const first = weight.keys[0]?.value ?? 1;
    if (!isConstant(weight)) return { weight: 1, times: [{ during, weight }] };
    return isAllSteps(during) ? { weight: first } : { weight: first, times: [{ during, weight: constant(1) }] };
}

function isConstantly({ times = [] }: Emphasis): boolean {
    return times.every(({ weight }) => isConstant(weight));
}

/** The words of a string: params as their values, learned tokens as `<name>`. */
export function filled(text: ast.Text, context: Lowering): string {
    return wordsOf(text, ({ kind, hole }) => {
        const target = hole.target.ref;
        if (kind === 'param') return ast.isParam(target) ? String(paramValue(target, context)) : '';
        return `<${hole.target.$refText}>`;
    });
}

/** The learned words in the value of a param: `<name>`, by the names of its file. */
function wordsIn(
    param: ast.Param,
    context: Lowering,
): readonly { readonly token: string; readonly target: ast.WordSource }[] {
    return wordsNamedIn(String(paramValue(param, context))).flatMap((token) => {
        const target = wordSourceNamed(token, param);
        return target ? [{ token, target }] : [];
    });
}

/** A string that the text encoder reads, with the values that params have there. */
export interface ReadText {
    readonly text: ast.Text;
    readonly context: Lowering;
}

/** The strings within a node, and those of the prompts that it names. */
export function* textsIn(node: AstNode, context: Lowering, seen: readonly AstNode[] = []): Iterable<ReadText> {
    for (const one of AstUtils.streamAst(node)) {
        const isText = ast.isPlainText(one) || ast.isTemplateText(one);
        // What a param is set to is read where the param is.
        if (isText && !AstUtils.getContainerOfType(one, ast.isParamBinding)) yield { text: one, context };
        const { source, bindings } = namedBy(one) ?? {};
        if (!source || !bindings || seen.includes(source)) continue;
        yield* textsIn(source, withValues(context, bindings), [...seen, source]);
    }
}

/** The prompt that a node names, and what is set for it. */
function namedBy(
    node: AstNode,
): { readonly source?: ast.PromptSource | undefined; readonly bindings: readonly ast.ParamBinding[] } | undefined {
    if (ast.isPromptClause(node) || ast.isNegativeClause(node) || ast.isPromptChoice(node)) {
        return { source: node.source?.ref, bindings: node.bindings };
    }
    return ast.isPhrase(node) || ast.isMember(node) ? { source: node.prompt?.ref, bindings: node.bindings } : undefined;
}

/** The learned tokens that strings name, each once, by name. */
export function learnedTokens(texts: Iterable<ReadText>): readonly LearnedToken[] {
    const tokens = new Map<string, LearnedToken>();
    for (const { text, context } of texts) {
        for (const piece of pieces(text)) {
            if (piece.kind === 'words') continue;
            const target = piece.hole.target.ref;
            const named = ast.isParam(target)
                ? wordsIn(target, context)
                : target
                  ? [{ token: piece.hole.target.$refText, target }]
                  : [];
            for (const { token, target: source } of named) {
                const file = tokens.has(token) ? undefined : fileOrResult(source, context);
                if (file) tokens.set(token, { token, file });
            }
        }
    }
    return [...tokens.values()].sort((a, b) => (a.token < b.token ? -1 : 1));
}
