/** Where a run starts: pure noise, an encoded picture, a mixture of several, or a picture with a part to repaint. */
import type { PicturePlan, PictureSource, Start } from '../../plan/plan.ts';
import type { Posterior, StableDiffusion } from '../engine/stable-diffusion.ts';
import { type Tensor, tensor } from '../engine/tensor.ts';
import type { Rgb } from '../events.ts';
import type { NoiseStream } from '../noise/stream.ts';
import { placed, toRgb } from '../pictures/pixels.ts';
import { mixture } from '../samplers/mixture.ts';
import type { Sampler } from '../samplers/sampler.ts';
import type { Canvas } from './canvas.ts';
import type { PictureEncoder } from './encode-picture.ts';
import { type Inpainting, prepareInpainting } from './inpaint.ts';

/** A start that is ready for any number of seeds. */
export interface PreparedStart {
    /** Draws what the streams' pictures start from, in the order in which the reference draws it. */
    begin(sampler: Sampler, streams: readonly NoiseStream[]): Beginning;
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

/** Encodes what the plan starts from; the posterior is sampled anew for every seed, as diffusers does. */
export async function prepareStart(
    model: StableDiffusion,
    plan: PicturePlan,
    canvas: Canvas,
    picture: (source: PictureSource) => Promise<Rgb>,
    encode: PictureEncoder,
): Promise<PreparedStart> {
    const pictures = plan.start?.pictures ?? [];
    const posteriors: Posterior[] = [];
    for (const source of pictures) posteriors.push(await encode(source.picture, 'placed'));
    const first = pictures[0] && placed(await picture(pictures[0].picture), canvas);
    const inpainting = await prepareInpainting(model, plan, canvas, first, picture);
    const { latent } = canvas;
    const count = 4 * latent.width * latent.height;
    const scale = model.checkpoint.latentScale;

    return {
        finish: (decoded) => {
            const made = toRgb(decoded);
            return inpainting ? inpainting.paste(made) : made;
        },
        begin(sampler, streams) {
            const shape = [streams.length, 4, latent.height, latent.width];
            const begun = streams.map((stream) =>
                beginOne(
                    plan,
                    sampler,
                    stream,
                    count,
                    () => encoded(plan.start!, posteriors, stream, scale),
                    inpainting,
                ),
            );
            const latents = tensor(joined(begun.map((one) => one.latents)), shape);
            const draw = () => joined(streams.map((stream) => stream.normal(count)));
            if (!inpainting) return { latents, draw };
            return { latents, draw, ...inpainting.begin(begun) };
        },
    };
}

/** What one picture starts from. `clean` and `noise` are kept for inpainting's blend. */
export interface Begun {
    readonly latents: Float32Array;
    readonly noise: Float32Array;
    readonly clean?: Float32Array;
    /** The masked picture's latents, for inpainting models. */
    readonly masked?: Float32Array;
}

function beginOne(
    plan: PicturePlan,
    sampler: Sampler,
    stream: NoiseStream,
    count: number,
    encode: () => Float32Array,
    inpainting: Inpainting | undefined,
): Begun {
    const fromNoise = !plan.start || (inpainting !== undefined && plan.start.strength === 1);
    const clean = plan.start && !(fromNoise && inpainting?.ownChannels) ? encode() : undefined;
    const noise = stream.normal(count);
    const masked = inpainting?.sampleMasked(stream);
    const latents = fromNoise
        ? mixture([sampler.initNoiseSigma, noise])
        : sampler.addNoise(clean!, noise, sampler.startCall);
    return { latents, noise, ...(clean ? { clean } : {}), ...(masked ? { masked } : {}) };
}

/** The pictures' latents, sampled from their posteriors and mixed with the weights of the start clause. */
function encoded(start: Start, posteriors: readonly Posterior[], stream: NoiseStream, scale: number): Float32Array {
    const samples = posteriors.map((posterior) => samplePosterior(posterior, stream, scale));
    const total = start.pictures.reduce((sum, { weight }) => sum + weight, 0);
    const shares = start.pictures.map(({ weight }) => weight / total);
    if (start.mixing === 'spherical' && samples.length === 2) return slerp(samples[0]!, samples[1]!, shares[1]!);
    return mixture(...samples.map((latents, k) => [shares[k]!, latents] as const));
}

/** (mean + std * noise) * scaling factor: a draw from the VAE's posterior (Kingma & Welling 2014). */
export function samplePosterior({ mean, logvar }: Posterior, stream: NoiseStream, scale: number): Float32Array {
    const noise = stream.normal(mean.data.length);
    return mean.data.map((value, i) => (value + Math.exp(0.5 * logvar.data[i]!) * noise[i]!) * scale);
}

/** Spherical interpolation (Shoemake 1985) over all values; close to parallel it is linear. */
function slerp(a: Float32Array, b: Float32Array, share: number): Float32Array {
    let dot = 0;
    let lengthA = 0;
    let lengthB = 0;
    for (let i = 0; i < a.length; i++) {
        dot += a[i]! * b[i]!;
        lengthA += a[i]! ** 2;
        lengthB += b[i]! ** 2;
    }
    const cosine = dot / Math.sqrt(lengthA * lengthB);
    if (Math.abs(cosine) > 0.9995) return mixture([1 - share, a], [share, b]);
    const angle = Math.acos(cosine);
    const sine = Math.sin(angle);
    return mixture([Math.sin((1 - share) * angle) / sine, a], [Math.sin(share * angle) / sine, b]);
}

export function joined(parts: readonly Float32Array[]): Float32Array {
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        all.set(part, at);
        at += part.length;
    }
    return all;
}
