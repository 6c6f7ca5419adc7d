/** Reference cases as plans: what a case of the pipelines and experiments groups means in our own terms. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_STEPS, constant } from '../../src/plan/curve.ts';
import type { EnsembleSpace, Prompt } from '../../src/plan/phrases.ts';
import type { Infusion, PicturePlan } from '../../src/plan/plan.ts';
import type { Site, SiteWeight } from '../../src/plan/sites.ts';
import type { ControlNet } from '../../src/runtime/engine/controlnet.ts';
import { openModel, type ReadAdapter } from '../../src/runtime/engine/model.ts';
import type { StableDiffusion } from '../../src/runtime/engine/stable-diffusion.ts';
import type { MadePicture } from '../../src/runtime/events.ts';
import { type GenerateContext, generate } from '../../src/runtime/generate.ts';
import type { Rgb } from '../../src/runtime/pictures/picture.ts';
import { type Tensor, tensor } from '../../src/runtime/tensor.ts';
import type { Learned } from '../../src/runtime/text/learned.ts';
import type { GoldenTensor } from './golden.ts';
import { fromSchedulerConfig } from './scheduler-class.ts';

/** biome-ignore lint/suspicious/noExplicitAny: scheduler configurations as the reference writes them. */
export type Config = Record<string, any>;

const open = new Map<string, Promise<StableDiffusion>>();

/** A nano model with the case's scheduler configuration in place of its own. */
export async function nanoModel(
    root: string,
    name: string,
    scheduler: Config,
    adapters: readonly ReadAdapter[] = [],
): Promise<StableDiffusion> {
    const path = join(root, 'models', name);
    const key = JSON.stringify([path, adapters]);
    const model = await (open.get(key) ?? remember(key, path, adapters));
    return { ...bound(model), checkpoint: { ...model.checkpoint, scheduler } };
}

function remember(key: string, path: string, adapters: readonly ReadAdapter[]): Promise<StableDiffusion> {
    if (!existsSync(path)) throw new Error(`This set has no model ${path}.`);
    const model = openModel(path, { device: 'cpu', adapters });
    open.set(key, model);
    return model;
}

/** The methods of a model, bound, so that a copy with another checkpoint can call them. */
function bound(model: StableDiffusion): StableDiffusion {
    return {
        checkpoint: model.checkpoint,
        device: model.device,
        tokenizer: model.tokenizer,
        encodeText: model.encodeText.bind(model),
        unet: model.unet.bind(model),
        encodeImage: model.encodeImage.bind(model),
        decode: model.decode.bind(model),
        release: model.release.bind(model),
        close: model.close.bind(model),
    };
}

/** The sampler that a scheduler class and its configuration stand for. */
export function samplerOf(className: string, config: Config): PicturePlan['sampler'] {
    const { name, schedule } = fromSchedulerConfig({ ...config, _class_name: className });
    return { name, schedule: schedule as PicturePlan['sampler']['schedule'], eta: 0 };
}

export function prompt(text: string): Prompt {
    return { phrases: [{ text, weight: 1 }] };
}

export interface CaseOptions {
    readonly prompt?: string;
    readonly prompts?: readonly string[];
    readonly memberWeights?: readonly number[];
    readonly over?: EnsembleSpace;
    readonly negative?: string;
    readonly width: number;
    readonly height: number;
    readonly steps: number;
    readonly guidance: number;
    readonly sampler: PicturePlan['sampler'];
}

