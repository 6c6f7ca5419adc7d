/** Learns changes of the U-Net: low-rank paths, or its weights themselves. */
import type { LearnTarget } from '../../plan/learn.ts';
import type { Graph } from '../graph/graph.ts';
import { openNoise } from '../noise/open.ts';
import { lossWeights } from '../samplers/schedules/loss-weights.ts';
import { stackRows, type Tensor, tensor } from '../tensor.ts';
import { bytesOf } from '../weights/parts.ts';
import { readTensor } from '../weights/read-tensor.ts';
import type { Values } from './adamw.ts';
import { LearnError } from './learn-error.ts';
import { encodeCaptions, type Learner, type LearnerInput, type LearntTensors } from './learner.ts';
import { LESSON_PORTS, unetLessonGraph } from './lesson-graphs.ts';
import { lessonSession } from './lesson-session.ts';
import { addLowRankPaths, type LowRankPath } from './low-rank-paths.ts';
import { policyOf } from './policy.ts';
import { exposeWeights, type TrainableWeight } from './trainable-weights.ts';
import { layerFilter } from './trained-layers.ts';

export type UnetTarget = Extract<LearnTarget, { readonly kind: 'lora' | 'weights' }>;

export function unetLearner(input: LearnerInput, target: UnetTarget): Learner {
    const { plan, model, shape, share, captions, threads } = input;
    const { unet } = model.checkpoint;
    const changes = target.kind === 'lora' ? lowRankChanges(input, target) : weightChanges(input, target);
    const graph = unetLessonGraph(unet, { ...shape, memory: policyOf(plan.memory), prepare: changes.prepare });
    const session = lessonSession(graph, {
        bytes: bytesOf(unet.weights),
        ...(threads === undefined ? {} : { threads }),
    });
    const start = changes.start();
    if (start.size === 0) {
        const message =
            'No layer is learnt: the blocks that are named have no layers of that kind. Name others, or write `all`.';
        throw new LearnError('learn/layers', message);
    }
    const weightAt = lossWeights(model.checkpoint);
    let texts: Promise<ReadonlyMap<string, Tensor>> | undefined;
    return {
        start,
        graph,
        async step({ captions: drawn, times, sample, target: wanted, waves }, values) {
            // Some rows have no caption.
            texts ??= encodeCaptions(model, [...captions, '']);
            const states = await texts;
            const context = stackRows(drawn.map((caption) => states.get(caption)!));
            const weighted = share.data.map((value, row) => value * weightAt(times[row]!));
            const feeds = {
                sample,
                waves,
                context,
                target: wanted,
                share: tensor(weighted, share.dims),
                ...Object.fromEntries(values),
            };
            const found = await session.run(feeds);
            const gradients = new Map([...values.keys()].map((name) => [name, found[LESSON_PORTS.gradient(name)]!]));
            return { losses: found[LESSON_PORTS.losses]!, gradients };
        },
        file: changes.file,
        release: () => session.release(),
    };
}

/** How a graph is changed so that something of it can be learnt. */
interface Changes {
    prepare(graph: Graph): Readonly<Record<string, readonly number[]>>;
    /** After `prepare`. */
    start(): Values;
    file(values: Values): LearntTensors;
}

/** kohya's notation, which most tools read: `lora_unet_PATH.lora_down.weight`, `.lora_up.weight`, `.alpha`. */
function lowRankChanges({ plan, model }: LearnerInput, target: UnetTarget & { kind: 'lora' }): Changes {
    const { rank, alpha } = target;
    const chosen = layerFilter(target, model.checkpoint.unet.config);
    // Other tools know no LoRA of the first convolution.
    const fits = (module: string) => module !== 'conv_in' && chosen(module);
    let paths: readonly LowRankPath[] = [];
    return {
        prepare(graph) {
            paths = addLowRankPaths(graph, { rank, alpha, fits });
            return Object.fromEntries(
                paths.flatMap(({ down, up, downDims, upDims }) => [[down, downDims] as const, [up, upDims] as const]),
            );
        },
        start() {
            // The change begins as none: down is random with the deviation of PyTorch's layers and kohya's scripts,
            // 1 / √(3 x inputs), up is zero.
            const noise = openNoise('torch-cpu', plan.seed);
            return new Map(
                paths.flatMap(({ down, up, downDims, upDims }) => [
                    [
                        down,
                        tensor(
                            noise
                                .normal(product(downDims))
                                .map((value) => value / Math.sqrt(3 * product(downDims.slice(1)))),
                            downDims,
                        ),
                    ] as const,
                    [up, tensor(new Float32Array(product(upDims)), upDims)] as const,
                ]),
            );
        },
        file(values) {
            const tensors = new Map<string, Tensor>();
            for (const { module, down, up } of paths) {
                const name = kohyaName(module);
                tensors.set(`${name}.lora_down.weight`, values.get(down)!);
                tensors.set(`${name}.lora_up.weight`, values.get(up)!);
                tensors.set(`${name}.alpha`, tensor(Float32Array.of(alpha), []));
            }
            const metadata = {
                ss_network_module: 'networks.lora',
                ss_network_dim: String(rank),
                ss_network_alpha: String(alpha),
            };
            return { tensors, metadata };
        },
    };
}

/** Differences to the model in LyCORIS' notation, which ComfyUI and A1111 read: `lora_unet_PATH.diff`, `.diff_b`. */
function weightChanges({ model }: LearnerInput, target: UnetTarget & { kind: 'weights' }): Changes {
    let weights: readonly TrainableWeight[] = [];
    const original = ({ location, dims }: TrainableWeight) => tensor(readTensor(location).data, dims);
    return {
        prepare(graph) {
            weights = exposeWeights(graph, layerFilter(target, model.checkpoint.unet.config));
            return Object.fromEntries(weights.map(({ input, dims }) => [input, dims]));
        },
        start: () => new Map(weights.map((weight) => [weight.input, original(weight)])),
        file(values) {
            const tensors = new Map<string, Tensor>();
            for (const weight of weights) {
                const before = original(weight).data;
                const difference = values.get(weight.input)!.data.map((value, at) => value - before[at]!);
                const end = weight.part === 'weight' ? 'diff' : 'diff_b';
                tensors.set(`${kohyaName(weight.module)}.${end}`, tensor(difference, weight.dims));
            }
            return { tensors, metadata: { ss_network_module: 'lycoris.kohya', ss_network_args: '{"algo": "full"}' } };
        },
    };
}

const kohyaName = (module: string) => `lora_unet_${module.replaceAll('.', '_')}`;

const product = (dims: readonly number[]) => dims.reduce((size, side) => size * side, 1);
