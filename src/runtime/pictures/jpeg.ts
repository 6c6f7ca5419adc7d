/** JPEG files, for the many tiles of a pyramid. */
import sharp from 'sharp';
import type { Picture } from './picture.ts';

/** The bytes of a JPEG file of high quality, colours at full resolution. */
export function encodeJpeg({ width, height, data }: Picture): Promise<Buffer> {
    return sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
        .toBuffer();
}
