/** The text encoder of a single file: OpenAI's CLIP (SD1), or OpenCLIP (SD2) with its joined projections taken apart. */

import { ModelError } from '../model-error.ts';
import type { PartTensors } from '../parts.ts';
import type { SafetensorsFile, TensorLocation } from '../safetensors.ts';
import { clipName, LDM, openclipName } from './ldm-names.ts';
import { part } from './named-part.ts';

/** The tensors by diffusers' names, and whether they are OpenCLIP's. */
export function singleFileText(
    file: SafetensorsFile,
    source: string,
): { readonly weights: PartTensors; readonly isOpenClip: boolean } {
    const names = [...file.tensors.keys()];
    if (names.some((name) => name.startsWith(LDM.openclip)))
        return { weights: openclip(file, source), isOpenClip: true };
    const inner = names.some((name) => name.startsWith(`${LDM.clip}text_model.`)) ? 'text_model.' : '';
    const weights = part(file, LDM.clip, { from: clipName, to: (name) => inner + name }, source);
    return { weights, isOpenClip: false };
}

/** OpenCLIP keeps query, key and value in one tensor: three ranges of the same bytes. */
function openclip(file: SafetensorsFile, source: string): PartTensors {
    const names = { from: openclipName, to: openclipFileName };
    const joined = part(file, LDM.openclip, names, source);
    const unread = lastBlock(joined.tensors);
    const tensors = new Map<string, TensorLocation>();
    for (const [name, location] of joined.tensors) {
        if (unread !== undefined && name.startsWith(unread)) continue;
        const inProjection = /^(.*\.self_attn)\.in_proj\.(weight|bias)$/.exec(name);
        if (!inProjection) {
            tensors.set(name, location);
            continue;
        }
        const [, block, kind] = inProjection;
        const [rows = 0, ...rest] = location.shape;
        if (rows % 3 !== 0)
            throw new ModelError('model/unsupported', `"${source}": "${name}" is no joined attention projection.`);
        const length = location.length / 3;
        for (const [index, projection] of ['q_proj', 'k_proj', 'v_proj'].entries()) {
            const offset = location.offset + index * length;
            tensors.set(`${block}.${projection}.${kind}`, { ...location, offset, length, shape: [rows / 3, ...rest] });
        }
    }
    return { ...joined, tensors };
}

/**
 * The block that SD2 leaves out: it reads the hidden state before the last block. Published files hold all 24 blocks of
 * OpenCLIP-H. Files converted from diffusers' folders hold the 23 that are used, without the projection that the last
 * one would feed; all of theirs are read.
 */
function lastBlock(tensors: ReadonlyMap<string, TensorLocation>): string | undefined {
    const blocks = [...tensors.keys()].map((name) => Number(/^encoder\.layers\.(\d+)\./.exec(name)?.[1] ?? -1));
    const count = Math.max(...blocks) + 1;
    const width = tensors.get('final_layer_norm.weight')?.shape[0];
    const isWhole = width === 1024 ? count >= 24 : tensors.has('text_projection') || tensors.has('logit_scale');
    return isWhole ? `encoder.layers.${count - 1}.` : undefined;
}

/** The way back for messages: `encoder.layers.3.mlp.fc1.bias` → `transformer.resblocks.3.mlp.c_fc.bias`. */
function openclipFileName(name: string): string {
    return name
        .replace(/^embeddings\.token_embedding\./, 'token_embedding.')
        .replace(/^embeddings\.position_embedding\.weight$/, 'positional_embedding')
        .replace(/^final_layer_norm\./, 'ln_final.')
        .replace(/^encoder\.layers\.(\d+)\./, 'transformer.resblocks.$1.')
        .replace(/\.self_attn\.out_proj\./, '.attn.out_proj.')
        .replace(/\.self_attn\.[qkv]_proj\.(weight|bias)$/, '.attn.in_proj_$1')
        .replace(/\.layer_norm([12])\./, '.ln_$1.')
        .replace(/\.mlp\.fc1\./, '.mlp.c_fc.')
        .replace(/\.mlp\.fc2\./, '.mlp.c_proj.');
}
