/** LoRA files: low-rank changes of a model's weights, in the notations of kohya and of peft/diffusers. */
import { basename } from 'node:path';
import { ModelError } from './model-error.ts';
import type { Checkpoint, Weights } from './parts.ts';
import { readTensor } from './read-tensor.ts';
import { readSafetensors, type SafetensorsFile, type TensorLocation } from './safetensors.ts';

/** A LoRA and how strongly it is applied. */
export interface Adapter {
    readonly path: string;
    readonly weight: number;
}

/** What is added to one weight: `scale · up · down`, for convolutions at each position of the kernel. */
export interface LowRank {
    /** `[out, r]` or `[out, r, 1, 1]`. */
    readonly up: TensorLocation;
    /** `[r, in]` or `[r, in, k, k]`. */
    readonly down: TensorLocation;
    /** The adapter's weight times alpha / r. */
    readonly scale: number;
}

/**
 * The checkpoint with LoRAs applied to U-Net and text encoder: W + Σ weight · (alpha / rank) · up · down. The sums are
 * made when a session is made; nothing is written. Throws `ModelError` where a file fits another family of models.
 */
export function applyAdapters(checkpoint: Checkpoint, adapters: readonly Adapter[]): Checkpoint {
    let { unet, textEncoder } = checkpoint;
    for (const { path, weight } of adapters) {
        const file = readSafetensors(path);
        refuseOthers(file, path);
        const modules = readModules(file);
        if (modules.size === 0)
            throw new ModelError(
                'model/unsupported',
                `"${path}" is no LoRA: it holds no pair of up and down matrices.`,
            );
        const places = { unet: namesOf(unet.weights), text: namesOf(textEncoder.weights) };
        const additions = { unet: new Map<string, LowRank>(), text: new Map<string, LowRank>() };
        for (const [module, { part, key, up, down, alpha }] of modules) {
            const name = places[part].get(key);
            if (!up || !down)
                throw new ModelError(
                    'model/missing-tensor',
                    `"${path}": the module "${module}" lacks its up or down matrix.`,
                );
            const rank = down.shape[0] ?? 0;
            const target =
                name === undefined ? undefined : (part === 'unet' ? unet : textEncoder).weights.tensors.get(name);
            if (name === undefined || !target || !fits(target, up, down)) {
                const problem = target
                    ? `[${target.shape}] is not what it was made for`
                    : 'the model has no such layer';
                throw new ModelError(
                    'model/unsupported',
                    `"${basename(path)}" changes "${module}", but ${problem}. It was made for another family of models.`,
                );
            }
            additions[part].set(name, { up, down, scale: (weight * (alpha || rank)) / rank });
        }
        unet = { ...unet, weights: add(unet.weights, additions.unet) };
        textEncoder = { ...textEncoder, weights: add(textEncoder.weights, additions.text) };
    }
    return { ...checkpoint, unet, textEncoder };
}

interface Module {
    readonly part: 'unet' | 'text';
    /** The module's path with dots written as underscores. */
    readonly key: string;
    up?: TensorLocation;
    down?: TensorLocation;
    alpha?: number;
}

const ROLES: readonly (readonly [RegExp, 'up' | 'down' | 'alpha'])[] = [
    [/\.(lora_up|lora_B|lora\.up|lora_linear_layer\.up)\.weight$/, 'up'],
    [/\.(lora_down|lora_A|lora\.down|lora_linear_layer\.down)\.weight$/, 'down'],
    [/\.alpha$/, 'alpha'],
];

function readModules(file: SafetensorsFile): ReadonlyMap<string, Module> {
    const modules = new Map<string, Module>();
    const alphas = metadataAlphas(file);
    for (const [entry, location] of file.tensors) {
        // Old diffusers: `attn1.processor.to_q_lora.down.weight`.
        const name = entry.replace(
            /\.processor\.(to_[qkv]|to_out)_lora\./,
            (_, layer) => `.${layer === 'to_out' ? 'to_out.0' : layer}.lora.`,
        );
        const role = ROLES.find(([pattern]) => pattern.test(name));
        if (!role) continue;
        const path = name.replace(role[0], '');
        const place = placeOf(path);
        if (!place) continue;
        const module = modules.get(path) ?? { ...place, ...(alphas && { alpha: alphas(path) }) };
        if (role[1] === 'alpha') module.alpha = readTensor(location).data[0] ?? 0;
        else module[role[1]] = location;
        modules.set(path, module);
    }
    return modules;
}

/** `lora_unet_down_blocks_0_…` (kohya) or `unet.down_blocks.0.…` (peft). */
function placeOf(path: string): { part: 'unet' | 'text'; key: string } | undefined {
    const flat = path.replaceAll('.', '_');
    const text = /^(?:lora_te|text_encoder|lora_te1)_(?:text_model_)?(.+)$/.exec(flat);
    if (text) return { part: 'text', key: text[1]! };
    const unet = /^(?:lora_unet|unet)_(.+)$/.exec(flat);
    return unet ? { part: 'unet', key: unet[1]! } : undefined;
}

/** Newer diffusers files keep alpha for the whole adapter in their metadata. */
function metadataAlphas(file: SafetensorsFile): ((path: string) => number) | undefined {
    const text = file.metadata.lora_adapter_metadata;
    if (text === undefined) return undefined;
    const values = JSON.parse(text) as Record<string, unknown>;
    return (path) => {
        const [part, ...rest] = path.split('.');
        const pattern = values[`${part}.alpha_pattern`] as Record<string, number> | undefined;
        return Number(pattern?.[rest.join('.')] ?? values[`${part}.lora_alpha`] ?? 0);
    };
}

/** Weights by their module's path with underscores. */
function namesOf(weights: Weights): ReadonlyMap<string, string> {
    const names = [...weights.tensors.keys()].filter((name) => name.endsWith('.weight'));
    return new Map(names.map((name) => [name.slice(0, -'.weight'.length).replaceAll('.', '_'), name]));
}

function fits(target: TensorLocation, up: TensorLocation, down: TensorLocation): boolean {
    const values = (location: TensorLocation) => location.shape.reduce((product, side) => product * side, 1);
    const rank = down.shape[0] ?? 0;
    return (
        rank > 0 &&
        up.shape[1] === rank &&
        up.shape[0] === target.shape[0] &&
        (values(up) / rank) * (values(down) / rank) === values(target)
    );
}

function add(weights: Weights, changes: ReadonlyMap<string, LowRank>): Weights {
    const additions = new Map(weights.additions);
    for (const [name, change] of changes) additions.set(name, [...(additions.get(name) ?? []), change]);
    return { ...weights, additions };
}

/** Adapters that are no plain LoRA, and those of other families. */
function refuseOthers(file: SafetensorsFile, path: string): void {
    const names = [...file.tensors.keys()];
    const kinds: readonly (readonly [RegExp, string])[] = [
        [/dora_scale/, 'a DoRA'],
        [/hada_w1/, 'a LoHa'],
        [/lokr_w1/, 'a LoKr'],
        [/lora_mid/, 'a LoCon with Tucker decomposition'],
        [/^(lora_te2|text_encoder_2)/, 'made for SDXL'],
        [/^lora_unet_(input_blocks|output_blocks|middle_block)/, 'made for SDXL'],
    ];
    for (const [pattern, kind] of kinds) {
        if (names.some((name) => pattern.test(name))) {
            throw new ModelError(
                'model/unsupported',
                `"${path}" is ${kind}; LoRA and LoCon files for SD1 and SD2 are supported.`,
            );
        }
    }
}
