/** Paths as specs write them: forward slashes, relative to the file that they are written in. */
import { URI, UriUtils } from 'langium';

/** Whether a path stands for several files. */
export function isGlob(path: string): boolean {
    return /[*?]/.test(path);
}

/** Absolute on some system: `/weights`, `C:\weights`. */
export function isAbsolute(path: string): boolean {
    return /^([/\\]|[A-Za-z]:[/\\])/.test(path);
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

/** The URI that a path written in a file of folder `from` points to. */
export function uriOf(path: string, from: URI): URI {
    if (isUrl(path)) return URI.parse(path);
    // Half a character can be in a string, but in no address.
    const slashes = path.replaceAll('\\', '/').replace(/\p{Surrogate}/gu, '\ufffd');
    if (!isAbsolute(path)) return UriUtils.joinPath(from, slashes);
    return from.with({ path: slashes.startsWith('/') ? slashes : `/${slashes}` });
}
