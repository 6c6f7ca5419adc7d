/**
 * Writes a diffusers folder of SD1's shape as one file with LDM's names, the way checkpoints are published:
 *
 *     npx tsx test/runtime/sketch/single-file.ts models/sketch OUT.safetensors
 *
 * The names are written down here again, in the other direction than the runtime reads them, so that each checks the other.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };
type Rule = readonly [pattern: RegExp, name: string | ((...parts: string[]) => string)];

const UNET: readonly Rule[] = [
    [/^time_embedding\.linear_1/, 'time_embed.0'],
    [/^time_embedding\.linear_2/, 'time_embed.2'],
    [/^conv_in/, 'input_blocks.0.0'],
    [/^conv_norm_out/, 'out.0'],
    [/^conv_out/, 'out.2'],
    [/(resnets\.\d)\.norm1/, '$1.in_layers.0'],
    [/(resnets\.\d)\.conv1/, '$1.in_layers.2'],
    [/(resnets\.\d)\.time_emb_proj/, '$1.emb_layers.1'],
    [/(resnets\.\d)\.norm2/, '$1.out_layers.0'],
    [/(resnets\.\d)\.conv2/, '$1.out_layers.3'],
    [/(resnets\.\d)\.conv_shortcut/, '$1.skip_connection'],
    [/^down_blocks\.(\d)\.resnets\.(\d)/, (_, i, j) => `input_blocks.${3 * +i! + +j! + 1}.0`],
    [/^down_blocks\.(\d)\.attentions\.(\d)/, (_, i, j) => `input_blocks.${3 * +i! + +j! + 1}.1`],
    [/^down_blocks\.(\d)\.downsamplers\.0\.conv/, (_, i) => `input_blocks.${3 * +i! + 3}.0.op`],
    [/^up_blocks\.(\d)\.resnets\.(\d)/, (_, i, j) => `output_blocks.${3 * +i! + +j!}.0`],
    [/^up_blocks\.(\d)\.attentions\.(\d)/, (_, i, j) => `output_blocks.${3 * +i! + +j!}.1`],
    // The deepest level has no attention, so that its upsampler comes second.
    [/^up_blocks\.(\d)\.upsamplers\.0/, (_, i) => `output_blocks.${3 * +i! + 2}.${i === '0' ? 1 : 2}`],
    [/^mid_block\.resnets\.(\d)/, (_, j) => `middle_block.${2 * +j!}`],
    [/^mid_block\.attentions\.0/, 'middle_block.1'],
];

const VAE: readonly Rule[] = [
    [/^encoder\.down_blocks\.(\d)\.resnets\.(\d)/, 'encoder.down.$1.block.$2'],
    [/^encoder\.down_blocks\.(\d)\.downsamplers\.0/, 'encoder.down.$1.downsample'],
    [/^decoder\.up_blocks\.(\d)\.resnets\.(\d)/, (_, i, j) => `decoder.up.${3 - +i!}.block.${j}`],
    [/^decoder\.up_blocks\.(\d)\.upsamplers\.0/, (_, i) => `decoder.up.${3 - +i!}.upsample`],
    [/mid_block\.resnets\.(\d)/, (_, j) => `mid.block_${+j! + 1}`],
    [/mid_block\.attentions\.0\.group_norm/, 'mid.attn_1.norm'],
    [/mid_block\.attentions\.0\.to_([qkv])/, 'mid.attn_1.$1'],
    [/mid_block\.attentions\.0\.to_out\.0/, 'mid.attn_1.proj_out'],
    [/conv_shortcut/, 'nin_shortcut'],
    [/conv_norm_out/, 'norm_out'],
];

const PARTS = [
    ['unet/diffusion_pytorch_model.safetensors', 'model.diffusion_model.', UNET],
    ['vae/diffusion_pytorch_model.safetensors', 'first_stage_model.', VAE],
    ['text_encoder/model.safetensors', 'cond_stage_model.transformer.', [[/^(text_model\.)?/, 'text_model.']]],
] as const satisfies readonly (readonly [string, string, readonly Rule[]])[];

export function writeSingleFile(folder: string, out: string): void {
    const header: Record<string, Entry> = {};
    const data: Buffer[] = [];
    let end = 0;
    for (const [path, prefix, rules] of PARTS) {
        const file = readFileSync(join(folder, path));
        const start = 8 + Number(file.readBigUInt64LE());
        const { __metadata__: _, ...entries } = JSON.parse(file.toString('utf8', 8, start));
        for (const [key, entry] of Object.entries(entries as Record<string, Entry>)) {
            const name = prefix + rules.reduce((text, [pattern, to]) => text.replace(pattern, to as string), key);
            const [from, to] = entry.data_offsets;
            // The VAE's attention was written as convolutions of one pixel.
            const pointwise = /attn_1\.(q|k|v|proj_out)\.weight$/.test(name) && entry.shape.length === 2;
            const shape = pointwise ? [...entry.shape, 1, 1] : entry.shape;
            header[name] = { dtype: entry.dtype, shape, data_offsets: [end, end + to - from] };
            data.push(file.subarray(start + from, start + to));
            end += to - from;
        }
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(out, Buffer.concat([length, json, ...data]));
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
    const [folder, out] = argv.slice(2);
    if (!folder || !out) throw new Error('Say which folder, and which file to write.');
    writeSingleFile(folder, out);
}
