/** Commands: what each is called, which options it takes, and how the command line becomes a call of it. */

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from '../language/linking/nearest.ts';
import { readable } from '../plan/problem.ts';

/** Exit codes, the same for every command. */
export const EXIT = {
    done: 0,
    /** A run failed; of `verify` also: an expectation was not met, or something differs from the lock. */
    failed: 1,
    /** The command line can't be understood. */
    usage: 2,
    /** The spec has errors, or a file differs from how the formatter would write it. */
    spec: 3,
    /** A bug in sdspec. */
    bug: 70,
    /** Stopped by Ctrl-C. */
    stopped: 130,
    /** A run was stopped because what reads its output ended, as `head` does: 128 and the number of SIGPIPE. */
    closed: 141,
} as const;

export interface Command {
    readonly name: string;
    /** What follows the name, as in `FILE [NAME…]`. */
    readonly arguments: string;
    /** One line. */
    readonly summary: string;
    /** Teaches the command: what it does, then examples. */
    readonly help: string;
    readonly options: Readonly<Record<string, Option>>;
    run(call: Call): Promise<number>;
}

/** A flag, or an option with a value (`value` names it in the help); `many` may be given several times. */
export interface Option {
    readonly short?: string;
    readonly value?: string;
    readonly many?: true;
    /** Its value may begin with a dash, as options of another program do. */
    readonly dashes?: true;
    readonly help: string;
}

/** One call of a command. */
export interface Call {
    readonly words: readonly string[];
    /** Whether a flag was given. */
    flag(name: string): boolean;
    /** The value of an option; the last one where it was given twice. */
    value(name: string): string | undefined;
    values(name: string): readonly string[];
}

/** What is wrong with a command line, as a sentence for the user. */
export class UsageError extends Error {
    override readonly name = 'UsageError';

    constructor(message: string, options?: ErrorOptions) {
        super(readable(message), options);
    }
}

/** The option that was meant where there is none of that name. */
function optionHint(sentence: string, options: Command['options']): string {
    const [, given] = /^Unknown option '--([\w-]+)'/.exec(sentence) ?? [];
    const near = given && nearest(given, [...Object.keys(options), 'help']);
    return near ? ` Did you mean \`--${near}\`?` : '';
}

/** Reads the words after a command's name. Throws `UsageError`. */
export function parseCall({ options }: Command, args: readonly string[]): Call {
    const config: NonNullable<ParseArgsConfig['options']> = {};
    for (const [name, { short, value, many }] of Object.entries(options)) {
        config[name] = { type: value ? 'string' : 'boolean', multiple: many ?? false, ...(short ? { short } : {}) };
    }
    try {
        const { values, positionals } = parseArgs({
            args: withDashes(args, options),
            options: config,
            allowPositionals: true,
        });
        const all = (name: string) => [values[name] ?? []].flat();
        return {
            words: positionals,
            flag: (name) => values[name] === true,
            value: (name) => all(name).at(-1)?.toString(),
            values: (name) => all(name).map(String),
        };
    } catch (cause) {
        // "Unknown option '--foo'. To specify a positional argument …": the first sentence is enough.
        const [sentence = ''] = (cause as Error).message.split(/(?<=\.)\s/);
        const whole = sentence.endsWith('.') ? sentence : `${sentence}.`;
        throw new UsageError(whole + optionHint(whole, options), { cause });
    }
}

/** Values that begin with a dash are joined to their option: they would be options themselves. */
function withDashes(args: readonly string[], options: Command['options']): string[] {
    const joined: string[] = [];
    for (let k = 0; k < args.length; k++) {
        const arg = args[k]!;
        const takes = arg.startsWith('--') && options[arg.slice(2)]?.dashes === true && k + 1 < args.length;
        joined.push(takes ? `${arg}=${args[++k]}` : arg);
    }
    return joined;
}

/** One of several words. */
export function oneOf<Word extends string>(what: string, given: string, words: readonly Word[]): Word {
    const found = words.find((word) => word === given);
    if (found === undefined) throw new UsageError(`${what} is one of ${words.join(', ')}, not "${given}".`);
    return found;
}
