/** A ControlNet without attention, as diffusers computes it: two rows, a picture that is not square, an fp16 file. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import { readControlNet } from '../../../src/runtime/weights/controlnet.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';

const FOLDER = join(import.meta.dirname, 'small-controlnet');

test('a ControlNet without attention gives the residuals of the reference', async () => {
    const { tensors } = readSafetensors(`${FOLDER}.expected.safetensors`);
    const expected = (name: string) => readTensor(tensors.get(name)!);
    const net = await openControlNet(FOLDER, { device: 'cpu' });
    const { down, mid } = await net.run({
        sample: expected('sample'),
        timestep: 421,
        context: expected('context'),
        hint: expected('hint'),
        scale: 0.7,
        guess: false,
    });
    await net.close();
    expect(down).toHaveLength(12);
    for (const [name, { data, dims }] of [
        ...down.map((x, index) => [`down.${index}`, x] as const),
        ['mid', mid] as const,
    ]) {
        const wanted = expected(name);
        expect(dims, name).toEqual(wanted.dims);
        const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted.data[i]!)), 0);
        expect(worst, name).toBeLessThan(1e-5);
    }
});

test('the single file says by itself that nothing in it attends', () => {
    const single = readControlNet(join(FOLDER, 'diffusion_pytorch_model.safetensors'), {
        norm_num_groups: 4,
        cross_attention_dim: 16,
        attention_head_dim: 2,
    });
    expect(single.config).toEqual(readControlNet(FOLDER).config);
});
