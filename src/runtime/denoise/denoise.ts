/** The denoising loop: rows through the U-Net, predictions mixed, the sampler steps. */

import type { LatentTile, TileLayout } from '../../plan/passes/tiles.ts';
import {
    type BiasRow,
    featureMixture,
    type GuidedRow,
    memberShares,
    type PlannedTap,
    type Row,
    type RowLayout,
    rowsAt,
    type TextKey,
} from '../../plan/rows.ts';
import type { EditPoint } from '../../plan/sites.ts';
import { type Moment, momentAt } from '../../plan/steps.ts';
import type { AttentionMap, ControlResiduals, Unet, UnetInputs, UnetOutputs } from '../engine/stable-diffusion.ts';
import { conditioningRows, type RowConditioning, stackConditioning } from '../row-conditioning.ts';
import { RunError } from '../run-error.ts';
import type { Sampler } from '../samplers/sampler.ts';
import { rows as rowsOf, type Tensor, tensor } from '../tensor.ts';
import type { TensorSink } from '../tensor-sink.ts';
import type { BiasFeatures, FeatureMemory } from './features.ts';
import { guide, mean, meanPrediction } from './predictions.ts';
import { predictInWindows } from './windows.ts';

/** Everything that the loop needs; `pictures` pictures of one plan go together. */
export interface DenoiseRequest {
    readonly layout: RowLayout;
    /** One, or for an ensemble over latents one per member, each with its own history. */
    readonly samplers: readonly Sampler[];
    /** Where the run starts: `[pictures, 4, h, w]`. */
    readonly latents: Tensor;
    /** Channels that inpainting models see besides the latent: `[pictures, 5, h, w]` (mask, masked picture). */
    readonly inpainting?: Tensor;
    /** Text embeddings `[1, S, D]` by key; all of one length. */
    readonly text: (key: TextKey, moment: Moment) => RowConditioning;
    /** A bias row's latent `[C, h, w]` as the U-Net sees it at a model call. */
    readonly biasLatent: (row: BiasRow, sampler: Sampler, call: number) => Float32Array;
    /** Fresh unit noise for all pictures, `[pictures, 4, h, w]`, each from its own stream. */
    readonly draw: () => Float32Array;
    /** Holds what must not change: called with the latents after a model call and the next call, if there is one. */
    readonly blend?: (latents: Float32Array, sampler: Sampler, nextCall: number | undefined) => Float32Array;
    readonly unets: Unets;
    /** Predicts the picture in windows, in latent pixels, that are mixed; without memory and attention. Absent: as a whole. */
    readonly windows?: TileLayout;
    /** What ControlNets add to the guided rows at a call; undefined where none acts. */
    readonly control?: (inputs: ControlInputs) => Promise<ControlResiduals | undefined>;
    /** Remembers bias features over batches and pictures; absent: bias rows go along in the same pass. */
    readonly memory?: { readonly features: FeatureMemory; readonly key: (row: BiasRow, moment: Moment) => string };
    /** States, by the steps before them, whose cross-attention is wanted: an extra pass each, the picture stays as it is. */
    readonly attend?: readonly number[];
    /** The moment of a call, where it is not the sampler's own: for a run that finishes another one. */
    readonly moment?: (sampler: Sampler, call: number) => Moment;
    readonly signal?: AbortSignal;
    readonly sink?: TensorSink;
}

/** The U-Net compiled for what a step needs. */
export interface Unets {
    /** For guided rows, with bias rows in the same pass or remembered; hands out the watched features, if any. */
    guided(needs: UnetNeeds): Promise<Unet>;
    /** Bias rows only: features at the points, nothing beyond them. */
    features(points: readonly EditPoint[]): Promise<Unet>;
}

export interface UnetNeeds {
    readonly taps: readonly PlannedTap[];
    readonly remembered: boolean;
    readonly control: boolean;
    readonly attention: boolean;
}

/** The latents and texts of some rows. */
type RowInputs = Pick<UnetInputs, 'sample'> & RowConditioning;

/** What a ControlNet is shown of a call: the guided rows, as the U-Net gets them. */
export interface ControlInputs extends RowInputs {
    readonly timestep: number;
    readonly moment: Moment;
    readonly guided: readonly GuidedRow[];
    /** Rows of the whole pass: the rest are bias rows, to which nothing is added. */
    readonly rows: number;
    /** The part of the latents that the rows show, where they are predicted in windows. */
    readonly window?: LatentTile;
}

