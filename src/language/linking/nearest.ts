/** Did you mean: the known name that is nearest to a misspelt one. */

/** The nearest of `known`, if it is near enough to be what was meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
    const limit = Math.max(1, Math.floor(word.length / 3));
    let best: string | undefined;
    let least = limit + 1;
    for (const candidate of known) {
        if (Math.abs(candidate.length - word.length) > limit) continue;
        const d = distance(word.toLowerCase(), candidate.toLowerCase());
        if (d < least) {
            least = d;
            best = candidate;
        }
    }
    return best;
}

/** Insertions, deletions, changes and swaps of neighbours (Damerau 1964, optimal string alignment). */
export function distance(a: string, b: string): number {
    let before: number[] = [];
    let last = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
        const row = [i];
        for (let j = 1; j <= b.length; j++) {
            const same = a[i - 1] === b[j - 1] ? 0 : 1;
            let d = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, before[j - 2]! + 1);
            row.push(d);
        }
        before = last;
        last = row;
    }
    return last[b.length]!;
}
