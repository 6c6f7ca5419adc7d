/** Upscalers on disk: which network a file holds, given by its keys, and its tensors under one set of names. */
import { basename } from 'node:path';
import { ModelError } from './model-error.ts';
import type { PartTensors } from './parts.ts';
import { readSafetensors, type TensorLocation } from './safetensors.ts';

/** Residual-in-residual dense blocks (Wang et al. 2018): ESRGAN, Real-ESRGAN, BSRGAN, ESRGAN+. */
export interface RrdbConfig {
    readonly kind: 'rrdb';
    readonly features: number;
    /** Channels that each convolution of a dense block adds. */
    readonly growth: number;
    readonly blocks: number;
    /** How many times the picture is doubled after the blocks. */
    readonly doublings: number;
    /** Pixels of a side that are packed into channels first: 1, 2 (Real-ESRGAN x2) or 4. */
    readonly unshuffle: number;
    /** ESRGAN+ (Rakotonirina & Rasoanaivo 2020): a 1x1 convolution beside the second and fourth. */
    readonly plus: boolean;
}

/** Convolutions and a pixel shuffle (SRVGGNetCompact of Real-ESRGAN). */
export interface CompactConfig {
    readonly kind: 'compact';
    readonly features: number;
    /** Index of the last convolution in `body`. */
    readonly last: number;
    /** Activations: PReLU where the file has their weights, else ReLU. */
    readonly activation: 'prelu' | 'relu';
}

export type UpscalerConfig = (RrdbConfig | CompactConfig) & {
    /** How many times larger both sides become. */
    readonly scale: number;
    readonly channels: 3;
};

export interface UpscalerPart {
    readonly config: UpscalerConfig;
    /** Names of BasicSR: `conv_first`, `body.0.rdb1.conv1`, …; of a Compact network as in the file. */
    readonly weights: PartTensors;
}

/** Reads an upscaler's header. Throws `ModelError`; for a network of another kind with the keys that were seen. */
export function readUpscaler(path: string): UpscalerPart {
    const { tensors } = readSafetensors(path);
    const source = basename(path);
    const own = unwrapped(tensors);
    const named = renamed(own);
    if (named.has('body.0.rdb1.conv1.weight') && named.has('conv_last.weight')) {
        return { config: rrdbConfig(named, source), weights: { source, tensors: named } };
    }
    if (own.has('body.0.weight') && own.has('body.0.bias')) {
        return { config: compactConfig(own, source), weights: { source, tensors: own } };
    }
    throw new ModelError('model/unsupported', unknown(source, [...tensors.keys()]));
}

function unknown(source: string, keys: readonly string[]): string {
    const seen = keys.slice(0, 4).map((key) => `"${key}"`);
    const more = keys.length > seen.length ? ` and ${keys.length - seen.length} more` : '';
    const found = keys.length === 0 ? 'It holds no tensors.' : `Its tensors are ${seen.join(', ')}${more}.`;
    return `"${source}" is no upscaler that sdspec knows. ${found} Use an ESRGAN, Real-ESRGAN, BSRGAN, ESRGAN+ or Compact (SRVGG) network.`;
}

/** What training scripts wrap the network in. */
const WRAPPERS = ['params_ema.', 'params.', 'state_dict.', 'module.', 'netG.', 'generator.'];

/** Without the prefixes that all names share; of a file with averaged weights (`params_ema`) and others, the averaged ones. */
function unwrapped(tensors: ReadonlyMap<string, TensorLocation>): ReadonlyMap<string, TensorLocation> {
    let entries = [...tensors];
    for (;;) {
        const prefix = WRAPPERS.find((wrapper) =>
            wrapper === 'params_ema.'
                ? entries.some(([name]) => name.startsWith(wrapper))
                : entries.length > 0 && entries.every(([name]) => name.startsWith(wrapper)),
        );
        if (prefix === undefined) return new Map(entries);
        entries = entries
            .filter(([name]) => name.startsWith(prefix))
            .map(([name, location]) => [name.slice(prefix.length), location]);
    }
}

