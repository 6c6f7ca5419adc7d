/** VAEs on their own: a diffusers folder, or a single file with diffusers' or LDM's names, also inside a checkpoint. */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { foreignFamily } from '../../plan/model-file/families.ts';
import { readVaeConfig, type VaeConfig } from './config.ts';
import { ModelError } from './model-error.ts';
import type { ConfiguredPart } from './parts.ts';
import { readSafetensors } from './safetensors.ts';
import { inferVae } from './single-file/infer-config.ts';
import { LDM, vaeLdmName, vaeName } from './single-file/ldm-names.ts';
import { part, refusePickle } from './single-file/named-part.ts';
import { modernVaeName, readJson, readWeights, renamed } from './weight-files.ts';

/** Reads a VAE's header and configuration. Throws `ModelError` with the path. */
export function readVae(path: string): ConfiguredPart<VaeConfig> {
    const status = statSync(path, { throwIfNoEntry: false });
    if (!status) throw new ModelError('model/not-found', `There is no VAE at "${path}".`);
    if (status.isDirectory()) {
        const config = readJson(join(path, 'config.json'), "the VAE's configuration");
        const weights = renamed(readWeights(path, '.'), modernVaeName);
        return {
            config: readVaeConfig(config, join(basename(path), 'config.json')),
            weights: { ...weights, source: join(basename(path), basename(weights.source)) },
        };
    }
    refusePickle(path);
    const file = readSafetensors(path);
    const family = foreignFamily(file.tensors, 'vae');
    if (family) throw new ModelError('model/unsupported', `"${path}" is ${family.what}, no VAE; ${family.instead}`);
    const names = [...file.tensors.keys()];
    const prefix = names.some((name) => name.startsWith(LDM.vae)) ? LDM.vae : '';
    const isDiffusers = names.some((name) => /^(?:encoder\.down|decoder\.up)_blocks\./.test(name));
    const same = (name: string) => name;
    const weights = part(
        file,
        prefix,
        isDiffusers ? { from: modernVaeName, to: same } : { from: vaeName, to: vaeLdmName },
        basename(path),
    );
    if (!weights.tensors.has('decoder.conv_in.weight') && !weights.tensors.has('encoder.conv_in.weight'))
        throw new ModelError('model/unsupported', `"${path}" is no VAE: it has no encoder and no decoder.`);
    return { config: readVaeConfig(inferVae(weights), basename(path)), weights };
}
