/** Learns a ControlNet: a copy of the U-Net's first half that reads a hint picture; the U-Net stays as it is. */

import { stackRows, type Tensor, tensor } from '../../tensor.ts';
import { CONTROLNET_CONFIG } from '../../weights/controlnet.ts';
import { bytesOf } from '../../weights/parts.ts';
import { encodeCaptions, type Learner, type LearnerInput } from '../learner.ts';
import { LESSON_PORTS, unetLessonGraph } from '../lesson-graphs.ts';
import { lessonSession } from '../lesson-session.ts';
import { policyOf } from '../policy.ts';
import { exposeWeights, type TrainableWeight } from '../trainable-weights.ts';
import { CONTROLLED_PORTS, isControlModule, ownName } from './controlled-unet.ts';
import { controlNetJson, firstValues, newControlNet } from './first-weights.ts';

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
    const residuals = control.config.widths.length * (control.config.layersPerBlock + 1) + 1;
    const scales = tensor(new Float32Array(residuals).fill(1), [residuals]);
    let texts: Promise<ReadonlyMap<string, Tensor>> | undefined;
    return {
        start,
        graph,
        async step({ captions: drawn, sample, target, waves, hints }, values) {
            // Some rows have no caption.
            texts ??= encodeCaptions(model, [...captions, '']);
            const states = await texts;
            const context = stackRows(drawn.map((caption) => states.get(caption)!));
            const found = await session.run({
                sample,
                waves,
                context,
                target,
                share,
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
