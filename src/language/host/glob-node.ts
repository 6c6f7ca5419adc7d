/** Files that fit a pattern: `*` and `?` within a name, `**` for any folders. */
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

/** A pattern that has to look at more names than this is meant for a folder nearer by. */
const MAX_NAMES = 100_000;

/**
 * Files under `folder` that fit, as relative paths with forward slashes, sorted. Hidden files only where they are named.
 * Links are followed, but not by `**`, which could go round in circles. Undefined where more than `most` names would have
 * to be looked at.
 */
export function filesLike(folder: string, pattern: string, most = MAX_NAMES): readonly string[] | undefined {
    const segments = pattern
        .replaceAll('\\', '/')
        .split('/')
        .filter((segment) => segment !== '' && segment !== '.')
        // Any folders within any folders are any folders.
        .filter((segment, i, all) => segment !== '**' || all[i - 1] !== '**');
    const search: Search = { root: folder, left: most };
    const found = new Set(walk(search, '', segments));
    return search.left < 0 ? undefined : [...found].sort();
}

interface Search {
    readonly root: string;
    /** Names that may still be looked at. */
    left: number;
}

function walk(search: Search, at: string, [segment, ...rest]: readonly string[]): readonly string[] {
    if (segment === undefined || search.left < 0) return [];
    if (segment === '..') return walk(search, `${at}../`, rest);
    if (segment === '**') {
        const below = entries(search, at).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
        return [
            ...walk(search, at, rest),
            ...below.flatMap((entry) => walk(search, `${at}${entry.name}/`, [segment, ...rest])),
        ];
    }
    return entries(search, at)
        .filter(({ name }) => fitsPattern(name, segment) && (segment.startsWith('.') || !name.startsWith('.')))
        .flatMap((entry) => {
            const path = `${at}${entry.name}`;
            const found = entry.isSymbolicLink() ? behind(join(search.root, path)) : entry;
            if (rest.length === 0) return found?.isFile() ? [path] : [];
            return found?.isDirectory() ? walk(search, `${path}/`, rest) : [];
        });
}

function entries(search: Search, at: string): readonly Dirent[] {
    try {
        const found = readdirSync(join(search.root, at), { withFileTypes: true });
        search.left -= found.length + 1;
        return found;
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

/** Whether a name fits `*` and `?`. Only the last star is ever widened, so the time is name times pattern at most. */
function fitsPattern(name: string, pattern: string): boolean {
    let [at, next] = [0, 0];
    let star: { readonly after: number; from: number } | undefined;
    while (at < name.length) {
        const sign = pattern[next];
        if (sign === '*') star = { after: ++next, from: at };
        else if (sign !== undefined && (sign === '?' || sign === name[at])) {
            at += 1;
            next += 1;
        } else if (star) {
            star.from += 1;
            [at, next] = [star.from, star.after];
        } else return false;
    }
    while (pattern[next] === '*') next += 1;
    return next === pattern.length;
}
