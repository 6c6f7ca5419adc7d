/** Traces show the way and never change where it leads. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PicturePlan, Trace } from '../../../src/plan/plan.ts';
import type { MadePicture } from '../../../src/runtime/events.ts';
import { generate } from '../../../src/runtime/generate.ts';
import { plain } from '../../../src/runtime/pictures/picture.ts';
import { caseInfusion, casePlan, nanoModel, siteWeights } from '../../parity/plans.ts';

const ROOT = join(import.meta.dirname, '../../goldens');
const SCHEDULER = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', steps_offset: 1 };
const FULL: Trace = { after: [0, 2, 5], completed: true, finish: 2, attention: ['castle', 'no such word'] };

async function make(more: Partial<PicturePlan>): Promise<MadePicture[]> {
    const options = {
        prompt: 'a castle on a mountain',
        width: 72,
        height: 64,
        steps: 5,
        guidance: 5,
        sampler: { name: 'euler-a', schedule: 'normal', eta: 0 },
    } as const;
    const infusions = [caseInfusion([0], siteWeights({ mid: 0.2 }), { latent: 'matched' })];
    const model = await nanoModel(ROOT, 'nano-sd15', SCHEDULER);
    const picture = async () => plain(64, 64, [200, 100, 50]);
    const made: MadePicture[] = [];
    const plan = casePlan(options, { seeds: [1, 2], infusions, ...more });
    for await (const one of generate(plan, { openModel: async () => model, picture, emit: () => {} })) made.push(one);
    return made;
}

test('a traced run ends bitwise where the plain one ends, though its sampler draws noise', async () => {
    const plainly = await make({});
    const traced = await make({ trace: FULL });
    expect(traced.map(({ latents }) => latents)).toEqual(plainly.map(({ latents }) => latents));
    expect(traced.map(({ pixelsSha256 }) => pixelsSha256)).toEqual(plainly.map(({ pixelsSha256 }) => pixelsSha256));
});

test('every picture of a batch has its own frames, with what the plan asks for', async () => {
    for (const { trace } of await make({ trace: FULL })) {
        expect(trace.map(({ after }) => after)).toEqual([0, 2, 5]);
        for (const frame of trace) {
            expect(frame.completed).toMatchObject({ width: 72, height: 64 });
            expect(Object.keys(frame.attention ?? {})).toEqual(['castle', 'no such word']);
        }
        expect(trace[0]!.noisy.data).not.toEqual(trace[0]!.completed?.data);
    }
    const [first] = await make({ trace: { after: [1], completed: false, finish: 0, attention: [] } });
    expect(Object.keys(first!.trace[0]!)).toEqual(['after', 'noisy']);
});

test('the last frame is the picture itself, however it is shown', async () => {
    for (const { picture, trace } of await make({ trace: FULL })) {
        expect(trace.at(-1)!.noisy).toEqual(picture);
        expect(trace.at(-1)!.completed).toEqual(picture);
        expect(trace.at(-1)!.finished).toEqual(picture);
    }
});
