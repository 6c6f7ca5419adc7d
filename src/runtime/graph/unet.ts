/** The U-Net of Stable Diffusion 1 and 2 as a graph; taps, features and residuals are compiled in where asked. */
import type { Block, EditPoint } from '../../plan/sites.ts';
import { topologyOf, type UnetConfig } from '../weights/config.ts';
import { ModelError } from '../weights/model-error.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import { resnet, type TextParts, timeEmbedding, transformer, upsample } from './blocks.ts';
import { type Conditions, downPath, middleBlock } from './down-path.ts';
import type { OperatorForms } from './forms/operator-forms.ts';
import { Graph, type Value } from './graph.ts';
import { type Feature, Layers } from './layers.ts';
import { TAP_PORTS, type Tap, tapper } from './taps.ts';

export interface UnetGraphOptions {
    readonly taps?: readonly Tap[];
    readonly features?: readonly EditPoint[];
    /** `features` stops the network at the last feature: no prediction, and no work beyond it. */
    readonly stopAt?: 'prediction' | 'features';
    readonly controlResiduals?: boolean;
    readonly attentionMaps?: boolean;
    /** Hands out as `deep` the feature that enters a block of the way up. */
    readonly keepAt?: Block;
    /** Begins at a block of the way up with the input `deep`; of the rest only what the blocks from there on read is built. */
    readonly resumeAt?: Block;
    /** Hands out what each cross-attention adds, or takes it as inputs and reads no text. */
    readonly text?: 'handed-out' | 'given';
    /** Hands out the timestep's embedding as `embedding`, for comparisons with the reference. */
    readonly timeEmbedding?: boolean;
}

/** Names of inputs and outputs; those of taps are in `taps.ts`. */
export const UNET_PORTS = {
    sample: 'sample',
    waves: 'waves',
    context: 'context',
    prediction: 'prediction',
    embedding: 'embedding',
    deep: 'deep',
    controlDown: (index: number) => `control.down.${index}`,
    controlMid: 'control.mid',
    attention: (layer: string) => `attention:${layer}`,
    text: (block: string) => `text:${block}`,
} as const;

/**
 * Inputs: `sample [R, C, h, w]`, `waves [1 or R, c]` (see `time-embedding.ts`), `context [R, S, D]`, and what the options ask for.
 * Outputs: `prediction [R, 4, h, w]`, features and attention maps. R, h, w and S are free at run time.
 */
