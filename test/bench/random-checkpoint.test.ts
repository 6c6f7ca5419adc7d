/** Random checkpoints are checkpoints: sdspec opens them, and diffusers where Python has it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../src/runtime/weights/checkpoint.ts';
import { findPython, NO_PYTHON } from '../training/python.ts';
import { type RandomModel, writeRandomCheckpoint } from './random-checkpoint.ts';

const TOKENIZER = join(import.meta.dirname, '..', '..', 'models', 'sketch', 'tokenizer');

/** Stable Diffusion 1.5 in small: the same blocks, of few channels. */
const SMALL: RandomModel = {
    unet: {
        block_out_channels: [32, 64, 64, 64],
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
        num_hidden_layers: 2,
        num_attention_heads: 4,
        hidden_act: 'quick_gelu',
    },
};

/** Loads each part, fails where a tensor is missing, left over or of another shape. */
const LOAD = `
import sys, torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel
folder = sys.argv[1]
for kind, part in ((UNet2DConditionModel, "unet"), (AutoencoderKL, "vae")):
    _, info = kind.from_pretrained(f"{folder}/{part}", output_loading_info=True, low_cpu_mem_usage=False)
    assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"], (part, info)
_, info = CLIPTextModel.from_pretrained(f"{folder}/text_encoder", output_loading_info=True)
assert not info["missing_keys"] and not info["unexpected_keys"], info
print("loaded")
`;

function written<T>(use: (folder: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-random-'));
    try {
        writeRandomCheckpoint(folder, TOKENIZER, SMALL);
        return use(folder);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

it('opens, and stores norms as vectors', () => {
    written((folder) => {
        const { unet } = openCheckpoint(folder);
        expect(unet.weights.tensors.get('conv_norm_out.weight')?.shape).toEqual([32]);
        expect(unet.weights.tensors.get('conv_in.weight')?.shape).toEqual([32, 4, 3, 3]);
    });
});

it('is loaded by diffusers', (context) => {
    const python = findPython();
    if (!python) return context.skip(NO_PYTHON);
    if (spawnSync(python, ['-c', 'import diffusers, transformers, torch']).status !== 0)
        return context.skip('Python has no diffusers, transformers and torch');
    const { stdout, stderr } = written((folder) => spawnSync(python, ['-c', LOAD, folder], { encoding: 'utf8' }));
    expect(stdout, stderr).toContain('loaded');
});
