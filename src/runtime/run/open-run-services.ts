/** The real workshop: engine, pictures and noise files, with models kept open from run to run. */
import { statSync } from 'node:fs';
import type { ModelRef } from '../../plan/plan.ts';
import { readLearnedEmbedding } from '../adapters/learned-embedding.ts';
import { type ControlNet, openControlNet } from '../engine/controlnet.ts';
import { type ChooseDevice, deviceChooser } from '../engine/devices.ts';
import { type Judge, openJudge } from '../engine/judge.ts';
import { type OpenOptions, openModel } from '../engine/model.ts';
import { planSession } from '../engine/session-plan.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import { openUpscaler } from '../engine/upscaler.ts';
import { generate } from '../generate.ts';
import { learn } from '../learn/learn.ts';
import { animatedWebp } from '../pictures/animation.ts';
import { hashDistance, perceptualHash, psnr, ssim } from '../pictures/compare.ts';
import { edges } from '../pictures/edges.ts';
import { loadPicture } from '../pictures/load.ts';
import { encodePng } from '../pictures/save.ts';
import { contactSheet, strip } from '../pictures/sheet.ts';
import { pictureTexts } from '../pictures/texts.ts';
import { openCheckpoint } from '../weights/checkpoint.ts';
import type { Checkpoint, Overrides } from '../weights/parts.ts';
import { readTensor } from '../weights/read-tensor.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { pathOf } from './inputs/inputs.ts';
import { modelPath } from './inputs/model-path.ts';
import type { RunServices, ServiceOptions } from './run-services.ts';

/** Models beyond this many bytes of U-Net weights together are closed, the oldest first; the latest stays open. */
const KEPT_BYTES = 2 ** 31;
/** How many stay open: each LoRA, and each state of its file, makes another model. */
const MAX_KEPT = 16;

export function openRunServices(): RunServices {
    const choose = deviceChooser();
    const models = openModels(choose);
    const nets = openNets(choose);
    let judge: Promise<Judge> | undefined;
    return {
        generate,
        learn,
        openModel: (ref, options) => models.open(ref, options),
        openControlNet: (place, options) => nets.open(place, options),
        openUpscaler: (place, { device, threads }) =>
            openUpscaler(place, { device, choose, ...(threads ? { threads } : {}) }),
        learnedEmbedding: readLearnedEmbedding,
        modelFiles: (ref, base) => weightFiles(openCheckpoint(modelPath(ref, base), overridesOf(ref, base))),
        readPicture: (file, as) => loadPicture(file, as ? { as } : {}),
        noise(file) {
            const { tensors } = readSafetensors(file);
            return (name) => {
                const location = tensors.get(name);
                return location && { shape: location.shape, data: readTensor(location).data };
            };
        },
        edges: (picture, { low, high }) => edges(picture, low, high),
        png: (picture, texts) => encodePng(picture, texts ? pictureTexts(texts) : {}),
        sheet: (layout) => contactSheet(layout),
        strip,
        animation: (frames) => animatedWebp(frames, { delay: 400, rest: 1600 }),
        phash: perceptualHash,
        async subjects(picture) {
            judge ??= openJudge();
            return (await judge).subjects(picture);
        },
        phashDistance: hashDistance,
        ssim,
        psnr,
    };
}

interface OpenModels {
    open(ref: ModelRef, options: ServiceOptions): Promise<StableDiffusion>;
}

