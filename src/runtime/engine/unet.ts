/** The U-Net at work: rows in, predictions out. */

import { TAP_PORTS } from '../graph/taps.ts';
import { sinusoidalTimeEmbedding } from '../graph/time-embedding.ts';
import { UNET_PORTS, unetGraph } from '../graph/unet.ts';
import { type Tensor, tensor } from '../tensor.ts';
import type { UnetConfig } from '../weights/config.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import type { SessionPool } from './session-pool.ts';
import type { AttentionMap, TextTensors, Unet, UnetInputs, UnetOptions, UnetOutputs } from './stable-diffusion.ts';

/** A U-Net with what the options ask for; its session is made here, so that a failure comes before the loop. */
export async function openUnet(
    part: ConfiguredPart<UnetConfig>,
    pool: SessionPool,
    options: UnetOptions,
    expectedCalls: number,
): Promise<Unet> {
    const {
        taps = [],
        features = [],
        controlResiduals = false,
        attentionMaps = false,
        stopAt = 'prediction',
        keepAt,
        resumeAt,
        text,
        precision,
    } = options;
    const forms = taps.map(({ point, remembered = false, normalise = 'none' }) => [point, remembered, normalise]);
    const key = JSON.stringify([
        forms,
        features,
        controlResiduals,
        attentionMaps,
        stopAt,
        keepAt,
        resumeAt,
        text,
        precision,
    ]);
    // A part of its own: the branch is small, and need not make room for the whole network or the other way round.
    const name = resumeAt ? 'unet branch' : 'unet';
    const open = () =>
        pool.session(name, key, (forms) => unetGraph(part, forms, options), {
            expectedCalls,
            mayBeHalf: true,
            ...(precision && { precision }),
        });
    await open();
    return {
        options,
        async run(inputs) {
            // Asked for again: the session may have been released between two runs.
            const session = await open();
            const feeds = Object.entries(feedsOf(part.config, options, inputs)).filter(([name]) =>
                session.inputs.has(name),
            );
            return outputsOf(options, await session.run(Object.fromEntries(feeds)));
        },
    };
}

function feedsOf(config: UnetConfig, options: UnetOptions, inputs: UnetInputs): Record<string, Tensor> {
    const { sample, context } = inputs;
    const [rowCount = 0] = sample.dims;
    expectShape('sample', sample, [rowCount, config.inChannels, sample.dims[2] ?? 0, sample.dims[3] ?? 0]);
    expectShape('context', context, [rowCount, context.dims[1] ?? 0, config.contextWidth]);
    const times = typeof inputs.timestep === 'number' ? [inputs.timestep] : inputs.timestep;
    if (times.length !== 1 && times.length !== rowCount) {
        throw new RangeError(`${times.length} timesteps for ${rowCount} rows: one for all, or one for each.`);
    }
    const feeds: Record<string, Tensor> = {
        [UNET_PORTS.sample]: sample,
        [UNET_PORTS.waves]: sinusoidalTimeEmbedding(times, config),
        [UNET_PORTS.context]: context,
    };

    const { taps = [] } = options;
    if (taps.length > 0) {
        const columns = inputs.mix?.dims[2] ?? rowCount;
        const extra = columns - rowCount;
        feeds[TAP_PORTS.mix] = expectShape('mix', inputs.mix, [taps.length, rowCount, columns]);
        let next = 0;
        for (const [index, { point, remembered }] of taps.entries()) {
            if (!remembered) continue;
            const features = inputs.remembered?.[next++];
            if (features?.dims[0] !== extra) {
                throw new RangeError(
                    `The mixture at ${point} has ${extra} columns for remembered rows, but ${features?.dims[0] ?? 0} came.`,
                );
            }
            feeds[TAP_PORTS.remembered(index)] = features;
        }
    }
    if (options.controlResiduals) {
        if (!inputs.control) throw new RangeError('The U-Net was compiled for ControlNet residuals but got none.');
        for (const [index, residual] of inputs.control.down.entries()) feeds[UNET_PORTS.controlDown(index)] = residual;
        feeds[UNET_PORTS.controlMid] = inputs.control.mid;
    }
    if (options.resumeAt) {
        if (!inputs.deep) throw new RangeError('The U-Net was compiled to resume from a kept feature but got none.');
        feeds[UNET_PORTS.deep] = inputs.deep;
    }
    for (const [block, part] of inputs.text ?? []) feeds[UNET_PORTS.text(block)] = part;
    return feeds;
}

/** The prediction of a U-Net that stops at its features. */
const NOTHING: Tensor = tensor(new Float32Array(0), [0]);

function outputsOf(options: UnetOptions, outputs: Readonly<Record<string, Tensor>>): UnetOutputs {
    const maps = UNET_PORTS.attention('');
    const attention: AttentionMap[] = options.attentionMaps
        ? Object.entries(outputs)
              .filter(([name]) => name.startsWith(maps))
              .map(([name, probabilities]) => ({ layer: name.slice(maps.length), probabilities }))
        : [];
    return {
        prediction: outputs[UNET_PORTS.prediction] ?? NOTHING,
        features: new Map((options.features ?? []).map((point) => [point, outputs[TAP_PORTS.feature(point)]!])),
        ...(options.text === 'handed-out' && { text: textOf(outputs) }),
        ...(options.keepAt && { deep: outputs[UNET_PORTS.deep]! }),
        attention,
    };
}

function textOf(outputs: Readonly<Record<string, Tensor>>): TextTensors {
    const prefix = UNET_PORTS.text('');
    const parts = Object.entries(outputs).filter(([name]) => name.startsWith(prefix));
    return new Map(parts.map(([name, part]) => [name.slice(prefix.length), part]));
}

function expectShape(name: string, value: Tensor | undefined, dims: readonly number[]): Tensor {
    if (!value) throw new RangeError(`The U-Net needs ${name} of shape [${dims}].`);
    if (value.dims.join() === dims.join()) return value;
    throw new RangeError(`The U-Net's ${name} has shape [${value.dims}], not [${dims}].`);
}
