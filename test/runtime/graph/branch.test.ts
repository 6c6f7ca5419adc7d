/** The U-Net's branch alone is the whole U-Net with the kept feature put in by hand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SD } from '../../../src/plan/topology.ts';
import { openModel, type StableDiffusion, type Unet, type UnetInputs } from '../../../src/runtime/engine/model.ts';
import { rows, type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { worstError } from '../../parity/golden.ts';
import { INPAINT, noise, SD15, SD21 } from '../engine/nano.ts';

/** A U-Net whose feature behind a block is replaced by remembered rows: a tap that takes nothing of its own rows. */
async function withFeature(model: StableDiffusion, behind: (typeof SD.blocks)[number], deep: Tensor): Promise<Unet> {
    const unet = await model.unet({ taps: [{ point: behind, remembered: true }] });
    const count = deep.dims[0]!;
    const matrix = new Float32Array(count * 2 * count);
    for (let row = 0; row < count; row++) matrix[row * 2 * count + count + row] = 1;
    const mix = tensor(matrix, [1, count, 2 * count]);
    return { ...unet, run: (inputs) => unet.run({ ...inputs, mix, remembered: [deep] }) };
}

describe.each([
    ['nano-sd15', SD15, 4, ['OUT11', 'OUT10', 'OUT05']],
    ['nano-sd21', SD21, 4, ['OUT11', 'OUT09']],
    ['nano-inpaint', INPAINT, 9, ['OUT11']],
] as const)('%s', (_, path, channels, blocks) => {
    let model: StableDiffusion;
    let early: UnetInputs;
    let late: UnetInputs;
    beforeAll(async () => {
        model = await openModel(path, { device: 'cpu', threads: 1 });
        const width = model.checkpoint.unet.config.contextWidth;
        early = { sample: noise(1, 2, channels, 9, 12), timestep: 801, context: noise(2, 2, 77, width) };
        late = { ...early, sample: noise(3, 2, channels, 9, 12), timestep: 601 };
    });
    afterAll(() => model.close());

    test.each(blocks)('from %s', async (at) => {
        const whole = await (await model.unet({ keepAt: at })).run(early);
        expect(whole.prediction.data).toEqual((await (await model.unet()).run(early)).prediction.data);
        const deep = whole.deep!;

        const branch = await model.unet({ resumeAt: at });
        const cached = await branch.run({ ...late, deep });
        const before = SD.blocks[SD.blocks.indexOf(at) - 1]!;
        const byHand = await (await withFeature(model, before, deep)).run(late);
        expect(worstError(cached.prediction.data, byHand.prediction.data)).toBeLessThan(1e-6);
        // It is neither the exact prediction nor that of the step before.
        const exact = await (await model.unet()).run(late);
        expect(worstError(cached.prediction.data, exact.prediction.data)).toBeGreaterThan(1e-4);
        expect(worstError(cached.prediction.data, whole.prediction.data)).toBeGreaterThan(1e-4);

        const alone = await branch.run({
            ...late,
            sample: rows(late.sample, 1, 2),
            context: rows(late.context, 1, 2),
            deep: rows(deep, 1, 2),
        });
        expect(alone.prediction.data).toEqual(rows(cached.prediction, 1, 2).data);
    });

    test('with its own feature of this very step the branch is exact', async () => {
        const whole = await (await model.unet({ keepAt: 'OUT10' })).run(late);
        const branch = await (await model.unet({ resumeAt: 'OUT10' })).run({ ...late, deep: whole.deep! });
        expect(worstError(branch.prediction.data, whole.prediction.data)).toBeLessThan(1e-6);
    });

    test('a block that the network does not have is refused', async () => {
        await expect(model.unet({ keepAt: 'OUT12' as 'OUT11' })).rejects.toThrow('has no place "OUT12"');
    });
});
