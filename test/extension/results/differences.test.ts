/** What differs between two pictures, from their plans. */
import { expect, it } from 'vitest';
import { differencesOf, differenceWords, pictureSettings } from '../../../src/extension/results/differences.ts';
import { Language, lowerRun } from '../../../src/language/index.ts';

const language = new Language();

/** The settings of a generate with these clauses, as the language reads it. */
async function settings(...clauses: readonly string[]) {
    const text = `image elephant = "./e.png"\ngenerate a {\n${clauses.join('\n')}\n}\n`;
    const { value } = lowerRun(await language.parseText(text), 'a');
    if (value?.work.kind !== 'picture') throw new Error(text);
    return pictureSettings(value.work);
}

it('names the settings that differ, with both values', async () => {
    const a = await settings('prompt "a house" guidance 5 seed 1');
    const b = await settings('prompt "a house" guidance 9 during 20%..80% seed 1');
    expect(differencesOf(a, b)).toEqual([{ setting: 'guidance', a: '5', b: '9 during 20%..80%' }]);
    expect(differencesOf(a, a)).toEqual([]);
    expect(differenceWords(differencesOf(a, b))).toBe('guidance 5 → 9 during 20%..80%');
});

it('names what only one of the two has, an infusion by its picture and layers, without what is so by default', async () => {
    const a = await settings('seed 1');
    const b = await settings('seed 1 infuse elephant { mid 0.4 up.0 0.3 }');
    expect(differencesOf(a, b)).toEqual([{ setting: 'infuse', b: '"./e.png": mid 0.4 · up.0 0.3' }]);
    expect(differenceWords(differencesOf(b, a))).toBe('without infuse "./e.png": mid 0.4 · up.0 0.3');
    const matched = await settings('seed 1 infuse elephant noise matched { mid 0.4 up.0 0.3 }');
    expect(differencesOf(b, matched)[0]!.b).toContain('noise matched');
});

it('keeps several clauses of one kind apart', async () => {
    const several = await settings('infuse elephant { mid 1 } infuse elephant { up.0 1 }');
    expect([...several.keys()].filter((key) => key.startsWith('infuse'))).toEqual(['infuse', 'infuse 2']);
});
