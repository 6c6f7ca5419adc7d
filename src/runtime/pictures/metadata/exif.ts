/** EXIF: the UserComment of JPEG and WebP files, where tools put what PNG files carry as text. */

const EXIF_IFD = 0x8769;
const USER_COMMENT = 0x9286;

/** The comment in an EXIF block (with or without its `Exif` mark); undefined where there is none, or it is damaged. */
export function userComment(block: Uint8Array): string | undefined {
    const marked = Buffer.from(block.buffer, block.byteOffset, block.length);
    const tiff = marked.subarray(marked.toString('latin1', 0, 4) === 'Exif' ? 6 : 0);
    try {
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
        const pointer = entry(u32(4), EXIF_IFD);
        const comment = pointer === undefined ? undefined : entry(u32(pointer + 8), USER_COMMENT);
        if (comment === undefined) return undefined;
        const [length, offset] = [u32(comment + 4), u32(comment + 8)];
        return textOf(tiff.subarray(offset, offset + length), little);
    } catch {
        return undefined;
    }
}

/** The first eight bytes name the encoding; UNICODE is UTF-16, mostly big-endian whatever the file's order. */
function textOf(comment: Buffer, little: boolean): string {
    const encoding = comment.toString('latin1', 0, 8).replace(/\0+$/, '');
    const text = comment.subarray(8);
    if (encoding !== 'UNICODE') return text.toString('utf8').replace(/\0+$/, '');
    const zeros = [0, 1].map((first) => text.filter((byte, i) => i % 2 === first && byte === 0).length);
    const bigEndian = zeros[0] === zeros[1] ? !little : zeros[0]! > zeros[1]!;
    const even = Buffer.from(text.subarray(0, text.length - (text.length % 2)));
    return (bigEndian ? even.swap16() : even).toString('utf16le').replace(/\0+$/, '');
}
