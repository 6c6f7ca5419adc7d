/** Attribution: where in a network's features the difference of two texts acts on the prediction, by gradients. */
import type { EditPoint } from '../../plan/sites.ts';
import { createSession, type Session } from '../engine/session.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import { ATTRIBUTION_PORTS, type AttributionShape, attributionGraph } from '../graph/attribution.ts';
import { TAP_PORTS } from '../graph/taps.ts';
import { sinusoidalTimeEmbedding } from '../graph/time-embedding.ts';
import type { Tensor } from '../tensor.ts';

export interface AttributionInputs {
    /** `[1, 4, h, w]`, as the U-Net sees it. */
    readonly sample: Tensor;
    readonly timestep: number;
    /** Text embeddings `[1, S, D]`, and those of the text that it is compared with. */
    readonly context: Tensor;
    readonly without: Tensor;
}

export interface Attribution {
    /** Mean squared difference of the two predictions. */
    readonly difference: number;
    readonly points: ReadonlyMap<EditPoint, PointAttribution>;
}

export interface PointAttribution {
    /** By pixel of the features, row by row: how much of the difference is carried there. */
    readonly heat: Float32Array;
    readonly height: number;
    readonly width: number;
    /** The features with either text, `[1, c, height, width]`. */
    readonly features: readonly [Tensor, Tensor];
}

export interface Attributor {
    /**
     * With D the difference of the predictions and h, h₀ the features: Σ over channels of ∂D/∂h · (h − h₀), the
     * first-order estimate of how much D falls where a pixel's features are replaced by those of the other text
     * (attribution patching, https://arxiv.org/abs/2310.10348).
     */
    attribute(inputs: AttributionInputs): Promise<Attribution>;
    release(): Promise<void>;
}

/** An attributor for pictures and texts of one shape. Runs on the CPU: its operators have rules for gradients. */
export function openAttributor(
    model: StableDiffusion,
    points: readonly EditPoint[],
    shape: AttributionShape,
): Attributor {
    const { unet } = model.checkpoint;
    let session: Promise<Session> | undefined;
    return {
        async attribute({ sample, timestep, context, without }) {
            session ??= createSession(
                attributionGraph(unet, { linear: 'fused-matmul', attention: 'fused' }, points, shape),
                { backend: 'cpu', threads: model.device.threads, optimisation: 'extended', prepack: true },
            );
            const { run } = await session;
            const feeds = { sample, waves: sinusoidalTimeEmbedding([timestep], unet.config) };
            const none = { data: new Float32Array(sample.data.length), dims: sample.dims };
            // The first pass is for its prediction and features alone.
            const before = await run({ ...feeds, context: without, [ATTRIBUTION_PORTS.other]: none });
            const found = await run({ ...feeds, context, [ATTRIBUTION_PORTS.other]: before.prediction! });
            return {
                difference: found[ATTRIBUTION_PORTS.difference]!.data[0]!,
                points: new Map(points.map((point) => [point, heatAt(point, found, before)])),
            };
        },
        async release() {
            const open = session;
            session = undefined;
            await (await open)?.release();
        },
    };
}

type Outputs = Readonly<Record<string, Tensor>>;

function heatAt(point: EditPoint, found: Outputs, before: Outputs): PointAttribution {
    const name = TAP_PORTS.feature(point);
    const features = [found[name]!, before[name]!] as const;
    const gradient = found[ATTRIBUTION_PORTS.gradient(point)]!;
    const [, channels = 0, height = 0, width = 0] = gradient.dims;
    const heat = new Float32Array(height * width);
    for (let at = 0; at < channels * heat.length; at++) {
        heat[at % heat.length]! += gradient.data[at]! * (features[0].data[at]! - features[1].data[at]!);
    }
    return { heat, height, width, features };
}
