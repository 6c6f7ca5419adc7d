/** Features: what the grammar allows at a place, found from the headers of the blocks around it and the clause so far. */
import type { IToken } from 'chevrotain';
import { type Grammar, GrammarAST, type LangiumCompletionParser } from 'langium';
import { findFirstFeatures, findNextFeatures, type NextFeature } from 'langium/lsp';
import { ruleOf, SILENT } from './fits.ts';

/** After these tokens a clause continues, on whatever line. */
const OPEN_ENDED = /^(,|->|\.\.|@|=|\[|<=|>=)$/;

/** Words that begin several options of one clause: `infuse a with deep`, `infuse a with seed 3`. */
const AMBIGUOUS: ReadonlySet<string> = new Set(['with']);

/** The ways through undecided tokens double with each of them. */
const MAX_UNDECIDED = 6;

/** The text of a place: the headers of the open blocks, and the tokens of the clause after the last of them. */
interface Context {
    readonly prefix: string;
    readonly clause: readonly IToken[];
    /** How many blocks are open. */
    readonly depth: number;
}

export class CompletionFeatures {
    readonly #parser: LangiumCompletionParser;
    /** The rules whose first word is a keyword, and all that they contain, by the keyword. */
    readonly #reach = new Map<string, ReadonlySet<string>>();
    readonly #grammar: Grammar;

    constructor(parser: LangiumCompletionParser, grammar: Grammar) {
        this.#parser = parser;
        this.#grammar = grammar;
    }

    /**
     * What may be after the tokens, which begin with a declaration. Clauses that are done are left out: where one of
     * them is broken, the others are completed all the same. Undefined outside of blocks.
     */
    within(tokens: readonly IToken[], text: string): readonly NextFeature[] | undefined {
        const { prefix, clause, depth } = contextOf(tokens, text);
        if (depth === 0) return undefined;
        const parsed = this.#parsed(prefix, clause, text);
        // Behind a word that two options begin with, the parser has chosen one of them.
        const isUndecided = parsed !== undefined && AMBIGUOUS.has(clause.at(-1)?.image ?? '');
        const found = parsed && !isUndecided ? parsed : this.#matched(prefix, clause);
        const first = clause[0];
        const reach = first && first.tokenType.name === first.image ? this.#reachOf(first.image) : undefined;
        return found.filter(({ feature }) => {
            const rule = ruleOf(feature);
            return (rule === 'AxisName' || !SILENT.has(rule)) && (!reach || reach.has(rule));
        });
    }

    /** What follows, where the parser gets through the clause as one that it knows. */
    #parsed(prefix: string, clause: readonly IToken[], text: string): readonly NextFeature[] | undefined {
        const first = clause[0];
        const parsed = this.#parser.parse(first ? `${prefix} ${text.slice(first.startOffset)}` : prefix);
        if (parsed.tokens.length > parsed.tokenIndex || parsed.elementStack.some((one) => SILENT.has(ruleOf(one))))
            return undefined;
        return findNextFeatures([parsed.elementStack.map((feature) => ({ feature }))], []);
    }

    /** What follows, where the parser cannot decide yet: every way that the grammar has through a short clause. */
    #matched(prefix: string, clause: readonly IToken[]): readonly NextFeature[] {
        const parsed = this.#parser.parse(prefix);
        const tokens = [...[...parsed.tokens].slice(parsed.tokenIndex), ...clause];
        if (tokens.length > MAX_UNDECIDED) return [];
        return findNextFeatures([parsed.elementStack.map((feature) => ({ feature }))], tokens);
    }

    /** What may be after a text outside of blocks. */
    outside(text: string): readonly NextFeature[] | undefined {
        const { tokens, tokenIndex } = this.#parser.parse(text);
        return tokenIndex > 0 && tokens.length - tokenIndex > MAX_UNDECIDED ? [] : undefined;
    }

    /** The rules that a clause with this first word may lead to; undefined where no clause begins so. */
    #reachOf(keyword: string): ReadonlySet<string> | undefined {
        const known = this.#reach.get(keyword);
        if (known) return known.size > 0 ? known : undefined;
        const starts = this.#grammar.rules.filter(GrammarAST.isParserRule).filter(({ definition, name }) => {
            if (!/(\wClause|\wAxis|Expectation|Member)$/.test(name)) return false;
            return findFirstFeatures(definition).some((path) => {
                const feature = path.at(-1)?.feature;
                return GrammarAST.isKeyword(feature) && feature.value === keyword;
            });
        });
        const reach = new Set<string>();
        for (const rule of starts) visit(rule, reach);
        this.#reach.set(keyword, reach);
        return reach.size > 0 ? reach : undefined;
    }
}

function visit(rule: GrammarAST.ParserRule, reach: Set<string>): void {
    if (reach.has(rule.name)) return;
    reach.add(rule.name);
    const walk = (element: GrammarAST.AbstractElement): void => {
        if (GrammarAST.isRuleCall(element) && GrammarAST.isParserRule(element.rule.ref)) visit(element.rule.ref, reach);
        else if (GrammarAST.isAssignment(element)) walk(element.terminal);
        else if (GrammarAST.isAlternatives(element) || GrammarAST.isGroup(element)) element.elements.forEach(walk);
    };
    walk(rule.definition);
}

function contextOf(tokens: readonly IToken[], text: string): Context {
    const open: number[] = [];
    for (const [index, token] of tokens.entries()) {
        if (token.image === '{') open.push(index);
        if (token.image === '}') open.pop();
    }
    let prefix = '';
    let from = 0;
    for (const brace of open) {
        const start = from === 0 ? 0 : clauseStart(tokens, from, brace, text);
        prefix += ` ${text.slice(tokens[start]!.startOffset, tokens[brace]!.endOffset! + 1)}`;
        from = brace + 1;
    }
    const clause = tokens.slice(clauseStart(tokens, from, tokens.length, text));
    return { prefix, clause, depth: open.length };
}

/** The first token of the clause that goes up to `to`, of the tokens from `from` on. */
function clauseStart(tokens: readonly IToken[], from: number, to: number, text: string): number {
    let start = to;
    // Behind the last token, a line break ends the clause, unless something is still to come.
    const end = to < tokens.length ? tokens[to]!.startOffset : text.length;
    let next = end;
    for (let index = to - 1; index >= from; index--) {
        const token = tokens[index]!;
        const gap = text.slice(token.endOffset! + 1, next);
        if (gap.includes('\n') && !OPEN_ENDED.test(token.image)) break;
        if (token.image === '}' && gap.includes('\n')) break;
        start = index;
        next = token.startOffset;
    }
    return start;
}