export function unetGraph(
    part: ConfiguredPart<UnetConfig>,
    forms: OperatorForms,
    options: UnetGraphOptions = {},
): Graph {
    const { config } = part;
    const graph = new Graph(`unet${options.resumeAt ? ' branch' : ''}${forms.quantised ? ' int8' : ''}`);
    const layers = new Layers(graph, part.weights, forms);
    const norm = { groups: config.normGroups, epsilon: config.normEps };
    const { points } = topologyOf(config);
    const { taps = [], features = [], keepAt, resumeAt } = options;
    for (const point of [...taps.map((tap) => tap.point), ...features, keepAt, resumeAt]) {
        if (point && !points.includes(point)) {
            throw new ModelError(
                'model/unsupported',
                `This U-Net has no place "${point}"; its places are ${points.join(', ')}.`,
            );
        }
    }

    const sample = graph.input(UNET_PORTS.sample, ['R', config.inChannels, 'h', 'w']);
    const waves = graph.input(UNET_PORTS.waves, [{ name: 'T', oneOr: 'R' }, config.widths[0]!]);
    const context = layers.input(UNET_PORTS.context, ['R', 'S', config.contextWidth]);
    const edit = tapper(layers, taps);
    /** Reads a point's value where asked, then applies its taps. */
    const at = (point: EditPoint, x: Feature): Feature => {
        if (features.includes(point)) layers.output(TAP_PORTS.feature(point), x.value);
        return edit(point, x);
    };

    const embedding = timeEmbedding(layers, waves, config);
    if (options.timeEmbedding) graph.output(UNET_PORTS.embedding, embedding);
    const maps: [string, Value][] = [];
    const parts: [string, Value][] = [];
    const conditions: Conditions = {
        config,
        context,
        time: { value: layers.narrow(layers.silu(embedding)), width: 4 * config.widths[0]! },
        ...(options.attentionMaps && { onAttention: (layer: string, map: Value) => maps.push([layer, map]) }),
        ...(options.text && { text: textParts(layers, options.text, parts) }),
    };

    const number = (index: number) => String(index).padStart(2, '0');
    let block = 0;
    // The first and last convolution are in float32 whatever the others are: they cost next to nothing, and where a device adds up
    // in 16 bits most of the error of a prediction would be the last one's.
    const { full } = layers;
    const first = full.conv({ value: sample, channels: config.inChannels }, 'conv_in', config.widths[0]!);
    const start = { ...first, value: layers.narrow(first.value) };
    const down = downPath(layers, start, conditions, (x) => at(`IN${number(block++)}` as EditPoint, x));
    let h = middleBlock(layers, down.trunk, conditions);
    if (options.controlResiduals) h = { ...h, value: layers.add(h.value, residual(layers, UNET_PORTS.controlMid, h)) };
    h = at('M00', h);
    const skips = down.skips.map((skip, index) => {
        if (!options.controlResiduals) return at(`skip[${index}]`, skip);
        const added = layers.add(skip.value, residual(layers, UNET_PORTS.controlDown(index), skip));
        return at(`skip[${index}]`, { ...skip, value: added });
    });

    block = 0;
    const levels = config.widths.length;
    for (let step = 0; step < levels; step++) {
        const level = levels - 1 - step;
        for (let index = 0; index <= config.layersPerBlock; index++) {
            const name = `OUT${number(block)}` as Block;
            if (name === resumeAt) h = { ...h, value: deepInput(layers, h) };
            if (name === keepAt) layers.output(UNET_PORTS.deep, h.value);
            const skip = skips.pop()!;
            const joined = {
                value: graph.op('Concat', [h.value, skip.value], { axis: 1 }),
                channels: h.channels + skip.channels,
            };
            h = resnet(
                layers,
                joined,
                `up_blocks.${step}.resnets.${index}`,
                config.widths[level]!,
                norm,
                conditions.time,
            );
            if (config.upAttention[step])
                h = transformer(layers, h, `up_blocks.${step}.attentions.${index}`, { ...conditions, level });
            // The next skip gives the size: latent sides need not be multiples of 8.
            if (index === config.layersPerBlock && level > 0)
                h = upsample(layers, h, `up_blocks.${step}.upsamplers.0`, skips.at(-1)!);
            h = at(name, h);
            block++;
        }
    }
    if (options.stopAt === 'features') {
        graph.prune();
        return graph;
    }
    const last = { ...h, value: layers.widen(h.value) };
    const normal = full.groupNorm(last, 'conv_norm_out', config.normGroups, config.normEps);
    const out = full.conv({ ...normal, value: full.silu(normal.value) }, 'conv_out', config.outChannels);
    graph.output(UNET_PORTS.prediction, out.value);
    for (const [layer, map] of maps) graph.output(UNET_PORTS.attention(layer), map);
    for (const [block, part] of parts) layers.output(UNET_PORTS.text(block), part);
    if (resumeAt || options.text === 'given') graph.prune();
    return graph;
}

function textParts(layers: Layers, kind: NonNullable<UnetGraphOptions['text']>, parts: [string, Value][]): TextParts {
    if (kind === 'handed-out') return { kind, on: (block, part) => parts.push([block, part]) };
    return { kind, of: (block, width) => layers.input(UNET_PORTS.text(block), ['R', `pixels of ${block}`, width]) };
}

function deepInput(layers: Layers, like: Feature): Value {
    return layers.input(UNET_PORTS.deep, ['R', like.channels, 'h of deep', 'w of deep']);
}

function residual(layers: Layers, name: string, like: Feature): Value {
    return layers.input(name, [`rows of ${name}`, like.channels, `h of ${name}`, `w of ${name}`]);
}
