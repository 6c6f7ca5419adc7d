/** The graphs of learning: a U-Net with a loss, and the text encoder's backward pass, each with the gradients wanted. */

import { clipGraph } from '../graph/clip.ts';
import { controlNetGraph } from '../graph/controlnet.ts';
import type { OperatorForms } from '../graph/forms/operator-forms.ts';
import { addGradient } from '../graph/gradient/gradient.ts';
import type { MemoryPolicy } from '../graph/gradient/memory.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { UNET_PORTS, unetGraph } from '../graph/unet.ts';
import type { ControlNetConfig, TextConfig, UnetConfig } from '../weights/config.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import { CONTROLLED_PORTS, joinControlNet } from './controlnet/controlled-unet.ts';

/** The operators that have rules: the CPU's. */
export const FORMS: OperatorForms = { linear: 'fused-matmul', attention: 'fused' };

export const LESSON_PORTS = {
    /** What the U-Net is to predict: noise or velocity, `[R, 4, h, w]`. */
    target: 'target',
    /** The share of each row in the loss, `[R]`. */
    share: 'share',
    /** Mean squared error of each row, `[R]`, without shares. */
    losses: 'losses',
    gradient: (value: Value) => `d/${value}`,
} as const;

export interface LessonShape {
    readonly rows: number;
    /** Sides of the latents. */
    readonly height: number;
    readonly width: number;
    /** Length of the text's states. */
    readonly tokens: number;
}

export interface UnetLesson extends LessonShape {
    readonly memory: MemoryPolicy;
    /** Changes the graph before it is differentiated; returns shapes of inputs that it adds, whose gradients are wanted. */
    readonly prepare?: (graph: Graph) => Readonly<Record<Value, readonly number[]>>;
    /** A ControlNet that the U-Net listens to; its inputs are those of `CONTROLLED_PORTS`. */
    readonly control?: { readonly part: ConfiguredPart<ControlNetConfig>; readonly pixelsPerLatent: number };
    /** Further inputs of the U-Net whose gradients are wanted. */
    readonly of?: readonly Value[];
}

/**
 * The U-Net with the loss Σ over rows of share · mean (prediction − target)². Inputs: the U-Net's and those of
 * `LESSON_PORTS`. Outputs: `losses`, `prediction`, and `d/…` for every gradient.
 */
export function unetLessonGraph({ config, weights }: ConfiguredPart<UnetConfig>, lesson: UnetLesson): Graph {
    const { rows, height, width, tokens, memory, prepare, control, of = [] } = lesson;
    const graph = unetGraph({ config, weights }, FORMS, { controlResiduals: control !== undefined });
    if (control) joinControlNet(graph, controlNetGraph(control.part, FORMS));
    const learnt = prepare?.(graph) ?? {};
    const target = [rows, config.outChannels, height, width];
    const inputs = {
        [UNET_PORTS.sample]: [rows, config.inChannels, height, width],
        [UNET_PORTS.waves]: [rows, config.widths[0]!],
        [UNET_PORTS.context]: [rows, tokens, config.contextWidth],
        [LESSON_PORTS.target]: target,
        [LESSON_PORTS.share]: [rows],
        ...(control && hintShapes(control, lesson)),
        ...learnt,
    };
    const difference = graph.op('Sub', [UNET_PORTS.prediction, graph.input(LESSON_PORTS.target, target)]);
    const square = graph.op('Mul', [difference, difference]);
    const losses = graph.op('ReduceMean', [square, graph.ints([1, 2, 3])], { keepdims: 0 });
    graph.output(LESSON_PORTS.losses, losses);
    const seeds = new Map([[losses, graph.input(LESSON_PORTS.share, [rows])]]);
    const wanted = [...of, ...Object.keys(learnt)];
    for (const [value, flow] of addGradient(graph, { inputs, seeds, of: wanted, memory })) {
        graph.output(LESSON_PORTS.gradient(value), flow);
    }
    graph.prune();
    return graph;
}

function hintShapes(
    { part: { config }, pixelsPerLatent }: NonNullable<UnetLesson['control']>,
    { rows, height, width }: LessonShape,
): Readonly<Record<Value, readonly number[]>> {
    return {
        [CONTROLLED_PORTS.hint]: [rows, config.hintChannels, pixelsPerLatent * height, pixelsPerLatent * width],
        [CONTROLLED_PORTS.scales]: [config.widths.length * (config.layersPerBlock + 1) + 1],
    };
}

/** The text encoder's backward pass: `ids`, `learned` and `g`, the gradient of its states, give `d/learned`. */
export function textLessonGraph(part: ConfiguredPart<TextConfig>, rows: number, vectors: number): Graph {
    const { positions, width } = part.config;
    const graph = clipGraph(part, FORMS, { learned: true });
    const inputs = { ids: [rows, positions], learned: [vectors, width], g: [rows, positions, width] };
    const seeds = new Map([['skip.0', graph.input('g', inputs.g)]]);
    const gradient = addGradient(graph, { inputs, seeds, of: ['learned'] }).get('learned')!;
    graph.outputs.splice(0);
    graph.output(LESSON_PORTS.gradient('learned'), gradient);
    graph.prune();
    return graph;
}
