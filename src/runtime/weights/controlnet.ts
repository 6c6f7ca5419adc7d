/** ControlNets on disk: a diffusers folder, or a single file with bare names or the prefix `control_model.`. */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ControlNetConfig, type RawConfig, readControlNetConfig } from './config.ts';
import { readJson, readWeights } from './diffusers-folder.ts';
import { inferUnet } from './infer-config.ts';
import { controlName, LDM } from './ldm-names.ts';
import { ModelError } from './model-error.ts';
import type { Part } from './parts.ts';
import { readSafetensors } from './safetensors.ts';
import { part } from './single-file.ts';

/** Reads a ControlNet's header and configuration. `overrides` are for single files, as in `openCheckpoint`. */
export function readControlNet(path: string, overrides: RawConfig = {}): Part<ControlNetConfig> {
    const status = statSync(path, { throwIfNoEntry: false });
    if (!status) throw new ModelError('model/not-found', `There is no ControlNet at "${path}".`);
    if (status.isDirectory()) {
        const raw = { ...readJson(join(path, 'config.json'), "the ControlNet's configuration"), ...overrides };
        return { config: readControlNetConfig(raw, 'config.json'), weights: readWeights(path, '.') };
    }
    const file = readSafetensors(path);
    const names = [...file.tensors.keys()];
    if (names.some((name) => name.startsWith('difference') || name.includes('control_model.difference'))) {
        throw new ModelError(
            'model/unsupported',
            `"${path}" holds only differences to a model. Use a full ControlNet.`,
        );
    }
    const prefix = names.some((name) => name.startsWith(LDM.control)) ? LDM.control : '';
    const diffusersNames = names.some((name) => name.includes('controlnet_mid_block.'));
    const weights = part(file, prefix, diffusersNames ? (name) => name : controlName, basename(path));
    if (!weights.tensors.has('controlnet_mid_block.weight')) {
        throw new ModelError('model/unsupported', `"${path}" is no ControlNet: it has no middle_block_out.`);
    }
    const isV2 =
        weights.tensors.get('mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight')?.shape[1] === 1024;
    const raw = { ...inferUnet(weights, { isV2 }), ...inferHint(weights.tensors), ...overrides };
    return { config: readControlNetConfig(raw, basename(path)), weights };
}

/** The hint's widths are the inputs of its convolutions that keep the channel count, and the last one's. */
function inferHint(tensors: Part<unknown>['weights']['tensors']): RawConfig {
    const shape = (name: string) => tensors.get(`controlnet_cond_embedding.${name}.weight`)?.shape ?? [];
    const widths = [shape('conv_in')[0]];
    for (let block = 1; shape(`blocks.${block}`).length > 0; block += 2) widths.push(shape(`blocks.${block}`)[0]);
    return { conditioning_channels: shape('conv_in')[1], conditioning_embedding_out_channels: widths };
}
