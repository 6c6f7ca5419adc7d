/** Prompts that change over the steps, against runs whose text is exchanged by hand. */
import { expect, test } from 'vitest';
import { constant } from '../../../src/plan/curve.ts';
import type { Conditioning, Phrase, PhraseTime } from '../../../src/plan/phrases.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { runMemory } from '../../../src/runtime/recipe/run-memory.ts';
import type { Tensor } from '../../../src/runtime/tensor.ts';
import { caseInfusion } from '../../parity/plans.ts';
import { latents, one, openNano, pictures, plan, SITES, worstError } from './nano-plans.ts';

const phrase = (text: string, times?: readonly PhraseTime[], weight = 1): Phrase =>
    times ? { text, weight, times } : { text, weight };
const during = (from: number, to: number): PhraseTime => ({ during: { from, to }, weight: constant(1) });
const rising = { keys: [0.5, 2].map((value, at) => ({ at, value })), easing: 'linear' } as const;
const shows = (...phrases: readonly Phrase[]): Conditioning => ({ kind: 'prompt', prompt: { phrases } });
const of = (conditioning: Conditioning, more: Partial<PicturePlan> = {}) => plan([], { conditioning, ...more });

/** The texts that go into the U-Net at each call. */
async function contextsOf(work: PicturePlan): Promise<readonly Tensor[]> {
    const contexts: Tensor[] = [];
    await run(work, (context) => {
        contexts.push(context);
        return context;
    });
    return contexts;
}

/** A run in whose calls the text is exchanged. */
async function run(work: PicturePlan, textAt: (own: Tensor, call: number) => Tensor): Promise<Float32Array> {
    const model = await openNano();
    let call = 0;
    const exchanging: typeof model = {
        ...model,
        async unet(options) {
            const unet = await model.unet(options);
            return { ...unet, run: (inputs) => unet.run({ ...inputs, context: textAt(inputs.context, call++) }) };
        },
    };
    return (await latents(work, { openModel: async () => exchanging }))[0]!;
}

test('phrases in windows are the run in which one text takes the place of the other by hand', async () => {
    for (const steps of [3, 4, 5]) {
        const early = of(shows(phrase('a castle')), { steps });
        const late = await contextsOf(of(shows(phrase('a boat at sea')), { steps }));
        const border = Math.round(steps / 2);
        const byHand = await run(early, (own, call) => (call < border ? own : late[call]!));
        const timed = of(shows(phrase('a castle', [during(0, 0.5)]), phrase('a boat at sea', [during(0.5, 1)])), {
            steps,
        });
        expect(await one(timed)).toEqual(byHand);
        expect(worstError(byHand, await one(early))).toBeGreaterThan(1e-4);
    }
});

test('a weight that changes is the run in which each step has its own weight', async () => {
    const weights = [0.5, 1, 1.5, 2];
    const still = await Promise.all(
        weights.map((weight) => contextsOf(of(shows(phrase('a castle'), phrase('in the snow', undefined, weight))))),
    );
    const byHand = await run(of(shows(phrase('x'))), (_own, call) => still[call]![call]!);
    const curve: PhraseTime = { during: { from: 0, to: 1 }, weight: rising };
    expect(await one(of(shows(phrase('a castle'), phrase('in the snow', [curve]))))).toEqual(byHand);
    const word = { words: 'snow', weight: 1, times: [curve] };
    const words = await one(of(shows({ text: 'in the snow', weight: 1, words: [word] })));
    expect(worstError(words, byHand)).toBeGreaterThan(1e-3);
});

test('a phrase in two windows that meet is the phrase without one, bitwise', async () => {
    const plainly = await one(of(shows(phrase('a castle'))));
    const halves = [during(0, 0.5), during(0.5, 1)].map((time) => phrase('a castle', [time]));
    expect(await one(of(shows(...halves)))).toEqual(plainly);
    expect(await one(of(shows(phrase('a castle', [during(0, 1)]))))).toEqual(plainly);
});

test('phrases in turn are the ensemble over embeddings whose shares jump from one to the other', async () => {
    const jump = (first: number) => ({
        keys: [
            { at: 0, value: first },
            { at: 0.5, value: 1 - first },
        ],
        easing: 'hold' as const,
    });
    const members = ['a castle', 'a boat'].map((text, k) => ({
        prompt: { phrases: [phrase(text)] },
        weight: jump(1 - k),
    }));
    const mixed = await one(of({ kind: 'ensemble', over: 'embeddings', members }));
    const turns = of(shows(phrase('a castle', [during(0, 0.5)]), phrase('a boat', [during(0.5, 1)])));
    expect(worstError(await one(turns), mixed)).toBeLessThan(1e-6);
});

test('windows count in the negative prompt too, and in members of an ensemble', async () => {
    const negative = { phrases: [phrase('blurry', [during(0, 0.25)])] };
    const timed = await one(of(shows(phrase('a castle')), { negative }));
    const never = await one(of(shows(phrase('a castle')), { negative: { phrases: [] } }));
    const always = await one(of(shows(phrase('a castle')), { negative: { phrases: [phrase('blurry')] } }));
    for (const other of [never, always]) expect(worstError(timed, other)).toBeGreaterThan(1e-4);
    const prompts = [[phrase('a castle', [during(0, 0.5)])], [phrase('a castle', [during(0.5, 1)])]];
    const members = prompts.map((phrases) => ({ prompt: { phrases }, weight: constant(1) }));
    const mean = await one(of({ kind: 'ensemble', over: 'predictions', members }));
    const swapped = await one(of({ kind: 'ensemble', over: 'predictions', members: [...members].reverse() }));
    expect(worstError(mean, swapped)).toBeLessThan(1e-4);
});

test('remembered features of bias pictures are those of the text of their step', async () => {
    const timed = shows(phrase('a castle', [during(0, 0.5)]), phrase('a boat', [during(0.5, 1)]));
    const work = plan([caseInfusion([0], SITES)], { conditioning: timed, seeds: [3, 5] });
    const inOnePass = await latents(work);
    const memory = runMemory([work]);
    expect(await latents(work, { memory })).toEqual(inOnePass);
    // Another window reads other words at the same times.
    const other = {
        ...work,
        conditioning: shows(phrase('a castle', [during(0, 0.75)]), phrase('a boat', [during(0.75, 1)])),
    };
    expect(await latents(other, { memory })).toEqual(await latents(other));
});

test('heat maps are of the words that are read at their step', async () => {
    const timed = shows(phrase('a castle', [during(0, 0.5)]), phrase('a boat', [during(0.5, 1)]));
    const trace = { after: [0, 3], completed: false, finish: 0, attention: ['castle'] };
    const [made] = await pictures(of(timed, { trace }));
    const spread = made!.trace.map(({ attention }) => new Set(attention!['castle']!.data).size);
    const plainly = await pictures(of(shows(phrase('a castle')), { trace }));
    const whole = plainly[0]!.trace.map(({ attention }) => new Set(attention!['castle']!.data).size);
    // Without the word there is no heat: only the greyed picture is left under the darkest colour.
    expect(spread[0]).toBe(whole[0]);
    expect(spread[1]).toBeLessThan(whole[1]!);
});