/** The names of BasicSR for those of other ESRGANs. */
function renamed(tensors: ReadonlyMap<string, TensorLocation>): ReadonlyMap<string, TensorLocation> {
    const names = [...tensors.keys()];
    const trunk = Math.max(
        ...names.map((name) => Number(/^model\.1\.sub\.(\d+)\.(weight|bias)$/.exec(name)?.[1] ?? -1)),
    );
    const last = Math.max(...names.map((name) => Number(/^model\.(\d+)\.(weight|bias)$/.exec(name)?.[1] ?? -1)));
    const modules: Readonly<Record<string, string>> = {
        'model.0': 'conv_first',
        [`model.1.sub.${trunk}`]: 'conv_body',
        [`model.${last}`]: 'conv_last',
        [`model.${last - 2}`]: 'conv_hr',
        trunk_conv: 'conv_body',
        HRconv: 'conv_hr',
    };
    const rename = (name: string): string => {
        const [, module = '', kind = ''] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
        const known = modules[module];
        if (known !== undefined) return `${known}.${kind}`;
        const block = /^(?:model\.1\.sub|RRDB_trunk)\.(\d+)\.RDB(\d)\.(conv\d+|conv1x1)(?:\.0)?$/.exec(module);
        if (block) return `body.${block[1]}.rdb${block[2]}.${block[3]}.${kind}`;
        const doubling = /^upconv(\d)$/.exec(module);
        if (doubling) return `conv_up${doubling[1]}.${kind}`;
        // Upsampling, convolution and activation of the old form are three modules each, from the second on.
        const old = /^model\.(\d+)$/.exec(module);
        return old ? `conv_up${Number(old[1]) / 3}.${kind}` : name;
    };
    return new Map([...tensors].map(([name, location]) => [rename(name), location]));
}

function rrdbConfig(tensors: ReadonlyMap<string, TensorLocation>, source: string): UpscalerConfig {
    const [features = 0, inputs = 0] = shapeOf(tensors, 'conv_first.weight');
    const [growth = 0] = shapeOf(tensors, 'body.0.rdb1.conv1.weight');
    const [outputs = 0] = shapeOf(tensors, 'conv_last.weight');
    const names = [...tensors.keys()];
    const doublings = new Set(names.flatMap((name) => /^conv_up(\d+)\.weight$/.exec(name)?.[1] ?? [])).size;
    const blocks = new Set(names.flatMap((name) => /^body\.(\d+)\.rdb1\.conv1\.weight$/.exec(name)?.[1] ?? [])).size;
    const unshuffle = [1, 2, 4].find((side) => inputs === 3 * side * side);
    if (outputs !== 3 || unshuffle === undefined || 2 ** doublings < unshuffle) {
        throw new ModelError(
            'model/unsupported',
            `"${source}" is an ESRGAN from ${inputs} to ${outputs} channels with ${doublings} doublings, which does not enlarge colour pictures. Use one for RGB.`,
        );
    }
    const plus = tensors.has('body.0.rdb1.conv1x1.weight');
    const scale = 2 ** doublings / unshuffle;
    return { kind: 'rrdb', features, growth, blocks, doublings, unshuffle, plus, scale, channels: 3 };
}

function compactConfig(tensors: ReadonlyMap<string, TensorLocation>, source: string): UpscalerConfig {
    const [features = 0, inputs = 0] = shapeOf(tensors, 'body.0.weight');
    const last = Math.max(...[...tensors.keys()].map((name) => Number(/^body\.(\d+)\.weight$/.exec(name)?.[1] ?? -1)));
    const [outputs = 0] = shapeOf(tensors, `body.${last}.weight`);
    const scale = Math.sqrt(outputs / 3);
    if (inputs !== 3 || !Number.isInteger(scale) || scale < 1 || last < 2 || last % 2 !== 0) {
        throw new ModelError(
            'model/unsupported',
            `"${source}" looks like a Compact network, but has ${inputs} input channels and ${outputs} values per pixel at its end (body.${last}). Use one for RGB.`,
        );
    }
    const activation = shapeOf(tensors, 'body.1.weight').length === 1 ? 'prelu' : 'relu';
    return { kind: 'compact', features, last, activation, scale, channels: 3 };
}

function shapeOf(tensors: ReadonlyMap<string, TensorLocation>, name: string): readonly number[] {
    return tensors.get(name)?.shape ?? [];
}
