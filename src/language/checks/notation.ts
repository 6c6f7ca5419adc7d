/** Notation of other tools in prompts: it means nothing here, and has a form of its own. */
import { type AstNode, AstUtils } from 'langium';
import * as ast from '../generated/ast.ts';
import { sourceWords } from '../grammar/text.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { notationFix } from './notation-fix.ts';

export const notationChecks: Checks = {
    PlainText: reportNotation,
    TemplateText: reportNotation,
};

interface Kind {
    readonly what: RegExp;
    readonly instead: string;
}

const WEIGHTS = 'words with weights are written behind the text, as in `"a red car" { "red" 1.4 }`';
const KINDS: readonly Kind[] = [
    {
        what: /<(?:lora|lyco):[^<>]*>/,
        instead: 'a LoRA acts on the whole picture: declare it with `lora`, and write `apply NAME weight 0.8`',
    },
    {
        what: /<hypernet:[^<>]*>/,
        instead: "hypernetworks can't be used here; a `lora` or an `embedding` comes nearest",
    },
    {
        what: /(?<!\\)\[[^[\]]*:\s*\d*\.?\d+(?:\s*[,-]\s*\d*\.?\d+)*\s*\]/,
        instead:
            'words that change on the way are phrases with windows, as in `"a cat" during 0%..50%, "a dog" during 50%..100%`',
    },
    {
        what: /(?<!\\)\[[^[\]]*\|[^[\]]*\]/,
        instead:
            'nothing here alternates from step to step; the mean of both comes nearest, an `ensemble over embeddings`',
    },
    { what: /\bBREAK\b/, instead: 'no word here begins another 75 tokens; a comma comes nearest' },
    {
        what: /\bAND(?:_[A-Z]+)?\b/,
        instead: 'several prompts at once are an `ensemble`, which takes their mean where `AND` adds them up',
    },
    { what: /\)\.blend\([^()]*\)/, instead: 'mixed prompts are an `ensemble over embeddings`' },
    {
        what: /\)\.and\([^()]*\)/,
        instead: 'prompts behind each other are phrases with commas, which come nearest',
    },
    {
        what: /\)?\.swap\([^()]*\)/,
        instead: "words can't be exchanged inside the U-Net here; two prompts come nearest",
    },
    {
        what: /\{[^{}|]*(?:\|[^{}|]*)+\}|__[\w/-]+?__/,
        instead: 'words to choose from are a `param` in braces and a `sweep` over it',
    },
    {
        what: /\bADD(?:BASE|COMM|ROW|COL)\b/,
        instead: 'no words are for a part of the picture here: `mask` with another prompt repaints a part',
    },
    {
        what: /\bembedding:[\w.-]+|<(?:embed|embedding|ti):[^<>]*>/,
        instead: 'declare an `embedding`, and write `<name>`',
    },
    {
        what: /<(?!(?:lora|lyco|hypernet|embed|embedding|ti)\b)[A-Za-z]+(?:\[[^\]]*\])?:[^<>]*>/,
        instead: 'such a tag asks another tool for something that no prompt does here: leave it out',
    },
    {
        what: /(?<=^|\s)--[A-Za-z]\w*/,
        instead: 'such options are clauses here, as `size`, `seed`, `negative` and `guidance`',
    },
    { what: /\\[()[\]{}]/, instead: 'brackets are ordinary characters here: write them without `\\`' },
    {
        what: /\([^()]*:\s*[+-]?\d*\.?\d+\s*(?:\)|$)|\(\([^()]*\)\)|(?<!\\)\[\[[^[\]]*\]\]|\{\{[^{}|]*\}\}|\([^()]+\)(?:\d*\.\d+|\+{1,4}|-{1,4})|(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]*\p{L}{2}(?:\+{2,4}|-{2,4})(?=[\s,.]|$)/u,
        instead: WEIGHTS,
    },
    {
        what: /\S::-?\d*\.?\d+(?![^[\]]*\])|-?\d*\.?\d+::(?=\S)(?![^[\]]*\])/,
        instead: `${WEIGHTS}, prompts with weights are an \`ensemble\``,
    },
];

