/** One model call: rows through the U-Net, their features mixed on the way. */

import { isCachedStep, stepsServed } from '../../plan/passes/deep-cache.ts';
import { isTextCached, isTextCachedLater, textStepsServed } from '../../plan/passes/text-cache.ts';
import type { LatentTile } from '../../plan/passes/tiles.ts';
import { featureMixture } from '../../plan/rows/feature-mixture.ts';
import type { PlannedTap, Row, RowLayout } from '../../plan/rows/rows.ts';
import type { Moment } from '../../plan/steps.ts';
import type { AttentionMap, UnetInputs, UnetOutputs } from '../engine/stable-diffusion.ts';
import { conditioningRows, stackConditioning } from '../row-conditioning.ts';
import { RunError } from '../run-error.ts';
import { rows as rowsOf, type Tensor, tensor } from '../tensor.ts';
import type { DenoiseRequest, RowInputs, UnetNeeds } from './denoise-request.ts';
import type { BiasFeatures } from './features.ts';
import type { Kept, KeptFeatures } from './kept.ts';
import { predictInWindows } from './windows.ts';

/** What a call leaves, besides its predictions. */
interface Watched {
    /** Whether cross-attention is read too, in a second pass over each window. */
    readonly attend: boolean;
    /** What whole steps keep for cached ones. */
    readonly kept: KeptFeatures;
}

/** The model's prediction `[rows, 4, h, w]` for every row of the pass, the guided ones first; and its attention. */
export async function predict(
    request: DenoiseRequest,
    latents: Float32Array,
    moment: Moment,
    call: number,
    { attend, kept }: Watched,
): Promise<Pick<UnetOutputs, 'prediction' | 'attention'>> {
    const { sink } = request;
    const { deepCache, textCache } = request.layout.plan;
    const pass = await passOf(request, latents, moment, call);
    const isCached = isCachedStep(deepCache, moment);
    const keeps = stepsServed(deepCache, moment).length > 0;
    const isTextKept = isTextCached(textCache, moment);
    const keepsText = textStepsServed(request.layout.plan, moment).length > 0;
    const { branch } = request.layout;
    let attention: readonly AttentionMap[] = [];
    const prediction = await predictInWindows(pass.sample, request.windows, async (sample, window) => {
        if (window) await yieldToEventLoop(request.signal);
        const given = isCached
            ? pass.resumed(sample, kept.recall(pass.rows, window))
            : await pass.whole(sample, window);
        const use = isCached ? 'resume' : keeps ? 'keep' : undefined;
        // All steps before the window run one graph: another one for the last of them would be made ready for a single call.
        const handsOut = !isCached && isTextCachedLater(textCache, moment);
        const text = isTextKept ? 'given' : handsOut ? 'handed-out' : undefined;
        const needs = {
            ...given.needs,
            ...(branch && use ? { deep: { branch, use } as const } : {}),
            ...(text ? ({ text } as const) : {}),
        };
        const feeds = isTextKept ? { ...given.feeds, text: kept.recallText(pass.rows, window) } : given.feeds;
        const output = await (await request.unets.guided(needs)).run(feeds);
        if (attend)
            attention = (await (await request.unets.guided({ ...given.needs, attention: true })).run(given.feeds))
                .attention;
        if (output.deep) {
            const { control } = given.feeds;
            kept.keep({ rows: pass.rows, deep: output.deep, ...(control ? { control } : {}) }, window);
        }
        if (output.text && keepsText) kept.keepText(pass.rows, output.text, window);
        const place = window ? `.window-${window.top}-${window.left}` : '';
        for (const [point, feature] of output.features) sink?.add(`features.${point}.${call}${place}`, feature);
        return output.prediction;
    });
    if (call === request.samplers[0]!.startCall) sink?.add('embeddings', pass.context);
    sink?.add(`predictions.${call}`, prediction);
    return { prediction, attention };
}

/** The cross-attention of a state, read by the whole U-Net in a pass that nothing else comes of. */
export async function attentionOf(
    request: DenoiseRequest,
    latents: Float32Array,
    moment: Moment,
    call: number,
): Promise<readonly AttentionMap[]> {
    const pass = await passOf(request, latents, moment, call);
    let attention: readonly AttentionMap[] = [];
    await predictInWindows(pass.sample, request.windows, async (sample, window) => {
        const { needs, feeds } = await pass.whole(sample, window);
        const output = await (await request.unets.guided({ ...needs, attention: true })).run(feeds);
        attention = output.attention;
        return output.prediction;
    });
    return attention;
}

/** The rows of a call and what the U-Net is given of them, window by window. */
interface Pass {
    readonly rows: readonly Row[];
    readonly sample: Tensor;
    readonly context: Tensor;
    whole(sample: Tensor, window: LatentTile | undefined): Promise<PassInputs>;
    /** With what was kept for these rows, ControlNets among it: they do not run. */
    resumed(sample: Tensor, kept: Omit<Kept, 'rows'>): PassInputs;
}

interface PassInputs {
    readonly needs: UnetNeeds;
    readonly feeds: UnetInputs;
}

async function passOf(request: DenoiseRequest, latents: Float32Array, moment: Moment, call: number): Promise<Pass> {
    const { layout } = request;
    const scheduler = request.samplers[0]!;
    const timestep = scheduler.timesteps[call]!;
    const { rows, taps, mixing } = await mixingOf(request, moment, call);
    const inputs = rowInputs(request, rows, scheduler.scaleModelInput(latents, call), moment, call);
    const given = (sample: Tensor, more: Pick<UnetInputs, 'control' | 'deep'>): PassInputs => ({
        needs: {
            taps,
            remembered: mixing.remembered !== undefined,
            control: more.control !== undefined,
            attention: false,
        },
        feeds: { ...inputs, sample, timestep, ...mixing, ...more },
    });
    return {
        rows,
        sample: inputs.sample,
        context: inputs.context,
        async whole(sample, window) {
            const control = await request.control?.({
                ...guidedOnly({ ...inputs, sample }, layout),
                timestep,
                moment,
                guided: layout.guided,
                rows: rows.length,
                ...(window ? { window } : {}),
            });
            return given(sample, control ? { control } : {});
        },
        resumed: given,
    };
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
    // Where nothing acts, bias rows are those that later cached steps need the features of.
    if (!mix) return { rows: [...guided, ...bias], taps: [], mixing: {} };
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

/** Lets messages in between two blocking model calls, and stops where the user asked for it. */
export async function yieldToEventLoop(signal: AbortSignal | undefined): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new RunError('run/cancelled', 'Stopped.');
}
