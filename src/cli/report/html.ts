/** Pieces of HTML: prose with a little markdown, tables. */
import { escaped } from '../../plan/formats/markup.ts';

/** Prose of a comment: paragraphs, lists, `code`, **strong**, *emphasis*, links to addresses. Nothing else becomes HTML. */
export function prose(text: string): string {
    return text
        .trim()
        .split(/\n\s*\n/)
        .filter(Boolean)
        .map((block) => {
            const lines = block.split('\n').map((line) => line.trim());
            if (lines.every((line) => /^[-*] /.test(line))) {
                return `<ul>${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`;
            }
            return `<p>${inline(lines.join(' '))}</p>`;
        })
        .join('\n');
}

function inline(text: string): string {
    return escaped(text)
        .split(/(`[^`]+`)/)
        .map((piece) => {
            if (/^`[^`]+`$/.test(piece)) return `<code>${piece.slice(1, -1)}</code>`;
            return piece
                .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
                .replace(/\*([^*]+)\*/g, '<em>$1</em>')
                .replace(/\[([^\]]+)\]\((https?:[^\s)]+)\)/g, '<a href="$2">$1</a>');
        })
        .join('');
}

/** A table; cells are HTML. Columns whose cells are all numbers are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], caption?: string): string {
    const isNumber = head.map((_, k) => rows.every((row) => /^(?:-?[\d.]+(?:e[-+]\d+)?|)$/.test(row[k] ?? '')));
    const cell = (tag: string) => (text: string, k: number) =>
        `<${tag}${isNumber[k] ? ' class="number"' : ''}>${text}</${tag}>`;
    const title = caption === undefined ? '' : `<caption>${caption}</caption>`;
    const body = rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('\n');
    return `<table>${title}<thead><tr>${head.map(cell('th')).join('')}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}
