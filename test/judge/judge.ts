/** Asks the judge what a picture shows; see README.md beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Rgb } from '../../src/runtime/events.ts';
import { toUnit } from '../../src/runtime/pictures/pixels.ts';

export type Head = 'subject' | 'colour' | 'scene' | 'medium';

export interface Judge {
    /** The probability that a head gives to a label, for one 128x128 picture. */
    probability(picture: Rgb, head: Head, label: string): Promise<number>;
}

export async function openJudge(): Promise<Judge> {
    const session = await InferenceSession.create(join(import.meta.dirname, 'judge.onnx'));
    const labels = JSON.parse(readFileSync(join(import.meta.dirname, 'labels.json'), 'utf8')) as Record<Head, string[]>;
    return {
        async probability(picture, head, label) {
            const { data, dims } = toUnit(picture);
            const outputs = await session.run({ pictures: new Tensor('float32', data, dims as number[]) });
            const logits = outputs[head]!.data as Float32Array;
            const most = Math.max(...logits);
            const weights = Array.from(logits, (logit) => Math.exp(logit - most));
            const at = labels[head].indexOf(label);
            if (at < 0) throw new RangeError(`The judge knows no ${head} "${label}".`);
            return weights[at]! / weights.reduce((sum, weight) => sum + weight, 0);
        },
    };
}
