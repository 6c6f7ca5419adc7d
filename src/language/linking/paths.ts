/** Paths as specs write them: forward slashes, relative to the file that they are written in. */
import { URI, UriUtils } from 'langium';

/** Whether a path stands for several files. */
export function isGlob(path: string): boolean {
    return /[*?]/.test(path);
}

/** The sentence for a pattern that would look through too many files. */
export function manyFiles(pattern: string): string {
    return `"${pattern}" would look through a large part of the disk: name a folder nearer to the pictures.`;
}

/** Absolute on some system: `/weights`, `C:\weights`. */
export function isAbsolute(path: string): boolean {
    return /^([/\\]|[A-Za-z]:[/\\])/.test(path);
}

/**
 * A share of another machine, `//host/share` or `file://host/share`: on Windows, looking at one already sends the user's
 * credentials to that host.
 */
export function isShare(path: string): boolean {
    return /^[/\\]{2}|^file:\/\/[^/]/i.test(path);
}

export function isUrl(path: string): boolean {
    return /^[a-z][a-z+.-]+:\/\//i.test(path);
}

/** A path written in a file of folder `from`, as seen from folder `home`: `./assets/a.png` stays `assets/a.png`. */
export function relativePath(path: string, from: URI, home: URI): string {
    const slashes = path.replaceAll('\\', '/');
    if (isAbsolute(path) || isUrl(path)) return slashes;
    const relative = UriUtils.relative(home, UriUtils.joinPath(from, slashes));
    return relative === '' ? '.' : relative;
}

/** The URI that a path written in a file of folder `from` points to. It never names another machine's files. */
export function uriOf(path: string, from: URI): URI {
    // Half a character can be in a string, but in no address.
    const slashes = path
        .replace(/\p{Surrogate}/gu, '\ufffd')
        .replaceAll('\\', '/')
        .replace(/^\/{2,}/, '/');
    if (isUrl(path)) {
        const uri = URI.parse(slashes);
        return uri.scheme === 'file' ? uri.with({ authority: '' }) : uri;
    }
    if (!isAbsolute(path)) return UriUtils.joinPath(from, slashes);
    return from.with({ path: slashes.startsWith('/') ? slashes : `/${slashes}` });
}
