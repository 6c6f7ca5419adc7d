/** EXIF: texts of JPEG, WebP and AVIF files, where tools put what PNG files carry as text. */

const EXIF_IFD = 0x8769;
const USER_COMMENT = 0x9286;
/** ASCII entries of the first directory: ComfyUI's nodes write `prompt:{…}` and `workflow:{…}` into some of them. */
const ASCII_TAGS = [0x010d, 0x010e, 0x010f, 0x0110, 0x0131, 0x013b, 0x8298];
const LONGEST = 64 * 1024 * 1024;

/** The texts in an EXIF block (with or without its `Exif` mark): the user's comment as `comment`, others by their own keyword. */
export function exifTexts(block: Uint8Array): Readonly<Record<string, string>> {
    const marked = Buffer.from(block.buffer, block.byteOffset, Math.min(block.length, LONGEST));
    const tiff = marked.subarray(marked.toString('latin1', 0, 4) === 'Exif' ? 6 : 0);
    const texts: Record<string, string> = Object.create(null) as Record<string, string>;
    try {
        const { little, entry, u32 } = readerOf(tiff);
        const first = u32(4);
        for (const tag of ASCII_TAGS) {
            const [, keyword, text] =
                /^(prompt|workflow|parameters):\s*([\s\S]+)$/i.exec(
                    bytesOf(tiff, entry(first, tag), u32)?.toString('utf8').replace(/\0+$/, '') ?? '',
                ) ?? [];
            if (keyword && text) texts[keyword.toLowerCase()] ??= text;
        }
        const pointer = entry(first, EXIF_IFD);
        const comment = pointer === undefined ? undefined : bytesOf(tiff, entry(u32(pointer + 8), USER_COMMENT), u32);
        if (comment) texts['comment'] = textOf(comment, little);
    } catch {
        // A damaged block says what could be read before the damage.
    }
    return texts;
}

function readerOf(tiff: Buffer) {
    const little = tiff.toString('latin1', 0, 2) === 'II';
    const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
    const u32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
    /** Where the entry of a tag is in a directory. */
    const entry = (directory: number, tag: number) => {
        for (let i = 0; i < u16(directory); i++) {
            const at = directory + 2 + 12 * i;
            if (u16(at) === tag) return at;
        }
        return undefined;
    };
    return { little, entry, u32 };
}

/** The bytes of an entry: up to four within it, more behind a pointer. */
function bytesOf(tiff: Buffer, at: number | undefined, u32: (at: number) => number): Buffer | undefined {
    if (at === undefined) return undefined;
    const length = u32(at + 4);
    const offset = length <= 4 ? at + 8 : u32(at + 8);
    return tiff.subarray(offset, offset + length);
}

/** The first eight bytes name the encoding; UNICODE is UTF-16, mostly big-endian whatever the file's order. */
function textOf(comment: Buffer, little: boolean): string {
    const encoding = comment.toString('latin1', 0, 8).replace(/[\0 ]+$/, '');
    const hasName = encoding === 'UNICODE' || encoding === 'ASCII' || encoding === 'JIS' || encoding === '';
    const text = hasName ? comment.subarray(8) : comment;
    if (encoding !== 'UNICODE') return text.toString('utf8').replace(/\0+$/, '');
    const zeros = [0, 1].map((first) => text.filter((byte, i) => i % 2 === first && byte === 0).length);
    const bigEndian = zeros[0] === zeros[1] ? !little : zeros[0]! > zeros[1]!;
    const even = Buffer.from(text.subarray(0, text.length - (text.length % 2)));
    return (bigEndian ? even.swap16() : even).toString('utf16le').replace(/\0+$/, '');
}
