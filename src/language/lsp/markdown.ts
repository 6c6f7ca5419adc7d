/**
 * Markdown from a spec's own text. A spec may come from a clone: its strings are shown as text, and its doc comments keep
 * a safe subset, so that a hover loads no picture of another host and carries no command link.
 */

/** Control characters and marks of direction would turn a line around; they are shown by their numbers. */
function visible(text: string): string {
    return text.replace(
        /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
        (one) => `u+${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

/** Characters that Markdown gives a meaning within a line. */
const SPECIAL = /[\\`*_[\]<>|~&!]/g;

/** Text that is shown as it is, on one line. */
export function escapeMarkdown(text: string): string {
    return visible(text).replace(/\s+/g, ' ').replace(SPECIAL, '\\$&');
}

/** An address in the parentheses of a link. */
export function linkTarget(address: string): string {
    return address.replace(/[()|<>\s]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Text in a code span; backticks in it do not end the span. */
export function codeSpan(text: string): string {
    const line = visible(text).replace(/\s+/g, ' ').replaceAll('|', '\\|');
    const fence = fenceFor(line, 1);
    return line.includes('`') ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** Text in a code block; fences in it do not end the block. */
export function codeBlock(text: string, language = 'sdspec'): string {
    const fence = fenceFor(text, 3);
    return `${fence}${language}\n${visible(text)}\n${fence}`;
}

function fenceFor(text: string, least: number): string {
    const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
    return '`'.repeat(Math.max(least, longest + 1));
}

/**
 * Blocks of code: between fences at the start of a line, where no list or quotation can end them. A fence that is not
 * closed reaches to the end.
 */
const BLOCK = /^(```[^`\n]*\n[\s\S]*?(?:^```[ \t]*$|$(?![\s\S])))/m;

/**
 * The safe subset of a doc comment: emphasis, lists, code, and links to web pages. Pictures become their links' text;
 * links to anything but web pages and local files, reference definitions and HTML are shown as text.
 */
export function safeMarkdown(doc: string): string {
    return visible(doc)
        .split(BLOCK)
        .map((part, index) => (index % 2 === 1 ? part : safeLines(part)))
        .join('');
}

/**
 * Code spans stay where every line has whole ones, of single backticks: then there is one way to read them. Otherwise what
 * looks like code could be none, and all of it is shown as text.
 */
function safeLines(text: string): string {
    const isPlain = text.split('\n').every((line) => SPANS.test(line));
    if (!isPlain) return safeProse(text.replaceAll('`', '\\`'));
    return text
        .split(/(`[^`\n]+`)/)
        .map((part, index) => (index % 2 === 1 ? part : safeProse(part)))
        .join('');
}

/** Words and code spans by turns. Bars would divide a span between the cells of a table. */
const SPANS = /^[^`]*(?:(?<!\\)`[^`|]+`[^`]+)*(?:(?<!\\)`[^`|]+`)?$/;

function safeProse(text: string): string {
    return text
        .replace(/^(\s*)~~~/gm, '$1\\~~~')
        .replace(/^(\s*>*\s*)\[([^\]\n]*)\]:/gm, '$1\\[$2\\]:')
        .replace(/!(?=\[)/g, '')
        .replace(/</g, '&lt;')
        .replace(/\[([^\]]*)\]\s*\(\s*(?!https?:\/\/|file:\/\/\/)/g, '\\[$1\\](')
        .replace(/\[([^\]]*)\]\s*\[/g, '\\[$1\\][')
        .replace(/\b(?!https?:|file:\/\/\/)([a-z][a-z0-9+.-]*):(?=\S)/gi, '$1&#58;');
}
