/** `sdspec check`: reports what is wrong with specs, without running them. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assertNever, type Problem } from '../../plan/problem.ts';
import { OF_A_FILE, writeWhole } from '../../runtime/write-whole.ts';
import { type Call, type Command, EXIT, oneOf, UsageError } from '../command.ts';
import { fixAll } from '../fixes.ts';
import { githubLines } from '../github.ts';
import { describeProblems, fileName } from '../problems.ts';
import { PLAN_OPTIONS, paramsFlag, unique } from '../runs.ts';
import { sarifLog } from '../sarif.ts';
import { EncodingError, readSpec, readStdin, type SpecText, STDIN, specOf, specsAt } from '../specs.ts';

const FORMATS = ['text', 'json', 'github', 'sarif'] as const;

export const check: Command = {
    name: 'check',
    arguments: 'FILE…',
    summary: 'Reports what is wrong with specs, without running them.',
    help: `Every problem is reported with its place, its code and what to write instead. A folder means all specs in it and below;
\`-\` means stdin, whose paths are relative to the working folder. Imported files are checked as far as they are used.
Exit code 3 where there is an error; warnings alone are 0, with --strict they are 3 too.

Examples:
  sdspec check experiments/
  sdspec check --strict --format github .      in GitHub Actions
  sdspec check --fix turtle.sdspec             writes what the quick fixes of errors and warnings say
  git show HEAD:a.sdspec | sdspec check -`,
    options: {
        ...PLAN_OPTIONS,
        strict: { help: 'Warnings are errors.' },
        fix: { help: 'Makes the quick fixes, as long as each leaves fewer problems.' },
        format: {
            value: 'FORMAT',
            help: 'text, json (an array; lines and characters from 0), github (annotations) or sarif (2.1.0).',
        },
        json: { help: 'The same as --format json.' },
    },
    async run(call) {
        if (call.words.length === 0) throw new UsageError('Which file? For example: sdspec check turtle.sdspec');
        const named = call.value('format');
        if (call.flag('json') && named !== undefined && named !== 'json')
            throw new UsageError('--json is --format json: leave one of them out.');
        const format = oneOf('--format', named ?? (call.flag('json') ? 'json' : 'text'), FORMATS);
        const files = call.words.flatMap((word) => (word === STDIN.word ? [word] : specsAt(word)));
        const stdin = files.includes(STDIN.word) ? await readStdin() : undefined;
        if (stdin && call.flag('fix')) throw new UsageError('--fix changes files: it does not go with -.');
        const unread: Problem[] = [];
        const specs = files.flatMap((file) => (file === STDIN.word ? [stdin!] : readOrReport(file, unread)));
        const checked: Checked[] = [];
        for (const spec of specs)
            checked.push(call.flag('fix') ? await fixed(spec, call) : await checkText(spec, call));
        const borrowed = new Set(checked.flatMap((one) => one.borrowed));
        const problems = [
            ...unread,
            ...checked.flatMap((one) => one.problems.filter((problem) => !isBorrowed(problem, one.spec, borrowed))),
        ];
        print(
            problems,
            format,
            checked.map(({ spec }) => spec),
            stdin,
        );
        const fails = call.flag('strict') ? /error|warning/ : /error/;
        return problems.some(({ severity }) => fails.test(severity)) ? EXIT.spec : EXIT.done;
    },
};

/** A file in another encoding is a problem of its own: the others are checked all the same. */
function readOrReport(file: string, problems: Problem[]): readonly SpecText[] {
    try {
        return [readSpec(file)];
    } catch (cause) {
        if (!(cause instanceof EncodingError)) throw cause;
        const start = { line: 0, character: 0 };
        const where = { uri: pathToFileURL(resolve(file)).toString(), start, end: start };
        problems.push({ code: 'spec/encoding', severity: 'error', message: cause.message, where });
        return [];
    }
}

/** Whether what its own file does not use is imported by another of the files that are checked. */
function isBorrowed({ code, where: { start, end } }: Problem, spec: SpecText, borrowed: ReadonlySet<string>): boolean {
    if (code !== 'name/unused') return false;
    const name = spec.text.split(/\r?\n/)[start.line]?.slice(start.character, end.character);
    return borrowed.has(`${spec.file}#${name}`);
}

interface Checked {
    /** With its fixes, where they were made. */
    readonly spec: SpecText;
    /** In the order of its lines. */
    readonly problems: readonly Problem[];
    /** What it imports: files and names. */
    readonly borrowed: readonly string[];
}

async function checkText(text: SpecText, call: Call): Promise<Checked> {
    const spec = await specOf(text, { params: paramsFlag(call) });
    const problems = unique([...spec.problems, ...spec.names.flatMap((name) => spec.lower(name).problems)]);
    return { spec: text, problems: inOrder(problems), borrowed: spec.borrowed };
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
    const first = problems[0]?.where.uri;
    const place = ({ where: { uri, start } }: Problem) => [uri === first ? 0 : 1, start.line, start.character] as const;
    return [...problems].sort((a, b) => {
        const [p, q] = [place(a), place(b)];
        return p[0] - q[0] || p[1] - q[1] || p[2] - q[2];
    });
}

/** Makes the fixes of a file, and checks what it is then. */
async function fixed(spec: SpecText, call: Call): Promise<Checked> {
    const { text, made } = await fixAll(spec, async (one) => (await checkText(one, call)).problems);
    if (text !== spec.text) await writeWhole(realpathSync(spec.file), text, OF_A_FILE);
    for (const { where, code, fix } of made) {
        console.error(
            `fixed ${fileName(where.uri)}:${where.start.line + 1}:${where.start.character + 1} ${code}: ${fix?.title}`,
        );
    }
    return checkText({ ...spec, text }, call);
}

function print(
    problems: readonly Problem[],
    format: (typeof FORMATS)[number],
    specs: readonly SpecText[],
    stdin: SpecText | undefined,
): void {
    switch (format) {
        case 'json':
            console.log(JSON.stringify(problems, null, 2));
            break;
        case 'sarif':
            console.log(JSON.stringify(sarifLog(problems), null, 2));
            break;
        case 'github':
            if (problems.length > 0) console.log(githubLines(problems));
            break;
        case 'text':
            if (problems.length > 0) console.log(describeProblems(problems, stdin));
            else console.error(specs.length === 1 ? 'No problems.' : `No problems in ${specs.length} files.`);
            break;
        default:
            assertNever(format);
    }
}
