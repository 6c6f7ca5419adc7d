/** CLIP's text encoder as a graph: OpenAI's (SD1) and OpenCLIP's (SD2). */

import type { TextConfig } from '../weights/config.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import { attention } from './attention.ts';
import type { OperatorForms } from './forms/operator-forms.ts';
import { Graph, type Value } from './graph.ts';
import { Layers } from './layers.ts';

export interface ClipGraphOptions {
    /**
     * What to hand out, each as an output `skip.k`: the final layer norm of the hidden state k layers before the last.
     * 0 is the usual text embedding. Layers that no output needs are left out.
     */
    readonly skips?: readonly number[];
    /** Hidden states before the final norm, as outputs `hidden.k`: 0 is the sum of the embeddings. */
    readonly hidden?: readonly number[];
    /** Takes `learned [E, D]`: id `vocabSize + e` stands for its row e. */
    readonly learned?: boolean;
}

/** Input: `ids [N, 77]` (int64), and `learned` where asked. Outputs: `[N, 77, D]` each. */
export function clipGraph(
    part: ConfiguredPart<TextConfig>,
    forms: OperatorForms,
    options: ClipGraphOptions = {},
): Graph {
    const { config } = part;
    const { skips = [0], hidden = [] } = options;
    const graph = new Graph('text encoder');
    const layers = new Layers(graph, part.weights, forms);
    const ids = graph.input('ids', ['N', config.positions], 'int64');
    const positions = layers.weight('embeddings.position_embedding.weight', [config.positions, config.width]);
    let h = layers.add(tokenEmbedding(layers, ids, config, options), positions);

    const wanted = new Map<number, string[]>();
    const want = (layer: number, name: string) => wanted.set(layer, [...(wanted.get(layer) ?? []), name]);
    for (const skip of skips) want(config.layers - skip, `skip.${skip}`);
    for (const layer of hidden) want(layer, `hidden.${layer}`);
    const handOut = (layer: number) => {
        for (const name of wanted.get(layer) ?? []) {
            const normal = name.startsWith('skip')
                ? layers.layerNorm(h, 'final_layer_norm', config.width, config.normEps)
                : h;
            graph.output(name, normal);
        }
    };
    const mask = causalMask(graph, config.positions);
    handOut(0);
    for (let layer = 0; layer < Math.max(...wanted.keys()); layer++) {
        h = encoderLayer(layers, h, `encoder.layers.${layer}`, mask, config);
        handOut(layer + 1);
    }
    return graph;
}

function tokenEmbedding(layers: Layers, ids: Value, config: TextConfig, { learned }: ClipGraphOptions): Value {
    const { graph } = layers;
    const table = layers.weight('embeddings.token_embedding.weight', [config.vocabSize, config.width]);
    if (!learned) return graph.op('Gather', [table, ids], { axis: 0 });
    const vectors = graph.input('learned', ['E', config.width]);
    const size = graph.ints([config.vocabSize]);
    const own = graph.op('Gather', [table, graph.op('Min', [ids, graph.ints([config.vocabSize - 1])])], { axis: 0 });
    const index = graph.op('Max', [graph.op('Sub', [ids, size]), graph.ints([0])]);
    const extra = graph.op('Gather', [vectors, index], { axis: 0 });
    const isLearned = graph.op('Unsqueeze', [graph.op('GreaterOrEqual', [ids, size]), graph.ints([-1])]);
    return graph.op('Where', [isLearned, extra, own]);
}

/** Each token sees itself and those before it: `[1, 1, n, n]`, to be added to the scores. */
function causalMask(graph: Graph, positions: number): Value {
    const values = new Float32Array(positions * positions);
    for (let row = 0; row < positions; row++)
        values.fill(-3.4028234663852886e38, row * positions + row + 1, (row + 1) * positions);
    return graph.floats('causal mask', values, [1, 1, positions, positions]);
}

function encoderLayer(layers: Layers, x: Value, name: string, mask: Value, config: TextConfig): Value {
    const { width, heads, intermediateWidth, normEps } = config;
    return layers.graph.within(name, () => {
        const normal = layers.layerNorm(x, `${name}.layer_norm1`, width, normEps);
        const project = (kind: string) => layers.linear(normal, `${name}.self_attn.${kind}_proj`, width, width);
        const mixed = attention(layers, project('q'), project('k'), project('v'), { width, heads }, mask);
        const h = layers.add(layers.linear(mixed, `${name}.self_attn.out_proj`, width, width), x);
        const inner = layers.linear(
            layers.layerNorm(h, `${name}.layer_norm2`, width, normEps),
            `${name}.mlp.fc1`,
            width,
            intermediateWidth,
        );
        const active = config.activation === 'gelu' ? layers.gelu(inner) : layers.quickGelu(inner);
        return layers.add(layers.linear(active, `${name}.mlp.fc2`, intermediateWidth, width), h);
    });
}
