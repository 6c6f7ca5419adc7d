/** Learnings as runs: what is made first, recorded, kept, continued and judged. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { LearnPlan, PicturePlan } from '../../../../src/plan/plan.ts';
import type { Work } from '../../../../src/plan/run.ts';
import type { LearnContext } from '../../../../src/runtime/learn/context.ts';
import type { RunOptions } from '../../../../src/runtime/run/request.ts';
import { readRun } from '../../../../src/runtime/run/runs.ts';
import { carry, specFolder } from '../carry.ts';
import { type FakeWorkshop, fakeWorkshop, PLAN } from '../fake-workshop.ts';
import { FAKE_MODEL, fakeLearn } from './fake-learn.ts';

const LESSONS: PicturePlan = { ...PLAN, seeds: [1, 2, 3] };
const LEARN: LearnPlan = {
    kind: 'learn',
    model: { kind: 'builtin', name: 'sketch' },
    target: { kind: 'word', word: 'pip', like: 'animal', vectors: 2 },
    from: [{ kind: 'made', name: 'lessons', plan: LESSONS, captions: [['<pip>'], ['<pip>'], ['<pip>']] }],
    size: { width: 16, height: 8 },
    steps: 5,
    batch: 1,
    rate: 0.1,
    warmup: 0,
    fall: 'constant',
    decay: 0,
    clip: 1,
    flip: false,
    seed: 1,
    memory: 'keep',
    trace: { every: 2, pictures: [PLAN] },
};

let base: string;
let contexts: LearnContext[];
let lessons: number[];

beforeEach(() => {
    base = specFolder();
    contexts = [];
    lessons = [];
});

function workshop(stopBefore?: number): FakeWorkshop {
    return fakeWorkshop(() => {}, {
        async learn(plan, context) {
            contexts.push(context);
            for (const group of plan.from) lessons.push((await context.readPictures(group)).length);
            return fakeLearn(plan, context, stopBefore);
        },
        openModel: () => Promise.resolve(FAKE_MODEL),
    });
}

async function run(work: Work, name = 'pip', options: RunOptions = {}, shop = workshop(), expected = false) {
    const expectations = expected ? [{ kind: 'loss', atMost: 0.05 } as const] : [];
    const { outcome, events } = await carry(base, { name, work, expect: expectations }, shop, options);
    return { outcome, events, shop };
}

it('makes all pictures of its lessons first, then learns, and records what was learnt', async () => {
    const { outcome, events } = await run(LEARN);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    expect(lessons).toEqual([3]);
    expect(outcome.record).toMatchObject({ kind: 'learn', state: 'complete', cells: 3 });
    expect(outcome.record.learnt).toMatchObject({
        file: 'pip.safetensors',
        step: 5,
        steps: 5,
        loss: 0.1,
        lossByQuarter: [0.1, null, 0.1, 0.1],
    });
    expect(outcome.record.pictures.map(({ file, labels }) => [file, labels])).toEqual(
        [2, 4, 5].map((step) => [`step-00000${step}-1.png`, { step: `${step}`, prompt: 'a turtle' }]),
    );
    expect(events.filter(({ kind }) => kind === 'learn')).toHaveLength(5);
    expect(events.some((event) => event.kind === 'step')).toBe(false);
});

it('learns nothing twice, and again where its result is gone or it is forced', async () => {
    await run(LEARN);
    const again = await run(LEARN);
    expect(again.outcome).toMatchObject({ kind: 'done', upToDate: true });
    expect(contexts).toHaveLength(1);
    const forced = await run(LEARN, 'pip', { force: true });
    expect(forced.outcome).toMatchObject({ upToDate: false });
    if (forced.outcome.kind !== 'done') throw new Error();
    rmSync(join(forced.outcome.folder, 'pip.safetensors'));
    expect(readRun(forced.outcome.folder)?.state).toBe('interrupted');
    await run(LEARN);
    expect(contexts).toHaveLength(3);
});

it('traced pictures use what is learnt by then', async () => {
    const { shop } = await run(LEARN);
    const traced = shop.generated.slice(1);
    expect(traced.map(({ embeddings }) => embeddings.map(({ token }) => token))).toEqual([['pip'], ['pip'], ['pip']]);
    const lora = { kind: 'lora', rank: 4, alpha: 4, layers: 'attention' } as const;
    const other = await run({ ...LEARN, target: lora }, 'tin');
    expect(other.shop.generated.at(-1)?.adapters).toMatchObject([{ weight: 1 }]);
});

it('a stopped learning keeps its pictures and continues later; what is missing of them is made then', async () => {
    const stopped = await run(LEARN, 'pip', {}, workshop(4));
    expect(stopped.outcome).toMatchObject({ kind: 'cancelled', pictures: 1 });
    const { outcome } = await run(LEARN);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.record.pictures).toHaveLength(3);
    expect(existsSync(join(outcome.folder, 'step-000002-1.png'))).toBe(true);
});

it('a learning that is kept ends at once, and is complete', async () => {
    await run(LEARN, 'pip', {}, workshop(4));
    const { outcome } = await run(LEARN, 'pip', { keep: true });
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.record).toMatchObject({ state: 'complete', cells: 1, learnt: { step: 0, steps: 5 } });
    expect((await run(LEARN)).outcome).toMatchObject({ upToDate: true });
});

it('a picture learns first what it uses, once', async () => {
    const picture: PicturePlan = {
        ...PLAN,
        embeddings: [{ token: 'pip', file: { kind: 'learn', name: 'pip', plan: LEARN } }],
    };
    const { outcome, events } = await run(picture, 'hello');
    expect(outcome.kind).toBe('done');
    expect(events).toContainEqual({ kind: 'notice', text: 'Making pip first.' });
    expect(events.filter((event) => event.kind === 'learn').map(({ name }) => name)).toEqual(Array(5).fill('pip'));
    await run({ ...picture, seeds: [8] }, 'hello');
    expect(contexts).toHaveLength(1);
});

it('judges the loss', async () => {
    const { outcome } = await run(LEARN, 'pip', {}, workshop(), true);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.record.expectations).toMatchObject([
        { verdict: 'missed', message: 'The mean loss of the last 50 steps is 0.1000; allowed is 0.05.' },
    ]);
});