/** A plan with everything that a case leaves alone at rest. */
export function casePlan(options: CaseOptions, more: Partial<PicturePlan> = {}): PicturePlan {
    const { prompts, memberWeights, over = 'predictions' } = options;
    return {
        kind: 'picture',
        model: { kind: 'builtin', name: 'case' },
        conditioning: prompts
            ? {
                  kind: 'ensemble',
                  over,
                  members: prompts.map((text, k) => ({
                      prompt: prompt(text),
                      weight: constant(memberWeights?.[k] ?? 1),
                  })),
              }
            : { kind: 'prompt', prompt: prompt(options.prompt ?? '') },
        negative: prompt(options.negative ?? ''),
        size: { width: options.width, height: options.height },
        steps: options.steps,
        sampler: options.sampler,
        guidance: { scale: constant(options.guidance), rescale: 0 },
        seeds: [0],
        noise: { kind: 'torch-cpu' },
        clipSkip: 0,
        longPrompts: 'truncate',
        embeddings: [],
        infusions: [],
        scales: [],
        controls: [],
        adapters: [],
        ...more,
    };
}

/** Site weights, all constant. */
export function siteWeights(weights: Readonly<Record<string, number>>): SiteWeight[] {
    return Object.entries(weights).map(([site, weight]) => ({ site: site as Site, weight: constant(weight) }));
}

/** An infusion of the pictures `0`, `1`, … of the case, uniformly weighted. */
export function caseInfusion(
    images: readonly number[],
    sites: readonly SiteWeight[],
    more: Partial<Infusion> = {},
): Infusion {
    return {
        pictures: images.map((k) => ({ picture: { kind: 'file', path: String(k) }, weight: 1 })),
        sites,
        weight: constant(1),
        decay: 1,
        window: ALL_STEPS,
        latent: 'clean',
        text: { kind: 'prompt' },
        rows: 'both',
        normalise: 'none',
        ...more,
    };
}

/** A golden uint8 picture [H, W, 1 or 3]. */
export function picture({ data, dims }: GoldenTensor): Rgb {
    const [height = 0, width = 0, channels = 3] = dims;
    const rgb = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) {
        for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * channels + (channels === 1 ? 0 : c)]!;
    }
    return { width, height, data: rgb };
}

export interface Made {
    readonly pictures: readonly MadePicture[];
    /** Tensors of the run by name, as `--save-tensors` writes them. */
    readonly tensors: ReadonlyMap<string, Tensor>;
    /** Last call's tensor of a kind, and those of all calls in order. */
    all(kind: string): readonly Float32Array[];
}

export interface Given {
    readonly draws?: Readonly<Record<string, Float32Array>>;
    readonly pictures?: Readonly<Record<string, Rgb>>;
    readonly openControlNet?: () => Promise<ControlNet>;
    readonly learned?: Learned;
}

/** Carries a plan out on an open model; `draws` replaces the noise, `pictures` are found by path. */
export async function carryOutCase(model: StableDiffusion, plan: PicturePlan, given: Given = {}): Promise<Made> {
    const tensors = new Map<string, Tensor>();
    const context: GenerateContext = {
        openModel: async () => model,
        picture: async (source) => {
            const found = source.kind === 'file' ? given.pictures?.[source.path] : undefined;
            if (!found) throw new Error(`The case has no picture ${JSON.stringify(source)}.`);
            return found;
        },
        noiseFile: () => (name) => {
            const data = given.draws?.[name];
            return data ? { shape: [data.length], data } : undefined;
        },
        ...(given.openControlNet ? { openControlNet: given.openControlNet } : {}),
        ...(given.learned ? { learned: async () => given.learned! } : {}),
        emit: () => {},
        sink: {
            sites: [],
            add: (name, { data, dims }) => {
                tensors.set(name, tensor(data.slice(), [...dims]));
            },
        },
    };
    const noisy = given.draws ? { ...plan, noise: { kind: 'file' as const, path: 'the case' } } : plan;
    const pictures: MadePicture[] = [];
    for await (const made of generate(noisy, context)) pictures.push(made);
    return {
        pictures,
        tensors,
        all: (kind) => {
            const found = [...tensors].filter(([name]) => name.startsWith(`${kind}.`));
            return found.sort(([a], [b]) => call(a) - call(b)).map(([, { data }]) => data);
        },
    };
}

function call(name: string): number {
    return Number(name.slice(name.lastIndexOf('.') + 1));
}
