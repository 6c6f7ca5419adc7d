/** A U-Net that takes what cross-attention adds from another call: bits, rows, and that it reads no text. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel, type StableDiffusion, type UnetInputs } from '../../../src/runtime/engine/model.ts';
import { rows } from '../../../src/runtime/tensor.ts';
import { worstError } from '../../parity/golden.ts';
import { INPAINT, noise, SD15, SD21 } from '../engine/nano.ts';

describe.each([
    ['nano-sd15', SD15, 4],
    ['nano-sd21', SD21, 4],
    ['nano-inpaint', INPAINT, 9],
] as const)('%s', (_, path, channels) => {
    let model: StableDiffusion;
    let early: UnetInputs;
    beforeAll(async () => {
        model = await openModel(path, { device: 'cpu', threads: 1 });
        const width = model.checkpoint.unet.config.contextWidth;
        early = { sample: noise(1, 2, channels, 9, 12), timestep: 801, context: noise(2, 2, 77, width) };
    });
    afterAll(() => model.close());

    test('with its own parts the prediction is the exact one, whatever the text', async () => {
        const exact = await (await model.unet()).run(early);
        const { prediction, text } = await (await model.unet({ text: 'handed-out' })).run(early);
        expect(prediction.data).toEqual(exact.prediction.data);
        expect(text!.size).toBeGreaterThan(0);
        const without = await model.unet({ text: 'given' });
        const other = { ...early, context: noise(9, ...early.context.dims), text: text! };
        expect(worstError((await without.run(other)).prediction.data, exact.prediction.data)).toBeLessThan(1e-6);
    });

    test('with those of an earlier step it is another one, and of a row alone as in a batch', async () => {
        const { text } = await (await model.unet({ text: 'handed-out' })).run(early);
        const late = { ...early, sample: noise(3, ...early.sample.dims), timestep: 301 };
        const exact = await (await model.unet()).run(late);
        const without = await model.unet({ text: 'given' });
        const kept = await without.run({ ...late, text: text! });
        expect(worstError(kept.prediction.data, exact.prediction.data)).toBeGreaterThan(1e-4);
        const alone = await without.run({
            ...late,
            sample: rows(late.sample, 1, 2),
            context: rows(late.context, 1, 2),
            text: new Map([...text!].map(([block, part]) => [block, rows(part, 1, 2)])),
        });
        expect(alone.prediction.data).toEqual(rows(kept.prediction, 1, 2).data);
    });

    test('a branch takes the parts of its own blocks', async () => {
        const { deep, text } = await (await model.unet({ keepAt: 'OUT11', text: 'handed-out' })).run(early);
        const exact = await (await model.unet()).run(early);
        const branch = await model.unet({ resumeAt: 'OUT11', text: 'given' });
        const resumed = await branch.run({ ...early, deep: deep!, text: text! });
        expect(worstError(resumed.prediction.data, exact.prediction.data)).toBeLessThan(1e-6);
    });
});
