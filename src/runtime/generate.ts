/** Plan → pictures: the recipe. */
import { createHash } from 'node:crypto';
import { seedBatches } from '../plan/passes/batches.ts';
import { biasKeys } from '../plan/passes/passes.ts';
import { latentWindows } from '../plan/passes/tiles.ts';
import type { Adapter, Control, FileRef, LearnedToken, ModelRef, PicturePlan, Trace } from '../plan/plan.ts';
import { isSeedless, layOut } from '../plan/rows/rows.ts';
import { type Denoised, denoise } from './denoise/denoise.ts';
import type { DenoiseRequest } from './denoise/denoise-request.ts';
import { digestLatents } from './denoise/latent-digests.ts';
import type { ControlNet } from './engine/controlnet.ts';
import type { DeviceReport } from './engine/devices.ts';
import type { StableDiffusion } from './engine/stable-diffusion.ts';
import type { MadePicture, ReadPicture, RunEvent, TraceFrame } from './events.ts';
import type { NoiseReader } from './noise/file.ts';
import { watched } from './noise/watched.ts';
import type { Rgb } from './pictures/picture.ts';
import { toRgb } from './pictures/pixels.ts';
import { unreadWords } from './recipe/attention.ts';
import { biasInputs } from './recipe/bias.ts';
import { canvasOf } from './recipe/canvas.ts';
import { encodeTexts } from './recipe/conditioning.ts';
import { prepareControls } from './recipe/control.ts';
import { pictureEncoder } from './recipe/encode-picture.ts';
import { prepareFrame } from './recipe/frame.ts';
import { noiseOf } from './recipe/picture-noise.ts';
import { learnPreview, previewOf } from './recipe/preview.ts';
import { type RunMemory, runMemory } from './recipe/run-memory.ts';
import { createSamplers } from './recipe/sampling.ts';
import type { Scene } from './recipe/scene.ts';
import { prepareStart } from './recipe/start.ts';
import { type TracedState, traceFrames } from './recipe/trace.ts';
import { unetsOf, unsavedText } from './recipe/unets.ts';
import { wordGradients } from './recipe/word-gradients.ts';
import { failureOf, RunError } from './run-error.ts';
import { rows, tensor } from './tensor.ts';
import type { TensorSink } from './tensor-sink.ts';
import { type Learned, learnedTable } from './text/learned.ts';
import { brokenWeights } from './weights/broken-weights.ts';
import { topologyOf } from './weights/config.ts';
import type { PartTensors } from './weights/parts.ts';

/** What a plan is carried out with: models and pictures come from outside, progress goes there. */
export interface GenerateContext {
    /** Opens a model, with LoRAs applied, or hands out the open one. */
    readonly openModel: (ref: ModelRef, adapters: readonly Adapter[]) => Promise<StableDiffusion>;
    /** The pixels of a picture at its own size. */
    readonly picture: ReadPicture;
    /** What each picture starts from, in the order of the seeds, where they differ; in place of the plan's start picture. */
    readonly starts?: readonly Rgb[];
    /** The tensors of a noise file, when the plan names one. */
    readonly noiseFile?: (file: FileRef) => NoiseReader;
    readonly openControlNet?: (net: Control['net']) => Promise<ControlNet>;
    /** The vectors of learned tokens by name, of the width of the model's text embeddings. */
    readonly learned?: (tokens: readonly LearnedToken[], width: number) => Promise<Learned>;
    readonly emit: (event: RunEvent) => void;
    /** Number of the plan's first picture within the run, for events. */
    readonly firstCell?: number;
    readonly signal?: AbortSignal;
    /** What a run of several plans remembers; absent: bias features are remembered within this plan where it pays. */
    readonly memory?: RunMemory;
    readonly sink?: TensorSink;
    readonly previews?: boolean;
}

/**
 * Makes the plan's pictures, one per seed, in the order of the seeds. Several seeds share a batch where memory allows;
 * each draws from a noise stream of its own, so that every picture is the one that its seed alone would give.
 */
