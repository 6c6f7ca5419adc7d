/** Text inside PNG files: reads and inserts tEXt, zTXt and iTXt chunks (PNG specification 1.2, section 4.2.3). */
import { crc32, inflateSync } from 'node:zlib';
import { PictureError } from './picture.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Text longer than this after decompression is left out: a hostile file shall not fill the memory. */
const MAX_TEXT = 64 * 1024 * 1024;

/**
 * A PNG with these texts right after its header, under their keywords; texts it had under the same keywords are replaced.
 * Latin-1 texts become tEXt chunks, which every tool reads, others iTXt in UTF-8; so do those whose Latin-1 bytes are UTF-8
 * too, since many tools write UTF-8 into tEXt and readers try that first.
 */
export function withTexts(png: Uint8Array, texts: Readonly<Record<string, string>>): Buffer {
    const chunks = [...chunksOf(png)];
    const kept = chunks.slice(1).filter(({ type, data }) => !TEXT_TYPES.has(type) || !(keywordOf(data) in texts));
    const added = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
    const encoded = [chunks[0]!, ...added, ...kept].map(encode);
    return Buffer.concat([SIGNATURE, ...encoded]);
}

/** All texts of a PNG by keyword; of two under one keyword the first. Texts that are damaged are left out. */
export function pngTexts(png: Uint8Array): Record<string, string> {
    // Without a prototype: `__proto__` is a keyword like any other.
    const texts: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const { type, data } of chunksOf(png)) {
        if (!TEXT_TYPES.has(type)) continue;
        const text = decode(type, data);
        if (text !== undefined) texts[keywordOf(data)] ??= text;
    }
    return texts;
}

export function isPng(bytes: Uint8Array): boolean {
    return bytes.length >= 8 && SIGNATURE.equals(bytes.subarray(0, 8));
}

const TEXT_TYPES = new Set(['tEXt', 'zTXt', 'iTXt']);

interface Chunk {
    readonly type: string;
    readonly data: Buffer;
}

/** Chunks up to the end, or to where the file is cut off. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
    if (!isPng(bytes)) throw new PictureError('picture/unreadable', 'This is no PNG file.');
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 8; at + 12 <= file.length; ) {
        const length = file.readUInt32BE(at);
        if (at + 12 + length > file.length) return;
        const type = file.toString('latin1', at + 4, at + 8);
        yield { type, data: file.subarray(at + 8, at + 8 + length) };
        at += 12 + length;
        if (type === 'IEND') return;
    }
}

function encode({ type, data }: Chunk): Buffer {
    const chunk = Buffer.alloc(12 + data.length);
    chunk.writeUInt32BE(data.length, 0);
    chunk.write(type, 4, 'latin1');
    data.copy(chunk, 8);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
    return chunk;
}

function textChunk(keyword: string, text: string): Chunk {
    const name = Buffer.from(keyword, 'latin1');
    if (isLatin1(text) && latin1OrUtf8(Buffer.from(text, 'latin1')) === text) {
        return { type: 'tEXt', data: Buffer.concat([name, Buffer.of(0), Buffer.from(text, 'latin1')]) };
    }
    // Not compressed, no language, no translated keyword.
    return { type: 'iTXt', data: Buffer.concat([name, Buffer.of(0, 0, 0, 0, 0), Buffer.from(text, 'utf8')]) };
}

function isLatin1(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff || text.charCodeAt(i) === 0) return false;
    return true;
}

function keywordOf(data: Buffer): string {
    const end = data.indexOf(0);
    return data.toString('latin1', 0, end < 0 ? data.length : end);
}

function decode(type: string, data: Buffer): string | undefined {
    const end = data.indexOf(0);
    if (end < 0) return undefined;
    try {
        if (type === 'tEXt') return latin1OrUtf8(data.subarray(end + 1));
        if (type === 'zTXt') return latin1OrUtf8(inflate(data.subarray(end + 2)));
        const compressed = data[end + 1] === 1;
        const language = data.indexOf(0, end + 3);
        const translated = data.indexOf(0, language + 1);
        if (language < 0 || translated < 0) return undefined;
        const rest = data.subarray(translated + 1);
        return (compressed ? inflate(rest) : rest).toString('utf8');
    } catch {
        return undefined;
    }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** tEXt is Latin-1 by its specification, and UTF-8 as many tools write it: Latin-1 prose is hardly ever valid UTF-8. */
function latin1OrUtf8(data: Buffer): string {
    try {
        return UTF8.decode(data);
    } catch {
        return data.toString('latin1');
    }
}

function inflate(data: Buffer): Buffer {
    return inflateSync(data, { maxOutputLength: MAX_TEXT });
}
