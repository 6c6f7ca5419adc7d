/** Strings: closed ones, and braces that look like holes but are none. */
import type { PlainText, Text } from '../generated/ast.ts';
import { placeOf, type Report } from '../place.ts';
import type { Checks } from './check.ts';
import { hasForeignBraces } from './notation.ts';

export const stringChecks: Checks = {
    PlainText: (text, report) => {
        if (text.unclosed !== undefined) reportUnclosed(text, report);
        else reportBraces(text, report);
    },
    TemplateText: (text, report) => reportBraces(text, report),
};

function reportUnclosed(text: PlainText, report: Report): void {
    const { uri, end } = placeOf(text);
    const fix = { title: 'Close the string', where: { uri, start: end, end }, newText: '"' };
    report(
        'string/unclosed',
        'error',
        'This string is not closed: write `"` at its end, or `"""` around several lines.',
        text,
        { fix },
    );
}

/** `{` that begins no `{name}`. Its own meaning is fine, but seldom meant. */
function reportBraces(text: Text, report: Report): void {
    // Reported as notation of other tools, with what it means here.
    if (hasForeignBraces(text)) return;
    const raw = text.$cstNode?.text ?? '';
    const brace = /(?<!\\)(?:\\\\)*\{(?![A-Za-z_][\w-]*\})/.exec(raw);
    if (!brace || !text.$cstNode) return;
    const before = raw.slice(0, brace.index + brace[0].length - 1);
    const start = placeOf(text).start;
    const lines = before.split('\n');
    const line = start.line + lines.length - 1;
    const character = lines.length === 1 ? start.character + before.length : lines.at(-1)!.length;
    const where = { uri: placeOf(text).uri, start: { line, character }, end: { line, character: character + 1 } };
    const fix = { title: 'Write `\\{`', where, newText: '\\{' };
    report('string/brace', 'warning', 'This brace begins no `{param}`: write `\\{` for the character itself.', text, {
        fix,
    });
}
