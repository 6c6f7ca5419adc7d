/** Phrases over the steps: what is read at which of them, with which weight. */
import { expect, test } from 'vitest';
import { constant } from '../../src/plan/curve.ts';
import { type Phrase, promptAt, promptsOver } from '../../src/plan/phrases.ts';

const phrase = (text: string, more: Partial<Phrase> = {}): Phrase => ({ text, weight: 1, ...more });
const during = (from: number, to: number) => ({ during: { from, to }, weight: constant(1) });
const rising = { keys: [0, 1].map((at) => ({ at, value: 1 + at })), easing: 'linear' } as const;
const texts = (phrases: readonly Phrase[], steps: number) =>
    Array.from({ length: steps }, (_, step) =>
        promptAt({ phrases }, { step, steps })
            .phrases.map(({ text, weight }) => (weight === 1 ? text : `${text} ${weight}`))
            .join(', '),
    );

test('a phrase is read in its window only; windows that meet tile, whatever the number of steps', () => {
    const phrases = [phrase('cat', { times: [during(0, 0.5)] }), phrase('dog', { times: [during(0.5, 1)] })];
    expect(texts(phrases, 4)).toEqual(['cat', 'cat', 'dog', 'dog']);
    expect(texts(phrases, 5)).toEqual(['cat', 'cat', 'cat', 'dog', 'dog']);
    expect(texts(phrases, 1)).toEqual(['cat']);
    const second = { during: { firstStep: 2, lastStep: 3 }, weight: constant(1) };
    expect(texts([phrase('a'), phrase('b', { times: [second] })], 4)).toEqual(['a', 'a, b', 'a, b', 'a']);
});

test('weights change over the steps of the window; of several the product counts, within all windows', () => {
    const curve = { during: { from: 0, to: 1 }, weight: rising };
    expect(texts([phrase('a', { weight: 2, times: [curve] })], 3)).toEqual(['a 2', 'a 3', 'a 4']);
    const late = { during: { from: 0.5, to: 1 }, weight: rising };
    expect(texts([phrase('a', { times: [late] })], 4)).toEqual(['', '', 'a', 'a 2']);
    expect(texts([phrase('a', { times: [late, during(0, 0.75)] })], 4)).toEqual(['', '', 'a', '']);
    const words = promptAt(
        { phrases: [phrase('a red car', { words: [{ words: 'red', weight: 2, times: [curve] }] })] },
        { step: 1, steps: 3 },
    );
    expect(words.phrases).toEqual([{ text: 'a red car', weight: 1, words: [{ words: 'red', weight: 3 }] }]);
});

test('the prompts of a run are each listed once; one without windows and curves is itself', () => {
    const still = { phrases: [phrase('a', { weight: 2 })] };
    expect(promptsOver(still, 20)).toEqual([still]);
    expect(promptAt(still, { step: 3, steps: 9 })).toBe(still);
    const timed = { phrases: [phrase('a'), phrase('b', { times: [during(0.4, 0.6)] })] };
    expect(promptsOver(timed, 10)).toHaveLength(2);
    expect(promptsOver(timed, 0)).toHaveLength(1);
});
