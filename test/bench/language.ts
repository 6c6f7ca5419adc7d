/**
 * How fast the language answers: `npm run bench:language`. A keystroke to its problems, a completion, loading many files,
 * formatting. Prints the machine and the versions; ends with an error where a promise is broken (`--report`: only prints).
 */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { argv, cpuUsage, exit, version } from 'node:process';
import { TextDocument, URI } from 'langium';
import { formatted } from '../../src/language/lsp/format/formatter.ts';
import { Editor } from '../language/lsp/editor.ts';

const BLOCK = `/** Picture NUMBER of many. */
generate gNUMBER extends gBASE {
    prompt   "a {style} tower NUMBER, at dusk"
    negative "blurry, text" weight 1.2
    size     128x128
    steps    25
    seed     1..4
    guidance 7.5 -> 5
    infuse   portrait with deep weight 1 -> 0.2 decay 0.99 during 0%..60%
    infuse   other { OUT03..OUT05 0.4  skip.2 0.1 }
    start    from portrait strength 0.6
    expect {
        image phash:c3d2e1f0a1b2c3d4 within 4
        time  <= 90s
    }
}

`;
const HEAD = `model    sketch   = "builtin:sketch"
image    portrait = "./portrait.png"
image    other    = "./other.png"
param    style    = "oil"
weights  deep { down.* 0  mid 0.3  up.0..up.1 0.3 -> 0.1 cosine }

generate g0 { use sketch prompt "a tower" }

`;

/** A spec of about so many lines. Every tenth picture begins a new family, as people write them. */
function spec(lines: number): string {
    const blocks = Math.round(lines / BLOCK.split('\n').length);
    const block = (_: unknown, i: number) =>
        BLOCK.replaceAll('NUMBER', String(i + 1)).replace('BASE', String(i % 10 === 0 ? 0 : i));
    return HEAD + Array.from({ length: blocks }, block).join('');
}

/** Runs before the first that counts: an editor's server has been at work for a while. */
const WARM = 60;

interface Measure {
    readonly name: string;
    /** Milliseconds; the 95th of a hundred runs. */
    readonly p95: number;
    readonly p50: number;
    readonly limit: number;
}

async function main(): Promise<void> {
    const [cpu] = cpus();
    const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    console.log(`${cpu?.model ?? 'unknown processor'} x ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB`);
    console.log(
        `Node ${version}, Langium ${dependencies.langium}, vscode-languageserver ${dependencies['vscode-languageserver']}`,
    );
    const measures = [
        await keystrokes(300, 100, 16),
        await keystrokes(5000, 30, 250),
        await completions(300, 100, 30),
        await completions(5000, 30, 30),
        await formatting(1000, 30, 50),
        await loading(200, 300, 5000),
    ];
    for (const { name, p50, p95, limit } of measures) {
        const mark = p95 <= limit ? 'ok' : 'TOO SLOW';
        console.log(`${name.padEnd(52)} p50 ${ms(p50)}  p95 ${ms(p95)}  at most ${ms(limit)}  ${mark}`);
    }
    if (measures.some(({ p95, limit }) => p95 > limit) && !argv.includes('--report')) exit(1);
}

/** A character typed into a prompt, until the problems of the file are there. */
async function keystrokes(lines: number, runs: number, limit: number): Promise<Measure> {
    const editor = await Editor.start();
    const { TextDocuments, DocumentBuilder } = editor.services.shared.workspace;
    const uri = URI.file(`/bench/${lines}.sdspec`);
    const text = spec(lines);
    const at = text.indexOf('dusk', text.length / 2);
    const type = async (version: number) => {
        const typed = `${text.slice(0, at)}${'x'.repeat(version % 7)}${text.slice(at)}`;
        TextDocuments.set(TextDocument.create(uri.toString(), 'sdspec', version, typed));
        await DocumentBuilder.update([uri], []);
    };
    for (let warm = 0; warm < WARM; warm++) await type(warm);
    return measured(`keystroke to problems, ${count(text)} lines`, runs, limit, (run) => type(run + WARM));
}

/** A completion right after a keystroke within a block in the middle of the file. */
async function completions(lines: number, runs: number, limit: number): Promise<Measure> {
    const editor = await Editor.start();
    const text = spec(lines);
    const at = text.indexOf('    steps', text.length / 2);
    const document = await editor.open(`${text.slice(0, at)}    s\n${text.slice(at)}`);
    const position = document.textDocument.positionAt(at + 5);
    const params = { textDocument: { uri: document.uri.toString() }, position };
    const complete = async () => void (await editor.lsp.CompletionProvider!.getCompletion(document, params));
    for (let warm = 0; warm < WARM; warm++) await complete();
    return measured(`completion, ${count(text)} lines`, runs, limit, complete);
}

async function formatting(lines: number, runs: number, limit: number): Promise<Measure> {
    const editor = await Editor.start();
    const text = spec(lines).replaceAll('    ', '  ');
    const document = await editor.open(text);
    formatted(document);
    return measured(`formatting, ${count(text)} lines`, runs, limit, async () => void formatted(document));
}

/** Many files at once, from nothing to their problems. */
async function loading(files: number, lines: number, limit: number): Promise<Measure> {
    const text = spec(lines);
    return measured(`loading ${files} files of ${count(text)} lines`, 1, limit, async () => {
        const editor = await Editor.start();
        const { LangiumDocumentFactory, LangiumDocuments, DocumentBuilder } = editor.services.shared.workspace;
        const documents = Array.from({ length: files }, (_, i) => {
            const document = LangiumDocumentFactory.fromString(text, URI.file(`/bench/many/${i}.sdspec`));
            LangiumDocuments.addDocument(document);
            return document;
        });
        await DocumentBuilder.build(documents, { validation: { categories: ['built-in', 'fast'] } });
    });
}

/**
 * Processor time, so that other work on the machine does not count; where the garbage collector's threads help, it is
 * more than the time that people wait.
 */
async function measured(
    name: string,
    runs: number,
    limit: number,
    run: (index: number) => Promise<void>,
): Promise<Measure> {
    const times: number[] = [];
    for (let i = 0; i < runs; i++) {
        const begin = cpuUsage();
        await run(i);
        const { user, system } = cpuUsage(begin);
        times.push((user + system) / 1000);
    }
    times.sort((a, b) => a - b);
    const quantile = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? 0;
    return { name, p50: quantile(0.5), p95: quantile(0.95), limit };
}

function count(text: string): number {
    return text.split('\n').length;
}

function ms(time: number): string {
    return `${time.toFixed(1)} ms`.padStart(10);
}

await main();
