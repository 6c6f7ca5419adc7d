/** Caches and 8 bits on a U-Net of SDXL's shape (three levels, several blocks per transformer), and with a LoRA. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openModel, type StableDiffusion, type UnetInputs } from '../../../src/runtime/engine/model.ts';
import { relativeError } from '../../../src/runtime/engine/self-test.ts';
import { packageRoot } from '../../../src/runtime/package-root.ts';
import { topologyOf } from '../../../src/runtime/weights/config.ts';
import { type RandomModel, writeRandomCheckpoint } from '../../bench/random-checkpoint.ts';
import { MODELS, noise, SD15 } from './nano.ts';

/** SDXL's levels in small: none, two and ten blocks per transformer there; none, one and two here. */
const XL_SHAPE: RandomModel = {
    unet: {
        block_out_channels: [32, 64, 64],
        down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
        up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'],
        transformer_layers_per_block: [1, 1, 2],
        cross_attention_dim: 32,
        attention_head_dim: 4,
        norm_num_groups: 32,
        sample_size: 16,
    },
    vae: { block_out_channels: [32, 32, 32, 32], norm_num_groups: 32 },
    text_encoder: {
        vocab_size: 959,
        hidden_size: 32,
        intermediate_size: 64,
        num_hidden_layers: 1,
        num_attention_heads: 4,
        hidden_act: 'quick_gelu',
    },
};
const LORA = { path: join(MODELS, 'adapters', 'nano-lora.kohya.safetensors'), weight: 0.8 };

let folder = '';
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-shapes-'));
    vi.stubEnv('SDSPEC_CACHE', join(folder, 'cache'));
    writeRandomCheckpoint(join(folder, 'xl'), join(packageRoot(), 'models', 'sketch', 'tokenizer'), XL_SHAPE);
});
afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
});

function inputsOf(model: StableDiffusion): UnetInputs {
    const width = model.checkpoint.unet.config.contextWidth;
    return { sample: noise(1, 2, 4, 8, 12), timestep: 701, context: noise(2, 2, 77, width) };
}

test.each([
    ["SDXL's shape", () => openModel(join(folder, 'xl'), { device: 'cpu', threads: 1 })],
    ['a LoRA', () => openModel(SD15, { device: 'cpu', threads: 1, adapters: [LORA] })],
] as const)('%s: with what the same step keeps, cached steps are exact; 8 bits are close', async (_, open) => {
    const model = await open();
    const inputs = inputsOf(model);
    const last = topologyOf(model.checkpoint.unet.config).blocks.at(-1) as 'OUT11';
    const exact = (await (await model.unet()).run(inputs)).prediction.data;
    const kept = await (await model.unet({ keepAt: last, text: 'handed-out' })).run(inputs);
    expect(kept.prediction.data).toEqual(exact);
    const branch = await (await model.unet({ resumeAt: last })).run({ ...inputs, deep: kept.deep! });
    expect(relativeError(branch.prediction.data, exact)).toBeLessThan(1e-6);
    const given = await (await model.unet({ text: 'given' })).run({ ...inputs, text: kept.text! });
    expect(relativeError(given.prediction.data, exact)).toBeLessThan(1e-6);
    const reduced = (await (await model.unet({ precision: 'int8' })).run(inputs)).prediction.data;
    expect(relativeError(reduced, exact)).toBeGreaterThan(1e-6);
    expect(relativeError(reduced, exact)).toBeLessThan(0.03);
    await model.close();
});

test('a LoRA acts in cached steps and in 8 bits', async () => {
    const plain = await openModel(SD15, { device: 'cpu', threads: 1 });
    const changed = await openModel(SD15, { device: 'cpu', threads: 1, adapters: [LORA] });
    const inputs = inputsOf(plain);
    for (const options of [{ resumeAt: 'OUT11' }, { precision: 'int8' }] as const) {
        const deep = (await (await plain.unet({ keepAt: 'OUT11' })).run(inputs)).deep!;
        const [without, acting] = await Promise.all(
            [plain, changed].map(
                async (model) => (await (await model.unet(options)).run({ ...inputs, deep })).prediction,
            ),
        );
        expect(relativeError(acting!.data, without!.data)).toBeGreaterThan(1e-3);
    }
    await plain.close();
    await changed.close();
});
