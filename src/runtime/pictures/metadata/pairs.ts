/** `Key: value, Key: "quoted, value", …`: the line of pairs in the web UI's text. */

/** Longer lines come from no tool, and would take long to read. */
const LONGEST_LINE = 100_000;
const MOST_PAIRS = 500;

/** Reads a line of pairs, in its order. Values may be quoted, or JSON; commas without a key behind them belong to a value. */
export function pairsOf(line: string): ReadonlyMap<string, string> {
    const pairs = new Map<string, string>();
    if (line.length > LONGEST_LINE) return pairs;
    const separator = /^[^,|"]*:[^,|"]*\|/.test(line) ? '|' : ',';
    let last: string | undefined;
    for (let at = 0; at < line.length && pairs.size < MOST_PAIRS; ) {
        const key = KEY.exec(line.slice(at, at + 100));
        const start = key ? at + key[0].length : at;
        const end = endOfValue(line, start, separator);
        const value = line.slice(start, end).trim();
        if (key) {
            last = key[1]!;
            if (!pairs.has(last)) pairs.set(last, unquoted(value));
        } else if (last !== undefined && value !== '') {
            pairs.set(last, `${pairs.get(last)}${separator} ${value}`);
        }
        at = end + 1;
    }
    return pairs;
}

const KEY = /^\s*([\p{L}][^:,|"{}[\]\n]{0,60}?)\s*:(?!\/\/)/u;

/** Where a value ends: at the separator, outside of a quoted string or a JSON value that it begins with. */
function endOfValue(line: string, start: number, separator: string): number {
    const first = /\S/.exec(line.slice(start, start + 10));
    const opens = first && '"[{'.includes(first[0]);
    let from = start;
    if (opens) {
        const closed = endOfJson(line, start + first.index);
        if (closed !== undefined) from = closed;
    }
    const end = line.indexOf(separator, from);
    return end < 0 ? line.length : end;
}

/** Where the string, list or object that begins at `start` ends; undefined where it never does. */
function endOfJson(line: string, start: number): number | undefined {
    let depth = 0;
    let inString = false;
    for (let at = start; at < line.length; at++) {
        const sign = line[at];
        if (inString && sign === '\\') at++;
        else if (sign === '"') inString = !inString;
        else if (!inString && (sign === '[' || sign === '{')) depth++;
        else if (!inString && (sign === ']' || sign === '}')) depth--;
        if (!inString && depth === 0) return at + 1;
    }
    return undefined;
}

function unquoted(value: string): string {
    if (!/^".*"$/.test(value)) return value;
    try {
        return String(JSON.parse(value));
    } catch {
        return value;
    }
}
