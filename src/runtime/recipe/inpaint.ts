/** Inpainting: a part of a picture is repainted, the rest held; by the model's own channels, or by blending. */
import type { PicturePlan, Size } from '../../plan/plan.ts';
import type { ReadPicture } from '../events.ts';
import { feathered, maskOf } from '../pictures/mask.ts';
import type { Rgb } from '../pictures/picture.ts';
import { toUnit } from '../pictures/pixels.ts';
import { RunError } from '../run-error.ts';
import type { Sampler } from '../samplers/sampler.ts';
import { concat, type Tensor, tensor } from '../tensor.ts';
import { type Canvas, fitted } from './canvas.ts';
import type { Scene } from './scene.ts';
import type { LatentOf, StartingLatents } from './starting-latents.ts';

export interface Inpainting {
    readonly notices: readonly string[];
    /** Whether the U-Net has channels of its own for mask and masked picture (9 in all). */
    readonly ownChannels: boolean;
    /** The masked picture's latents; 4-channel models do not use them, but the reference draws them too. */
    maskedLatents(latentOf: LatentOf, number: number): Float32Array;
    begin(begun: readonly StartingLatents[]): {
        readonly inpainting?: Tensor;
        readonly blend?: (latents: Float32Array, sampler: Sampler, nextCall: number | undefined) => Float32Array;
    };
    /** The made picture with the kept pixels of the start picture laid over it. */
    paste(made: Rgb): Rgb;
}

/** Undefined where the plan repaints no part. `source` is the start picture on the canvas. */
export async function prepareInpainting(
    { model, plan, canvas, picture }: Scene,
    source: Rgb | undefined,
): Promise<Inpainting | undefined> {
    const ownChannels = model.checkpoint.isInpainting;
    if (!plan.mask && !plan.outpaint && !ownChannels) return undefined;
    if (!source) {
        const message =
            ownChannels && !plan.mask && !plan.outpaint
                ? 'This is an inpainting model: say what it repaints with `start from PICTURE` and `mask PICTURE`.'
                : 'A mask needs a picture that it belongs to: write `start from PICTURE`.';
        throw new RunError('run/unsupported', message);
    }
    const { repaint, note } = await repaintMask(plan, canvas, picture);
    const feather = plan.mask?.feather ?? 0;
    const alpha = feather > 0 ? await feathered(repaint, canvas, feather) : repaint;
    const mask = latentMask(repaint, alpha, feather, canvas);
    const masked = await model.encodeImage(withoutPart(toUnit(source), repaint));

    const isEmpty = repaint.every((value) => value === 0);

    return {
        notices: [...(isEmpty ? [NOTHING] : []), ...(note === undefined ? [] : [note])],
        ownChannels,
        maskedLatents: (latentOf, number) => latentOf(masked, number),
        begin: (begun) =>
            ownChannels
                ? { inpainting: inpaintingChannels(mask, begun, canvas.latent) }
                : { blend: (latents, sampler, nextCall) => blended(latents, nextCall, sampler, begun, mask) },
        paste: (made) => pasted(made, source, alpha),
    };
}

const NOTHING =
    'The mask repaints nothing: no part of it is white (with `mask outside`: black). What is transparent counts as black.';

/** 1 where the picture is repainted: the mask on the plan's own part, and all of the outpainted sides. */
async function repaintMask(
    plan: PicturePlan,
    canvas: Canvas,
    picture: ReadPicture,
): Promise<{ readonly repaint: Float32Array; readonly note?: string | undefined }> {
    const all = new Float32Array(canvas.width * canvas.height).fill(1);
    const { inner, left, top } = canvas;
    const { mask } = plan;
    if (mask?.kind === 'corners') throw new Error('A frame is straightened before it is repainted.');
    // The mask belongs to the start picture, and is fitted as it is.
    const source = mask && (await picture(mask.picture, 'mask'));
    const own = source
        ? maskOf(fitted(source, inner, plan.start?.fit ?? 'stretch'), inner, {
              outside: mask.outside,
          })
        : new Float32Array(inner.width * inner.height).fill(plan.outpaint ? 0 : 1);
    for (let y = 0; y < inner.height; y++) {
        all.set(own.subarray(y * inner.width, (y + 1) * inner.width), (y + top) * canvas.width + left);
    }
    return { repaint: all, note: source?.note };
}

/**
 * The mask at latent size: nearest neighbour, as diffusers reduces it. With a feather every latent is repainted that
 * the feather's paste will show.
 */
function latentMask(repaint: Float32Array, alpha: Float32Array, feather: number, canvas: Canvas): Float32Array {
    const { latent } = canvas;
    const stepX = canvas.width / latent.width;
    const stepY = canvas.height / latent.height;
    const mask = new Float32Array(latent.width * latent.height);
    for (let y = 0; y < latent.height; y++) {
        for (let x = 0; x < latent.width; x++) {
            const nearest = repaint[Math.floor(y * stepY) * canvas.width + Math.floor(x * stepX)]!;
            mask[y * latent.width + x] =
                feather > 0 ? Number(shows(alpha, canvas.width, x * stepX, y * stepY, stepX, stepY)) : nearest;
        }
    }
    return mask;
}

function shows(alpha: Float32Array, width: number, x0: number, y0: number, w: number, h: number): boolean {
    for (let y = y0; y < y0 + h; y++) for (let x = x0; x < x0 + w; x++) if (alpha[y * width + x]! > 0.02) return true;
    return false;
}

/** The picture with the part to repaint set to mid grey (0 in [-1, 1]). */
function withoutPart({ data, dims }: Tensor, repaint: Float32Array): Tensor {
    return tensor(
        data.map((value, i) => (repaint[i % repaint.length]! < 0.5 ? value : 0)),
        dims,
    );
}

/** Mask and masked latents for the five extra channels. */
function inpaintingChannels(mask: Float32Array, begun: readonly StartingLatents[], latent: Size): Tensor {
    const channels = begun.map(({ masked }) => concat([mask, masked!]));
    return tensor(concat(channels), [begun.length, 5, latent.height, latent.width]);
}

/** (1 - m) * start picture, noised to the level of the next call, + m * latents. */
function blended(
    latents: Float32Array,
    nextCall: number | undefined,
    sampler: Sampler,
    begun: readonly StartingLatents[],
    mask: Float32Array,
): Float32Array {
    const result = latents.slice();
    const size = latents.length / begun.length;
    begun.forEach(({ clean, noise }, picture) => {
        const held = nextCall === undefined ? clean! : sampler.addNoise(clean!, noise, nextCall);
        for (let i = 0; i < size; i++) {
            const m = mask[i % mask.length]!;
            const at = picture * size + i;
            result[at] = (1 - m) * held[i]! + m * latents[at]!;
        }
    });
    return result;
}

function pasted(made: Rgb, source: Rgb, alpha: Float32Array): Rgb {
    const data = made.data.map((value, i) => {
        const a = alpha[Math.floor(i / 3)]!;
        return Math.round(a * value + (1 - a) * source.data[i]!);
    });
    return { ...made, data };
}