/** One model call: the state that it starts from and the one that it leads to. */
export interface Denoised {
    readonly moment: Moment;
    /** Whether the call is the first of its step: `before` is then the state between two steps. */
    readonly stepBegins: boolean;
    /** `[pictures, 4, h, w]`, before the call. */
    readonly before: Float32Array;
    /** Whether the call completes its step (second-order samplers need two calls for most steps). */
    readonly stepDone: boolean;
    /** `[pictures, 4, h, w]`, after the call. */
    readonly latents: Float32Array;
    /** The call's number in the sampler's own list. */
    readonly call: number;
    /** Cross-attention of the call, where it was asked for: rows as in the layout, the guided ones first. */
    readonly attention: readonly AttentionMap[];
    /** The clean latents predicted at this call (one-step completion), from the state before it. */
    original(): Float32Array;
}

/** Runs the loop from `latents` to the end; yields after every model call. */
export async function* denoise(request: DenoiseRequest): AsyncGenerator<Denoised, void> {
    const { layout, samplers, blend } = request;
    const schedule = samplers[0]!;
    const calls = schedule.timesteps.length;
    let latents = request.latents.data;
    request.sink?.add('start', request.latents);
    for (let call = schedule.startCall; call < calls; call++) {
        await yieldToEventLoop(request.signal);
        const moment = (request.moment ?? momentAt)(schedule, call);
        const stepDone = schedule.stepOfCall[call + 1] !== schedule.stepOfCall[call];
        const stepBegins = call === schedule.startCall || schedule.stepOfCall[call - 1] !== schedule.stepOfCall[call];
        const attend = attends(request, moment, stepBegins, call + 1 === calls);
        const needed = rowsAt(layout, moment, attend || request.sink !== undefined);
        const { prediction, attention } = await predict({ ...request, layout: needed }, latents, moment, call, attend);
        const guided = guide(needed, prediction, moment, { apart: samplers.length > 1 });
        const before = latents;
        const stepped = stepAll(request, guided, call, latents, moment);
        latents = blend ? blend(stepped, schedule, call + 1 < calls ? call + 1 : undefined) : stepped;
        requireNumbers(latents, moment);
        const original = () => schedule.predictOriginal(meanPrediction(layout, guided, moment), call, before);
        recordTensors(request, { guided: meanPrediction(layout, guided, moment), latents }, call, original);
        yield { moment, call, stepBegins, stepDone, before, latents, attention, original };
    }
}

/** Whether a call's cross-attention is wanted: of the states named, each at the call that starts from it, the last at the last. */
function attends({ attend }: DenoiseRequest, { step, steps }: Moment, stepBegins: boolean, isLast: boolean): boolean {
    if (!attend) return false;
    return (stepBegins && attend.includes(step)) || (isLast && attend.includes(steps));
}

/** Passes a call's tensors to the sink. */
function recordTensors(
    { sink, latents }: DenoiseRequest,
    values: Readonly<Record<string, Float32Array>>,
    call: number,
    original: () => Float32Array,
): void {
    if (!sink) return;
    for (const [name, data] of Object.entries({ ...values, original: original() })) {
        sink.add(`${name}.${call}`, tensor(data, latents.dims));
    }
}

/** Lets messages in between two blocking model calls, and stops where the user asked for it. */
async function yieldToEventLoop(signal: AbortSignal | undefined): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new RunError('run/cancelled', 'Stopped.');
}

// ── Rows through the U-Net ─────────────────────────────────────────────

/** The model's prediction `[rows, 4, h, w]` for every row of the pass, the guided ones first; and its attention. */
async function predict(
    request: DenoiseRequest,
    latents: Float32Array,
    moment: Moment,
    call: number,
    attend: boolean,
): Promise<Pick<UnetOutputs, 'prediction' | 'attention'>> {
    const { layout, sink } = request;
    const scheduler = request.samplers[0]!;
    const timestep = scheduler.timesteps[call]!;
    const { rows, taps, mixing } = await mixingOf(request, moment, call);
    const inputs = rowInputs(request, rows, scheduler.scaleModelInput(latents, call), moment, call);
    let attention: readonly AttentionMap[] = [];
    const prediction = await predictInWindows(inputs.sample, request.windows, async (sample, window) => {
        if (window) await yieldToEventLoop(request.signal);
        const shown = { ...inputs, sample };
        const control = await request.control?.({
            ...guidedOnly(shown, layout),
            timestep,
            moment,
            guided: layout.guided,
            rows: rows.length,
            ...(window ? { window } : {}),
        });
        const remembered = mixing.remembered !== undefined;
        const needs = { taps, remembered, control: control !== undefined, attention: false };
        const feeds = { ...shown, timestep, ...mixing, ...(control ? { control } : {}) };
        const output = await (await request.unets.guided(needs)).run(feeds);
        if (attend)
            attention = (await (await request.unets.guided({ ...needs, attention: true })).run(feeds)).attention;
        const place = window ? `.window-${window.top}-${window.left}` : '';
        for (const [point, feature] of output.features) sink?.add(`features.${point}.${call}${place}`, feature);
        return output.prediction;
    });
    if (call === scheduler.startCall) sink?.add('embeddings', inputs.context);
    sink?.add(`predictions.${call}`, prediction);
    return { prediction, attention };
}

