/** Findings of `verify` on the terminal: those of one kind and reason in one line. */
import type { Verdict } from '../runtime/run/compare/verdict.ts';
import type { LockFinding } from '../runtime/run/lock/findings.ts';

const ORDER: readonly Verdict[] = ['different', 'not compared', 'looks the same', 'within tolerance', 'identical'];

/** Columns of a verdict. */
export const VERDICT_WIDTH = 16;

const NOUNS: Readonly<Record<LockFinding['what'], readonly [one: string, many: string]>> = {
    picture: ['picture', 'pictures'],
    model: ['file of a model', 'files of models'],
    input: ['input', 'inputs'],
    result: ['result', 'results'],
    plan: ['plan', 'plans'],
    line: ['line', 'lines'],
};

/** As `different         turtle: picture 2 (2.png), because …`; what is identical is counted. */
export function describeFindings(run: string, findings: readonly LockFinding[]): readonly string[] {
    const groups = new Map<string, LockFinding[]>();
    for (const one of findings) {
        const { what, verdict, because } = one;
        const key = JSON.stringify([ORDER.indexOf(verdict), what, because ?? null]);
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
    const { verdict, because } = group[0]!;
    const joint = verdict === 'different' || verdict === 'not compared' ? ', because ' : ': ';
    const reason = because === undefined ? '' : `${joint}${because}`;
    return `${verdict.padEnd(VERDICT_WIDTH)}  ${run}: ${subject(group)}${figures(group)}${reason}`;
}

/** How far apart the pictures of a group are, by the worst of them. */
function figures(group: readonly LockFinding[]): string {
    const of = (name: 'distance' | 'psnr' | 'levels') => group.flatMap((one) => one[name] ?? []);
    const [distances, psnrs, levels] = [of('distance'), of('psnr'), of('levels')];
    return [
        ...(psnrs.length > 0 ? [`, PSNR ${Math.min(...psnrs).toFixed(1)} dB`] : []),
        ...(levels.length > 0 ? [`, at most ${Math.max(...levels)} of 255 levels apart`] : []),
        ...(distances.length > 0 ? [`, phash ${Math.max(...distances)} of 64`] : []),
    ].join('');
}

function subject(group: readonly LockFinding[]): string {
    const [first] = group as readonly [LockFinding];
    const [one, many] = NOUNS[first.what];
    if (first.verdict === 'identical') return `${group.length} ${group.length === 1 ? one : many}`;
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
