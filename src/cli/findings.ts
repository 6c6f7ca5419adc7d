/** Findings of `verify` on the terminal: those of one kind and reason in one line. */
import type { LockFinding, Verdict } from '../runtime/run/lock/findings.ts';

const ORDER: readonly Verdict[] = ['different', 'not compared', 'alike', 'equal'];

const NOUNS: Readonly<Record<LockFinding['what'], readonly [one: string, many: string]>> = {
    picture: ['picture', 'pictures'],
    model: ['file of a model', 'files of models'],
    input: ['input', 'inputs'],
    result: ['result', 'results'],
    plan: ['plan', 'plans'],
    line: ['line', 'lines'],
};

/** As `different     turtle: picture 2 (2.png), because …`; what is equal is counted. */
export function describeFindings(run: string, findings: readonly LockFinding[]): readonly string[] {
    const groups = new Map<string, LockFinding[]>();
    for (const one of findings) {
        const { what, verdict, distance, because } = one;
        const key = JSON.stringify([ORDER.indexOf(verdict), what, distance ?? null, because ?? null]);
        groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    return [...groups.entries()]
        .sort(([a], [b]) => ORDER.indexOf(verdictOf(groups, a)) - ORDER.indexOf(verdictOf(groups, b)))
        .map(([, group]) => lineOf(run, group));
}

function verdictOf(groups: ReadonlyMap<string, readonly LockFinding[]>, key: string): Verdict {
    return groups.get(key)![0]!.verdict;
}

function lineOf(run: string, group: readonly LockFinding[]): string {
    const { verdict, distance, because } = group[0]!;
    const bits = distance === undefined ? '' : `, phash ${distance} of 64`;
    const reason = because === undefined ? '' : verdict === 'alike' ? `: ${because}` : `, because ${because}`;
    return `${verdict.padEnd(12)}  ${run}: ${subject(group)}${bits}${reason}`;
}

function subject(group: readonly LockFinding[]): string {
    const [first] = group as readonly [LockFinding];
    const [one, many] = NOUNS[first.what];
    if (first.verdict === 'equal') return `${group.length} ${group.length === 1 ? one : many}`;
    if (first.what === 'picture') {
        const places = group.map(({ cell = 0 }) => cell + 1);
        const files = group.length <= 3 ? ` (${group.map(({ name }) => name).join(', ')})` : '';
        return `${group.length === 1 ? one : many} ${ranges(places)}${files}`;
    }
    return group.map(({ name }) => name).join(', ');
}

/** `1, 2, 3, 7` as `1 to 3, 7`. */
function ranges(numbers: readonly number[]): string {
    const spans: [number, number][] = [];
    for (const number of numbers) {
        const last = spans.at(-1);
        if (last && last[1] === number - 1) last[1] = number;
        else spans.push([number, number]);
    }
    return spans.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(', ');
}
