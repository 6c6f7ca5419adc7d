/** Checkpoints: every form of a model on disk, and what is said of those that can't be used. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { loadTokenizer } from '../../../src/runtime/text/load-tokenizer.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import { readControlNet } from '../../../src/runtime/weights/controlnet.ts';
import type { Checkpoint, Overrides } from '../../../src/runtime/weights/parts.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { controlName, openclipName, unetName, vaeName } from '../../../src/runtime/weights/single-file/ldm-names.ts';
import { modernVaeName } from '../../../src/runtime/weights/weight-files.ts';
import { INPAINT, MODELS, noise, SD15, SD21 } from '../engine/nano.ts';
import { temporaryFolder, writeTensors } from './write-safetensors.ts';

const SINGLE = join(MODELS, 'nano-sd15.ldm-fp16.safetensors');
const { unet, vae, text_encoder, scheduler } = JSON.parse(readFileSync(join(MODELS, 'single_files.json'), 'utf8'))[
    'nano-sd15.ldm-fp16.safetensors'
];
const OVERRIDES: Overrides = { unet, vae, text_encoder, scheduler, tokenizer: join(SD15, 'tokenizer') };

/** A copy of a model to take apart. */
function copyOf(model: string): string {
    const folder = join(temporaryFolder(), 'model');
    cpSync(model, folder, { recursive: true });
    return folder;
}

function edit(file: string, change: (json: Record<string, unknown>) => object): void {
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
}

/** All tensors of a file. */
function tensorsOf(file: string): Map<string, Tensor> {
    return new Map([...readSafetensors(file).tensors].map(([name, location]) => [name, readTensor(location)]));
}

async function predict(path: string, overrides?: Overrides): Promise<Float32Array> {
    const model = await openModel(path, { device: 'cpu', threads: 1, ...(overrides && { overrides }) });
    const { config } = model.checkpoint.unet;
    const rows = {
        sample: noise(1, 1, config.inChannels, 8, 8),
        timestep: 500,
        context: noise(2, 1, 77, config.contextWidth),
    };
    const { prediction } = await (await model.unet()).run(rows);
    await model.close();
    return prediction.data;
}

