/** Parity of whole pipelines: text to image, image to image, inpainting, with everything that combines with them. */
import { join } from 'node:path';
import { constant, type Window } from '../../../src/plan/curve.ts';
import type { Control, FileRef, PicturePlan } from '../../../src/plan/plan.ts';
import { layOut } from '../../../src/plan/rows/rows.ts';
import { readLearnedEmbedding } from '../../../src/runtime/adapters/learned-embedding.ts';
import { denoise } from '../../../src/runtime/denoise/denoise.ts';
import { type ControlNet, openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import type { StableDiffusion } from '../../../src/runtime/engine/stable-diffusion.ts';
import { mixture } from '../../../src/runtime/mixture.ts';
import { openNoise } from '../../../src/runtime/noise/open.ts';
import { createSamplers } from '../../../src/runtime/recipe/sampling.ts';
import { unetsOf } from '../../../src/runtime/recipe/unets.ts';
import { rows, tensor } from '../../../src/runtime/tensor.ts';
import type { Learned } from '../../../src/runtime/text/learned.ts';
import { type CaseResult, type GoldenCase, type GoldenGroup, type ParityGroup, worstError } from '../golden.ts';
import { carryOutCase, casePlan, nanoModel, picture, samplerOf } from '../plans.ts';

export const run: ParityGroup = async function* (root, group) {
    for (const golden of group.cases) {
        try {
            yield judge(group, golden, await compute(root, group, golden));
        } catch (error) {
            const note = error instanceof Error ? error.message : String(error);
            yield { id: golden.id, error: Number.POSITIVE_INFINITY, atol: 0, passed: false, note };
        }
    }
};

interface Outputs {
    readonly latents: Float32Array;
    readonly steps: Float32Array;
    readonly image: Float32Array;
}

function judge(group: GoldenGroup, golden: GoldenCase, ours: Outputs): CaseResult {
    let worst = { error: 0, atol: golden.atol.latents as number, note: '' };
    for (const name of ['latents', 'steps', 'image'] as const) {
        const reference = golden.outputs[name];
        if (!reference) continue;
        const error = worstError(ours[name], group.tensor(reference).data);
        const atol = name === 'image' ? golden.atol.image : golden.atol.latents;
        if (error / atol >= worst.error / worst.atol) worst = { error, atol, note: name };
    }
    return { id: golden.id, ...worst, passed: worst.error <= worst.atol };
}

async function compute(root: string, group: GoldenGroup, golden: GoldenCase): Promise<Outputs> {
    const { inputs } = golden;
    const { call } = inputs;
    const config = group.schedulerConfigs[inputs.scheduler.config]!;
    const place = (file: string) => join(root, 'models', file);
    const loras: [string, number][] = inputs.loras ?? [];
    const adapters = loras.map(([file, weight]) => ({ path: place(file), weight }));
    const model = await nanoModel(root, inputs.model, config, adapters);
    const sampler = samplerOf(inputs.scheduler.class, config);
    const source = inputs.image_uint8 && picture(group.tensor(inputs.image_uint8));
    const hint = inputs.hint_uint8 && picture(group.tensor(inputs.hint_uint8));
    const mask = inputs.mask_uint8 && picture(group.tensor(inputs.mask_uint8));
    const one = { strength: call.strength ?? (inputs.mask_uint8 ? 1 : 0.8) };
    const plan = casePlan(
        {
            prompt: bracketed(Array.isArray(call.prompt) ? call.prompt[0] : call.prompt, inputs.token),
            negative: Array.isArray(call.negative_prompt) ? call.negative_prompt[0] : call.negative_prompt,
            width: call.width ?? (source ?? hint)?.width ?? 64,
            height: call.height ?? (source ?? hint)?.height ?? 64,
            steps: call.num_inference_steps,
            guidance: call.guidance_scale,
            sampler: { ...sampler, eta: call.eta ?? 0 },
        },
        {
            guidance: { scale: constant(call.guidance_scale), rescale: call.guidance_rescale ?? 0 },
            clipSkip: call.clip_skip ?? 0,
            seeds: Array.isArray(inputs.seeds) ? inputs.seeds : [inputs.seeds],
            ...(source && {
                start: {
                    pictures: [{ picture: { kind: 'file', path: 'source' }, weight: 1 }],
                    mixing: 'linear',
                    latent: 'diffusers',
                    ...one,
                },
            }),
            ...(inputs.embedding && { embeddings: [{ token: inputs.token, file: { path: inputs.embedding } }] }),
            ...(hint && { controls: [controlOf(call)] }),
            ...(mask && { mask: { picture: { kind: 'file', path: 'mask' }, outside: false, feather: 0 } }),
        },
    );
    if (Array.isArray(call.prompt)) return oneStream(model, plan, call.prompt, call.negative_prompt, inputs.seeds);
    if (call.num_images_per_prompt > 1 && !Array.isArray(inputs.seeds)) {
        const texts = Array(call.num_images_per_prompt).fill(call.prompt);
        return oneStream(
            model,
            plan,
            texts,
            texts.map(() => call.negative_prompt ?? ''),
            inputs.seeds,
        );
    }
    const openControlNet = () => openControlNetOnce(join(root, 'models', inputs.controlnet));
    const { width } = model.checkpoint.textEncoder.config;
    const learned: Learned = new Map(
        plan.embeddings.map(({ token, file }) => [
            bare(token),
            readLearnedEmbedding(place((file as FileRef).path), width),
        ]),
    );
    const made = await carryOutCase(model, plan, { pictures: { source, mask, hint }, openControlNet, learned });
    return whole(model, made.all('latents'), [plan.seeds.length, 4, plan.size.height / 8, plan.size.width / 8]);
}

/** Our prompts name learned tokens between angle brackets; A1111 names them by bare words. */
function bracketed(text: string, token: string | undefined): string {
    return token && !token.startsWith('<') ? text.replaceAll(token, `<${token}>`) : text;
}

function bare(token: string): string {
    return token.replace(/^<|>$/g, '');
}

function controlOf(call: Record<string, number>): Control {
    return {
        net: { path: 'net' },
        picture: { kind: 'file', path: 'hint' },
        weight: constant(call.controlnet_conditioning_scale ?? 1),
        window: diffusersWindow(call),
        guess: Boolean(call.guess_mode),
    };
}

/** diffusers counts a step when all of it is inside: i / n >= start and (i + 1) / n <= end. Here these are step numbers. */
function diffusersWindow(call: Record<string, number>): Window {
    const { control_guidance_start: start = 0, control_guidance_end: end = 1, num_inference_steps: steps = 0 } = call;
    const run = Math.min(steps, Math.floor(steps * (call.strength ?? 1)));
    return { firstStep: Math.ceil(start * run - 1e-9) + 1, lastStep: Math.floor(end * run + 1e-9) };
}

const nets = new Map<string, Promise<ControlNet>>();

function openControlNetOnce(path: string): Promise<ControlNet> {
    const net = nets.get(path) ?? openControlNet(path, { device: 'cpu' });
    nets.set(path, net);
    return net;
}

async function whole(
    model: StableDiffusion,
    perCall: readonly Float32Array[],
    dims: readonly number[],
): Promise<Outputs> {
    const latents = perCall.at(-1)!;
    const { data } = await model.decode(tensor(latents, dims));
    return { latents, steps: Float32Array.from(perCall.flatMap((one) => [...one])), image: data };
}

/** Several pictures that draw from one generator, the whole batch at once: not how specs work, but how diffusers can. */
async function oneStream(
    model: StableDiffusion,
    plan: PicturePlan,
    prompts: readonly string[],
    negatives: readonly string[],
    seed: number,
): Promise<Outputs> {
    const layout = layOut(plan, prompts.length);
    const samplers = createSamplers(plan, model.checkpoint.scheduler, 1);
    const stream = openNoise('torch-cpu', seed);
    const dims = [prompts.length, 4, plan.size.height / 8, plan.size.width / 8];
    const draw = () => stream.normal(dims.reduce((a, b) => a * b, 1));
    const encode = (texts: readonly string[]) =>
        model.encodeText(texts.map((text) => model.tokenizer.encodePadded(text)));
    const positive = await encode(prompts);
    const negative = await encode(negatives);
    // Each picture has texts of its own here: its rows are distinguished by a key that names the picture.
    const guided = layout.guided.map((row) => ({
        ...row,
        text: `caption ${row.role === 'empty' ? row.picture + 100 : row.picture}` as const,
    }));
    const text = (key: string) => {
        const k = Number(key.slice('caption '.length));
        return { context: k >= 100 ? rows(negative, k - 100, k - 99) : rows(positive, k, k + 1) };
    };
    const perCall: Float32Array[] = [];
    for await (const state of denoise({
        layout: { ...layout, guided },
        samplers,
        latents: tensor(mixture([samplers[0]!.initNoiseSigma, draw()]), dims),
        text,
        biasLatent: () => new Float32Array(0),
        draw,
        unets: unetsOf(model, layout.plan),
    })) {
        perCall.push(state.latents);
    }
    return whole(model, perCall, dims);
}
