/** Curves drawn as text. */
import { expect, test } from 'vitest';
import { curveWords, drawCurve } from '../../../src/language/write/curve-text.ts';
import type { Curve } from '../../../src/plan/curve.ts';

const falling: Curve = {
    keys: [
        { at: 0, value: 1 },
        { at: 1, value: 0 },
    ],
    easing: 'linear',
};

test('a falling curve', () => expect(drawCurve({ curve: falling, steps: 8 })).toBe('█▇▆▅▄▃▂▁'));
test('nothing outside the window', () =>
    expect(drawCurve({ curve: falling, steps: 8, window: { from: 0.5, to: 1 } })).toBe('▁▁▁▁█▆▃▁'));
test('more steps than characters', () => expect(drawCurve({ curve: falling, steps: 1000 })).toHaveLength(32));
test('no steps at all', () => expect(drawCurve({ curve: falling, steps: 0 })).toBe(''));
test('words', () => {
    expect(curveWords(falling)).toBe('1 -> 0');
    expect(curveWords({ ...falling, easing: 'cosine' })).toBe('1 -> 0 cosine');
    const keys = [
        { at: 0, value: 0 },
        { at: 0.4, value: 0.7 },
        { at: 1, value: 0.2 },
    ];
    expect(curveWords({ keys, easing: 'linear' })).toBe('0@0% -> 0.7@40% -> 0.2@100%');
});
