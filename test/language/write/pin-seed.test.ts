/** A seed is pinned where one is, else in a clause of its own; words and comments are left alone. */
import { expect, it } from 'vitest';
import { pinSeed } from '../../../src/language/write/pin-seed.ts';

function check(before: string, after: string): void {
    const { start, end, text } = pinSeed(before, 7);
    expect(before.slice(0, start) + text + before.slice(end)).toBe(after);
}

it('takes the place of the seeds that are stated', () => {
    check('generate a {\n    seed  42\n}', 'generate a {\n    seed  7\n}');
    check('generate a {\n    seed 1..4 // four\n}', 'generate a {\n    seed 7 // four\n}');
    check('generate a {\n    seed 1, 3 .. 5, last\n    steps 4\n}', 'generate a {\n    seed 7\n    steps 4\n}');
    check('generate a { use m seed 1..4 steps 4 }', 'generate a { use m seed 7 steps 4 }');
});

it('is a clause of its own where none is stated', () => {
    check('generate a {\n    use m\n}', 'generate a {\n    use m\n    seed 7\n}');
    check('generate a extends b {\n}', 'generate a extends b {\n    seed 7\n}');
    check('generate a { use m }', 'generate a { use m seed 7 }');
    check('generate a extends b {}', 'generate a extends b { seed 7 }');
});

it('is not led astray by words and comments', () => {
    check('generate a { prompt "a seed 3 } on" }', 'generate a { prompt "a seed 3 } on" seed 7 }');
    check(
        'generate a {\n    // seed 3\n    use m // }\n}',
        'generate a {\n    // seed 3\n    use m // }\n    seed 7\n}',
    );
    check('generate a {\n    use seedling\n}', 'generate a {\n    use seedling\n    seed 7\n}');
});
