/** U-Net: the prediction, every block and the timestep's embedding, for every form of each model. */

import type { EditPoint } from '../../../src/plan/sites.ts';
import { SD } from '../../../src/plan/topology.ts';
import { createSession } from '../../../src/runtime/engine/session.ts';
import { TAP_PORTS } from '../../../src/runtime/graph/taps.ts';
import { sinusoidalTimeEmbedding } from '../../../src/runtime/graph/time-embedding.ts';
import { UNET_PORTS, unetGraph } from '../../../src/runtime/graph/unet.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { type GoldenTensor, type ParityGroup, worstError } from '../golden.ts';
import { judge, openedModels } from './models.ts';

export const run: ParityGroup = async function* (root, golden) {
    const models = openedModels(root);
    const input = ({ data, dims }: GoldenTensor) => tensor(Float32Array.from(data), dims);
    for (const { id, inputs, outputs, atol } of golden.cases) {
        const times: number[] = [inputs.timestep].flat();
        const sample = input(golden.tensor(inputs.sample));
        const context = input(golden.tensor(inputs.context));
        for (const { form, model } of await models.forms(inputs.model)) {
            const points = SD.points.filter((point: EditPoint) => point in outputs);
            const errors: Record<string, number> = {};
            const compare = (name: string, ours: Float32Array) => {
                errors[name] = worstError(ours, golden.tensor(outputs[name]).data);
            };
            const unet = await model.unet({});
            compare('eps', (await unet.run({ sample, timestep: times, context })).prediction.data);
            if (points.length > 0) {
                const graph = unetGraph(
                    model.checkpoint.unet,
                    { linear: 'fused-matmul', attention: 'fused' },
                    { features: points, timeEmbedding: true },
                );
                const session = await createSession(graph, {
                    backend: 'cpu',
                    threads: 1,
                    optimisation: 'extended',
                    prepack: false,
                });
                const waves = sinusoidalTimeEmbedding(times, model.checkpoint.unet.config);
                const ours = await session.run({ sample, waves, context });
                for (const point of points) compare(point, ours[TAP_PORTS.feature(point)]!.data);
                // The reference repeats the embedding for every row; ours is shared.
                const embedding = ours[UNET_PORTS.embedding]!.data;
                errors.emb = worstError(embedding, golden.tensor(outputs.emb).data.subarray(0, embedding.length));
                await session.release();
            }
            yield judge(`${id} (${form})`, errors, atol);
        }
    }
    await models.close();
};