export async function* generate(plan: PicturePlan, context: GenerateContext): AsyncGenerator<MadePicture, void> {
    const opened: PartTensors[] = [];
    const devices: { readonly device: DeviceReport }[] = [];
    const watching: GenerateContext = {
        ...context,
        async openModel(ref, adapters) {
            const model = await context.openModel(ref, adapters);
            const { unet, vae, textEncoder } = model.checkpoint;
            opened.push(unet.weights, vae.weights, textEncoder.weights);
            devices.push(model);
            return model;
        },
        ...(context.openControlNet && {
            async openControlNet(file: Control['net']) {
                const net = await required(context.openControlNet, 'ControlNets')(file);
                opened.push(net.weights);
                devices.push(net);
                return net;
            },
        }),
    };
    try {
        yield* picturesOf(plan, watching);
    } catch (error) {
        const isNumerical = /^(?:run\/not-a-number|picture\/not-finite)$/.test(failureOf(error).code);
        throw (isNumerical ? (brokenWeights(opened) ?? overflow(error, devices)) : undefined) ?? error;
    }
}

/** What to write where the numbers of a network in 16 bits may have been too large for them. */
function overflow(error: unknown, devices: readonly { readonly device: DeviceReport }[]): RunError | undefined {
    const sessions = devices.flatMap(({ device }) => device.sessions);
    if (!sessions.some(({ values }) => values)) return undefined;
    const { message } = failureOf(error);
    const text = `${message} It was computed in 16 bits: \`precision fp32\` computes it in 32.`;
    return new RunError('run/not-a-number', text, { cause: error });
}

