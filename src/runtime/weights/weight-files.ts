/** Files of one part in a folder: its configuration, and its weights whole or in shards. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawConfig } from './config-fields.ts';
import { ModelError } from './model-error.ts';
import type { PartTensors } from './parts.ts';
import { readSafetensors, type TensorLocation } from './safetensors.ts';

/** The tensors of one part: a single file, an `.fp16.` variant, or shards with their index. */
export function readWeights(folder: string, part: string): PartTensors {
    const place = join(folder, part);
    const names = existsSync(place) ? readdirSync(place) : [];
    const index = names.filter((name) =>
        /\.safetensors\.index(\.\w+)?\.json$|\.safetensors\.\w+\.index\.json$/.test(name),
    );
    const whole = names
        .filter((name) => name.endsWith('.safetensors') && !/-\d{5}-of-\d{5}/.test(name))
        .sort(byPreference);
    const [file] = whole;
    if (file !== undefined) return { source: `${part}/${file}`, tensors: readSafetensors(join(place, file)).tensors };
    const [shards] = index.sort(byPreference);
    if (shards !== undefined) return { source: `${part}/${shards}`, tensors: readShards(place, shards) };
    if (names.some((name) => /\.(bin|ckpt|pt|msgpack)$/.test(name))) {
        throw new ModelError(
            'model/foreign-file',
            `"${place}" holds its weights as a Python pickle, which can run code when it is opened. Use the model's .safetensors files.`,
        );
    }
    throw new ModelError(
        'model/missing-part',
        `"${place}" holds no .safetensors file: the model's ${part} is missing.`,
    );
}

/** Full precision before variants, EMA weights before those kept for further training. */
export function byPreference(a: string, b: string): number {
    const rank = (name: string) => (name.includes('non_ema') ? 4 : 0) + (/\.(fp16|bf16)\./.test(name) ? 2 : 0);
    return rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1);
}

function readShards(place: string, indexName: string): ReadonlyMap<string, TensorLocation> {
    const indexFile = join(place, indexName);
    const map = readJson(indexFile, 'the list of weight files').weight_map;
    if (typeof map !== 'object' || map === null) {
        throw new ModelError('model/broken-file', `"${indexFile}" has no weight_map; download the model again.`);
    }
    const tensors = new Map<string, TensorLocation>();
    for (const shard of [...new Set(Object.values(map))].sort()) {
        if (typeof shard !== 'string' || /[/\\]/.test(shard)) {
            throw new ModelError(
                'model/broken-file',
                `"${indexFile}" names ${JSON.stringify(shard)}, which is no file beside it.`,
            );
        }
        for (const [name, location] of readSafetensors(join(place, shard)).tensors) tensors.set(name, location);
    }
    for (const name of Object.keys(map)) {
        if (!tensors.has(name)) {
            throw new ModelError(
                'model/missing-tensor',
                `"${indexFile}" promises the tensor "${name}", but no shard holds it.`,
            );
        }
    }
    return tensors;
}

/** Folders saved before diffusers 0.18 name the VAE's attention as a block of its own. */
export function modernVaeName(name: string): string {
    return name.replace(
        /(attentions\.\d+)\.(query|key|value|proj_attn)\./,
        (_, block, layer) => `${block}.${OLD_ATTENTION[layer]}.`,
    );
}

const OLD_ATTENTION: Readonly<Record<string, string>> = {
    query: 'to_q',
    key: 'to_k',
    value: 'to_v',
    proj_attn: 'to_out.0',
};

/** Tensors under other names; messages keep the file's. */
export function renamed(weights: PartTensors, to: (name: string) => string): PartTensors {
    const tensors = new Map<string, TensorLocation>();
    const inFile = new Map<string, string>();
    for (const [name, location] of weights.tensors) {
        tensors.set(to(name), location);
        inFile.set(to(name), name);
    }
    return { ...weights, tensors, nameInFile: (name) => inFile.get(name) ?? name };
}

export function readJson(file: string, what: string): RawConfig {
    let text: string;
    try {
        text = readFileSync(file, 'utf8');
    } catch (cause) {
        throw new ModelError('model/missing-part', `"${file}" (${what}) can't be read.`, { cause });
    }
    return parseConfig(text, `"${file}" (${what})`);
}

/** A configuration as an object; `where` says in messages what it was read from. */
export function parseConfig(text: string, where: string): RawConfig {
    try {
        const value = JSON.parse(text);
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    } catch (cause) {
        throw new ModelError('model/broken-file', `${where} is not valid JSON.`, { cause });
    }
    throw new ModelError('model/broken-file', `${where} is not a JSON object.`);
}
