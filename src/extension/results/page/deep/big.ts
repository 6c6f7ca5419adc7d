/** Pictures too large to be left to the page's own drawing, which would be still while it decodes them. */
import type { ShownPicture } from '../../shown-run.ts';

/** Pixels of a side from which a picture is large. */
const LARGE = 2048;

export function isBig({ width, height }: Pick<ShownPicture, 'width' | 'height'>): boolean {
    return Math.max(width, height) > LARGE;
}

let before: Promise<unknown> = Promise.resolve();

/** The picture's pixels, decoded beside the page's own thread, one picture at a time: each takes 4 bytes a pixel. */
export function decode(src: string, options: ImageBitmapOptions = {}): Promise<ImageBitmap> {
    const decoded = before.then(async () => {
        const response = await fetch(src);
        if (!response.ok) throw new Error(`The picture could not be read: ${response.status}.`);
        return createImageBitmap(await response.blob(), options);
    });
    before = decoded.catch(() => undefined);
    return decoded;
}
