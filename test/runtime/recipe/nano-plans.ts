/** Plans for the smallest model, carried out: what laws of the recipe are stated with. */
import { join } from 'node:path';
import type { Infusion, PicturePlan } from '../../../src/plan/plan.ts';
import type { MadePicture } from '../../../src/runtime/events.ts';
import { type GenerateContext, generate } from '../../../src/runtime/generate.ts';
import { plain } from '../../../src/runtime/pictures/picture.ts';
import { worstError as worst } from '../../parity/golden.ts';
import { casePlan, nanoModel, siteWeights } from '../../parity/plans.ts';

const ROOT = join(import.meta.dirname, '../../goldens');
export const SCHEDULER = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', steps_offset: 1 };
const PICTURES = {
    '0': plain(64, 64, [220, 40, 30]),
    '1': plain(90, 70, [20, 160, 90]),
    '2': plain(64, 96, [30, 40, 200]),
};
export const SITES = siteWeights({ 'down.1': 0.2, mid: 0.3, OUT04: 0.1, 'skip.2': -0.1 });

/** A castle of 64x72 pixels in 4 steps of Euler. */
export function plan(infusions: readonly Infusion[], more: Partial<PicturePlan> = {}): PicturePlan {
    const options = {
        prompt: 'a castle on a mountain',
        negative: 'blurry',
        width: 64,
        height: 72,
        steps: 4,
        guidance: 6,
        sampler: { name: 'euler', schedule: 'normal', eta: 0 },
    } as const;
    return casePlan(options, { infusions, ...more });
}

export const openNano = () => nanoModel(ROOT, 'nano-sd15', SCHEDULER);

/** The plan's pictures; the files `0`, `1` and `2` are plain ones of three shapes. */
export async function pictures(work: PicturePlan, more: Partial<GenerateContext> = {}): Promise<MadePicture[]> {
    const model = await openNano();
    const context: GenerateContext = {
        openModel: async () => model,
        picture: async (source) => PICTURES[(source as { path: '0' }).path],
        emit: () => {},
        ...more,
    };
    const made: MadePicture[] = [];
    for await (const picture of generate(work, context)) made.push(picture);
    return made;
}

export async function latents(work: PicturePlan, more?: Partial<GenerateContext>): Promise<Float32Array[]> {
    return (await pictures(work, more)).map((picture) => picture.latents);
}

/** The largest difference in parts of the largest value: the nano model's latents run into the hundreds. */
export const worstError = (a: Float32Array, b: Float32Array) => worst(a, b) / Math.max(...b.map(Math.abs));

export const one = async (work: PicturePlan, more?: Partial<GenerateContext>) => (await latents(work, more))[0]!;
