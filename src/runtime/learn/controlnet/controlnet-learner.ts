/** Learns a ControlNet: a copy of the U-Net's first half that reads a hint picture; the U-Net stays as it is. */

import { layoutWeights } from '../../samplers/schedules/loss-weights.ts';
import { stackRows, type Tensor, tensor } from '../../tensor.ts';
import { CONTROLNET_CONFIG } from '../../weights/controlnet.ts';
import { bytesOf } from '../../weights/parts.ts';
import { encodeCaptions, type Learner, type LearnerInput } from '../learner.ts';
import { LESSON_PORTS, unetLessonGraph } from '../lesson-graphs.ts';
import { lessonSession } from '../lesson-session.ts';
import { policyOf } from '../policy.ts';
import { exposeWeights, type TrainableWeight } from '../trainable-weights.ts';
import { CONTROLLED_PORTS, isControlModule, ownName } from './controlled-unet.ts';
import { controlNetJson, firstValues, isNew, newControlNet } from './first-weights.ts';

/** The rate of layers that begin as the U-Net's, as a share of that of new ones, which have everything to learn. */
const RATE_OF_COPY = 0.4;

export function controlNetLearner({ plan, model, shape, share, captions, threads }: LearnerInput): Learner {
    const { unet } = model.checkpoint;
    const control = newControlNet(unet);
    let weights: readonly TrainableWeight[] = [];
    const graph = unetLessonGraph(unet, {
        ...shape,
        memory: policyOf(plan.memory),
        control: { part: control, pixelsPerLatent: model.checkpoint.pixelsPerLatent },
        prepare(whole) {
            weights = exposeWeights(whole, isControlModule);
            return Object.fromEntries(weights.map(({ input, dims }) => [input, dims]));
        },
    });
    const session = lessonSession(graph, {
        bytes: bytesOf(unet.weights),
        ...(threads === undefined ? {} : { threads }),
    });
    const nameOf = ({ module, part }: TrainableWeight) => ownName(`${module}.${part}`);
    const start = new Map(
        weights.map((weight) => [weight.input, firstValues(nameOf(weight), weight.location, weight.dims, plan.seed)]),
    );
    const copied = new Set(weights.filter((weight) => !isNew(nameOf(weight))).map(({ input }) => input));
    const weightAt = layoutWeights(model.checkpoint);
    const residuals = control.config.widths.length * (control.config.layersPerBlock + 1) + 1;
    const scales = tensor(new Float32Array(residuals).fill(1), [residuals]);
    let texts: Promise<ReadonlyMap<string, Tensor>> | undefined;
    return {
        start,
        graph,
        rateOf: (name) => (copied.has(name) ? RATE_OF_COPY : 1),
        async step({ captions: drawn, times, sample, target, waves, hints }, values) {
            // Some rows have no caption.
            texts ??= encodeCaptions(model, [...captions, '']);
            const states = await texts;
            const context = stackRows(drawn.map((caption) => states.get(caption)!));
            const weighted = share.data.map((value, row) => value * weightAt(times[row]!));
            const found = await session.run({
                sample,
                waves,
                context,
                target,
                share: tensor(weighted, share.dims),
                [CONTROLLED_PORTS.hint]: hints!,
                [CONTROLLED_PORTS.scales]: scales,
                ...Object.fromEntries(values),
            });
            const gradients = new Map([...values.keys()].map((name) => [name, found[LESSON_PORTS.gradient(name)]!]));
            return { losses: found[LESSON_PORTS.losses]!, gradients };
        },
        file(values) {
            const tensors = new Map(
                weights.map((weight) => [
                    nameOf(weight),
                    tensor(values.get(weight.input)!.data, weight.location.shape),
                ]),
            );
            return { tensors, metadata: { [CONTROLNET_CONFIG]: JSON.stringify(controlNetJson(control.config)) } };
        },
        release: () => session.release(),
    };
}
