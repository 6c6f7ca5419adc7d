/** ControlNets on disk: a diffusers folder, or a single file with diffusers' or LDM's names, also inside a checkpoint. */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { foreignFamily } from '../../plan/model-file/families.ts';
import { type ControlNetConfig, readControlNetConfig } from './config.ts';
import type { RawConfig } from './config-fields.ts';
import { ModelError } from './model-error.ts';
import type { ConfiguredPart } from './parts.ts';
import { readSafetensors } from './safetensors.ts';
import { inferUnet } from './single-file/infer-config.ts';
import { controlLdmName, controlName, LDM } from './single-file/ldm-names.ts';
import { part, refusePickle } from './single-file/named-part.ts';
import { parseConfig, readJson, readWeights } from './weight-files.ts';

/** Metadata of single files that hold their `config.json`, as those that a `learn` writes. */
export const CONTROLNET_CONFIG = 'sdspec.config';

/** Reads a ControlNet's header and configuration. `overrides` are for single files, as in `openCheckpoint`. */
export function readControlNet(path: string, overrides: RawConfig = {}): ConfiguredPart<ControlNetConfig> {
    const status = statSync(path, { throwIfNoEntry: false });
    if (!status) throw new ModelError('model/not-found', `There is no ControlNet at "${path}".`);
    if (status.isDirectory()) {
        const raw = { ...readJson(join(path, 'config.json'), "the ControlNet's configuration"), ...overrides };
        return { config: readControlNetConfig(raw, `${basename(path)}/config.json`), weights: readWeights(path, '.') };
    }
    refusePickle(path);
    const file = readSafetensors(path);
    const refuse = (what: string) => new ModelError('model/unsupported', `"${path}" ${what}`);
    const family = foreignFamily(file.tensors, 'controlnet');
    if (family) throw refuse(`is ${family.what}, no ControlNet; ${family.instead}`);
    const names = [...file.tensors.keys()];
    if (names.some((name) => name.startsWith('difference') || name.includes('control_model.difference')))
        throw refuse('holds only differences to a model. Use a full ControlNet.');
    const prefix = names.some((name) => name.startsWith(LDM.control)) ? LDM.control : '';
    const isDiffusers = names.some((name) => name.includes('controlnet_mid_block.'));
    const same = (name: string) => name;
    const renaming = isDiffusers ? { from: same, to: same } : { from: controlName, to: controlLdmName };
    const weights = part(file, prefix, renaming, basename(path));
    const isControlNet = [...weights.tensors.keys()].some((name) => name.startsWith('controlnet_'));
    if (!isControlNet)
        throw refuse('is no ControlNet: it has no zero convolutions (zero_convs, controlnet_down_blocks).');
    // SD2 has transformers with linear projections and heads of 64 channels.
    const raw = inferUnet(weights, { isV2: inferUnet(weights, { isV2: false }).cross_attention_dim === 1024 });
    const own = file.metadata[CONTROLNET_CONFIG];
    const stated: RawConfig = own === undefined ? {} : parseConfig(own, `"${path}" (metadata "${CONTROLNET_CONFIG}")`);
    const config = { ...raw, ...inferHint(weights.tensors), ...pooling(path), ...stated, ...overrides };
    return { config: readControlNetConfig(config, basename(path)), weights };
}

/** The hint's widths are the inputs of its convolutions that keep the channel count, and the last one's. */
function inferHint(tensors: ConfiguredPart<unknown>['weights']['tensors']): RawConfig {
    const side = (name: string, axis: number) =>
        tensors.get(`controlnet_cond_embedding.${name}.weight`)?.shape[axis] ??
        (axis === 0 ? tensors.get(`controlnet_cond_embedding.${name}.bias`)?.shape[0] : undefined);
    const blocks = [...tensors.keys()].map((name) =>
        Number(/^controlnet_cond_embedding\.blocks\.(\d+)\./.exec(name)?.[1] ?? -1),
    );
    const widths = [side('conv_in', 0)];
    for (let block = 1; block <= Math.max(...blocks); block += 2) widths.push(side(`blocks.${block}`, 0));
    return { conditioning_channels: side('conv_in', 1) ?? 3, conditioning_embedding_out_channels: widths };
}

/**
 * The shuffle ControlNet averages its residuals over the picture, and acts on the prompted rows alone. Single files say
 * it by their name only, as every tool reads it.
 */
function pooling(path: string): RawConfig {
    return /shuffle/i.test(basename(path)) ? { global_pool_conditions: true } : {};
}
