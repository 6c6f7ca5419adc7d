/** LoRA and learned embeddings: both notations, merged as the definition says. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLearnedEmbedding } from '../../../src/runtime/adapters/learned-embedding.ts';
import { openModel, type ReadAdapter } from '../../../src/runtime/engine/model.ts';
import { type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { MODELS, noise, SD15, SD21 } from '../engine/nano.ts';
import { temporaryFolder, writeTensors } from '../weights/write-safetensors.ts';

const adapter = (name: string) => join(MODELS, 'adapters', `${name}.safetensors`);

/** A prediction and a text embedding of a model with adapters. */
async function outputs(path: string, adapters: readonly ReadAdapter[] = []): Promise<readonly Float32Array[]> {
    const model = await openModel(path, { device: 'cpu', threads: 1, adapters });
    const rows = { sample: noise(1, 1, 4, 8, 8), timestep: 500, context: noise(2, 1, 77, 32) };
    const { prediction } = await (await model.unet()).run(rows);
    const text = await model.encodeText([model.tokenizer.encodePadded('a castle')]);
    await model.close();
    return [prediction.data, text.data];
}

const worst = (a: readonly Float32Array[], b: readonly Float32Array[]) =>
    Math.max(...a.map((part, k) => part.reduce((max, value, i) => Math.max(max, Math.abs(value - b[k]![i]!)), 0)));

/** A copy of the model with kohya files merged into its weights, module by module, in double precision. */
function merged(files: readonly (readonly [string, number])[], factorOf: (tensor: string) => number = () => 1): string {
    const folder = join(temporaryFolder(), 'model');
    cpSync(SD15, folder, { recursive: true });
    for (const [file, prefix] of [
        ['unet/diffusion_pytorch_model.safetensors', 'lora_unet_'],
        ['text_encoder/model.safetensors', 'lora_te_'],
    ] as const) {
        const path = join(folder, file);
        const all = new Map([...readSafetensors(path).tensors].map(([name, location]) => [name, readTensor(location)]));
        for (const [lora, weight] of files) {
            const { tensors } = readSafetensors(lora);
            const read = (name: string): Tensor | undefined =>
                tensors.has(name) ? readTensor(tensors.get(name)!) : undefined;
            for (const [name, target] of all) {
                const module = prefix + name.replace(/\.weight$/, '').replaceAll('.', '_');
                const [up, down, alpha] = ['lora_up.weight', 'lora_down.weight', 'alpha'].map((role) =>
                    read(`${module}.${role}`),
                );
                if (!up || !down || !alpha) continue;
                const rank = down.dims[0]!;
                const columns = down.data.length / rank;
                const data = target.data.map((value, index) => {
                    const [row, column] = [Math.floor(index / columns), index % columns];
                    let sum = 0;
                    for (let k = 0; k < rank; k++) sum += up.data[row * rank + k]! * down.data[k * columns + column]!;
                    return value + (weight * factorOf(name) * alpha.data[0]! * sum) / rank;
                });
                all.set(name, tensor(data, target.dims));
            }
        }
        writeTensors(path, all);
    }
    return folder;
}

test.each([
    ['linear layers', [['nano-lora.kohya', 0.5]]],
    ['convolutions, with an alpha of their own each', [['nano-locon.kohya', 1]]],
    [
        'several, one of them negative',
        [
            ['nano-lora.kohya', 0.7],
            ['nano-locon.kohya', -0.4],
        ],
    ],
] as const)('a LoRA is merged as its definition says: %s', async (_, files) => {
    const adapters = files.map(([name, weight]) => ({ path: adapter(name), weight }));
    const reference = merged(files.map(([name, weight]) => [adapter(name), weight]));
    const ours = await outputs(SD15, adapters);
    expect(worst(ours, await outputs(reference))).toBeLessThan(2e-5);
    expect(worst(ours, await outputs(SD15))).toBeGreaterThan(1e-2);
});

