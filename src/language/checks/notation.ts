/** Notation of other tools in prompts: it means nothing here, and has a form of its own. */
import { AstUtils, GrammarUtils } from 'langium';
import type { Fix } from '../../plan/problem.ts';
import * as ast from '../generated/ast.ts';
import { sourceWords } from '../grammar/text.ts';
import { type Report, replace } from '../place.ts';
import { readPrompt } from '../write/prompt-notation.ts';
import { promptText } from '../write/prompt-text.ts';
import { quote } from '../write/value-text.ts';
import type { Checks } from './check.ts';

export const notationChecks: Checks = {
    PlainText: tellNotation,
    TemplateText: tellNotation,
};

interface Kind {
    readonly what: RegExp;
    readonly instead: string;
}

const ENSEMBLE = 'several prompts at once are an `ensemble`';
const KINDS: readonly Kind[] = [
    { what: /<(?:lora|lyco|hypernet):[^<>]*>/, instead: 'declare a `lora`, and write `apply NAME weight 0.8`' },
    {
        what: /(?<!\\)\[[^[\]]*:\s*\d*\.?\d+\s*\]|(?<!\\)\[[^[\]]*\|[^[\]]*\]/,
        instead:
            'words that change are an `ensemble over embeddings` whose members have weights like `1@0% -> 0@50% hold`',
    },
    { what: /\bBREAK\b/, instead: 'write a comma' },
    { what: /\bAND\b/, instead: ENSEMBLE },
    { what: /\)\.(?:and|blend|swap)\([^()]*\)/, instead: ENSEMBLE },
    { what: /__[\w/-]+?__/, instead: 'words to choose from are a `param` in braces and a sweep over it' },
    { what: /\bembedding:[\w.-]+/, instead: 'declare an `embedding`, and write `<name>`' },
    {
        what: /\([^()]*:\s*\d*\.?\d+\s*\)|\(\([^()]*\)\)|(?<!\\)\[\[[^[\]]*\]\]|\([^()]+\)(?:\d*\.\d+|\+{1,3}|-{1,3})/,
        instead: 'words with weights are written behind the text, as in `"a red car" { "red" 1.4 }`',
    },
];

function tellNotation(text: ast.PlainText | ast.TemplateText, report: Report): void {
    const place = text.$container;
    if (!ast.isPhrase(place) && !ast.isMember(place) && !ast.isPromptChoice(place)) return;
    const words = sourceWords(text);
    // Names in capitals may have an AND of their own.
    const isPlain = /\p{Ll}/u.test(words);
    const found = KINDS.flatMap((kind) => {
        const [match] = isPlain || !/[A-Z]{3}/.test(kind.what.source) ? (kind.what.exec(words) ?? []) : [];
        return match ? [{ match, instead: kind.instead }] : [];
    });
    if (found.length === 0) {
        tellBareNames(text, words, report);
        return;
    }
    const named = found.map(({ match }) => `\`${match.slice(0, 60)}\``).join(', ');
    const verb = found.length === 1 ? 'is notation' : 'are notations';
    const instead = [...new Set(found.map((one) => one.instead))].join('; ');
    const fix = ast.isPhrase(place) ? weightsOf(place, text, words) : undefined;
    const message = `${named} ${verb} of other tools, and read as words here: ${instead}.`;
    report('prompt/notation', 'warning', message, text, fix ? { fix } : {});
}

/** The phrase with the emphasis in its brackets written as weights; undefined where it says more than that. */
function weightsOf(phrase: ast.Phrase, text: ast.Text, words: string): Fix | undefined {
    if (phrase.weight || phrase.words.length > 0 || /<\w+:/.test(words)) return undefined;
    const read = readPrompt(words, 'automatic1111');
    const isWeighted = read.phrases.some((one) => one.weight !== 1 || one.words !== undefined);
    if (read.notes.length > 0 || !isWeighted) return undefined;
    const holes = ast.isTemplateText(text) ? text.holes.map(({ target }) => target.$refText) : [];
    const written = (one: string) =>
        holes.reduce(
            (all, name) =>
                all.replaceAll(`\\{${name}}`, () => `{${name}}`).replaceAll(`\\<${name}>`, () => `<${name}>`),
            quote(one),
        );
    const container = phrase.$container.$cstNode;
    const brace = container && GrammarUtils.findNodeForKeyword(container, '{');
    const isBlock = brace !== undefined && brace.offset < (phrase.$cstNode?.offset ?? 0);
    return replace('Write weights', phrase, promptText(read, written, isBlock ? ' ' : ', '));
}

/** Learned words that are declared, written without their brackets. */
function tellBareNames(text: ast.Text, words: string, report: Report): void {
    const spec = AstUtils.getContainerOfType(text, ast.isSpec);
    for (const { name } of (spec?.declarations ?? []).filter(ast.isEmbedding)) {
        if (!name || words.includes(`<${name}>`)) continue;
        const bare = new RegExp(`(?<![\\p{L}\\p{N}_<-])${name}(?![\\p{L}\\p{N}_>-])`, 'u');
        const written = text.$cstNode?.text ?? '';
        if (!bare.test(words)) continue;
        const fix = replace(`Write \`<${name}>\``, text, written.replace(bare, `<${name}>`));
        const message = `\`${name}\` is a learned word: write \`<${name}>\`, else it is an ordinary word.`;
        report('prompt/learned', 'warning', message, text, { fix });
    }
}
