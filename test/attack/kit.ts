/** The attack kit: what was tried and what failed, by kind, as a table; random numbers that are the same for the same seed. */

/** What one kind of attack found. */
export interface Finding {
    readonly what: string;
    readonly reason: string;
}

/** How much an attack tries: the short form is part of the tests, the long one runs with `npm run attack`. */
export interface Scale {
    readonly seed: number;
    /** From this many cases of the long form (1) to the short one (such as 1/100). */
    readonly share: number;
}

/** Counts the cases of one kind and keeps the first failures. */
export class Tally {
    readonly kind: string;
    #tried = 0;
    #failed = 0;
    readonly #findings = new Map<string, Finding>();
    readonly #skipped: string[] = [];

    constructor(kind: string) {
        this.kind = kind;
    }

    get tried(): number {
        return this.#tried;
    }

    get failed(): number {
        return this.#failed;
    }

    get findings(): readonly Finding[] {
        return [...this.#findings.values()];
    }

    /** Cases that this machine can't try, each with the reason. */
    get skipped(): readonly string[] {
        return this.#skipped;
    }

    skip(what: string, reason: string): void {
        this.#skipped.push(`${what}: ${reason}`);
    }

    /** Runs one case; `attempt` returns what is wrong, if anything is. What it throws is wrong, too. */
    async try(what: string, attempt: () => undefined | string | Promise<undefined | string>): Promise<void> {
        this.#tried += 1;
        let reason: string | undefined;
        try {
            reason = await attempt();
        } catch (error) {
            reason = `exception: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
        }
        if (process.env['ATTACK_VERBOSE'])
            console.error(`${this.kind}: ${what.slice(0, 200)}: ${reason?.slice(0, 600) ?? 'ok'}`);
        if (reason === undefined) return;
        this.#failed += 1;
        // By its first lines, so that one mistake is listed once.
        const key = reason.split('\n').slice(0, 3).join('\n').replace(/\d+/g, '#').slice(0, 160);
        if (!this.#findings.has(key)) this.#findings.set(key, { what, reason });
    }
}

/** The result as a table in Markdown: kind, tried, failed. */
export function table(tallies: readonly Tally[]): string {
    const rows = tallies.map(({ kind, tried, failed }) => `| ${kind} | ${tried} | ${failed} |`);
    const skipped = tallies.flatMap(({ kind, skipped }) => skipped.map((one) => `Skipped: ${kind}: ${one}`));
    return ['| kind | tried | failed |', '|---|---:|---:|', ...rows, ...skipped].join('\n');
}

/** The first failures in words. */
export function failures(tallies: readonly Tally[]): readonly string[] {
    return tallies.flatMap(({ kind, findings }) =>
        findings.map(({ what, reason }) => `${kind}: ${what.slice(0, 2000)}\n  ${reason.slice(0, 2000)}`),
    );
}

/** How many cases of `cases` a scale runs: at least one. */
export function portion(cases: number, { share }: Scale): number {
    return Math.max(1, Math.round(cases * share));
}

/** Some of the cases, spread evenly over all. */
export function some<T>(cases: readonly T[], scale: Scale): readonly T[] {
    const count = portion(cases.length, scale);
    return Array.from({ length: count }, (_, i) => cases[Math.floor((i * cases.length) / count)]!);
}

/** One of the values. */
export function pick<T>(from: readonly T[], next: () => number): T {
    return from[Math.floor(next() * from.length)]!;
}

/** What no message may have: values of the program that leaked into the sentence, or no end. */
export function badMessage(message: string, input = ''): string | undefined {
    if (message.length > MAX_MESSAGE) return `a message of ${message.length} characters: ${message.slice(0, 200)}…`;
    for (const leak of LEAKS) if (message.includes(leak) && !input.includes(leak)) return `“${leak}” in: ${message}`;
    return activeCharacter(message);
}

/** A control character or mark of direction in a text that a terminal shows; line ends and tabs are none. */
export function activeCharacter(text: string): string | undefined {
    const active = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.exec(text);
    if (!active) return undefined;
    const around = text.slice(Math.max(0, active.index - 100), active.index + 100);
    return `U+${active[0].charCodeAt(0).toString(16)} in: ${JSON.stringify(around)}`;
}

const MAX_MESSAGE = 1000;
const LEAKS = [
    'undefined',
    '[object ',
    'NaN',
    'TypeError',
    'Cannot read prop',
    'is not a function',
    'Unexpected token',
    'in JSON at position',
    'Maximum call stack',
    'Invalid array length',
    'Invalid string length',
];
