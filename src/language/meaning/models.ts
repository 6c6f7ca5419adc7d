/** What is known of a model without opening its weights: sizes, and the shape of its U-Net. */
import { type URI, UriUtils } from 'langium';
import { foreignFamily } from '../../plan/model-file/families.ts';
import { latentSide, markedPrediction } from '../../plan/model-file/head.ts';
import type { ModelChoices, ModelRef, Size } from '../../plan/plan.ts';
import { type Site, siteOf } from '../../plan/sites.ts';
import { LATENT_FACTOR, SD, type Topology, topology } from '../../plan/topology.ts';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { specFolderOf, uriOf } from '../linking/paths.ts';
import { DEFAULTS } from './defaults.ts';
import { type Effective, settingOf } from './inherit.ts';
import { writtenDigest } from './values.ts';
import { isWhole } from './whole.ts';

/** The shape of a U-Net, as its config says. */
export interface UnetShape {
    /** Channels of the four levels, finest first. */
    readonly channels: readonly number[];
    /** Residual layers of each level on the way down. */
    readonly layers: number;
    /** Side of the latents that it was made for. */
    readonly latent: number;
    /** Width of the text embeddings. */
    readonly context: number;
    /** Input channels: 9 for inpainting models. */
    readonly inputs: number;
    readonly outputs: number;
    /** Attention in each level of the encoder. */
    readonly attention: readonly boolean[];
}

export interface ModelFacts {
    /** The size that the model was made for. */
    readonly size: Size;
    readonly unet: UnetShape;
}

/** Stable Diffusion 1.5, for which most is published. */
export const SD15: UnetShape = {
    channels: [320, 640, 1280, 1280],
    layers: SD.shape.layersPerBlock,
    latent: 64,
    context: 768,
    inputs: 4,
    outputs: 4,
    attention: SD.shape.attention,
};

/** The models that come with sdspec. */
export const BUILTIN_MODELS: Readonly<Record<string, UnetShape>> = {
    sketch: {
        channels: [48, 96, 160, 192],
        layers: SD.shape.layersPerBlock,
        latent: 16,
        context: 128,
        inputs: 4,
        outputs: 4,
        attention: SD.shape.attention,
    },
};

/** The places that a U-Net has. */
function shapeTopology({ channels, layers, attention }: UnetShape): Topology {
    return topology({ levels: channels.length, layersPerBlock: layers, attention });
}

/** Whether a U-Net has a site. */
export function hasSite(unet: UnetShape, site: Site): boolean {
    return siteOf(site, shapeTopology(unet)) === site;
}

/** `"builtin:sketch"`, `"hf:owner/name"`, or a path. */
export function modelKind(source = ''): ModelRef['kind'] {
    return source.startsWith('builtin:') ? 'builtin' : source.startsWith('hf:') ? 'hub' : 'file';
}

/** What a picture is made with: a declared model, or the default one. */
export type UsedModel = ast.Model | 'default';

/** The model that settings choose; undefined where their `use` leads nowhere. */
export function usedModel(settings: readonly Effective[]): UsedModel | undefined {
    const use = settingOf(settings, ast.isUseClause);
    return use ? use.model?.ref : 'default';
}

/** The model that a `learn` trains with. */
export function usedModelOf({ settings }: ast.Learn): UsedModel | undefined {
    const use = settings.filter(ast.isUseClause).at(-1);
    return use ? use.model?.ref : 'default';
}

/** The model that a declaration names, or the default one; a path stays as written. */
export function modelRef(model: UsedModel): ModelRef {
    if (model === 'default') return DEFAULTS.model;
    const { source, revision, digest } = model;
    switch (modelKind(source)) {
        case 'builtin':
            return { kind: 'builtin', name: source.slice('builtin:'.length) };
        case 'hub':
            return {
                kind: 'hub',
                repository: source.slice('hf:'.length),
                revision: revision ?? 'main',
                ...choicesOf(model),
            };
        case 'file':
            return { kind: 'file', path: source ?? '', ...pinned(digest), ...choicesOf(model) };
    }
}

