/** Files around a spec: folders, sizes of pictures, small texts. Nothing here throws; what cannot be read is absent. */
import { type FileSystemProvider, URI, UriUtils } from 'langium';
import type { Size } from '../../plan/plan.ts';
import type { FileAccess, FileHead } from '../host/files.ts';
import { folderOfSpec, isShare } from '../linking/paths.ts';

export interface FolderEntry {
    readonly name: string;
    readonly uri: URI;
    readonly folder: boolean;
}

/** Answers are kept for a moment, so that one hover or completion reads a file once. */
const KEPT_MS = 2_000;

/** The host's files, remembered for a moment; none in a browser. */
export class Files implements FileAccess {
    readonly #provider: FileSystemProvider;
    readonly #access: FileAccess | undefined;
    readonly #kept = new Map<string, { readonly until: number; readonly value: unknown }>();

    constructor(provider: FileSystemProvider, access: FileAccess | undefined) {
        this.#provider = provider;
        this.#access = access;
    }

    /** The folder that a document's paths start from; undefined for one that has none. */
    folderOf(document: URI): URI | undefined {
        const folder = folderOfSpec(document);
        return folder.scheme === 'file' || folder.scheme === 'vscode-vfs' ? folder : undefined;
    }

    /** A path as a spec writes it, against the spec's folder. */
    resolve(document: URI, path: string): URI | undefined {
        if (/^[a-z]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path)) return undefined;
        // Half a character can be in a string, but in no address.
        if (/\p{Surrogate}/u.test(path)) return undefined;
        if (isShare(path)) return undefined;
        if (path.startsWith('/')) return URI.file(path);
        const folder = this.folderOf(document);
        return folder && UriUtils.resolvePath(folder, path);
    }

    list(folder: URI): readonly FolderEntry[] {
        const entries = this.#keep(`list ${folder}`, () =>
            this.#provider.readDirectorySync(folder).map((node) => ({
                name: UriUtils.basename(node.uri),
                uri: node.uri,
                folder: node.isDirectory,
            })),
        );
        return entries ?? [];
    }

    kindOf(uri: string): 'file' | 'folder' | undefined {
        return this.#keep(`kind ${uri}`, () => this.#access?.kindOf(uri));
    }

    glob(folder: string, pattern: string): readonly string[] | undefined {
        return this.#keep(`glob ${folder} ${pattern}`, () => this.#access?.glob(folder, pattern));
    }

    readText(uri: string): string | undefined {
        return this.#keep(`text ${uri}`, () => this.#access?.readText(uri));
    }

    modelHead(uri: string): FileHead | undefined {
        return this.#keep(`head ${uri}`, () => this.#access?.modelHead?.(uri));
    }

    pictureSize(uri: string): Size | undefined {
        return this.#keep(`size ${uri}`, () => this.#access?.pictureSize(uri));
    }

    #keep<Value>(key: string, read: () => Value): Value | undefined {
        const kept = this.#kept.get(key);
        if (kept && kept.until > Date.now()) return kept.value as Value;
        let value: Value | undefined;
        try {
            value = read();
        } catch {
            // Missing, unreadable or no file system at all: for an editor's hints all the same.
        }
        if (this.#kept.size > 500) this.#kept.clear();
        this.#kept.set(key, { until: Date.now() + KEPT_MS, value });
        return value;
    }
}
