/** What checks say of the pictures to learn from. */
import { expect, test } from 'vitest';
import { problemsOf } from '../../../src/language/index.ts';
import { languageWith, parse } from '../workbench.ts';

test.each([
    [
        [64, 128, 128],
        '"a.png" is smaller than 128x128 and would be enlarged: take a larger picture, or write a smaller `size`.',
    ],
    [[64, 64, 64], '"a.png", "b.png" and "c.png" are smaller than 128x128 and would be enlarged: take larger pictures'],
    [[64, 64, 64, 64, 64], '"a.png", "b.png", "c.png" and 2 more pictures are smaller than 128x128'],
])('small pictures are named, and many are counted: %j', async (sides, message) => {
    const files = Object.fromEntries(sides.map((side, at) => [`${'abcde'[at]}.png`, [side, 128] as const]));
    const spec = 'image pics = "?.png"\nlearn pip { word like "animal" from pics "a <pip>" size 128x128 }';
    const document = await parse(spec, languageWith(files), 'here.sdspec');
    const found = problemsOf(document).filter(({ code }) => code === 'learn/small');
    expect(found.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
});
