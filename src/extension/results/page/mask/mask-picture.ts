/** What is painted, as a picture: in red over the one below it, and in black and white as a file. */
import type { ShownPicture } from '../../shown-run.ts';
import { drawMask, type Stroke } from './strokes.ts';

/** The mask in red, its border softened as the runtime softens it: by a Gaussian whose deviation is half of the feather. */
export function drawRed(canvas: HTMLCanvasElement, strokes: readonly Stroke[], feather: number): void {
    const { width, height } = canvas;
    const hard = new OffscreenCanvas(width, height);
    drawMask(hard.getContext('2d')!, strokes, { width, height });
    const context = canvas.getContext('2d')!;
    context.globalCompositeOperation = 'source-over';
    context.clearRect(0, 0, width, height);
    context.filter = feather > 0 ? `blur(${feather / 2}px)` : 'none';
    context.drawImage(hard, 0, 0);
    context.filter = 'none';
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = '#e5383b';
    context.fillRect(0, 0, width, height);
}

/** White where it is painted, black elsewhere, at the picture's own size. */
export async function maskFile(
    strokes: readonly Stroke[],
    { width, height }: Pick<ShownPicture, 'width' | 'height'>,
): Promise<Uint8Array> {
    const white = new OffscreenCanvas(width, height);
    drawMask(white.getContext('2d')!, strokes, { width, height });
    const whole = new OffscreenCanvas(width, height);
    const context = whole.getContext('2d')!;
    context.fillStyle = 'black';
    context.fillRect(0, 0, width, height);
    context.drawImage(white, 0, 0);
    const blob = await whole.convertToBlob({ type: 'image/png' });
    return new Uint8Array(await blob.arrayBuffer());
}
