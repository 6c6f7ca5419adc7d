/** Bias pictures: encoded, and handed to the U-Net clean or noised to the level of each step. */
import type { PicturePlan } from '../../plan/plan.ts';
import type { BiasRow } from '../../plan/rows/rows.ts';
import { mixture } from '../mixture.ts';
import type { Sampler } from '../samplers/sampler.ts';
import { concat } from '../tensor.ts';
import type { Scene } from './scene.ts';

export interface BiasInputs {
    /** The rows' latents `[C, h, w]` as the U-Net sees them at a call. */
    readonly latents: (seeds: readonly number[]) => (row: BiasRow, sampler: Sampler, call: number) => Float32Array;
}

/**
 * Encodes the plan's bias pictures: scaled to cover the canvas, the middle cut out, the posterior's mean x scaling
 * factor. `clean` latents go in as they are; `matched` ones as scale_model_input(add_noise(z, n, t), t), with one fixed
 * draw n a bias picture and seed.
 */
export async function biasInputs({ model, plan, noise, encode }: Scene): Promise<BiasInputs> {
    const { latentScale, isInpainting } = model.checkpoint;
    const encoded = new Map<string, Float32Array>();
    for (const source of plan.infusions.flatMap((infusion) => infusion.pictures)) {
        const key = JSON.stringify(source.picture);
        if (encoded.has(key)) continue;
        const { mean } = await encode(source.picture, 'covering');
        encoded.set(key, mixture([latentScale, mean.data]));
    }
    const sourceKey = (row: BiasRow) => JSON.stringify(plan.infusions[row.clause]!.pictures[row.image]!.picture);
    const latentOf = (row: BiasRow) => encoded.get(sourceKey(row))!;

    return {
        latents(seeds) {
            const drawn = new Map<string, Float32Array>();
            return (row, sampler, call) => {
                const clean = latentOf(row);
                const seen =
                    row.picture === undefined
                        ? clean
                        : matched(clean, sampler, call, numberOf(row, plan), seeds[row.picture]!);
                return isInpainting ? withInpaintingChannels(seen, clean) : seen;
            };

            function matched(
                clean: Float32Array,
                sampler: Sampler,
                call: number,
                number: number,
                seed: number,
            ): Float32Array {
                const key = `${number} ${seed}`;
                const fixed = drawn.get(key) ?? noise.bias(seed, number).normal(clean.length);
                drawn.set(key, fixed);
                return sampler.scaleModelInput(sampler.addNoise(clean, fixed, call), call);
            }
        },
    };
}

/** The bias picture's number among all of the plan's, from 0. */
function numberOf(row: BiasRow, plan: PicturePlan): number {
    const before = plan.infusions.slice(0, row.clause).reduce((sum, infusion) => sum + infusion.pictures.length, 0);
    return before + row.image;
}

/** Inpainting models see a bias picture as one of which nothing is repainted. */
function withInpaintingChannels(seen: Float32Array, clean: Float32Array): Float32Array {
    return concat([seen, new Float32Array(seen.length / 4), clean]);
}
