/** Files that fit a pattern: `*` and `?` within a name, `**` for any folders. */
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files under `folder` that fit, as relative paths with forward slashes, sorted. Hidden files only where they are named.
 * Links are followed, but not by `**`, which could go round in circles.
 */
export function filesLike(folder: string, pattern: string): readonly string[] {
    const segments = pattern
        .replaceAll('\\', '/')
        .split('/')
        .filter((segment) => segment !== '' && segment !== '.');
    return [...new Set(walk(folder, '', segments))].sort();
}

function walk(root: string, at: string, [segment, ...rest]: readonly string[]): readonly string[] {
    if (segment === undefined) return [];
    if (segment === '..') return walk(root, `${at}../`, rest);
    if (segment === '**') {
        const below = entries(root, at).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
        return [
            ...walk(root, at, rest),
            ...below.flatMap((entry) => walk(root, `${at}${entry.name}/`, [segment, ...rest])),
        ];
    }
    const fits = matcher(segment);
    return entries(root, at)
        .filter(({ name }) => fits.test(name) && (segment.startsWith('.') || !name.startsWith('.')))
        .flatMap((entry) => {
            const path = `${at}${entry.name}`;
            const found = entry.isSymbolicLink() ? behind(join(root, path)) : entry;
            if (rest.length === 0) return found?.isFile() ? [path] : [];
            return found?.isDirectory() ? walk(root, `${path}/`, rest) : [];
        });
}

function entries(root: string, at: string): readonly Dirent[] {
    try {
        return readdirSync(join(root, at), { withFileTypes: true });
    } catch {
        return []; // A folder that can't be read holds no files for us.
    }
}

/** What a link leads to; nothing where it leads nowhere. */
function behind(link: string): Stats | undefined {
    try {
        return statSync(link);
    } catch {
        return undefined;
    }
}

function matcher(segment: string): RegExp {
    const source = segment
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.');
    return new RegExp(`^${source}$`);
}
