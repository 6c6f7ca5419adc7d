/** What differs between two pictures, from the texts that would make them. */
import { expect, it } from 'vitest';
import { differencesOf, differenceWords, settingsOfText } from '../../../src/extension/results/differences.ts';

const text = (...clauses: readonly string[]) =>
    [
        'model sketch = "builtin:sketch"',
        'image elephant = "./e.png"',
        '',
        'generate a {',
        ...clauses.map((c) => `    ${c}`),
        '}',
        '',
    ].join('\n');

it('names the settings that differ, with both values', () => {
    const a = text('prompt   "a house"', 'guidance 5', 'seed     1');
    const b = text('prompt   "a house"', 'guidance 9', 'seed     1');
    expect(differencesOf(a, b)).toEqual([{ setting: 'guidance', a: '5', b: '9' }]);
    expect(differencesOf(a, a)).toEqual([]);
    expect(differenceWords(differencesOf(a, b))).toBe('guidance 5 → 9');
});

it('names what only one of the two has, an infusion by its picture and layers', () => {
    const a = text('seed     1');
    const b = text(
        'seed     1',
        'infuse   elephant latent clean text prompt rows both normalise none {',
        '    mid  0.4',
        '    up.0 0.3',
        '}',
    );
    expect(differencesOf(a, b)).toEqual([{ setting: 'infuse', b: '"./e.png": mid  0.4 up.0 0.3' }]);
    expect(differenceWords(differencesOf(b, a))).toBe('without infuse "./e.png": mid  0.4 up.0 0.3');
});

it('keeps several clauses of one kind apart', () => {
    const clauses = settingsOfText(text('infuse   elephant { mid 1 }', 'infuse   elephant { up.0 1 }'));
    expect([...clauses.keys()]).toEqual(['infuse', 'infuse 2']);
});
