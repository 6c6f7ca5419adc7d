/** Imports between the source files, read from their text. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

export interface Import {
    readonly from: string;
    /** The path within `src`, or the name of a package. */
    readonly to: string;
    /** Needed as soon as `from` is loaded: neither types alone nor an `import()`. */
    readonly eager: boolean;
}

const STATEMENTS = /^(?:import|export)\s(type\s)?(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Source files of a folder, relative to it, with forward slashes. */
export function sourceFiles(folder: string): readonly string[] {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((file) => file.replaceAll('\\', '/'))
        .filter((file) => /\.tsx?$/.test(file))
        .sort();
}

/** All imports of the files, in their order. */
export function importsOf(folder: string, files: readonly string[]): readonly Import[] {
    return files.flatMap((from) => {
        const text = readFileSync(join(folder, from), 'utf8');
        return [...text.matchAll(STATEMENTS)].map(([, type, stated, dynamic]) => {
            const name = (stated ?? dynamic)!;
            const to = name.startsWith('.') ? posix.join(dirname(from), name) : name;
            return { from, to, eager: type === undefined && dynamic === undefined };
        });
    });
}