describe('folders', () => {
    test('a variant is used where there is nothing else, full precision where both are', () => {
        expect(openCheckpoint(SD21).unet.weights.source).toBe('unet/diffusion_pytorch_model.fp16.safetensors');
        const both = copyOf(SD21);
        const place = join(both, 'unet', 'diffusion_pytorch_model');
        cpSync(`${place}.fp16.safetensors`, `${place}.safetensors`);
        cpSync(`${place}.fp16.safetensors`, `${place}.non_ema.safetensors`);
        expect(openCheckpoint(both).unet.weights.source).toBe('unet/diffusion_pytorch_model.safetensors');
    });

    test.each([
        'diffusion_pytorch_model.safetensors.index.json',
        'diffusion_pytorch_model.safetensors.index.fp16.json',
    ])('shards are joined by their index (%s)', async (index) => {
        const folder = copyOf(INPAINT);
        const whole = join(folder, 'unet', 'diffusion_pytorch_model.safetensors');
        const entries = [...tensorsOf(whole)];
        rmSync(whole);
        const half = entries.length >> 1;
        const names = [
            'diffusion_pytorch_model-00001-of-00002.safetensors',
            'diffusion_pytorch_model-00002-of-00002.safetensors',
        ];
        const weight_map: Record<string, string> = {};
        for (const [shard, part] of [entries.slice(0, half), entries.slice(half)].entries()) {
            writeTensors(join(folder, 'unet', names[shard]!), new Map(part));
            for (const [name] of part) weight_map[name] = names[shard]!;
        }
        writeFileSync(join(folder, 'unet', index), JSON.stringify({ metadata: {}, weight_map }));
        expect(await predict(folder)).toEqual(await predict(INPAINT));
        rmSync(join(folder, 'unet', names[1]!));
        expect(() => openCheckpoint(folder)).toThrow(/can't be opened/);
    });

    test('a shard outside the folder is refused', () => {
        const folder = copyOf(INPAINT);
        rmSync(join(folder, 'unet', 'diffusion_pytorch_model.safetensors'));
        const index = join(folder, 'unet', 'diffusion_pytorch_model.safetensors.index.json');
        writeFileSync(index, JSON.stringify({ weight_map: { a: '../../x.safetensors' } }));
        expect(() => openCheckpoint(folder)).toThrow('names "../../x.safetensors", which is no file beside it');
    });

    test("links such as the Hugging Face cache's are followed", async (context) => {
        context.skip(process.platform === 'win32', 'not on Windows');
        const blobs = temporaryFolder();
        const folder = copyOf(INPAINT);
        const file = join(folder, 'unet', 'diffusion_pytorch_model.safetensors');
        renameSync(file, join(blobs, 'abc123'));
        symlinkSync(join(blobs, 'abc123'), file);
        expect(await predict(folder)).toEqual(await predict(INPAINT));
    });

    test('text encoders with and without their prefix are one', async () => {
        const folder = copyOf(SD15);
        const file = join(folder, 'text_encoder', 'model.safetensors');
        const bare = [...tensorsOf(file)].map(([name, value]) => [name.replace(/^text_model\./, ''), value] as const);
        writeTensors(file, new Map(bare));
        expect([...openCheckpoint(folder).textEncoder.weights.tensors.keys()].sort()).toEqual(
            [...openCheckpoint(SD15).textEncoder.weights.tensors.keys()].sort(),
        );
    });

    test('missing fields have the defaults of diffusers', () => {
        const folder = copyOf(SD15);
        edit(join(folder, 'vae', 'config.json'), ({ scaling_factor, use_quant_conv, ...rest }) => rest);
        edit(
            join(folder, 'unet', 'config.json'),
            ({ down_block_types, up_block_types, use_linear_projection, ...rest }) => rest,
        );
        const plain = openCheckpoint(SD15);
        const { vae, unet, latentScale } = openCheckpoint(folder);
        expect(latentScale).toBe(0.18215);
        expect(vae.config).toEqual(plain.vae.config);
        expect(unet.config).toEqual(plain.unet.config);
    });

    test('files have digests, by name', async () => {
        const digests = await openCheckpoint(SD15).digests();
        expect(Object.keys(digests)).toEqual([
            'unet/diffusion_pytorch_model.safetensors',
            'vae/diffusion_pytorch_model.safetensors',
            'text_encoder/model.safetensors',
        ]);
        for (const digest of Object.values(digests)) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    });

    test.each<[string, (folder: string) => void, string | RegExp]>([
        [
            'no model_index.json',
            (f) => rmSync(join(f, 'model_index.json')),
            /no diffusers model: it has no model_index\.json/,
        ],
        ['no U-Net', (f) => rmSync(join(f, 'unet'), { recursive: true }), /the unet's configuration/],
        [
            'no weights',
            (f) => rmSync(join(f, 'vae', 'diffusion_pytorch_model.safetensors')),
            /holds no \.safetensors file: the model's vae is missing/,
        ],
        ['no tokenizer', (f) => rmSync(join(f, 'tokenizer'), { recursive: true }), /holds no tokenizer/],
        ['no scheduler', (f) => rmSync(join(f, 'scheduler'), { recursive: true }), /scheduler's configuration/],
        [
            'pickled weights',
            (f) =>
                renameSync(
                    join(f, 'vae', 'diffusion_pytorch_model.safetensors'),
                    join(f, 'vae', 'diffusion_pytorch_model.bin'),
                ),
            /Python pickle, which can run code/,
        ],
        ['broken JSON', (f) => writeFileSync(join(f, 'unet', 'config.json'), '{'), /is not valid JSON/],
        [
            'an SDXL model',
            (f) => edit(join(f, 'model_index.json'), () => ({ _class_name: 'StableDiffusionXLPipeline' })),
            /is an SDXL model/,
        ],
        [
            'a Flux model',
            (f) => edit(join(f, 'model_index.json'), () => ({ _class_name: 'FluxPipeline' })),
            /is a Flux model; Stable Diffusion 1\.x/,
        ],
        [
            'another activation',
            (f) => edit(join(f, 'unet', 'config.json'), (c) => ({ ...c, act_fn: 'mish' })),
            'unet/config.json: act_fn "mish" is not supported.',
        ],
        [
            'scaled residual blocks',
            (f) => edit(join(f, 'unet', 'config.json'), (c) => ({ ...c, resnet_out_scale_factor: 2 })),
            'resnet_out_scale_factor 2 is not supported',
        ],
        [
            'flow matching',
            (f) =>
                edit(join(f, 'scheduler', 'scheduler_config.json'), (c) => ({
                    ...c,
                    _class_name: 'FlowMatchEulerDiscreteScheduler',
                })),
            /the model was trained by flow matching/,
        ],
        [
            'another text encoder',
            (f) => edit(join(f, 'text_encoder', 'config.json'), (c) => ({ ...c, model_type: 't5' })),
            'model_type "t5"',
        ],
        [
            'widths that are none',
            (f) => edit(join(f, 'unet', 'config.json'), (c) => ({ ...c, block_out_channels: [0] })),
            'block_out_channels [0]',
        ],
        [
            'two models mixed',
            (f) => edit(join(f, 'unet', 'config.json'), (c) => ({ ...c, cross_attention_dim: 40 })),
            /mixes two models/,
        ],
        [
            '5 channels',
            (f) => edit(join(f, 'unet', 'config.json'), (c) => ({ ...c, in_channels: 5 })),
            /is a depth-to-image model: its U-Net has 5 input/,
        ],
    ])('%s is reported', (_, damage, message) => {
        const folder = copyOf(SD15);
        damage(folder);
        expect(() => openCheckpoint(folder)).toThrow(message);
    });

    test('a tensor that is missing or has another shape is named when it is needed', async () => {
        const folder = copyOf(INPAINT);
        const file = join(folder, 'unet', 'diffusion_pytorch_model.safetensors');
        const all = tensorsOf(file);
        const name = 'mid_block.resnets.0.conv1.weight';
        const { [name]: _, ...rest } = Object.fromEntries(all);
        writeTensors(file, new Map(Object.entries(rest)));
        await expect(predict(folder)).rejects.toThrow(`lacks the tensor "${name}" of shape [24,24,3,3]`);
        writeTensors(file, new Map(all).set(name, tensor(new Float32Array(4), [4])));
        await expect(predict(folder)).rejects.toThrow(
            `the tensor "${name}" has shape [4] where its configuration asks for [24,24,3,3]`,
        );
    });

    test('a missing path says what to do', () => {
        expect(() => openCheckpoint('/no/such/model')).toThrow('There is no model at "/no/such/model". Check the path');
    });
});

describe('single files', () => {
    test('are the folder in another notation', async () => {
        const single = openCheckpoint(SINGLE, OVERRIDES);
        const folder = openCheckpoint(SD15);
        const names = (part: Checkpoint['unet' | 'vae' | 'textEncoder']) =>
            [...part.weights.tensors.keys()].filter((name) => !name.includes('position_ids')).sort();
        for (const part of ['unet', 'vae', 'textEncoder'] as const)
            expect(names(single[part])).toEqual(names(folder[part]));
        expect(single.unet.config).toEqual({ ...folder.unet.config, sampleSize: 64 });
        expect(single.vae.config).toEqual(folder.vae.config);
        expect({ ...single.textEncoder.config, eosTokenId: 2 }).toEqual(folder.textEncoder.config);
        expect(single.predictionType).toBe('epsilon');
    });

    test('a pickle, a part, a LoRA and foreign families are kept apart', () => {
        const file = join(temporaryFolder(), 'x.safetensors');
        const holding = (...names: string[]) =>
            writeTensors(file, new Map(names.map((name) => [name, tensor(new Float32Array(1), [1])])));
        const cases: readonly (readonly [string, RegExp])[] = [
            ['conditioner.embedders.0.x', /is an SDXL model/],
            ['model.diffusion_model.joint_blocks.0.x', /is a Stable Diffusion 3 model/],
            ['double_blocks.0.img_attn.qkv.weight', /is a Flux model/],
            ['lora_unet_x.lora_up.weight', /is a LoRA/],
            ['control_model.zero_convs.0.0.weight', /is a ControlNet/],
            ['conv_in.weight', /is one part of a diffusers model/],
            ['model_ema.diffusion_modelinput_blocks00weight', /only as the average of its training \(model_ema\)/],
            ['something', /no tensor begins with "model\.diffusion_model\."/],
            ['model.diffusion_model.input_blocks.0.0.weight', /holds no VAE\. Name one beside it/],
        ];
        for (const [name, message] of cases) {
            holding(name);
            expect(() => openCheckpoint(file)).toThrow(message);
        }
        const pickle = join(temporaryFolder(), 'x.ckpt');
        writeFileSync(pickle, '');
        expect(() => openCheckpoint(pickle)).toThrow(/Python pickle/);
    });

    test('a missing tokenizer says where to put one, or is borrowed from another model of the same vocabulary', () => {
        const { tokenizer: _, ...rest } = OVERRIDES;
        const folder = temporaryFolder();
        const file = join(folder, 'own.safetensors');
        cpSync(SINGLE, file);
        process.env.HF_HUB_CACHE = join(folder, 'hub');
        expect(() => openCheckpoint(file, rest)).toThrow(
            /holds no tokenizer, and its vocabulary of 824 tokens is not CLIP's .*own\.tokenizer/,
        );

        const cached = join(folder, 'hub', 'models--some--model', 'snapshots', 'abc', 'tokenizer');
        cpSync(join(SD21, 'tokenizer'), cached, { recursive: true });
        const borrowed = openCheckpoint(file, rest);
        expect(borrowed.tokenizer.folder).toBe(cached);
        expect(borrowed.notices.join()).toContain('holds no tokenizer; the one in');
        // Lent by an SD2 model, it pads as SD1 does.
        expect(loadTokenizer(borrowed.tokenizer).pad).toBe(823);

        mkdirSync(join(folder, 'own.tokenizer'));
        for (const name of ['vocab.json', 'merges.txt'])
            cpSync(join(SD15, 'tokenizer', name), join(folder, 'own.tokenizer', name));
        const own = openCheckpoint(file, rest);
        expect(own.tokenizer).toMatchObject({ folder: join(folder, 'own.tokenizer'), pad: '<|endoftext|>' });
        expect(own.notices.join()).not.toContain('holds no tokenizer');
    });
});

describe('names', () => {
    test.each([
        ['time_embed.2.bias', 'time_embedding.linear_2.bias'],
        ['input_blocks.0.0.weight', 'conv_in.weight'],
        ['input_blocks.4.0.in_layers.2.weight', 'down_blocks.1.resnets.0.conv1.weight'],
        ['input_blocks.9.0.op.weight', 'down_blocks.2.downsamplers.0.conv.weight'],
        [
            'input_blocks.8.1.transformer_blocks.0.attn2.to_k.weight',
            'down_blocks.2.attentions.1.transformer_blocks.0.attn2.to_k.weight',
        ],
        ['middle_block.2.emb_layers.1.bias', 'mid_block.resnets.1.time_emb_proj.bias'],
        ['output_blocks.2.1.conv.weight', 'up_blocks.0.upsamplers.0.conv.weight'],
        ['output_blocks.5.2.conv.weight', 'up_blocks.1.upsamplers.0.conv.weight'],
        ['output_blocks.11.0.skip_connection.weight', 'up_blocks.3.resnets.2.conv_shortcut.weight'],
        ['out.2.bias', 'conv_out.bias'],
        ['label_emb.0.0.weight', undefined],
    ])('U-Net: %s', (ldm, expected) => expect(unetName(ldm)).toBe(expected));

    test.each([
        ['encoder.down.1.downsample.conv.weight', 'encoder.down_blocks.1.downsamplers.0.conv.weight'],
        ['decoder.up.3.block.0.nin_shortcut.weight', 'decoder.up_blocks.0.resnets.0.conv_shortcut.weight'],
        ['decoder.mid.attn_1.proj_out.weight', 'decoder.mid_block.attentions.0.to_out.0.weight'],
        ['encoder.mid.block_2.norm1.bias', 'encoder.mid_block.resnets.1.norm1.bias'],
        ['encoder.norm_out.weight', 'encoder.conv_norm_out.weight'],
        ['post_quant_conv.bias', 'post_quant_conv.bias'],
    ])('VAE: %s', (ldm, expected) => expect(vaeName(ldm)).toBe(expected));

    test.each([
        ['positional_embedding', 'embeddings.position_embedding.weight'],
        ['transformer.resblocks.3.attn.in_proj_bias', 'encoder.layers.3.self_attn.in_proj.bias'],
        ['transformer.resblocks.0.mlp.c_proj.weight', 'encoder.layers.0.mlp.fc2.weight'],
        ['text_projection', undefined],
    ])('OpenCLIP: %s', (name, expected) => expect(openclipName(name)).toBe(expected));

    test.each([
        ['input_hint_block.0.weight', 'controlnet_cond_embedding.conv_in.weight'],
        ['input_hint_block.2.weight', 'controlnet_cond_embedding.blocks.0.weight'],
        ['input_hint_block.14.bias', 'controlnet_cond_embedding.conv_out.bias'],
        ['zero_convs.11.0.bias', 'controlnet_down_blocks.11.bias'],
        ['middle_block_out.0.weight', 'controlnet_mid_block.weight'],
    ])('ControlNet: %s', (name, expected) => expect(controlName(name)).toBe(expected));

    test('attention of old VAE folders', () => {
        expect(modernVaeName('decoder.mid_block.attentions.0.proj_attn.weight')).toBe(
            'decoder.mid_block.attentions.0.to_out.0.weight',
        );
        expect(modernVaeName('decoder.mid_block.attentions.0.query.bias')).toBe(
            'decoder.mid_block.attentions.0.to_q.bias',
        );
    });
});

test('a ControlNet that is none is reported', () => {
    expect(() => readControlNet('/no/such')).toThrow('There is no ControlNet at "/no/such".');
    expect(() => readControlNet(SINGLE)).toThrow(/is no ControlNet/);
});
