/** Imports go one way: plan ◀ language ◀ cli, extension, and plan ◀ runtime ◀ (its doors) cli, extension. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Import } from '../scripts/structure/imports.ts';
import { readStructure } from '../scripts/structure/structure.ts';

/** What each room may import of the others. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
    plan: [],
    language: ['plan'],
    runtime: ['plan'],
    cli: ['plan', 'language', 'runtime'],
    extension: ['plan', 'language', 'runtime'],
};

/** Where cli and extension may enter the runtime: the process and its messages, what is on disk, headers of models, downloads. */
const DOORS =
    /^runtime\/(claim|events|run-error|models-folder|write-whole|process\/(client|downloads|protocol)|run\/(record|request|runs|expectations\/expect|compare\/verdict|lock\/(lock|findings)|shards\/shard-folder|inputs\/(model-path|shipped))|pictures\/metadata\/(origin|read)|adapters\/export|weights\/(cache\/cache-folder|checkpoint|digest|parts|model-error)|hub\/(access|cache|fetch-model))\.ts$/;

/** Only the process of the runtime loads these. */
const HEAVY = ['onnxruntime-node', 'sharp'];

const { files: FILES, imports: IMPORTS, circles, crowded, unmirrored } = readStructure();

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

it('files import each other in circles only where the thing itself is recursive', () => {
    // A picture may be made of pictures, and with what is learnt from pictures: when they are made, when their text is read,
    // and when it is written.
    expect(circles).toEqual([
        [
            'runtime/run/execute-run.ts',
            'runtime/run/expectations/judged-record.ts',
            'runtime/run/learning/run-learning.ts',
            'runtime/run/learning/traced.ts',
            'runtime/run/make-first.ts',
            'runtime/run/make-pictures.ts',
            'runtime/run/make-work.ts',
            'runtime/run/measures/measures.ts',
            'runtime/run/measures/scan-pictures.ts',
            'runtime/run/mosaic/make-mosaic.ts',
            'runtime/run/mosaic/paint-tiles.ts',
            'runtime/run/prints/make-print.ts',
        ],
        [
            'language/lower/learn.ts',
            'language/lower/lessons.ts',
            'language/lower/picture/canvas.ts',
            'language/lower/picture/infuse.ts',
            'language/lower/picture/networks.ts',
            'language/lower/picture/picture.ts',
            'language/lower/sources.ts',
            'language/lower/sweep.ts',
            'language/lower/words.ts',
        ],
        ['language/write/learn-text.ts', 'language/write/picture-text.ts', 'language/write/source-names.ts'],
    ]);
});

it('no folder holds more files than a reader can take in', () => {
    expect(crowded).toEqual([]);
});

it('tests mirror the source', () => {
    expect(unmirrored).toEqual([]);
});

/** What VS Code calls, in the desktop and in the browser. */
const CALLED_BY_VSCODE = new Set(['activate', 'deactivate']);

const EXPORTED = /^export (?:async |abstract )*(?:function\*?|const|class|interface|type) (\w+)/gm;
const EXPORTED_VALUE = /^export (?:async |abstract )*(?:function\*?|const|class) (\w+)/gm;

const ROOT = join(import.meta.dirname, '..');
const OWN = FILES.filter((file) => !file.includes('generated/'));
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

it('a name is exported once: two things with one name differ only by their import', () => {
    const files = new Map<string, Set<string>>();
    for (const file of OWN) {
        for (const [, name] of textOf(`src/${file}`).matchAll(EXPORTED)) {
            files.set(name!, (files.get(name!) ?? new Set()).add(file));
        }
    }
    const twice = [...files].filter(([name, where]) => where.size > 1 && !CALLED_BY_VSCODE.has(name));
    expect(twice.map(([name, where]) => `${name}: ${[...where].join(', ')}`)).toEqual([]);
});

it('what a file exports is used outside of it', () => {
    const others = ['test', 'scripts'].flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    );
    const texts = [...FILES.map((file) => `src/${file}`), ...others.filter((file) => /\.(tsx?|mjs)$/.test(file))];
    const words = texts.map((file) => [file, new Set(textOf(file).match(/\w+/g))] as const);
    const unused = OWN.flatMap((file) =>
        [...textOf(`src/${file}`).matchAll(EXPORTED_VALUE)]
            .map(([, name]) => name!)
            .filter((name) => !words.some(([other, has]) => other !== `src/${file}` && has.has(name)))
            .map((name) => `${name} of ${file}`),
    );
    expect(unused.filter((line) => !CALLED_BY_VSCODE.has(line.split(' ')[0]!))).toEqual([]);
});
