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

test('gradients of words are traced beside the run: non-square, in a batch, one map per word and picture', async () => {
    const plain = await make({ infusions: [] });
    const trace: Trace = {
        after: [2, 5],
        completed: true,
        finish: 0,
        attention: [],
        gradient: ['castle', 'Mountain', 'cow'],
    };
    const traced = await make({ infusions: [], trace });
    expect(traced.map(({ pixelsSha256 }) => pixelsSha256)).toEqual(plain.map(({ pixelsSha256 }) => pixelsSha256));
    const maps = traced.flatMap((one) => one.trace.map(({ gradient }) => gradient!));
    expect(maps).toHaveLength(4);
    for (const { castle, Mountain, cow } of maps as Record<
        string,
        { width: number; height: number; data: Uint8Array }
    >[]) {
        expect([castle!.width, castle!.height]).toEqual([72, 64]);
        expect(castle!.data).not.toEqual(Mountain!.data);
        // A word that the prompt does not say changes nothing: no heat, only the greyed picture.
        expect(cow!.data).not.toEqual(castle!.data);
    }
    expect(maps[0]!.castle!.data).not.toEqual(maps[2]!.castle!.data);
});

test('gradients are not traced through features that are changed from outside', async () => {
    const trace: Trace = { ...FULL, gradient: ['castle'] };
    await expect(make({ trace })).rejects.toMatchObject({
        code: 'run/unsupported',
        message: expect.stringMatching(/leave `infuse`, `control` and `scale` out/),
    });
});
