/** ControlNets: a copy of the U-Net's first half that reads a hint picture and gives residuals. */
import type { ControlNetConfig } from '../weights/config.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import { timeEmbedding } from './blocks.ts';
import { type Conditions, downPath, middleBlock } from './down-path.ts';
import type { OperatorForms } from './forms/operator-forms.ts';
import { Graph } from './graph.ts';
import { type Feature, Layers } from './layers.ts';

export const CONTROLNET_PORTS = {
    sample: 'sample',
    waves: 'waves',
    context: 'context',
    hint: 'hint',
    scales: 'scales',
    down: (index: number) => `down.${index}`,
    mid: 'mid',
} as const;

/**
 * Inputs as the U-Net's, `hint [R, 3, H, W]` with values in [0, 1] at eight times the latent's size, and `scales [13]`,
 * the factor of each residual. Outputs: `down.0`…`down.11` and `mid`.
 */
export function controlNetGraph(part: ConfiguredPart<ControlNetConfig>, forms: OperatorForms): Graph {
    const { config } = part;
    const graph = new Graph('controlnet');
    const layers = new Layers(graph, part.weights, forms);
    const sample = layers.input(CONTROLNET_PORTS.sample, ['R', config.inChannels, 'h', 'w']);
    const waves = graph.input(CONTROLNET_PORTS.waves, [{ name: 'T', oneOr: 'R' }, config.widths[0]!]);
    const context = layers.input(CONTROLNET_PORTS.context, ['R', 'S', config.contextWidth]);
    // Each width after the first halves the hint.
    const times = (name: string, of: string) => ({ name, times: 2 ** (config.hintWidths.length - 1), of });
    const hint = layers.input(CONTROLNET_PORTS.hint, [
        { name: 'rows of hint', oneOr: 'R' },
        config.hintChannels,
        times('H', 'h'),
        times('W', 'w'),
    ]);
    const count = config.widths.length * (config.layersPerBlock + 1) + 1;
    const scales = graph.input(CONTROLNET_PORTS.scales, [count]);

    const conditions: Conditions = {
        config,
        context,
        time: {
            value: layers.narrow(layers.silu(timeEmbedding(layers, waves, config))),
            width: 4 * config.widths[0]!,
        },
    };
    const start = layers.conv({ value: sample, channels: config.inChannels }, 'conv_in', config.widths[0]!);
    const hinted = hintEmbedding(layers, { value: hint, channels: config.hintChannels }, config);
    const { trunk, skips } = downPath(
        layers,
        { ...start, value: layers.add(start.value, hinted.value) },
        conditions,
        (x) => x,
    );
    const middle = middleBlock(layers, trunk, conditions);

    const give = (name: string, x: Feature, module: string, index: number) => {
        const value = layers.widen(layers.conv(x, module, x.channels, { kernel: 1 }).value);
        const pooled = config.globalPool ? graph.op('ReduceMean', [value, graph.ints([2, 3])], { keepdims: 1 }) : value;
        const scale = graph.op('Gather', [scales, graph.ints(index)], { axis: 0 });
        graph.output(name, graph.op('Mul', [pooled, scale]));
    };
    for (const [index, skip] of skips.entries())
        give(CONTROLNET_PORTS.down(index), skip, `controlnet_down_blocks.${index}`, index);
    give(CONTROLNET_PORTS.mid, middle, 'controlnet_mid_block', skips.length);
    return graph;
}

/** Convolutions with SiLU that bring the hint to the latent's size: pairs that keep the size, then halve it. */
function hintEmbedding(layers: Layers, hint: Feature, config: ControlNetConfig): Feature {
    const name = 'controlnet_cond_embedding';
    const silu = (x: Feature) => ({ ...x, value: layers.silu(x.value) });
    const widths = config.hintWidths;
    let h = silu(layers.conv(hint, `${name}.conv_in`, widths[0]!));
    for (let index = 0; index < widths.length - 1; index++) {
        h = silu(layers.conv(h, `${name}.blocks.${2 * index}`, widths[index]!));
        h = silu(layers.conv(h, `${name}.blocks.${2 * index + 1}`, widths[index + 1]!, { stride: 2 }));
    }
    return layers.conv(h, `${name}.conv_out`, config.widths[0]!);
}
