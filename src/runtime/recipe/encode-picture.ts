/** Pictures, fitted to the canvas and encoded; within a run each only once. */
import { canonicalJson } from '../../plan/digest.ts';
import type { PictureSource, StartFit } from '../../plan/plan.ts';
import type { Posterior, StableDiffusion } from '../engine/stable-diffusion.ts';
import type { Rgb } from '../pictures/picture.ts';
import { covering, toUnit } from '../pictures/pixels.ts';
import type { Canvas } from './canvas.ts';
import { placed } from './canvas.ts';
import type { RunMemory } from './run-memory.ts';

/**
 * As a start picture is fitted to the plan's own part of the canvas; or `covering` all of it, the middle cut out, as bias
 * pictures are.
 */
export type Fit = StartFit | 'covering';

export type PictureEncoder = (source: PictureSource, fit: Fit) => Promise<Posterior>;

interface Surroundings {
    readonly picture: (source: PictureSource) => Promise<Rgb>;
    readonly memory?: RunMemory;
}

export function pictureEncoder(
    model: StableDiffusion,
    canvas: Canvas,
    { picture, memory }: Surroundings,
): PictureEncoder {
    return (source, fit) => {
        const encode = async () => {
            const pixels = await picture(source);
            return model.encodeImage(
                toUnit(fit === 'covering' ? covering(pixels, canvas) : placed(pixels, canvas, fit)),
            );
        };
        return memory
            ? memory.posterior([model.checkpoint.path, canonicalJson([source, fit, canvas])].join(), encode)
            : encode();
    };
}
