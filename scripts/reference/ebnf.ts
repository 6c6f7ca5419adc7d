/** The grammar as EBNF: what Langium's grammar says, in the notation that books use. */
import { type Grammar, GrammarAST } from 'langium';

/** Rules that only catch mistakes: they are no part of the language. */
const SILENT = /^Unknown/;

/** The rules that users can write, in the grammar's order. */
export function rulesOf(grammar: Grammar): readonly GrammarAST.ParserRule[] {
    return grammar.rules.filter(GrammarAST.isParserRule).filter(({ name }) => !SILENT.test(name));
}

/** One rule as a line of EBNF, broken where it grows long. */
export function ruleText(rule: GrammarAST.ParserRule): string {
    const body = elementText(rule.definition, 'rule');
    const line = `${rule.name} = ${body} ;`;
    return line.length <= 110 ? line : `${rule.name} =\n    ${wrapped(body)}\n    ;`;
}

type Around = 'rule' | 'group' | 'alternatives' | 'cardinality';

function elementText(element: GrammarAST.AbstractElement, around: Around): string {
    if (element.cardinality) {
        const text = bare(element, 'cardinality');
        if (element.cardinality === '?') return `[ ${trimmed(element)} ]`;
        if (element.cardinality === '*') return `{ ${trimmed(element)} }`;
        return `${text} { ${trimmed(element)} }`;
    }
    return bare(element, around);
}

/** The inside of brackets needs no parentheses of its own. */
function trimmed(element: GrammarAST.AbstractElement): string {
    return bare(element, 'rule');
}

function bare(element: GrammarAST.AbstractElement, around: Around): string {
    if (GrammarAST.isKeyword(element)) return `"${element.value}"`;
    if (GrammarAST.isRuleCall(element)) return element.rule.$refText;
    if (GrammarAST.isAssignment(element)) return elementText(element.terminal, around === 'rule' ? 'rule' : 'group');
    if (GrammarAST.isCrossReference(element)) return `${element.type.$refText}·name`;
    if (GrammarAST.isAction(element)) return '';
    if (GrammarAST.isAlternatives(element)) {
        const parts = element.elements.map((part) => elementText(part, 'alternatives')).filter(isRule);
        const text = [...new Set(parts)].join(' | ');
        return parts.length > 1 && around !== 'rule' ? `( ${text} )` : text;
    }
    if (GrammarAST.isGroup(element)) {
        const text = element.elements
            .map((part) => elementText(part, 'group'))
            .filter((part) => part !== '')
            .join(' ');
        return around === 'cardinality' ? `( ${text} )` : text;
    }
    return '';
}

function isRule(text: string): boolean {
    return text !== '' && !SILENT.test(text);
}

/** Breaks between alternatives at the top, else after about a line's length. */
function wrapped(text: string): string {
    const lines: string[] = [''];
    let depth = 0;
    for (const word of text.split(' ')) {
        const breaks = (depth === 0 && word === '|') || lines.at(-1)!.length + word.length > 100;
        if (breaks) lines.push(word);
        else lines[lines.length - 1] += lines.at(-1) === '' ? word : ` ${word}`;
        if (/^[([{]$/.test(word)) depth += 1;
        if (/^[)\]}]$/.test(word)) depth -= 1;
    }
    return lines.join('\n    ');
}

/** Every keyword with a doc comment in a rule, in the order of writing. */
export function keywordDocs(rule: GrammarAST.ParserRule): readonly { readonly word: string; readonly doc: string }[] {
    const found: { word: string; doc: string }[] = [];
    const visit = (element: GrammarAST.AbstractElement): void => {
        if (GrammarAST.isKeyword(element)) {
            const doc = docOf(element);
            if (doc) found.push({ word: element.value, doc });
        }
        if (GrammarAST.isAssignment(element)) visit(element.terminal);
        if (GrammarAST.isAlternatives(element) || GrammarAST.isGroup(element))
            for (const part of element.elements) visit(part);
    };
    visit(rule.definition);
    return found;
}

function docOf(keyword: GrammarAST.Keyword): string | undefined {
    const comment: unknown = '$comment' in keyword ? keyword.$comment : undefined;
    if (typeof comment !== 'string') return undefined;
    return comment
        .replace(/^\/\*\*|\*\/$/g, '')
        .replace(/^\s*\* ?/gm, '')
        .trim();
}
