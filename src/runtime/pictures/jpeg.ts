/** JPEG files, for the many tiles of a pyramid. */
import sharp from 'sharp';
import type { Rgb } from './picture.ts';

/** The bytes of a JPEG file of high quality, colours at full resolution. */
export function encodeJpeg({ width, height, data }: Rgb): Promise<Buffer> {
    return sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
        .toBuffer();
}
