/** Animated WebP: frames of one size as one moving picture. */
import sharp from 'sharp';
import { PictureError, type Rgb } from './picture.ts';

export interface AnimationOptions {
    /** How long each frame is shown, in milliseconds. */
    readonly delay: number;
    /** The last frame is shown this long instead. */
    readonly rest?: number;
    /** 0 repeats for ever. */
    readonly loop?: number;
    /** Every pixel as it is, or smaller files. */
    readonly compression?: 'lossless' | 'lossy';
}

/** @throws PictureError `picture/size` without frames, or with frames of different sizes. */
export async function animatedWebp(
    frames: readonly Rgb[],
    { delay, rest = delay, loop = 0, compression = 'lossy' }: AnimationOptions,
): Promise<Buffer> {
    const first = frames[0];
    if (!first || frames.some(({ width, height }) => width !== first.width || height !== first.height)) {
        throw new PictureError('picture/size', 'An animation needs frames, all of one size.');
    }
    const { width, height } = first;
    const tall = Buffer.concat(frames.map(({ data }) => data));
    return sharp(tall, {
        raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
        limitInputPixels: false,
    })
        .webp({
            delay: frames.map((_, i) => (i === frames.length - 1 ? rest : delay)),
            loop,
            lossless: compression === 'lossless',
            quality: 90,
            effort: 4,
        })
        .toBuffer();
}
