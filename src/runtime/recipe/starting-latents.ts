/** Latents of pictures: encoding, sampling the posterior, mixing. */
import type { Start } from '../../plan/plan.ts';
import type { Posterior } from '../engine/stable-diffusion.ts';
import { mixture } from '../mixture.ts';
import type { NoiseStream } from '../noise/stream.ts';

/** What one picture starts from. `clean` and `noise` are kept for inpainting's blend. */
export interface StartingLatents {
    readonly latents: Float32Array;
    readonly noise: Float32Array;
    readonly clean?: Float32Array;
    /** The masked picture's latents, for inpainting models. */
    readonly masked?: Float32Array;
}

/** The latents of a posterior: the `number`-th that is asked for of one picture. */
export type LatentOf = (posterior: Posterior, number: number) => Float32Array;

/** Reads posteriors as the plan's start says it, for one picture: `stream` is the picture's own. */
export function latentReader(
    latent: Start['latent'],
    stream: NoiseStream,
    streamOf: (number: number) => NoiseStream,
    scale: number,
): LatentOf {
    switch (latent) {
        case 'mean':
            return ({ mean }) => mixture([scale, mean.data]);
        case 'sampled':
            return (posterior, number) => samplePosterior(posterior, streamOf(number), scale);
        case 'diffusers':
            return (posterior) => samplePosterior(posterior, stream, scale);
    }
}

/** The pictures' latents, mixed with the weights of the start clause. */
export function encoded(start: Start, posteriors: readonly Posterior[], latentOf: LatentOf): Float32Array {
    const samples = posteriors.map(latentOf);
    const total = start.pictures.reduce((sum, { weight }) => sum + weight, 0);
    const shares = start.pictures.map(({ weight }) => weight / total);
    if (start.mixing === 'spherical' && samples.length === 2) return slerp(samples[0]!, samples[1]!, shares[1]!);
    return mixture(...samples.map((latents, k) => [shares[k]!, latents] as const));
}

/** (mean + std * noise) * scaling factor: a draw from the VAE's posterior (Kingma & Welling 2014). */
function samplePosterior({ mean, logvar }: Posterior, stream: NoiseStream, scale: number): Float32Array {
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
