/** Where a run starts: pure noise, an encoded picture, a mixture of several, or a picture with a part to repaint. */
import type { PicturePlan } from '../../plan/plan.ts';
import type { Posterior } from '../engine/stable-diffusion.ts';
import { mixture } from '../mixture.ts';
import type { NoiseStream } from '../noise/stream.ts';
import type { Rgb } from '../pictures/picture.ts';
import { toRgb, toUnit } from '../pictures/pixels.ts';
import type { Sampler } from '../samplers/sampler.ts';
import { concat, type Tensor, tensor } from '../tensor.ts';
import { placed } from './canvas.ts';
import { heldColours } from './hold.ts';
import { type Inpainting, prepareInpainting } from './inpaint.ts';
import type { Scene } from './scene.ts';
import { encoded, type LatentOf, latentReader, type StartingLatents } from './starting-latents.ts';

/** A start that is ready for any number of seeds. */
export interface PreparedStart {
    /** What the user should know. */
    readonly notices: readonly string[];
    /**
     * Draws what the streams' pictures start from, in the order in which the reference draws it; `first` is the number of
     * the first of them among the plan's pictures.
     */
    begin(sampler: Sampler, seeds: readonly number[], streams: readonly NoiseStream[], first: number): Beginning;
    /** The finished picture of a decoded one `[1, 3, H, W]`: 8-bit, with what the mask keeps pasted back in. */
    finish(decoded: Tensor): Rgb;
}

export interface Beginning {
    /** `[pictures, 4, h, w]` */
    readonly latents: Tensor;
    /** Fresh unit noise of the same shape, each picture from its own stream. */
    readonly draw: () => Float32Array;
    /** `[pictures, 5, h, w]` for inpainting models: mask, masked picture. */
    readonly inpainting?: Tensor;
    readonly blend?: (latents: Float32Array, sampler: Sampler, nextCall: number | undefined) => Float32Array;
}

/** Encodes what the plan starts from; with `starts` each picture from one of its own. */
export async function prepareStart(scene: Scene, starts?: readonly Rgb[]): Promise<PreparedStart> {
    const { model, plan, canvas, noise, picture, encode } = scene;
    const pictures = starts ? [] : (plan.start?.pictures ?? []);
    const posteriors: Posterior[] = [];
    const fit = plan.start?.fit ?? 'stretch';
    for (const source of pictures) posteriors.push(await encode(source.picture, fit));
    const own: Posterior[] = [];
    for (const start of starts ?? []) own.push(await model.encodeImage(toUnit(placed(start, canvas, fit))));
    const first = pictures[0] && placed(await picture(pictures[0].picture), canvas, fit);
    const inpainting = await prepareInpainting(scene, first);
    const { latent } = canvas;
    const count = 4 * latent.width * latent.height;
    const scale = model.checkpoint.latentScale;

    return {
        notices: inpainting?.notices ?? [],
        finish: (decoded) => {
            const made = toRgb(decoded);
            return inpainting ? inpainting.paste(made) : made;
        },
        begin(sampler, seeds, streams, number) {
            const shape = [streams.length, 4, latent.height, latent.width];
            const begun = streams.map((stream, i) => {
                const streamOf = (number: number) => noise.start(seeds[i]!, number);
                const latentOf = latentReader(plan.start?.latent ?? 'mean', stream, streamOf, scale);
                const from = starts ? [own[number + i]!] : posteriors;
                return beginOne(plan, sampler, stream.normal.bind(stream, count), from, latentOf, inpainting);
            });
            const latents = tensor(concat(begun.map((one) => one.latents)), shape);
            const draw = () => concat(streams.map((stream) => stream.normal(count)));
            const hold = plan.start?.hold;
            if (!inpainting && hold) {
                const held = begun.map(({ clean, noise }) => ({ clean: clean!, noise }));
                return {
                    latents,
                    draw,
                    blend: (now, by, next) => heldColours(now, next, by, held, latent, hold),
                };
            }
            if (!inpainting) return { latents, draw };
            return { latents, draw, ...inpainting.begin(begun) };
        },
    };
}

function beginOne(
    plan: PicturePlan,
    sampler: Sampler,
    draw: () => Float32Array,
    posteriors: readonly Posterior[],
    latentOf: LatentOf,
    inpainting: Inpainting | undefined,
): StartingLatents {
    const fromNoise = !plan.start || (inpainting !== undefined && plan.start.strength === 1);
    const needed = plan.start && !(fromNoise && inpainting?.ownChannels);
    const clean = needed ? encoded(plan.start!, posteriors, latentOf) : undefined;
    const noise = draw();
    const masked = inpainting?.maskedLatents(latentOf, posteriors.length);
    const latents = fromNoise
        ? mixture([sampler.initNoiseSigma, noise])
        : sampler.addNoise(clean!, noise, sampler.startCall);
    return { latents, noise, ...(clean ? { clean } : {}), ...(masked ? { masked } : {}) };
}
