/** How much memory a picture takes at once, estimated before it is made. */
import { freemem, totalmem } from 'node:os';
import { sizeWords } from '../../plan/amounts.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { Checkpoint } from '../weights/parts.ts';

type Shape = Pick<Checkpoint, 'unetBytes'> & {
    readonly vae: { readonly config: Pick<Checkpoint['vae']['config'], 'widths'> };
};

/** Node, the inference library and the picture library, before a model is opened. */
const BASE_BYTES = 200 * 2 ** 20;
/**
 * So many tensors of the decoder at full size, with the workspace of a convolution, are held at the peak: measured on the CPU
 * with the built-in model at 256x256, 512x512 and 1024x1024.
 */
const DECODER_TENSORS = 9;

/**
 * Bytes that the process holds at most: its base, the weights of the U-Net, and the decoder at full size, which grows with the
 * pixels. Attention is never held as a whole.
 */
export function pictureBytes({ width, height }: PicturePlan['size'], model: Shape): number {
    const decoder = 4 * DECODER_TENSORS * (model.vae.config.widths[0] ?? 0) * width * height;
    return BASE_BYTES + model.unetBytes + decoder;
}

/** The sentence for a picture that may not fit into this machine's memory; undefined where it does. */
export function memoryNotice(plan: Pick<PicturePlan, 'size'>, model: Shape): string | undefined {
    const limit = process.constrainedMemory();
    const machine = limit > 0 && limit < totalmem() ? limit : totalmem();
    const free = Math.min(machine, Math.max(freemem(), machine / 2));
    const bytes = pictureBytes(plan.size, model);
    if (bytes <= free) return undefined;
    const { width, height } = plan.size;
    return `A picture of ${width}x${height} can take ${sizeWords(bytes)} of memory at once, and ${sizeWords(free)} are there: if it breaks off, write a smaller size, or \`size ${width}x${height} windows 512px\`.`;
}