function openModels(choose: ChooseDevice): OpenModels {
    const open = new Map<string, StableDiffusion>();
    const opening = new Map<string, Promise<StableDiffusion>>();
    /** What receives the notices of a model: the latest run that asked for it. */
    const listeners = new Map<string, (text: string) => void>();

    /** One that is opened ahead of a run is not opened by the run once more. */
    function openOnce(key: string, place: string, options: OpenOptions): Promise<StableDiffusion> {
        const model = opening.get(key) ?? openModel(place, options).finally(() => opening.delete(key));
        opening.set(key, model);
        return model;
    }

    return {
        async open(ref, { base, device, threads, expectedCalls, adapters = [], notice }) {
            const place = modelPath(ref, base);
            const loras = adapters.map((one) => `${JSON.stringify(one)} ${statSync(one.path).mtimeMs}`);
            const overrides = overridesOf(ref, base);
            const checkpoint = openCheckpoint(place, overrides);
            // Few steps and many hold large weights in two ways, whose last bits differ.
            const { weights } = planSession('cpu', checkpoint.unet.weights, expectedCalls);
            const stamp = stampOf(checkpoint);
            const key = [place, JSON.stringify(overrides), device, threads ?? 0, weights, stamp, ...loras].join('|');
            const options = {
                device,
                choose,
                expectedCalls,
                adapters,
                overrides,
                ...(threads ? { threads } : {}),
                notice: (text: string) => listeners.get(key)?.(text),
            };
            if (notice) listeners.set(key, notice);
            const model = open.get(key) ?? (await openOnce(key, place, options));
            // The latest last.
            open.delete(key);
            open.set(key, model);
            for (const closed of await closeOldest(open)) listeners.delete(closed);
            return model;
        },
    };
}

/** What the spec says of the model beyond its files. */
function overridesOf(ref: ModelRef, base: string): Overrides {
    if (ref.kind === 'builtin') return {};
    const { predicts, zeroSnr, vae } = ref;
    const choices = {
        ...(predicts && { predicts }),
        ...(zeroSnr && { zeroSnr }),
        ...(vae && { vae: pathOf(base, vae.path) }),
    };
    return Object.keys(choices).length > 0 ? { choices } : {};
}

/** ControlNets stay open: there are few, and a sweep comes back to them. One whose file was replaced is closed. */
function openNets(choose: ChooseDevice): { readonly open: RunServices['openControlNet'] } {
    const open = new Map<string, Promise<ControlNet>>();
    return {
        open(place, { device, threads, expectedCalls, precision }) {
            const stamp = `|${statSync(place).mtimeMs}`;
            for (const [known, former] of open) {
                if (!known.startsWith(`${place}|`) || known.endsWith(stamp)) continue;
                open.delete(known);
                void former.then((net) => net.close());
            }
            const key = [place, device, threads ?? 0, precision].join('|') + stamp;
            const net =
                open.get(key) ??
                openControlNet(place, {
                    device,
                    choose,
                    expectedCalls,
                    ...(threads ? { threads } : {}),
                    ...(precision ? { precision } : {}),
                });
            open.set(key, net);
            net.catch(() => open.delete(key));
            return net;
        },
    };
}

/** Returns the keys of those that it closed. */
async function closeOldest(open: Map<string, StableDiffusion>): Promise<readonly string[]> {
    const bytes = () => [...open.values()].reduce((sum, { checkpoint }) => sum + checkpoint.unetBytes, 0);
    const closed: string[] = [];
    while (open.size > 1 && (open.size > MAX_KEPT || bytes() > KEPT_BYTES)) {
        const [key, model] = open.entries().next().value!;
        open.delete(key);
        closed.push(key);
        await model.close();
    }
    return closed;
}

/** A model whose files were replaced is another one. */
function stampOf(checkpoint: Checkpoint): string {
    return [...weightFiles(checkpoint).values()]
        .map((file) => `${statSync(file).size} ${statSync(file).mtimeMs}`)
        .join();
}

/** Weight files by the name that messages and records give them. */
function weightFiles({ unet, vae, textEncoder }: Checkpoint): ReadonlyMap<string, string> {
    const named = new Map<string, string>();
    for (const { weights } of [unet, vae, textEncoder]) {
        const files = [...new Set([...weights.tensors.values()].map(({ file }) => file))].sort();
        for (const [k, file] of files.entries()) {
            named.set(files.length > 1 ? `${weights.source}#${k + 1}` : weights.source, file);
        }
    }
    return named;
}