interface Mixing {
    readonly rows: readonly Row[];
    readonly taps: readonly PlannedTap[];
    readonly mixing: Pick<UnetInputs, 'mix' | 'remembered'>;
}

/** Which rows go through the U-Net at a call, and how their features are mixed: with bias rows in the pass, or remembered. */
async function mixingOf(request: DenoiseRequest, moment: Moment, call: number): Promise<Mixing> {
    const { layout, memory } = request;
    const { guided, bias, taps } = layout;
    const mix = taps.length > 0 ? featureMixture(layout, moment, memory !== undefined) : null;
    if (!mix) return { rows: guided, taps: [], mixing: {} };
    const remember = memory !== undefined && bias.length > 0;
    const rows = remember ? guided : [...guided, ...bias];
    const matrices = tensor(mix, [taps.length, rows.length, guided.length + bias.length]);
    if (!remember) return { rows, taps, mixing: { mix: matrices } };
    const features = await biasFeatures(request, memory, moment, call);
    return { rows, taps, mixing: { mix: matrices, remembered: taps.map((tap) => features.get(tap.point)!) } };
}

function guidedOnly({ sample, ...texts }: RowInputs, { guided }: RowLayout): RowInputs {
    return { sample: rowsOf(sample, 0, guided.length), ...conditioningRows(texts, 0, guided.length) };
}

function biasFeatures(
    request: DenoiseRequest,
    memory: NonNullable<DenoiseRequest['memory']>,
    moment: Moment,
    call: number,
): Promise<BiasFeatures> {
    const { bias, taps } = request.layout;
    const timestep = request.samplers[0]!.timesteps[call]!;
    const points = taps.map((tap) => tap.point);
    const keys = bias.map((row) => memory.key(row, moment));
    return memory.features.recall(keys, points, timestep, async (missing, wanted) => {
        const unet = await request.unets.features(wanted);
        const rows = missing.map((index) => bias[index]!);
        const inputs = rowInputs(request, rows, new Float32Array(0), moment, call);
        return (await unet.run({ ...inputs, timestep })).features;
    });
}

/** The rows' latents `[R, C, h, w]` and texts `[R, S, D]`, stacked. */
function rowInputs(
    request: DenoiseRequest,
    rows: readonly Row[],
    input: Float32Array,
    moment: Moment,
    call: number,
): RowInputs {
    const [, channels = 4, height = 0, width = 0] = request.latents.dims;
    const size = channels * height * width;
    const more = request.inpainting ? request.inpainting.dims[1]! * height * width : 0;
    const sample = new Float32Array(rows.length * (size + more));
    rows.forEach((row, r) => {
        const at = r * (size + more);
        if (row.role === 'bias') {
            sample.set(request.biasLatent(row, request.samplers[0]!, call), at);
        } else {
            sample.set(input.subarray(row.picture * size, (row.picture + 1) * size), at);
            const inpainting = request.inpainting?.data.subarray(row.picture * more, (row.picture + 1) * more);
            if (inpainting) sample.set(inpainting, at + size);
        }
    });
    return {
        sample: tensor(sample, [rows.length, channels + (request.inpainting?.dims[1] ?? 0), height, width]),
        ...stackConditioning(rows.map((row) => request.text(row.text, moment))),
    };
}

// ── The sampler steps ──────────────────────────────────────────────────

/** One step of the sampler; for an ensemble over latents the mean of the members' steps, with shared noise. */
function stepAll(
    request: DenoiseRequest,
    guided: readonly Float32Array[],
    call: number,
    latents: Float32Array,
    moment: Moment,
): Float32Array {
    const drawn: Float32Array[] = [];
    const stepped = request.samplers.map((sampler, k) => {
        let asked = 0;
        const draw = () => {
            drawn[asked] ??= request.draw();
            return drawn[asked++]!;
        };
        return sampler.step(guided[k]!, call, latents, draw);
    });
    if (stepped.length === 1) return stepped[0]!;
    return mean(stepped, memberShares(request.layout.members, moment));
}

function requireNumbers(latents: Float32Array, moment: Moment): void {
    for (const value of latents) {
        if (Number.isFinite(value)) continue;
        throw new RunError(
            'run/not-a-number',
            `The latents stopped being numbers at step ${moment.step + 1} of ${moment.steps}. Lower the guidance or the layer weights, or take another sampler or device.`,
        );
    }
}
