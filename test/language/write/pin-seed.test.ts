/** A seed is pinned where one is, else in a clause of its own; words and comments are left alone. */
import { expect, it } from 'vitest';
import { isGenerate } from '../../../src/language/generated/ast.ts';
import { Language } from '../../../src/language/index.ts';
import { pinSeed } from '../../../src/language/write/pin-seed.ts';

const language = new Language();

async function check(before: string, after: string): Promise<void> {
    const { declarations } = (await language.parseText(before)).parseResult.value;
    const { start, end, text } = pinSeed(declarations.find(isGenerate)!, 7)!;
    expect(before.slice(0, start) + text + before.slice(end)).toBe(after);
}

it('takes the place of the seeds that are stated', async () => {
    await check('generate a {\n    seed  42\n}', 'generate a {\n    seed  7\n}');
    await check('generate a {\n    seed 1..4 // four\n}', 'generate a {\n    seed 7 // four\n}');
    await check('generate a {\n    seed 1, 3 .. 5, last\n    steps 4\n}', 'generate a {\n    seed 7\n    steps 4\n}');
    await check('generate a { use m seed 1..4 steps 4 }', 'generate a { use m seed 7 steps 4 }');
});

it('is a clause of its own where none is stated', async () => {
    await check('generate a {\n    use m\n}', 'generate a {\n    use m\n    seed 7\n}');
    await check('generate a extends b {\n}', 'generate a extends b {\n    seed 7\n}');
    await check('generate a { use m }', 'generate a { use m seed 7 }');
    await check('generate a extends b {}', 'generate a extends b { seed 7 }');
});

it('is not led astray by words and comments', async () => {
    await check('generate a { prompt "a seed 3 } on" }', 'generate a { prompt "a seed 3 } on" seed 7 }');
    await check(
        'generate a {\n    // seed 3\n    use m // }\n}',
        'generate a {\n    // seed 3\n    use m // }\n    seed 7\n}',
    );
    await check('generate a {\n    use seedling\n}', 'generate a {\n    use seedling\n    seed 7\n}');
});

it('is found by what the text means', async () => {
    await check('generate a { prompt """\nseed 3\n}""" }', 'generate a { prompt """\nseed 3\n}""" seed 7 }');
    await check('generate a { seed /* seed 9 */ 42, {n} }'.replace('{n}', 'n'), 'generate a { seed /* seed 9 */ 7 }');
    await check(
        'generate a {\n    use m\n    /* seed 3\n } */ }',
        'generate a {\n    use m\n    /* seed 3\n } */ seed 7 }',
    );
    await check('generate a { use seed-1 }', 'generate a { use seed-1 seed 7 }');
    await check(
        'generate a {\n    use m\n}\n\ngenerate b { seed 3 }',
        'generate a {\n    use m\n    seed 7\n}\n\ngenerate b { seed 3 }',
    );
});

it('is written also while the declaration has no end yet', async () => {
    await check('generate a { use m', 'generate a { use m seed 7 ');
});
