/**
 * Markdown from a spec's own text. A spec may come from a clone: its strings are shown as text, and its doc comments keep
 * a safe subset, so that a hover loads no picture of another host and carries no command link.
 */

/** Characters that Markdown gives a meaning within a line. */
const SPECIAL = /[\\`*_[\]<>|~&!]/g;

/** Text that is shown as it is, on one line. */
export function escapeMarkdown(text: string): string {
    return text.replace(/\s+/g, ' ').replace(SPECIAL, '\\$&');
}

/** An address in the parentheses of a link. */
export function linkTarget(address: string): string {
    return address.replace(/[()|<>\s]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Text in a code span; backticks in it do not end the span. */
export function codeSpan(text: string): string {
    const line = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
    const fence = fenceFor(line, 1);
    return line.includes('`') ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** Text in a code block; fences in it do not end the block. */
export function codeBlock(text: string, language = 'sdspec'): string {
    const fence = fenceFor(text, 3);
    return `${fence}${language}\n${text}\n${fence}`;
}

function fenceFor(text: string, least: number): string {
    const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
    return '`'.repeat(Math.max(least, longest + 1));
}

/** Code spans and blocks, which Markdown shows as they are. */
const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/;

/**
 * The safe subset of a doc comment: emphasis, lists, code, and links to web pages. Pictures become their links' text;
 * links to anything but web pages and local files, reference definitions and HTML are shown as text.
 */
export function safeMarkdown(doc: string): string {
    return doc
        .split(CODE)
        .map((part, index) => (index % 2 === 1 ? part : safeProse(part)))
        .join('');
}

function safeProse(text: string): string {
    return text
        .replace(/^(\s*>*\s*)\[([^\]\n]*)\]:/gm, '$1\\[$2\\]:')
        .replace(/!(?=\[)/g, '')
        .replace(/</g, '&lt;')
        .replace(/\[([^\]]*)\]\s*\(\s*(?!https?:\/\/|file:\/\/\/)/g, '\\[$1\\](')
        .replace(/\[([^\]]*)\]\s*\[/g, '\\[$1\\][')
        .replace(/\b(?!https?:|file:\/\/\/)([a-z][a-z0-9+.-]*):(?=\S)/gi, '$1&#58;');
}
