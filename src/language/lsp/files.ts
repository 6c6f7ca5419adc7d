/** Files around a spec: folders, sizes of pictures, small texts. Nothing here throws; what cannot be read is absent. */
import { type FileSystemProvider, URI, UriUtils } from 'langium';
import type { Size } from '../../plan/plan.ts';
import type { FileAccess } from '../files.ts';

export interface Entry {
    readonly name: string;
    readonly uri: URI;
    readonly folder: boolean;
}

/** Answers are kept for a moment, so that one hover or completion reads a file once. */
const KEPT_MS = 2_000;

/** Folders and files through the file system of the host; none in a browser. */
export class Files implements FileAccess {
    readonly #provider: FileSystemProvider;
    readonly #kept = new Map<string, { readonly until: number; readonly value: unknown }>();

    constructor(provider: FileSystemProvider) {
        this.#provider = provider;
    }

    /** The folder of a document; undefined for one that has none, such as an unsaved buffer. */
    folderOf(document: URI): URI | undefined {
        return document.scheme === 'file' || document.scheme === 'vscode-vfs' ? UriUtils.dirname(document) : undefined;
    }

    /** A path as a spec writes it, against the spec's folder. */
    resolve(document: URI, path: string): URI | undefined {
        if (/^[a-z]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path)) return undefined;
        if (path.startsWith('/')) return URI.file(path);
        const folder = this.folderOf(document);
        return folder && UriUtils.resolvePath(folder, path);
    }

    list(folder: URI): readonly Entry[] {
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
        return this.#keep(`kind ${uri}`, () => (this.#provider.statSync(URI.parse(uri)).isFile ? 'file' : 'folder'));
    }

    glob(folder: string, pattern: string): readonly string[] {
        const slash = pattern.lastIndexOf('/');
        const path = pattern.slice(0, slash + 1);
        const parts = pattern.slice(slash + 1).split('*');
        const fits = new RegExp(`^${parts.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
        return this.list(UriUtils.resolvePath(URI.parse(folder), path || '.'))
            .filter((entry) => !entry.folder && fits.test(entry.name))
            .map(({ name }) => path + name)
            .sort();
    }

    readText(uri: string): string | undefined {
        return this.#keep(`text ${uri}`, () => this.#provider.readFileSync(URI.parse(uri)));
    }

    pictureSize(uri: string): Size | undefined {
        return this.#keep(`size ${uri}`, () => sizeOf(this.#provider.readBinarySync(URI.parse(uri))));
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

/** Width and height from the header of a PNG, JPEG, WebP or GIF file. */
export function sizeOf(bytes: Uint8Array): Size | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
    if (bytes.length < 24) return undefined;
    if (ascii(1, 4) === 'PNG') return { width: view.getUint32(16), height: view.getUint32(20) };
    if (ascii(0, 3) === 'GIF') return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return webpSize(view, ascii(12, 16));
    return bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegSize(view) : undefined;
}

/** Walks the segments up to the frame header (SOF0…SOF15 without the tables' markers). */
function jpegSize(view: DataView): Size | undefined {
    for (let at = 2; at + 9 < view.byteLength; ) {
        if (view.getUint8(at) !== 0xff) return undefined;
        const marker = view.getUint8(at + 1);
        if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
            return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
        }
        at += 2 + view.getUint16(at + 2);
    }
    return undefined;
}

function webpSize(view: DataView, kind: string): Size | undefined {
    if (view.byteLength < 30) return undefined;
    if (kind === 'VP8X') {
        const uint24 = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
        return { width: uint24(24), height: uint24(27) };
    }
    if (kind === 'VP8L') {
        const bits = view.getUint32(21, true);
        return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}
