/** The structure of the source in figures: import circles, folders by size, tests without a folder that they mirror. */
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { circlesOf } from './circles.ts';
import { type Import, importsOf, sourceFiles } from './imports.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Folders that are flat on purpose: one file per subject. */
const FLAT = ['language/checks', 'runtime/samplers'];

/** A folder with more files is two rooms. */
export const MAX_FILES = 20;

/** Test folders that mirror no folder of `src`: tests of the whole, data, and tools. */
const OF_THE_WHOLE = /^(attack|bench|editor|goldens|judge|parity|language\/fuzz)(\/|$)/;

export interface Structure {
    /** Source files, relative to `src`. */
    readonly files: readonly string[];
    readonly imports: readonly Import[];
    readonly circles: readonly (readonly string[])[];
    /** Files per folder, the fullest first. */
    readonly folders: readonly { readonly folder: string; readonly files: number }[];
    /** Folders with more than `MAX_FILES` files, apart from those that are flat on purpose. */
    readonly crowded: readonly string[];
    /** Test folders without a folder or file of the same path in `src` or at the top. */
    readonly unmirrored: readonly string[];
}

/** Reads the structure of this project. */
export function readStructure(root = ROOT): Structure {
    const src = join(root, 'src');
    const files = sourceFiles(src);
    const imports = importsOf(src, files);
    const folders = countsOf(files.map((file) => posix.dirname(file)));
    return {
        files,
        imports,
        circles: circlesOf(imports),
        folders,
        crowded: folders.filter((one) => one.files > MAX_FILES && !FLAT.includes(one.folder)).map((one) => one.folder),
        unmirrored: [...new Set(sourceFiles(join(root, 'test')).map((file) => posix.dirname(file)))].filter(
            (folder) => !OF_THE_WHOLE.test(folder) && !isMirrored(root, folder),
        ),
    };
}

function countsOf(names: readonly string[]): Structure['folders'] {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts]
        .map(([folder, files]) => ({ folder, files }))
        .sort((a, b) => b.files - a.files || a.folder.localeCompare(b.folder));
}

/** Tests of `examples`, `scripts`, `syntaxes` and `training` mirror folders at the top. */
function isMirrored(root: string, folder: string): boolean {
    return [join('src', folder), join('src', `${folder}.ts`), folder].some((path) => existsSync(join(root, path)));
}
