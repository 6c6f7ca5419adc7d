/** The classifier of the built-in world: what a picture shows. It knows nothing of the diffusion model. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { packageRoot } from '../package-root.ts';
import type { Rgb } from '../pictures/picture.ts';
import { covering, toUnit } from '../pictures/pixels.ts';

export type Head = 'subject' | 'colour' | 'scene' | 'medium';

export interface Judge {
    /** The probability that a head gives to a label. */
    probability(picture: Rgb, head: Head, label: string): Promise<number>;
    /** The label that a head finds most likely. */
    verdict(picture: Rgb, head: Head): Promise<string>;
    /** What a picture shows: one of the world's subjects, or a robot. */
    subject(picture: Rgb): Promise<string>;
    /** The probabilities of all subjects, robots among them; they sum to 1. */
    subjects(picture: Rgb): Promise<Readonly<Record<string, number>>>;
}

/** A linear probe of the features before the heads: a robot where it is above 0 (`training/robots.py`). */
interface RobotProbe {
    readonly weights: readonly number[];
    readonly bias: number;
}

/** Side of the pictures that it reads. */
const SIDE = 128;

/** What none of the classifier's own labels is. */
const ROBOT = 'robot';

/** Opens the classifier that comes with sdspec, on the CPU. Pictures of other sizes are cropped and resized. */
export async function openJudge(folder = join(packageRoot(), 'models', 'sketch-judge')): Promise<Judge> {
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const session = await InferenceSession.create(join(folder, 'judge.onnx'));
    const labels: Record<Head, string[]> = read('labels.json');
    const robots: RobotProbe = read('robots.json');
    async function run(picture: Rgb) {
        const { data, dims } = toUnit(covering(picture, { width: SIDE, height: SIDE }));
        const outputs = await session.run({ pictures: new Tensor('float32', data, dims as number[]) });
        return (name: Head | 'features') => outputs[name]!.data as Float32Array;
    }
    const logitsOf = async (picture: Rgb, head: Head) => (await run(picture))(head);
    /** The probability of a robot, and those of the other subjects for what is left. */
    async function subjects(picture: Rgb): Promise<Readonly<Record<string, number>>> {
        const of = await run(picture);
        const score = of('features').reduce((sum, value, at) => sum + value * robots.weights[at]!, robots.bias);
        const robot = 1 / (1 + Math.exp(-score));
        const shares = softmax([...of('subject')]);
        const others = labels.subject.map((label, k) => [label, (1 - robot) * shares[k]!] as const);
        return { ...Object.fromEntries(others), [ROBOT]: robot };
    }
    return {
        subjects,
        async probability(picture, head, label) {
            const at = labels[head].indexOf(label);
            if (at < 0) throw new RangeError(`The judge knows no ${head} "${label}".`);
            return softmax([...(await logitsOf(picture, head))])[at]!;
        },
        async verdict(picture, head) {
            const logits = await logitsOf(picture, head);
            return labels[head][logits.indexOf(Math.max(...logits))]!;
        },
        async subject(picture) {
            const { [ROBOT]: robot = 0, ...others } = await subjects(picture);
            if (robot > 0.5) return ROBOT;
            return Object.entries(others).reduce((best, one) => (one[1] > best[1] ? one : best))[0];
        },
    };
}

function softmax(logits: readonly number[]): readonly number[] {
    const most = Math.max(...logits);
    const weights = logits.map((logit) => Math.exp(logit - most));
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
}
