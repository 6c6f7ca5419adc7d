/** The scene: what all inputs of a plan's pictures are prepared from. */
import type { PicturePlan } from '../../plan/plan.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { ReadPicture } from '../events.ts';
import type { Canvas } from './canvas.ts';
import type { PictureEncoder } from './encode-picture.ts';
import type { PictureNoise } from './picture-noise.ts';

export interface Scene {
    readonly model: StableDiffusion;
    readonly plan: PicturePlan;
    readonly canvas: Canvas;
    readonly noise: PictureNoise;
    /** The pixels of a picture at its own size. */
    readonly picture: ReadPicture;
    readonly encode: PictureEncoder;
}
