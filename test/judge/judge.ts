/** Asks the judge what a picture shows; see README.md beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Rgb } from '../../src/runtime/pictures/picture.ts';
import { toUnit } from '../../src/runtime/pictures/pixels.ts';

export type Head = 'subject' | 'colour' | 'scene' | 'medium';

export interface Judge {
    /** The probability that a head gives to a label, for one 128x128 picture. */
    probability(picture: Rgb, head: Head, label: string): Promise<number>;
    /** The label that a head finds most likely. */
    verdict(picture: Rgb, head: Head): Promise<string>;
    /** What a picture shows: one of the world's subjects, or a robot, by the discriminant of `training/robots.py`. */
    subject(picture: Rgb): Promise<string>;
}

interface Discriminant {
    readonly labels: readonly string[];
    /** A row of weights a label, a column a subject's logit. */
    readonly weights: readonly (readonly number[])[];
    readonly biases: readonly number[];
}

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'));

export async function openJudge(): Promise<Judge> {
    const session = await InferenceSession.create(join(import.meta.dirname, 'judge.onnx'));
    const labels: Record<Head, string[]> = read('labels.json');
    const robots: Discriminant = read('robots.json');
    async function logitsOf(picture: Rgb, head: Head) {
        const { data, dims } = toUnit(picture);
        const outputs = await session.run({ pictures: new Tensor('float32', data, dims as number[]) });
        return outputs[head]!.data as Float32Array;
    }
    return {
        async probability(picture, head, label) {
            const logits = await logitsOf(picture, head);
            const most = Math.max(...logits);
            const weights = Array.from(logits, (logit) => Math.exp(logit - most));
            const at = labels[head].indexOf(label);
            if (at < 0) throw new RangeError(`The judge knows no ${head} "${label}".`);
            return weights[at]! / weights.reduce((sum, weight) => sum + weight, 0);
        },
        async verdict(picture, head) {
            const logits = await logitsOf(picture, head);
            return labels[head][logits.indexOf(Math.max(...logits))]!;
        },
        async subject(picture) {
            const logits = await logitsOf(picture, 'subject');
            const scores = robots.weights.map((row, label) =>
                row.reduce((sum, weight, i) => sum + weight * logits[i]!, robots.biases[label]!),
            );
            return robots.labels[scores.indexOf(Math.max(...scores))]!;
        },
    };
}
