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

/** A linear discriminant of the subjects' logits, which distinguishes robots: `training/robots.py`. */
interface Discriminant {
    readonly labels: readonly string[];
    /** A row of weights per label, a column per logit. */
    readonly weights: readonly (readonly number[])[];
    readonly biases: readonly number[];
}

/** Side of the pictures that it reads. */
const SIDE = 128;

/** Opens the classifier that comes with sdspec, on the CPU. Pictures of other sizes are cropped and resized. */
export async function openJudge(folder = join(packageRoot(), 'models', 'sketch-judge')): Promise<Judge> {
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const session = await InferenceSession.create(join(folder, 'judge.onnx'));
    const labels: Record<Head, string[]> = read('labels.json');
    const robots: Discriminant = read('robots.json');
    async function logitsOf(picture: Rgb, head: Head): Promise<Float32Array> {
        const { data, dims } = toUnit(covering(picture, { width: SIDE, height: SIDE }));
        const outputs = await session.run({ pictures: new Tensor('float32', data, dims as number[]) });
        return outputs[head]!.data as Float32Array;
    }
    async function subjects(picture: Rgb): Promise<Readonly<Record<string, number>>> {
        const logits = await logitsOf(picture, 'subject');
        const scores = robots.weights.map((row, label) =>
            row.reduce((sum, weight, i) => sum + weight * logits[i]!, robots.biases[label]!),
        );
        // The scores of a discriminant are log posteriors, up to a constant.
        const shares = softmax(scores);
        return Object.fromEntries(robots.labels.map((label, k) => [label, shares[k]!]));
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
            const all = Object.entries(await subjects(picture));
            return all.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
        },
    };
}

function softmax(logits: readonly number[]): readonly number[] {
    const most = Math.max(...logits);
    const weights = logits.map((logit) => Math.exp(logit - most));
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
}
