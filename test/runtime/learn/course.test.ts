/** The course of a learning with a learner of two numbers: state, curve, stops, divergence. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LearnPlan } from '../../../src/plan/plan.ts';
import { Graph } from '../../../src/runtime/graph/graph.ts';
import { adamW, normOf, rateAt, zeroMoments } from '../../../src/runtime/learn/adamw.ts';
import type { LearnContext, LearnEvent } from '../../../src/runtime/learn/context.ts';
import { runCourse } from '../../../src/runtime/learn/course.ts';
import type { Draw } from '../../../src/runtime/learn/draws.ts';
import { writeTensors } from '../../../src/runtime/learn/learn-state.ts';
import type { Learner } from '../../../src/runtime/learn/learner.ts';
import { mersenne } from '../../../src/runtime/noise/mersenne.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { temporaryFolder } from '../weights/write-safetensors.ts';
import { planFor, WORD } from './nano-learning.ts';

interface FakeOptions {
    /** Loss and gradient are multiplied by this. */
    readonly factor?: (step: number) => number;
}

/** Learns x from noisy looks at (1, -2): the loss of a row is |x − look|². */
function fakeCourse(
    folder: string,
    plan: LearnPlan,
    { factor = () => 1 }: FakeOptions = {},
    changes: Partial<LearnContext> = {},
) {
    const events: LearnEvent[] = [];
    let step = 0;
    const drawer = {
        times: 1000,
        draw(at: number): Draw {
            step = at;
            const word = mersenne(at + 1);
            const looks = Float32Array.from({ length: 4 }, (_, k) => (k % 2 ? -2 : 1) + word() / 2 ** 31 - 1);
            const times = [word() % 1000, word() % 1000];
            return {
                captions: [],
                times,
                sample: tensor(looks, [2, 2]),
                target: tensor(looks, [2, 2]),
                waves: tensor(looks, [2, 2]),
            };
        },
    };
    const learner: Learner = {
        start: new Map([['x', tensor(Float32Array.of(0, 0), [2])]]),
        graph: new Graph('none'),
        async step({ sample }, values) {
            const x = values.get('x')!.data;
            const losses = [0, 1].map(
                (row) => (x[0]! - sample.data[2 * row]!) ** 2 + (x[1]! - sample.data[2 * row + 1]!) ** 2,
            );
            const slope = (k: number) => x[k]! - (sample.data[k]! + sample.data[k + 2]!) / 2;
            const scale = factor(step);
            return {
                losses: tensor(
                    Float32Array.from(losses, (loss) => loss * scale),
                    [2],
                ),
                gradients: new Map([['x', tensor(Float32Array.of(scale * 2 * slope(0), scale * 2 * slope(1)), [2])]]),
            };
        },
        file: (values) => ({ tensors: values, metadata: {} }),
        async release() {},
    };
    const context = {
        folder,
        signal: new AbortController().signal,
        ...changes,
        emit(event: LearnEvent) {
            events.push(event);
            changes.emit?.(event);
        },
    } as LearnContext;
    const writeInterim = async (at: number, values: ReadonlyMap<string, ReturnType<typeof tensor>>) => {
        const file = join(folder, `interim-${at}.safetensors`);
        await writeTensors(file, values, {});
        return file;
    };
    const share = Float32Array.of(0.5, 0.5);
    return {
        events,
        end: runCourse({ plan, learner, drawer, share, key: `rate ${plan.rate}`, context, writeInterim }),
    };
}

const PLAN = planFor(WORD, { steps: 300, rate: 0.05, warmup: 10 });
const values = (file: string) => [...readTensor(readSafetensors(file).tensors.get('x')!).data];
const stateOf = (folder: string) => readFileSync(join(folder, 'learn.state'));
const progress = (events: readonly LearnEvent[]) => events.filter((event) => event.kind === 'progress');

test('a course learns, and reports means by quarter and the time left', async () => {
    const { end, events } = fakeCourse(temporaryFolder(), PLAN);
    const { kind, state } = await end;
    expect(kind).toBe('done');
    expect(state.values.get('x')!.data[0]).toBeCloseTo(1, 0);
    expect(state.values.get('x')!.data[1]).toBeCloseTo(-2, 0);
    const reports = progress(events);
    expect(reports).toHaveLength(300);
    const { loss, lossByQuarter } = reports[99]!;
    expect(lossByQuarter).toHaveLength(4);
    // 50 steps of two rows: the quarters' means are around the whole.
    expect(Math.min(...lossByQuarter.map((mean) => mean!))).toBeLessThan(loss);
    expect(Math.max(...lossByQuarter.map((mean) => mean!))).toBeGreaterThan(loss);
    expect(reports[0]!.secondsLeft).toBeCloseTo((299 * reports[0]!.millisecondsPerStep) / 1000, 6);
});

test('wherever a course is stopped, it continues to the same state, byte for byte', async () => {
    const whole = temporaryFolder();
    await fakeCourse(whole, PLAN).end;
    for (const at of [1, 49, 50, 51, 173, 299]) {
        const folder = temporaryFolder();
        const stop = new AbortController();
        const emit = (event: LearnEvent) => event.kind === 'progress' && event.step === at && stop.abort();
        await expect(fakeCourse(folder, PLAN, {}, { signal: stop.signal, emit }).end).rejects.toMatchObject({
            code: 'run/cancelled',
        });
        const { state } = await fakeCourse(folder, PLAN).end;
        expect(state.resumed).toBe(1);
        const [a, b] = [stateOf(whole), stateOf(folder)].map((bytes) =>
            bytes.toString('latin1').replace(/"resumed":"\d"/, ''),
        );
        expect(b === a, `stopped at ${at}`).toBe(true);
        expect(readFileSync(join(folder, 'curve.csv'))).toEqual(readFileSync(join(whole, 'curve.csv')));
    }
});

