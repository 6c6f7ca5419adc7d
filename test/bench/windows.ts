/**
 * `npm run windows:goals`: whether the borders of windows are seen in pictures larger than the model's own.
 *
 * Gradient energy across the borders, over that across columns 4 to 31 pixels beside them in the same picture: 1 where a
 * border is like any other place. Subjects have edges of their own, so that one picture says little; the last line is the mean.
 */
import { join } from 'node:path';
import { createNodeLanguage, lowerRun, nodeFiles } from '../../src/language/index-node.ts';
import type { PicturePlan } from '../../src/plan/plan.ts';
import { openModel } from '../../src/runtime/engine/model.ts';
import { generate } from '../../src/runtime/generate.ts';
import { lumaOf, type Rgb } from '../../src/runtime/pictures/picture.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Where windows of 128 pixels that overlap by 64 begin and end, in a picture of 256. */
const BORDERS = [64, 128, 192];
const PROMPTS = [
    ['painting of a tree in a meadow', 2],
    ['painting of a house in the snow', 1],
    ['painting of a flower in a meadow', 1],
    ['drawing of a tree in a forest', 3],
    ['photo of a boat in the sea', 1],
    ['painting of a mushroom in a forest', 2],
] as const;

const language = await createNodeLanguage();
const spec = await language.parseFile(join(ROOT, 'examples', 'print.sdspec'));
const work = lowerRun(spec, 'panorama', { files: nodeFiles }).value?.work;
if (work?.kind !== 'picture') throw new Error('The example is not what it was.');
const panorama: PicturePlan = work;
const model = await openModel(join(ROOT, 'models', 'sketch'), { device: 'cpu' });

async function made(text: string, seed: number): Promise<Rgb> {
    const prompt = { phrases: [{ text, weight: 1 }] };
    const plan: PicturePlan = { ...panorama, conditioning: { kind: 'prompt', prompt }, seeds: [seed] };
    const picture = () => Promise.reject(new Error('A panorama starts from noise.'));
    const context = { openModel: async () => model, picture, emit: () => {}, previews: false };
    for await (const result of generate(plan, context)) return result.picture;
    throw new Error('No picture was made.');
}

/** Mean squared difference of luma between each column and the one before it. */
function energies(picture: Rgb): readonly number[] {
    const { width, height, data } = lumaOf(picture);
    return Array.from({ length: width }, (_, x) => {
        let sum = 0;
        for (let y = 0; x > 0 && y < height; y++) sum += (data[y * width + x]! - data[y * width + x - 1]!) ** 2;
        return sum / height;
    });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const ratios: number[] = [];
for (const [text, seed] of PROMPTS) {
    const energy = energies(await made(text, seed));
    const at = (shift: number) => mean(BORDERS.map((border) => energy[border + shift]!));
    const shifts = Array.from({ length: 28 }, (_, k) => k + 4).flatMap((shift) => [-shift, shift]);
    ratios.push(at(0) / mean(shifts.map(at)));
    console.log(`${ratios.at(-1)!.toFixed(2)}  ${text}`);
}
console.log(`${mean(ratios).toFixed(2)}  mean of ${ratios.length}`);
await model.close();
