/** A ControlNet at work: a hint picture to residuals for the U-Net. */
import type { Precision } from '../../plan/plan.ts';
import { CONTROLNET_PORTS, controlNetGraph } from '../graph/controlnet.ts';
import { checkControlNetCoverage } from '../graph/coverage.ts';
import { sinusoidalTimeEmbedding } from '../graph/time-embedding.ts';
import { type Tensor, tensor } from '../tensor.ts';
import type { ControlNetConfig } from '../weights/config.ts';
import type { RawConfig } from '../weights/config-fields.ts';
import { readControlNet } from '../weights/controlnet.ts';
import type { ConfiguredPart, PartTensors } from '../weights/parts.ts';
import type { DeviceChoice } from './backend.ts';
import type { ChooseDevice, DeviceReport } from './devices.ts';
import { sessionPool } from './session-pool.ts';
import type { ControlResiduals } from './stable-diffusion.ts';

export interface ControlNet {
    readonly config: ControlNetConfig;
    readonly weights: PartTensors;
    readonly device: DeviceReport;
    run(inputs: ControlNetInputs): Promise<ControlResiduals>;
    close(): Promise<void>;
}

export interface ControlNetInputs {
    /** `[R, 4, h, w]`: the rows as the U-Net gets them (the latent channels only). */
    readonly sample: Tensor;
    readonly timestep: number | readonly number[];
    /** Text embeddings `[R, S, D]`. */
    readonly context: Tensor;
    /** `[1 or R, 3, 8h, 8w]` with values in [0, 1]. */
    readonly hint: Tensor;
    readonly scale: number;
    /** A factor for each residual, the finest skip first and the middle block last. Absent: 1. */
    readonly factors?: readonly number[];
    /** Guess mode: the residuals rise from a tenth to the full scale, from the finest skip to the middle block. */
    readonly guess?: boolean;
}

export interface OpenControlNetOptions {
    readonly device: DeviceChoice;
    readonly expectedCalls?: number;
    readonly threads?: number;
    /** As in the plan; its 8 bits are the U-Net's only. */
    readonly precision?: Precision;
    /** How the device is chosen: shared, so that it is tested once. */
    readonly choose?: ChooseDevice;
    /** Fields of its `config.json` that a single file does not have. */
    readonly overrides?: RawConfig;
    readonly notice?: (text: string) => void;
}

/** Opens a ControlNet: a diffusers folder or a single file. Throws `ModelError`. */
export async function openControlNet(path: string, options: OpenControlNetOptions): Promise<ControlNet> {
    const part = readControlNet(path, options.overrides);
    checkControlNetCoverage(part);
    const { weights } = part;
    const pool = await sessionPool({
        requested: options.device,
        ...(options.threads !== undefined && { threads: options.threads }),
        weights: { controlnet: weights },
        ...(options.choose && { choose: options.choose }),
        notice: options.notice ?? (() => {}),
    });
    const { expectedCalls = 1, precision } = options;
    const open = () =>
        pool.session('controlnet', 'whole', (forms) => controlNetGraph(part, forms), {
            expectedCalls,
            mayBeHalf: true,
            ...(precision && { precision: precision === 'int8' ? 'fp32' : precision }),
        });
    return {
        config: part.config,
        weights,
        get device() {
            return pool.report;
        },
        async run(inputs) {
            const outputs = await (await open()).run(feedsOf(part, inputs));
            const down: Tensor[] = [];
            for (;;) {
                const residual = outputs[CONTROLNET_PORTS.down(down.length)];
                if (!residual) return { down, mid: outputs[CONTROLNET_PORTS.mid]! };
                down.push(residual);
            }
        },
        close: () => pool.release('controlnet'),
    };
}

function feedsOf({ config }: ConfiguredPart<ControlNetConfig>, inputs: ControlNetInputs): Record<string, Tensor> {
    const { sample, context } = inputs;
    const times = typeof inputs.timestep === 'number' ? [inputs.timestep] : inputs.timestep;
    const count = config.widths.length * (config.layersPerBlock + 1) + 1;
    return {
        [CONTROLNET_PORTS.sample]: sample,
        [CONTROLNET_PORTS.waves]: sinusoidalTimeEmbedding(times, config),
        [CONTROLNET_PORTS.context]: context,
        [CONTROLNET_PORTS.hint]: config.hintOrder === 'bgr' ? reverseChannels(inputs.hint) : inputs.hint,
        [CONTROLNET_PORTS.scales]: tensor(residualScales(count, inputs), [count]),
    };
}

/** The same factor for all residuals, or in guess mode factors evenly spaced in their logarithm from 0.1 to 1. */
function residualScales(count: number, { scale, guess, factors }: ControlNetInputs): Float32Array {
    return Float32Array.from(
        { length: count },
        (_, index) => (guess ? 10 ** (index / (count - 1) - 1) : 1) * scale * (factors?.[index] ?? 1),
    );
}

function reverseChannels({ data, dims }: Tensor): Tensor {
    const [rowCount = 1, channels = 1] = dims;
    const plane = data.length / (rowCount * channels);
    const reversed = new Float32Array(data.length);
    for (let row = 0; row < rowCount; row++) {
        for (let channel = 0; channel < channels; channel++) {
            const from = (row * channels + channels - 1 - channel) * plane;
            reversed.set(data.subarray(from, from + plane), (row * channels + channel) * plane);
        }
    }
    return tensor(reversed, dims);
}
