/** A U-Net that also returns how far its prediction is from another one, and the gradients of that at some features. */
import type { EditPoint } from '../../plan/sites.ts';
import type { UnetConfig } from '../weights/config.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import type { OperatorForms } from './forms/operator-forms.ts';
import { addGradient } from './gradient/gradient.ts';
import type { Graph } from './graph.ts';
import { TAP_PORTS } from './taps.ts';
import { UNET_PORTS, unetGraph } from './unet.ts';

export const ATTRIBUTION_PORTS = {
    /** The other prediction, `[1, 4, h, w]`. */
    other: 'other',
    /** Mean squared difference of the two predictions, `[1]`. */
    difference: 'difference',
    /** Its gradient with respect to the features at a point, `[1, c, h', w']`. */
    gradient: (point: EditPoint) => `gradient:${point}`,
} as const;

export interface AttributionShape {
    /** Sides of the latents. */
    readonly height: number;
    readonly width: number;
    /** Length of the text. */
    readonly tokens: number;
}

/** One row of fixed sides. Further outputs: `prediction`, and the features at the points. */
export function attributionGraph(
    part: ConfiguredPart<UnetConfig>,
    forms: OperatorForms,
    points: readonly EditPoint[],
    { height, width, tokens }: AttributionShape,
): Graph {
    const { config } = part;
    const graph = unetGraph(part, forms, { features: points });
    // A feature's output is a copy; what the network reads is its source.
    const sources = new Map(
        graph.nodes.flatMap(({ outputs, inputs }) =>
            points.filter((point) => outputs[0] === TAP_PORTS.feature(point)).map((point) => [inputs[0]!, point]),
        ),
    );
    const side = [1, config.outChannels, height, width];
    const offset = graph.op('Sub', [UNET_PORTS.prediction, graph.input(ATTRIBUTION_PORTS.other, side)]);
    const square = graph.op('Mul', [offset, offset]);
    const difference = graph.op('ReduceMean', [square, graph.ints([1, 2, 3])], { keepdims: 0 });
    const inputs = {
        [UNET_PORTS.sample]: [1, config.inChannels, height, width],
        [UNET_PORTS.waves]: [1, config.widths[0]!],
        [UNET_PORTS.context]: [1, tokens, config.contextWidth],
        [ATTRIBUTION_PORTS.other]: side,
    };
    const seeds = new Map([[difference, graph.floats('one', [1], [1])]]);
    const gradients = addGradient(graph, { inputs, seeds, of: [...sources.keys()] });
    graph.output(ATTRIBUTION_PORTS.difference, difference);
    for (const [source, point] of sources) graph.output(ATTRIBUTION_PORTS.gradient(point), gradients.get(source)!);
    graph.prune();
    return graph;
}