/** A bracket around all that is between two commas, or one that nothing closes: it may be emphasis, and it may be meant. */
const MAYBE: Kind = {
    what: /(?<=^\s*|,\s*)(?:\([^()[\]:,]+\)(?=\s*(?:,|$))|\[[^()[\]:,|]+\](?=\s*(?:,|$))|\((?=[^\s()])[^()[\]:]+$)|[\p{L}\p{N}]+:\d+\.\d+(?=\s*(?:,|$))/u,
    instead: `if it is emphasis, ${WEIGHTS}`,
};

/** Whether a string is words for the text encoder, and where. */
function promptPlace(text: ast.Text): ast.Phrase | ast.Member | ast.PromptChoice | undefined {
    const place = text.$container;
    return ast.isPhrase(place) || ast.isMember(place) || ast.isPromptChoice(place) ? place : undefined;
}

/** Braces that are notation of other tools, reported as that: words to choose from `{red|blue}`, emphasis `{{red}}`. */
export function hasForeignBraces(text: ast.Text): boolean {
    return promptPlace(text) !== undefined && /\{[^{}|]*\|[^{}]*\}|\{\{[^{}|]*\}\}/.test(sourceWords(text));
}

/** Whether doubled braces hold a name that nothing has: `{{red}}` is emphasis, and one mistake. */
export function hasForeignHoles(text: AstNode): boolean {
    return ast.isTemplateText(text) && hasForeignBraces(text) && text.holes.some(({ target }) => !target.ref);
}

/** Notation is looked for in so many characters, many times what a text encoder reads: patterns take longer than their text. */
const MAX_SEARCHED = 4000;

function reportNotation(text: ast.PlainText | ast.TemplateText, report: Report): void {
    const place = promptPlace(text);
    if (!place) return;
    const whole = sourceWords(text);
    const words = whole.slice(0, MAX_SEARCHED);
    // Names in capitals may have an AND of their own.
    const isPlain = /\p{Ll}/u.test(words);
    const first = (kind: Kind) => {
        const [match] = isPlain || !/[A-Z]{3}/.test(kind.what.source) ? (kind.what.exec(words) ?? []) : [];
        return match ? [{ match, instead: kind.instead }] : [];
    };
    const sure = KINDS.flatMap(first);
    const found = sure.length > 0 ? sure : first(MAYBE);
    if (found.length === 0) {
        reportBareNames(text, words, report);
        reportBrackets(text, report);
        return;
    }
    const parts = [...new Set(found.map(({ match }) => `\`${match.trim().slice(0, 60)}\``))];
    const named = parts.join(', ');
    const verb = parts.length === 1 ? 'is notation' : 'are notations';
    const instead = [...new Set(found.map((one) => one.instead))].join('; ');
    const fix = whole === words ? notationFix(text, place, words) : undefined;
    const blocks = hasForeignHoles(text);
    const read = blocks ? '' : ', and read as words here';
    const message = `${named} ${verb} of other tools${read}: ${instead}.`;
    const severity = blocks ? 'error' : sure.length > 0 ? 'warning' : 'information';
    report('prompt/notation', severity, message, text, fix ? { fix } : {});
}

/** A pair of brackets around words, no weight in them and no other pair around: prose in a sentence, emphasis elsewhere. */
const BRACKETS = /(?<![\\(])\(([^():"\\]+)\)(?!\))/;

function reportBrackets(text: Parameters<Report>[3], report: Report): void {
    const [, words] = BRACKETS.exec(text.$cstNode?.text ?? '') ?? [];
    if (words === undefined) return;
    const message = `\`(${words})\` is read with its brackets, which change the picture; other tools read them as emphasis: leave them out, or write \`{ "${words}" 1.1 }\` behind the text.`;
    report('prompt/brackets', 'information', message, text);
}

/** Learned words that are declared, written without their brackets. */
function reportBareNames(text: ast.Text, words: string, report: Report): void {
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
