/** Numbers made larger or smaller by a key: by a step that fits them, in the form in which they are written. */

/** A piece of a line, by columns, and what is written in its place. */
export interface Nudge {
    readonly start: number;
    readonly end: number;
    readonly text: string;
}

/** Sizes are multiples of 8 pixels. */
const SIZE_STEP = 8;
const NUMBER = /-?\d+(?:\.\d+)?/g;

/**
 * The number at a column of a line, changed by so many steps: `0.35` by hundredths, `7.5` by tenths, `42` by ones, sides of
 * a size by 8. Undefined where no number is, and where it can't go lower.
 */
export function nudged(line: string, column: number, steps: number): Nudge | undefined {
    const code = line.replace(/\/\/(?!.*").*$/, '').replace(/"(?:\\.|[^"\\])*"/g, (text) => ' '.repeat(text.length));
    for (const match of code.matchAll(NUMBER)) {
        const start = match.index;
        const end = start + match[0].length;
        if (column < start || column > end) continue;
        // Digits of names: `down.1`, `IN04`, `skip[3]`, `sha256:…`.
        if (/[\w.[:@]$/.test(code.slice(0, start)) && !/(^|[^\w.])\d+x$|\.\.$/.test(code.slice(0, start))) continue;
        const isSize = /^x\d/.test(code.slice(end)) || /\dx$/.test(code.slice(0, start));
        const decimals = /\.(\d+)/.exec(match[0])?.[1]?.length ?? 0;
        const step = isSize ? SIZE_STEP : 10 ** -decimals;
        const value = Number(match[0]) + steps * step;
        // Weights can be negative, and have decimals; counts and seeds can't.
        const least = isSize ? SIZE_STEP : decimals > 0 ? Number.NEGATIVE_INFINITY : 0;
        const text = Math.max(least, value).toFixed(decimals);
        return text === match[0] ? undefined : { start, end, text };
    }
    return undefined;
}
