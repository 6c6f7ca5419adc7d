/** Alignment: the spaces between the tokens of a line, so that columns align within a block. */
import type { Line } from './lines.ts';
import { type FormatToken, INDENT, type Shape } from './token.ts';

/** A wider cell leaves its column, so that one long string does not push all the others to the right. */
const WIDEST_CELL = 40;
/** A longer line leaves the column of trailing comments. */
const MAX_ALIGNED_LINE = 100;

/** The number of spaces before each token that does not begin a line. */
export function gapsOf(lines: readonly Line[], shape: Shape): ReadonlyMap<FormatToken, number> {
    const gaps = new Map<FormatToken, number>();
    for (const { tokens } of lines) {
        for (let i = 1; i < tokens.length; i++) gaps.set(tokens[i]!, gapBetween(tokens[i - 1]!, tokens[i]!, shape));
    }
    for (const block of blocksOf(lines)) alignColumns(block, gaps, shape);
    for (const run of trailingRuns(lines)) alignTrailing(run, gaps);
    return gaps;
}

function gapBetween(a: FormatToken, b: FormatToken, shape: Shape): number {
    if (shape.glued.has(b.offset)) return 0;
    if (b.comment === 'line') return 2;
    if (b.text === ',' || b.text === ']' || a.text === '[' || b.text === '..' || a.text === '..') return 0;
    if (a.text === '{' && b.text === '}') return 0;
    if (a.text === '@') return 0;
    if (b.text === '@') return /^-?\d/.test(a.text) ? 0 : 1;
    return shape.items.has(b.offset) && a.text !== '{' && !a.comment ? 2 : 1;
}

/** The lines of each block; at the top level, imports or declarations that follow each other without a blank line. */
function blocksOf(lines: readonly Line[]): Iterable<readonly Line[]> {
    const blocks = new Map<string, Line[]>();
    let paragraph = 0;
    let areImports = false;
    for (const line of lines) {
        if (line.block < 0 && !line.comment) {
            const isImport = line.tokens[0]?.text === 'import';
            if (line.blanks > 0 || isImport !== areImports) paragraph++;
            areImports = isImport;
        } else if (line.block < 0 && line.blanks > 0) paragraph++;
        const key = line.block < 0 ? `paragraph ${paragraph}` : `block ${line.block}`;
        const block = blocks.get(key);
        if (block) block.push(line);
        else blocks.set(key, [line]);
    }
    return blocks.values();
}

function alignColumns(block: readonly Line[], gaps: Map<FormatToken, number>, shape: Shape): void {
    const rows = block
        .filter(({ comment }) => !comment)
        .map((line) => cellsOf(line, shape))
        .filter((cells) => cells.length > 1);
    for (let column = 0; ; column++) {
        const here = rows.filter((cells) => cells.length > column + 1);
        if (here.length === 0) return;
        const widths = here.map((cells) => widthOf(cells[column]!, gaps));
        const widest = Math.max(0, ...widths.filter((width) => width <= WIDEST_CELL));
        for (const [row, cells] of here.entries()) {
            gaps.set(cells[column + 1]![0]!, Math.max(0, widest - widths[row]!) + 1);
        }
    }
}

function cellsOf(line: Line, shape: Shape): readonly (readonly FormatToken[])[] {
    const cells: FormatToken[][] = [[]];
    for (const token of line.tokens) {
        if (token.comment === 'line') break;
        if (shape.columns.has(token.offset) && cells.at(-1)!.length > 0) cells.push([]);
        cells.at(-1)!.push(token);
    }
    return cells;
}

/** Characters of some neighbouring tokens; a token of several lines fits no column. */
function widthOf(tokens: readonly FormatToken[], gaps: ReadonlyMap<FormatToken, number>): number {
    let width = 0;
    for (const [index, token] of tokens.entries()) {
        if (token.text.includes('\n')) return Number.POSITIVE_INFINITY;
        width += token.text.length + (index > 0 ? (gaps.get(token) ?? 1) : 0);
    }
    return width;
}

/** Adjacent lines of one depth that end in comments. */
function trailingRuns(lines: readonly Line[]): readonly (readonly Line[])[] {
    const runs: Line[][] = [];
    let last: Line | undefined;
    for (const line of lines) {
        if (line.tokens.length > 1 && line.tokens.at(-1)!.comment === 'line') {
            const joins = last && line.blanks === 0 && last.depth === line.depth && last === runs.at(-1)?.at(-1);
            if (joins) runs.at(-1)!.push(line);
            else runs.push([line]);
        }
        last = line;
    }
    return runs;
}

function alignTrailing(run: readonly Line[], gaps: Map<FormatToken, number>): void {
    const widths = run.map((line) => INDENT * line.depth + widthOf(line.tokens.slice(0, -1), gaps));
    const widest = Math.max(0, ...widths.filter((width) => width <= MAX_ALIGNED_LINE));
    for (const [index, line] of run.entries()) {
        const width = widths[index]!;
        gaps.set(line.tokens.at(-1)!, (width <= MAX_ALIGNED_LINE ? widest - width : 0) + 2);
    }
}