test('a LoRA with factors of blocks acts in those, and in the text encoder', async () => {
    const path = adapter('nano-lora.kohya');
    const blocks = [
        { block: 'IN01', weight: 0.5 },
        { block: 'M00', weight: -1 },
        { block: 'OUT05', weight: 2 },
    ] as const;
    const factors: Readonly<Record<string, number>> = {
        'down_blocks.0.attentions.0': 0.5,
        'mid_block.attentions.0': -1,
        'up_blocks.1.attentions.2': 2,
    };
    const seen = new Set<string>();
    const reference = merged([[path, 0.8]], (tensor) => {
        if (tensor.startsWith('text_model')) return 1;
        const module = Object.keys(factors).find((start) => tensor.startsWith(`${start}.`));
        if (module) seen.add(module);
        return module ? factors[module]! : 0;
    });
    expect([...seen].sort()).toEqual(Object.keys(factors).sort());
    const ours = await outputs(SD15, [{ path, weight: 0.8, blocks }]);
    const [whole] = [await outputs(SD15, [{ path, weight: 0.8 }])];
    expect(worst(ours, await outputs(reference))).toBeLessThan(2e-5);
    expect(ours[1]).toEqual(whole[1]);
    expect(worst([ours[0]!], [whole[0]!])).toBeGreaterThan(1e-3);
    const none = await outputs(SD15, [{ path, weight: 0.8, blocks: [] }]);
    expect([none[0], none[1]]).toEqual([(await outputs(SD15))[0], whole[1]]);
});

test('both notations of one LoRA give the same', async () => {
    const [kohya, peft] = ['nano-lora.kohya', 'nano-lora.peft'].map((name) =>
        outputs(SD15, [{ path: adapter(name), weight: 1 }]),
    );
    expect(worst(await kohya!, await peft!)).toBeLessThan(1e-5);
});

test('a weight of 0 changes nothing', async () => {
    expect(await outputs(SD15, [{ path: adapter('nano-lora.kohya'), weight: 0 }])).toEqual(await outputs(SD15));
});

test('a LoRA for another family is refused with the layer', async () => {
    await expect(outputs(SD21, [{ path: adapter('nano-lora.kohya'), weight: 1 }])).rejects.toThrow(
        /changes ".*", but .*another family/,
    );
    await expect(outputs(SD15, [{ path: adapter('ti-single'), weight: 1 }])).rejects.toThrow(/is no LoRA/);
});

test('adapters of other kinds are refused by name', async () => {
    const path = join(temporaryFolder(), 'x.safetensors');
    writeTensors(path, new Map([['unet.conv_in.oft_blocks', noise(1, 2)]]));
    await expect(outputs(SD15, [{ path, weight: 1 }])).rejects.toThrow(/is an OFT or BOFT; use a LoRA/);
});

test('learned embeddings are read in three notations', () => {
    expect(readLearnedEmbedding(adapter('ti-single'), 32).dims).toEqual([1, 32]);
    expect(readLearnedEmbedding(adapter('ti-multi'), 32).dims).toEqual([3, 32]);
    expect(readLearnedEmbedding(adapter('ti-a1111'), 32).dims).toEqual([2, 32]);
    const two = new Map([1, 2].map((n) => [`bundle_emb.w${n}.string_to_param.*`, noise(n, n, 32)]));
    const bundle = writeTensors(join(temporaryFolder(), 'bundle.safetensors'), two);
    expect(readLearnedEmbedding(bundle, 32, 'w2').dims).toEqual([2, 32]);
    expect(() => readLearnedEmbedding(bundle, 32, 'other')).toThrow(/name the embedding after the one that is wanted/);
    expect(() => readLearnedEmbedding(adapter('ti-multi'), 768)).toThrow(
        "holds vectors of 32 values; this model's text encoder takes 768",
    );
    const both = new Map(['clip_l', 'clip_g'].map((name, n) => [name, noise(n, 1, 32)]));
    const wide = writeTensors(join(temporaryFolder(), 'xl.safetensors'), both);
    expect(() => readLearnedEmbedding(wide, 32)).toThrow(/is a learned embedding for SDXL/);
    expect(() => readLearnedEmbedding(adapter('nano-lora.kohya'), 32)).toThrow(/is no learned embedding/);
});
