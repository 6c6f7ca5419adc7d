/** Imports go one way: plan ◀ language ◀ cli, extension, and plan ◀ runtime ◀ (its doors) cli, extension. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '..', 'src');

/** What each room may import of the others. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
    plan: [],
    language: ['plan'],
    runtime: ['plan'],
    cli: ['plan', 'language', 'runtime'],
    extension: ['plan', 'language', 'runtime'],
};

/** Where cli and extension may enter the runtime: the process and its messages, what lies on disk, headers of models, downloads. */
const DOORS =
    /^runtime\/(events|run-error|models-folder|write-whole|process\/(client|downloads|protocol)|run\/(record|request|runs|expect|lock|model-place|shipped)|pictures\/metadata\/(origin|read)|weights\/(checkpoint|parts|model-error)|hub\/(access|cache|fetch-model))\.ts$/;

/** Only the process of the runtime loads these. */
const HEAVY = ['onnxruntime-node', 'sharp'];

interface Import {
    readonly from: string;
    readonly to: string;
    /** Needed as soon as `from` is loaded: neither types alone nor an `import()`. */
    readonly eager: boolean;
}

const STATEMENTS = /^(?:import|export)\s(type\s)?(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm;

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.tsx?$/.test(file));
const IMPORTS: readonly Import[] = FILES.flatMap((from) => {
    const text = readFileSync(join(SRC, from), 'utf8');
    const found = text.matchAll(STATEMENTS);
    return [...found].map(([, type, stated, dynamic]) => {
        const name = (stated ?? dynamic)!;
        const to = name.startsWith('.') ? posix.join(dirname(from), name) : name;
        return { from, to, eager: type === undefined && dynamic === undefined };
    });
});

function offences(isBad: (one: Import) => boolean): readonly string[] {
    return IMPORTS.filter(isBad).map(({ from, to }) => `${from} imports ${to}`);
}

const roomOf = (file: string) => file.split('/')[0]!;

it('rooms import only the rooms beneath them', () => {
    const isBad = ({ from, to }: Import) =>
        roomOf(to) in ARROWS && roomOf(to) !== roomOf(from) && !ARROWS[roomOf(from)]?.includes(roomOf(to));
    expect(offences(isBad)).toEqual([]);
});

it('the runtime is entered by its doors', () => {
    const isBad = ({ from, to }: Import) => roomOf(to) === 'runtime' && roomOf(from) !== 'runtime' && !DOORS.test(to);
    expect(offences(isBad)).toEqual([]);
});

it('the command line and the editor start without the inference library and the picture library', () => {
    const reached = new Set(FILES.filter((file) => /^(cli|extension)\//.test(file)));
    for (const file of reached) for (const { from, to, eager } of IMPORTS) if (from === file && eager) reached.add(to);
    expect(HEAVY.filter((name) => reached.has(name))).toEqual([]);
});

it('plan and language work in a browser', () => {
    const isPure = (file: string) => /^(plan|language)\//.test(file) && !/(-node|\/server)\.ts$/.test(file);
    const isNode = (to: string) => to.startsWith('node:') || to.endsWith('/node') || to.endsWith('-node.ts');
    expect(offences(({ from, to }) => isPure(from) && isNode(to))).toEqual([]);
});

it('only the extension imports vscode', () => {
    expect(offences(({ from, to }) => to === 'vscode' && roomOf(from) !== 'extension')).toEqual([]);
});
