/** Paths as specs write them: forward slashes, relative to the file that they are written in. */
import { type AstNode, AstUtils, URI, UriUtils } from 'langium';
import { specFolder } from './spec-folder.ts';

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
    if (!FILE_URL.test(path)) return /^[/\\]{2}/.test(path);
    return !/^file:\/\/\/(?!\/)/i.test(decoded(path).replaceAll('\\', '/'));
}

const FILE_URL = /^file:[/\\]/i;

/** Without percent signs, where they are an encoding. */
function decoded(path: string): string {
    try {
        return decodeURIComponent(path);
    } catch {
        return path;
    }
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
    if (FILE_URL.test(path)) {
        const [, local = ''] = /^file:(?:\/\/[^/]*)?\/*(.*)$/is.exec(decoded(slashes)) ?? [];
        return URI.from({ scheme: 'file', path: `/${local.replaceAll('\\', '/').replace(/^\/+/, '')}` });
    }
    if (isUrl(path)) {
        const uri = URI.parse(slashes);
        return uri.path === '' ? uri.with({ path: '/' }) : uri;
    }
    if (!isAbsolute(path)) return UriUtils.joinPath(from, slashes);
    return from.with({ path: slashes.startsWith('/') ? slashes : `/${slashes}` });
}

/** The folders that an editor has open; none elsewhere. */
let openFolders: readonly URI[] = [];

/** Sets the folders that an editor has open: the language server has one workspace. */
export function setOpenFolders(folders: readonly URI[]): void {
    openFolders = folders;
}

/** The folder that the paths in a node's document start from. */
export function specFolderOf(node: AstNode): URI {
    return folderOfSpec(AstUtils.getDocument(node).uri);
}

/** The same for a document by its URI; a folder that does not exist for a spec that has none. */
export function folderOfSpec(spec: URI): URI {
    const own = () => UriUtils.dirname(spec.scheme === 'untitled' ? spec.with({ scheme: 'file' }) : spec);
    return specFolder(spec, own, openFolders) ?? UriUtils.dirname(spec);
}
