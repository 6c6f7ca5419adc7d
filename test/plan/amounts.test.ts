/** Amounts in words: counts with thin spaces, bytes, times. */
import { expect, it } from 'vitest';
import { count, sizeWords, timeWords } from '../../src/plan/amounts.ts';

it.each([
    [0, '0 pictures'],
    [1, '1 picture'],
    [1200, '1\u202f200 pictures'],
    [65_792, '65\u202f792 pictures'],
])('%i is %s', (n, words) => expect(count(n, 'picture')).toBe(words));

it.each([
    [812_000, '812 kB'],
    [34_400_000, '34 MB'],
    [3_440_000_000, '3.4 GB'],
])('%i bytes are %s', (bytes, words) => expect(sizeWords(bytes)).toBe(words));

it.each([
    [0.4, '0 s'],
    [59, '59 s'],
    [125, '2 min 5 s'],
    [4800, '1 h 20 min'],
])('%d seconds are %s', (seconds, words) => expect(timeWords(seconds)).toBe(words));