test('a state of another learning is not continued', async () => {
    const folder = temporaryFolder();
    await fakeCourse(folder, PLAN).end;
    const { events, end } = fakeCourse(folder, { ...PLAN, rate: 0.01 });
    await end;
    expect(progress(events)).toHaveLength(300);
});

test('a loss that rises for good stops the course; the last saved values are kept in a file', async () => {
    const folder = temporaryFolder();
    // From step 160 on the losses are ten times what they were.
    const error: Error & { code?: string } = await fakeCourse(folder, PLAN, {
        factor: (step) => (step >= 160 ? 10 : 1),
    }).end.then(
        () => new Error('no error'),
        (thrown) => thrown,
    );
    expect(error.code).toBe('learn/diverged');
    expect(error.message).toMatch(
        /^The loss rose from 0\.\d+ to \d\.\d+ by step 16\d: the rate 0\.05 is too high\. Write a smaller one, such as 0\.01\. What was learnt by step 150 is kept in .+interim-150\.safetensors\.$/,
    );
    expect(values(join(folder, 'interim-150.safetensors'))[1]).toBeCloseTo(-2, 0);
});

test('a rate that ruins the model at once stops the course after 50 steps, though the loss rises no more', async () => {
    const run = fakeCourse(temporaryFolder(), PLAN, { factor: (step) => (step >= 1 ? 100 : 1) }).end;
    await expect(run).rejects.toMatchObject({
        code: 'learn/diverged',
        message: expect.stringMatching(
            /^The loss went from \d\.\d+ to \d+\.\d+ within 50 steps, no better than predicting nothing: the rate 0\.05 is too high\. Write a smaller one/,
        ),
    });
});

test.each([
    ['loss', Number.NaN],
    ['gradient', 1e30],
] as const)('a %s that is not a number stops the course at its step', async (_, factor) => {
    const folder = temporaryFolder();
    const run = fakeCourse(folder, PLAN, { factor: (step) => (step === 7 ? factor * 1e20 : 1) }).end;
    await expect(run).rejects.toMatchObject({
        code: 'learn/diverged',
        message: expect.stringMatching(/step 8 is not a number.*too high/),
    });
    expect(existsSync(join(folder, 'interim-50.safetensors'))).toBe(false);
});

test('stopping with the wish to keep ends the course with what is learnt by then', async () => {
    const keep = new AbortController();
    const emit = (event: LearnEvent) => event.kind === 'progress' && event.step === 40 && keep.abort();
    const { kind, state } = await fakeCourse(temporaryFolder(), PLAN, {}, { keep: keep.signal, emit }).end;
    expect([kind, state.step]).toEqual(['kept', 40]);
});

test('pictures on the way are made from files of their own, and change no number', async () => {
    const traced: string[] = [];
    const folder = temporaryFolder();
    const plan: LearnPlan = { ...PLAN, trace: { every: 120, pictures: [] } };
    const { state } = await fakeCourse(
        folder,
        plan,
        {},
        { trace: async (step, file) => void traced.push(`${step} ${values(file)[0]! > 0}`) },
    ).end;
    expect(traced).toEqual(['120 true', '240 true', '300 true']);
    const plain = await fakeCourse(temporaryFolder(), PLAN).end;
    expect(state.values).toEqual(plain.state.values);
});

test("AdamW, clipping, warm-up and the cosine are PyTorch's", () => {
    const { tensors } = readSafetensors(join(import.meta.dirname, '../../goldens/gradient/adamw.safetensors'));
    const read = (name: string) => readTensor(tensors.get(name)!);
    const learnt = new Map([['x', read('start')]]);
    const moments = zeroMoments(learnt);
    for (let step = 0; step < 8; step++) {
        const gradients = new Map([['x', read(`${step}/g`)]]);
        const rate = rateAt(step, { rate: 0.05, warmup: 3, fall: 'cosine', steps: 8 });
        adamW(learnt, gradients, moments, normOf(gradients), { step, rate, decay: 0.01, clip: 1 });
        const wanted = read(`${step}/x`).data;
        for (const [at, value] of learnt.get('x')!.data.entries()) expect(value).toBeCloseTo(wanted[at]!, 6);
    }
    // A value's own share of the rate is a rate of that size.
    const start = () => new Map(['x', 'y'].map((name) => [name, tensor(Float32Array.of(1, -2), [2])]));
    const [shared, slow] = [start(), start()];
    const gradients = new Map(['x', 'y'].map((name) => [name, tensor(Float32Array.of(0.3, 0.1), [2])]));
    const options = { step: 0, decay: 0.01, clip: 0 };
    adamW(shared, gradients, zeroMoments(shared), 1, {
        ...options,
        rate: 0.1,
        rateOf: (name) => (name === 'y' ? 0.4 : 1),
    });
    adamW(slow, gradients, zeroMoments(slow), 1, { ...options, rate: 0.04 });
    expect(shared.get('y')).toEqual(slow.get('y'));
    expect(shared.get('x')).not.toEqual(slow.get('x'));
    expect(rateAt(5, { rate: 0.05, warmup: 0, fall: 'constant', steps: 8 })).toBe(0.05);
});