/** What a declaration says of its model beyond its files; the VAE's path stays as written. */
function choicesOf({ predicts, zeroSnr, vae, vaeDigest }: ast.Model): ModelChoices {
    return {
        ...(predicts && { predicts }),
        ...(zeroSnr && { zeroSnr: true }),
        ...(vae && { vae: { path: vae, ...pinned(vaeDigest) } }),
    };
}

function pinned(digest: string | undefined): { readonly sha256?: string } {
    return digest ? { sha256: writtenDigest(digest).hex } : {};
}

/** The facts of a model, where they are known without opening its weights. */
export function factsOf(model: UsedModel | undefined, files?: FileAccess): ModelFacts | undefined {
    if (!isKnown(model)) return undefined;
    const ref = modelRef(model);
    if (ref.kind === 'builtin') {
        const shape = BUILTIN_MODELS[ref.name];
        return shape && facts(shape);
    }
    if (ref.kind === 'hub' || model === 'default' || !files) return undefined;
    const folder = uriOf(ref.path, specFolderOf(model));
    return files.kindOf(folder.toString()) === 'file' ? readHead(model, folder, files) : readFacts(folder, files);
}

/** The facts of a single file, from its head; undefined for other families, and for what is no model. */
function readHead(model: ast.Model, file: URI, files: FileAccess): ModelFacts | undefined {
    const head = files.modelHead?.(file.toString());
    if (!head || foreignFamily(head.tensors, 'model')) return undefined;
    const shape = (name: string) => head.tensors.get(`model.diffusion_model.${name}`)?.shape;
    const inputs = shape('input_blocks.0.0.weight')?.[1];
    if (inputs === undefined) return undefined;
    const levels = [1, 4, 7, 10].map((block) => shape(`input_blocks.${block}.0.out_layers.3.weight`)?.[0]);
    const channels = levels.filter((width) => width !== undefined);
    const context = shape('middle_block.1.transformer_blocks.0.attn2.to_k.weight')?.[1] ?? SD15.context;
    const isV2 =
        context === 1024 || [...head.tensors.keys()].some((name) => name.startsWith('cond_stage_model.model.'));
    const predicts = model.predicts ?? markedPrediction(head) ?? (isV2 ? (head.looksLike ?? 'epsilon') : 'epsilon');
    return facts({
        channels,
        layers: SD.shape.layersPerBlock,
        latent: latentSide(head, isV2, predicts),
        context,
        inputs,
        outputs: shape('out.2.weight')?.[0] ?? SD15.outputs,
        attention: channels.map((_, level) => shape(`input_blocks.${3 * level + 1}.1.norm.weight`) !== undefined),
    });
}

/** Whether it is known what model this is: a declaration that is written to its end, or the default. */
export function isKnown(model: UsedModel | undefined): model is UsedModel {
    return model === 'default' || (model !== undefined && isWhole(model));
}

function facts(unet: UnetShape): ModelFacts {
    const side = unet.latent * LATENT_FACTOR;
    return { size: { width: side, height: side }, unet };
}

function readFacts(folder: URI, files: FileAccess): ModelFacts | undefined {
    const text = files.readText(UriUtils.joinPath(folder, 'unet', 'config.json').toString());
    const config = text === undefined ? undefined : parse(text);
    if (!config) return undefined;
    const channels = config['block_out_channels'];
    const types = config['down_block_types'];
    return facts({
        channels: isNumbers(channels) ? channels : SD15.channels,
        layers: number(config['layers_per_block'], SD15.layers),
        latent: number(config['sample_size'], SD15.latent),
        context: number(config['cross_attention_dim'], SD15.context),
        inputs: number(config['in_channels'], SD15.inputs),
        outputs: number(config['out_channels'], SD15.outputs),
        attention: Array.isArray(types) ? types.map((type) => String(type).includes('CrossAttn')) : SD.shape.attention,
    });
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null ? { ...value } : undefined;
    } catch {
        return undefined; // A broken config is reported when the model is opened.
    }
}

function isNumbers(value: unknown): value is readonly number[] {
    return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function number(value: unknown, otherwise: number): number {
    return typeof value === 'number' && value > 0 ? value : otherwise;
}