async function* picturesOf(whole: PicturePlan, given: GenerateContext): AsyncGenerator<MadePicture, void> {
    const { emit, firstCell = 0 } = given;
    const frame = await prepareFrame(whole, given.picture);
    const plan = frame?.plan ?? whole;
    const context = frame ? { ...given, picture: frame.picture } : given;
    const model = await context.openModel(plan.model, plan.adapters);
    const canvas = canvasOf(plan, model.checkpoint.pixelsPerLatent);
    const noise = noiseOf(plan.noise, context.noiseFile);

    emit({ kind: 'stage', stage: 'text' });
    const learned = await learnedTokens(plan, model, context);
    const texts = await encodeTexts(model, plan, learned, emit);
    emit({ kind: 'stage', stage: 'encode' });
    const encode = pictureEncoder(model, canvas, context);
    const scene: Scene = { model, plan, canvas, noise, picture: context.picture, encode };
    const start = await prepareStart(scene, context.starts);
    for (const text of start.notices) context.emit({ kind: 'notice', text });
    const bias = await biasInputs(scene);

    const openNet = (net: Control['net']) => required(context.openControlNet, 'ControlNets')(net);
    const control = await prepareControls(scene, openNet);

    const batches = seedBatches(plan);
    const windows = latentWindows(plan.windows, canvas.latent, model.checkpoint.pixelsPerLatent);
    const net = topologyOf(model.checkpoint.unet.config);
    // Bias rows of cached steps have features of their own.
    const remembers =
        !windows &&
        isSeedless(plan) &&
        !plan.deepCache &&
        !plan.textCache &&
        (context.memory !== undefined || batches.length > 1);
    const features = remembers ? (context.memory ?? runMemory([plan])).features(net) : undefined;

    const unsaved = unsavedText(plan, net, context.sink);
    if (unsaved) emit({ kind: 'notice', text: unsaved });
    const { ids } = learnedTable(learned, model.checkpoint.textEncoder.config.vocabSize);
    const unread = unreadWords(model.tokenizer, plan, ids);
    if (unread) emit({ kind: 'notice', text: unread });
    const traced = { gradients: await wordGradients(model, plan, canvas, learned), learned: ids };
    emit({ kind: 'stage', stage: 'denoise' });
    for (const { first, seeds } of batches) {
        const started = performance.now();
        const layout = layOut(plan, seeds.length, net);
        const samplers = createSamplers(plan, model.checkpoint.scheduler, layout.members.length);
        const streams = seeds.map((seed) => watched(noise.stream(seed), context.sink));
        const begin = start.begin(samplers[0]!, seeds, streams, first);
        const cells = seeds.map((_, i) => firstCell + first + i);
        const frames: TraceFrame[][] = seeds.map(() => []);
        let latents = begin.latents.data;
        const digests = [digestLatents(latents, seeds.length)];

        const request: DenoiseRequest = {
            layout,
            samplers,
            latents: begin.latents,
            ...(begin.inpainting ? { inpainting: begin.inpainting } : {}),
            ...(begin.blend ? { blend: begin.blend } : {}),
            text: texts.at,
            biasLatent: bias.latents(seeds),
            draw: begin.draw,
            unets: unetsOf(model, plan, context.sink),
            ...(windows ? { windows } : {}),
            ...(control ? { control } : {}),
            ...(features ? { memory: { features, key: biasKeys(plan) } } : {}),
            ...(attends(plan) ? { attend: plan.trace.after } : {}),
            ...(context.signal ? { signal: context.signal } : {}),
            ...(context.sink ? { sink: context.sink } : {}),
        };
        const trace = async (state: TracedState) => {
            if (!plan.trace?.after.includes(state.after)) return;
            const made = await traceFrames(model, request, state, traced);
            for (const [i, frame] of made.entries()) frames[i]!.push(frame);
        };
        let last: Denoised | undefined;
        for await (const state of denoise(request)) {
            const { step, steps } = state.moment;
            const { before, attention } = state;
            if (state.stepBegins) await trace({ after: step, latents: before, next: state, pass: state, attention });
            latents = state.latents;
            last = state;
            if (!state.stepDone) continue;
            digests.push(digestLatents(latents, seeds.length));
            emit({ kind: 'step', cells, step, steps });
            if (context.previews && step + 1 < steps) {
                const pictures = previewOf(model, tensor(state.original(), begin.latents.dims));
                for (const [i, picture] of pictures.entries())
                    emit({ kind: 'preview', cell: cells[i]!, step, picture });
            }
        }
        if (last) await trace({ after: last.moment.steps, latents, pass: last, attention: last.attention });

        emit({ kind: 'stage', stage: 'decode' });
        const seconds = (performance.now() - started) / 1000 / seeds.length;
        const all = tensor(latents, begin.latents.dims);
        const afterSteps = await Promise.all(digests);
        for (const [i, seed] of seeds.entries()) {
            const own = rows(all, i, i + 1);
            const decoded = await model.decode(own);
            learnPreview(model, own, decoded);
            const placed = frame?.putBack(toRgb(decoded));
            const picture = placed?.whole ?? start.finish(decoded);
            const pixelsSha256 = createHash('sha256').update(picture.data).digest('hex');
            const inside = placed ? { inside: placed.inside } : {};
            const made = { index: first + i, seed, picture, ...inside, latents: own.data, trace: frames[i]! };
            const latentDigests = afterSteps.map((ofPictures) => ofPictures[i]!);
            yield { ...made, pixelsSha256, latentDigests, seconds };
        }
    }
}

async function learnedTokens(plan: PicturePlan, model: StableDiffusion, context: GenerateContext): Promise<Learned> {
    if (plan.embeddings.length === 0) return new Map();
    return required(context.learned, 'Learned tokens')(plan.embeddings, model.checkpoint.textEncoder.config.width);
}

/** What the context offers, or a clear word that it does not. */
function required<Offer>(offer: Offer | undefined, what: string): Offer {
    if (offer) return offer;
    throw new RunError('run/unsupported', `${what} cannot be carried out here.`);
}

function attends(plan: PicturePlan): plan is PicturePlan & { readonly trace: Trace } {
    return plan.trace !== undefined && plan.trace.attention.length > 0;
}
