/** README and docs: every command is one that there is, with its options and files, and every spec is read and checked. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Command, parseCall } from '../../src/cli/command.ts';
import { createNodeLanguage, problemsOf } from '../../src/language/index-node.ts';
import { builtSdspec, folderWith } from '../cli/sdspec.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Pages for users; the language's own reference is made from cases that have tests of their own. */
const PAGES = [
    'README.md',
    'CONTRIBUTING.md',
    'examples/README.md',
    ...readdirSync(join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

interface Block {
    readonly page: string;
    readonly line: number;
    readonly language: string;
    readonly text: string;
}

/** The fenced blocks of a page. */
function blocksOf(page: string): readonly Block[] {
    const blocks: Block[] = [];
    const text = readFileSync(join(ROOT, page), 'utf8').replaceAll('\r\n', '\n');
    for (const match of text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
        const line = text.slice(0, match.index).split('\n').length;
        blocks.push({ page, line, language: match[1]!, text: match[2]! });
    }
    return blocks;
}

const BLOCKS = PAGES.flatMap(blocksOf);

/** Command lines in blocks and in the text. */
const COMMANDS = PAGES.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const inline = [...text.matchAll(/`((?:npx )?sdspec [a-z][^`\n]*)`/g)].map((match) => match[1]!);
    const inBlocks = blocksOf(page).flatMap(({ text: block }) =>
        [...block.matchAll(/(?:^|\| |run: )((?:npx )?sdspec [^\n]*)$/gm)].map((match) => match[1]!),
    );
    const scripts = [...text.matchAll(/npm (run [\w:]+|start|test)/g)].map((match) => `npm ${match[1]!}`);
    return [...inline, ...inBlocks, ...scripts].map((command) => ({ page, command }));
});

/** The commands of the command line, from their files. */
async function commands(): Promise<ReadonlyMap<string, Command>> {
    const folder = join(ROOT, 'src', 'cli', 'commands');
    const found = new Map<string, Command>();
    for (const file of readdirSync(folder)) {
        const module: Readonly<Record<string, unknown>> = await import(join(folder, file));
        for (const one of Object.values(module)) if (isCommand(one)) found.set(one.name, one);
    }
    return found;
}

function isCommand(value: unknown): value is Command {
    return typeof value === 'object' && value !== null && 'summary' in value && 'options' in value && 'run' in value;
}

/** Words as a shell has them, without its comment and what it pipes into. */
function wordsOf(line: string): readonly string[] {
    const text = line.replace(/\s#.*$/, '').replace(/\s[|>&].*$/, '');
    return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

const sdspec = builtSdspec();

/** Commands that are run as they are written, pictures by the runtime of the tests; others need models, devices or a hub. */
const RUN: ReadonlySet<string> = new Set(['check', 'plan', 'format', 'run', 'verify', 'lock']);

/** What stops a command from being run here; undefined where nothing does. */
function obstacle([program, name = '', ...rest]: readonly string[]): string | undefined {
    if (program === 'npm') return 'scripts of npm are looked up';
    if (!RUN.has(name)) return `${name} needs models, devices, a hub or a picture`;
    if (!rest.some((word) => word.endsWith('.sdspec'))) return 'no file is named';
    if (rest.includes('--against')) return 'runs of other people are compared';
    return rest.some((word) => /[*…]|^[A-Z]+$/.test(word)) ? 'words are placeholders' : undefined;
}

/** A spec that has what a command asks of a file that the reader has: these names, and params. */
function specFor(words: readonly string[]): string {
    const file = words.findIndex((word) => word.endsWith('.sdspec'));
    const next = words.slice(file + 1);
    const names = next.slice(0, Math.max(0, next.findIndex((word) => word.startsWith('-')) + 1 || next.length + 1) - 1);
    const params = words
        .flatMap((word) => /^(\w+)=/.exec(word)?.[1] ?? [])
        .filter((name) => !/^(steps|size|seed|sampler)$/.test(name));
    const holes = params.map((name) => `{${name}}`).join(' ');
    const generates = (names.length > 0 ? names : ['turtle']).map(
        (name) => `generate ${name} { prompt "x ${holes}" size 64x64 steps 2 }\n`,
    );
    return [...params.map((name) => `param ${name} = "x"\n`), ...generates].join('');
}

async function runIt(words: readonly string[]): Promise<void> {
    const files = words.filter((word) => word.endsWith('.sdspec'));
    const own = files.filter((file) => !existsSync(join(ROOT, file)));
    const cwd = own.length > 0 ? folderWith(Object.fromEntries(own.map((file) => [file, specFor(words)]))) : ROOT;
    // What comes along is left as it is.
    const out = own.length === 0 && words[1] === 'run' ? ['--out', folderWith({})] : [];
    const { code, stderr } = await sdspec([...words.slice(1), ...out], { cwd, fake: true });
    // The layout of a spec that a test makes up is not what is tested.
    expect([words.includes('--check') && own.length > 0 ? 0 : code, stderr]).toEqual([
        0,
        expect.not.stringMatching(/bug in sdspec/),
    ]);
}

describe('commands', () => {
    test('are many', () => {
        const reasons = COMMANDS.map(({ command }) => obstacle(wordsOf(command).filter((word) => word !== 'npx')));
        const read = new Set(reasons.filter((reason) => reason !== undefined));
        const count = reasons.filter((reason) => reason === undefined).length;
        console.info(`${count} of ${COMMANDS.length} commands are run; others are only read: ${[...read].join('; ')}.`);
        expect([COMMANDS.length > 40, count > 10]).toEqual([true, true]);
    });

    test.each(COMMANDS.map(({ page, command }) => [page, command]))('%s: %s', async (_, line) => {
        const words = wordsOf(line).filter((word) => word !== 'npx');
        if (words[0] === 'npm') {
            const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
            expect(Object.keys(scripts)).toContain(words[1] === 'run' ? words[2]! : words[1]!);
            return;
        }
        const [, name = '', ...rest] = words;
        if (name.startsWith('-') || /^[A-Z]+$/.test(name)) return;
        const command = (await commands()).get(name);
        expect(command, `There is no command ${name}.`).toBeDefined();
        const call = parseCall(
            command!,
            rest.filter((word) => word !== '--help'),
        );
        // Running them all would take minutes and models; files that the repository has must be there.
        const files = call.words.filter((word) => /^(examples|docs)\//.test(word) && !/[*…]/.test(word));
        expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
        if (!obstacle(words)) await runIt(words);
    });
});

/** What begins a spec. */
const SPEC =
    /^(?:import|model|lora|embedding|controlnet|upscaler|image|param|prompt|ensemble|layers|weights|generate|sweep|mosaic|print|learn)(?=\s)|^\/[*/]/;

/** Output that is shown, not a spec: colons and times of day are in no spec. */
const OUTPUT = /^\w+: /m;

const SPECS = BLOCKS.filter(
    ({ language, text }) => language === 'sdspec' || (language === '' && SPEC.test(text) && !OUTPUT.test(text)),
);

describe('specs', () => {
    test('are several', () => expect(SPECS.length).toBeGreaterThan(3));

    test.each(SPECS.map((block) => [`${block.page}:${block.line}`, block] as const))(
        '%s',
        async (_, { page, text }) => {
            // Files and names that a snippet takes for granted are no fault of it; all else is.
            const GRANTED = /^(file|image|model|import|mask)\/|^name\/(unknown|unused)$|^digest\//;
            const at = join(ROOT, page, '..', 'snippet.sdspec');
            // Digests are shown by their beginnings.
            const whole = text.replace(/ sha256:[0-9a-f]+…/g, '');
            const document = await createNodeLanguage().parseText(whole, pathToFileURL(at).toString());
            const wrong = problemsOf(document).filter(
                ({ severity, code }) => (severity === 'error' || severity === 'warning') && !GRANTED.test(code),
            );
            expect(wrong.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
        },
    );
});

test('links lead to files that are there', () => {
    const broken = PAGES.flatMap((page) => {
        const text = readFileSync(join(ROOT, page), 'utf8');
        return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
            .map((match) => match[1]!)
            .filter((link) => !/^[a-z]+:/.test(link))
            .filter((link) => !statSync(join(ROOT, page, '..', link), { throwIfNoEntry: false }))
            .map((link) => `${page}: ${link}`);
    });
    expect(broken).toEqual([]);
});
