/** How much memory a picture takes at once, estimated before it is made. */
import { freemem, totalmem } from 'node:os';
import type { PicturePlan } from '../../plan/plan.ts';
import type { Checkpoint } from '../weights/parts.ts';

type Shape = Pick<Checkpoint, 'pixelsPerLatent' | 'unetBytes'> & {
    readonly unet: { readonly config: Pick<Checkpoint['unet']['config'], 'heads' | 'downAttention'> };
    readonly vae: { readonly config: Pick<Checkpoint['vae']['config'], 'widths'> };
};

/**
 * Bytes of the largest tensors at one time: the attention of the finest level that has one, as a whole, and four layers of
 * the decoder at full size. Kernels that never hold the whole attention take less.
 */
function pictureBytes({ size, windows }: Pick<PicturePlan, 'size' | 'windows'>, model: Shape): number {
    const { heads, downAttention } = model.unet.config;
    const finest = downAttention.indexOf(true);
    const side = (pixels: number) => Math.min(pixels, windows?.side ?? pixels) / model.pixelsPerLatent;
    const tokens = finest < 0 ? 0 : (side(size.width) * side(size.height)) / 4 ** finest;
    const attention = 4 * (heads[finest] ?? 0) * tokens ** 2;
    const decoder = 4 * 4 * (model.vae.config.widths[0] ?? 0) * size.width * size.height;
    return model.unetBytes + Math.max(attention, decoder);
}

/** The sentence for a picture that may not fit into this machine's memory; undefined where it does. */
export function memoryNotice(plan: Pick<PicturePlan, 'size' | 'windows'>, model: Shape): string | undefined {
    const limit = process.constrainedMemory();
    const machine = limit > 0 && limit < totalmem() ? limit : totalmem();
    const free = Math.min(machine, Math.max(freemem(), machine / 2));
    const bytes = pictureBytes(plan, model);
    if (bytes <= free) return undefined;
    const { width, height } = plan.size;
    const gigabytes = (amount: number) => `${(amount / 2 ** 30).toFixed(1)} GB`;
    return `A picture of ${width}x${height} can take ${gigabytes(bytes)} of memory at once, and ${gigabytes(free)} are there: if it breaks off, write a smaller size, or \`size ${width}x${height} windows 512px\`.`;
}
