/** Text encoder: the last hidden state, clip skips and the hidden states, for every form of each model. */
import { createSession } from '../../../src/runtime/engine/session.ts';
import { clipGraph } from '../../../src/runtime/graph/clip.ts';
import { pooledPosition } from '../../../src/runtime/text/pooled.ts';
import { type ParityGroup, worstError } from '../golden.ts';
import { judge, openedModels } from './models.ts';

export const run: ParityGroup = async function* (root, golden) {
    const models = openedModels(root);
    for (const { id, inputs, outputs, atol } of golden.cases) {
        for (const { form, model } of await models.forms(inputs.model)) {
            const { textEncoder } = model.checkpoint;
            const names = Object.keys(outputs);
            const numbers = (prefix: string) =>
                names.filter((name) => name.startsWith(prefix)).map((name) => Number(name.slice(prefix.length)));
            const graph = clipGraph(
                textEncoder,
                { linear: 'fused-matmul', attention: 'fused' },
                { skips: [0, ...numbers('clip_skip_')], hidden: numbers('hidden_states.') },
            );
            const session = await createSession(graph, {
                backend: 'cpu',
                threads: 1,
                optimisation: 'all',
                prepack: true,
            });
            const ours = await session.run({ ids: { ints: inputs.ids, dims: [1, inputs.ids.length] } });
            await session.release();
            const last = (await model.encodeText([inputs.ids])).data;
            const width = textEncoder.config.width;
            const position = pooledPosition(inputs.ids, textEncoder.config);
            const value = (name: string) => {
                if (name === 'last_hidden_state') return last;
                if (name === 'pooler_output') return last.subarray(position * width, (position + 1) * width);
                return ours[name.replace('clip_skip_', 'skip.').replace('hidden_states.', 'hidden.')]!.data;
            };
            const errors = Object.fromEntries(
                names.map((name) => [name, worstError(value(name), golden.tensor(outputs[name]).data)]),
            );
            yield judge(`${id} (${form})`, errors, atol);
        }
    }
    await models.close();
};
