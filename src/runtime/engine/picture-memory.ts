/** How much memory a picture takes at once, estimated before it is made. */
import { freemem, totalmem } from 'node:os';
import { sizeWords } from '../../plan/amounts.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { Checkpoint } from '../weights/parts.ts';
import { MANY_CALLS, planSession } from './session-plan.ts';

type Picture = Pick<PicturePlan, 'size' | 'steps' | 'textCache'>;

type Shape = {
    readonly unet: Pick<Checkpoint['unet'], 'weights'>;
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
export function pictureBytes(plan: Picture, model: Shape): number {
    const { width, height } = plan.size;
    const decoder = 4 * DECODER_TENSORS * (model.vae.config.widths[0] ?? 0) * width * height;
    return BASE_BYTES + unetBytes(plan, model) + decoder;
}

/** Weights that are mapped are shared by the U-Nets of a run; where they are rearranged, each has its own, in 32 bits. */
function unetBytes({ steps, textCache }: Picture, { unet: { weights } }: Shape): number {
    const { tensors } = weights;
    const isMapped = planSession('cpu', weights, steps).weights === 'mapped';
    if (isMapped) return [...tensors.values()].reduce((sum, { length }) => sum + length, 0);
    const values = [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    return 4 * values * (textCache ? 2 : 1);
}

/** The sentence for a picture that may not fit into this machine's memory; undefined where it does. */
export function memoryNotice(plan: Picture, model: Shape, free = freeBytes()): string | undefined {
    const bytes = pictureBytes(plan, model);
    if (bytes <= free) return undefined;
    const { width, height } = plan.size;
    const start = `A picture of ${width}x${height} can take ${sizeWords(bytes)} of memory at once, and ${sizeWords(free)} are there`;
    const { textCache: _, ...once } = plan;
    if (pictureBytes(once, model) <= free)
        return `${start}: \`cache text\` holds the U-Net's weights twice. If it breaks off, leave it out, or write fewer than ${MANY_CALLS} steps, which share them.`;
    return `${start}: if it breaks off, write a smaller size, or \`size ${width}x${height} windows 512px\`.`;
}

function freeBytes(): number {
    const limit = process.constrainedMemory();
    const machine = limit > 0 && limit < totalmem() ? limit : totalmem();
    return Math.min(machine, Math.max(freemem(), machine / 2));
}
