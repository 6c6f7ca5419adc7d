/** Prompts and ensembles to phrases, with params filled in. */
import { constant } from '../../plan/curve.ts';
import type { Conditioning, EnsembleMember, Phrase, Prompt } from '../../plan/phrases.ts';
import type { LearnedToken } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import { pieces, wordsOf } from '../grammar/text.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { amountOf, type Lowering, paramValue } from './context.ts';
import { curveOf } from './curve.ts';
import { fileOrResult } from './learn.ts';

const EMPTY: Prompt = { phrases: [] };

export function conditioningOf(clause: ast.PromptClause | undefined, context: Lowering): Conditioning {
    const choice = context.changes.prompt;
    if (choice) return choice.text ? inPlace(textPhrase(choice.text, context)) : named(choice.source?.ref, context);
    if (!clause) return { kind: 'prompt', prompt: EMPTY };
    if (!clause.source) return { kind: 'prompt', prompt: promptOf(clause, context) };
    const source = named(clause.source.ref, context);
    if (clause.phrases.length === 0 || source.kind !== 'prompt') return source;
    return { kind: 'prompt', prompt: promptWith(...source.prompt.phrases, ...promptOf(clause, context).phrases) };
}

export function negativeOf(clause: ast.NegativeClause | undefined, context: Lowering): Prompt {
    const choice = context.changes.negative;
    if (choice?.text) return promptWith(textPhrase(choice.text, context));
    const source = choice ? choice.source?.ref : clause?.source?.ref;
    const more = clause && !choice ? promptOf(clause, context).phrases : [];
    if (ast.isPrompt(source)) return promptWith(...promptOf(source, context).phrases, ...more);
    return clause && !choice ? promptOf(clause, context) : EMPTY;
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
    if (member.prompt) return member.prompt.ref ? promptOf(member.prompt.ref, context) : EMPTY;
    return member.text ? promptWith(textPhrase(member.text, context)) : promptOf(member, context);
}

/** The phrases of a prompt, those of the prompts that it names among them. A prompt that contains itself ends there. */
export function promptOf(
    node: { readonly phrases: readonly ast.Phrase[] },
    context: Lowering,
    within: readonly unknown[] = [],
): Prompt {
    return promptWith(...node.phrases.flatMap((phrase) => phrasesOf(phrase, context, [...within, node])));
}

function phrasesOf(phrase: ast.Phrase, context: Lowering, within: readonly unknown[]): readonly Phrase[] {
    const own = weightedPhrase(phrase, context);
    if (!phrase.prompt) return [own];
    const prompt = phrase.prompt.ref;
    if (!prompt || within.includes(prompt)) return [];
    return promptOf(prompt, context, within).phrases.map(({ text, weight, words = [] }) => {
        const all = [...words, ...(own.words ?? [])];
        return { text, weight: weight * own.weight, ...(all.length > 0 && { words: all }) };
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

function weightedPhrase({ text, weight, words }: ast.Phrase, context: Lowering): Phrase {
    return {
        text: text ? filled(text, context) : '',
        weight: weight ? amountOf(weight, context, 'emphasis') : 1,
        ...(words.length > 0 && {
            words: words.map((one) => ({
                words: filled(one.text, context),
                weight: amountOf(one.weight, context, 'emphasis'),
            })),
        }),
    };
}

/** The words of a string: params as their values, learned tokens as `<name>`. */
export function filled(text: ast.Text, context: Lowering): string {
    return wordsOf(text, ({ kind, hole }) => {
        const target = hole.target.ref;
        if (kind === 'param') return ast.isParam(target) ? String(paramValue(target, context)) : '';
        return `<${hole.target.$refText}>`;
    });
}

/** The learned tokens that strings within these nodes name, each once, by name. */
export function learnedTokens(texts: Iterable<ast.Text>, context: Lowering): readonly LearnedToken[] {
    const tokens = new Map<string, LearnedToken>();
    for (const text of texts) {
        for (const piece of pieces(text)) {
            const target = piece.kind === 'embedding' ? piece.hole.target.ref : undefined;
            if (piece.kind !== 'embedding' || !target || ast.isParam(target)) continue;
            const token = piece.hole.target.$refText;
            const file = tokens.has(token) ? undefined : fileOrResult(target, context);
            if (file) tokens.set(token, { token, file });
        }
    }
    return [...tokens.values()].sort((a, b) => (a.token < b.token ? -1 : 1));
}
