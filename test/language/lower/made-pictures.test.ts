/** Pictures made of pictures: which of a generate's pictures are meant, seed by seed, all, or one. */
import { expect, test } from 'vitest';
import { cellsOf } from '../../../src/plan/cells.ts';
import type { PicturePlan, PictureSource } from '../../../src/plan/plan.ts';
import { plan, refused, run } from '../workbench.ts';

const LOW = `
controlnet lines = "builtin:sketch-edges"
generate low { prompt "photo of a red house in a meadow" seed 1..3 steps 8 }
`;

/** The seeds of what a picture is made of, for each cell of a plan: `1 of 1` is seed by seed. */
function pairs(work: PicturePlan, source: (plan: PicturePlan) => PictureSource | undefined): readonly string[] {
    return cellsOf(work).map(({ seed, plan: own }) => {
        const found = source(own);
        const made = found?.kind === 'edges' ? found.of : found;
        return `${seed} of ${made?.kind === 'made' ? made.plan.seeds.join(', ') : made?.kind}`;
    });
}

const started = ({ start }: PicturePlan) => start?.pictures[0]?.picture;

test('an enlargement of a batch begins from the picture of the same seed', async () => {
    const work = await plan(
        'picture',
        `${LOW}generate high extends low { size 192x192 start from low each strength 0.3 }`,
    );
    expect(started(work)).toMatchObject({ kind: 'made', name: 'low', each: true, plan: { seeds: [1, 2, 3] } });
    expect(pairs(work, started)).toEqual(['1 of 1', '2 of 2', '3 of 3']);
});

test('also where the pictures are edges, masks, controls, or are one behind the other', async () => {
    const [text, spec] = [`${LOW}image outline = edges of low each\n`, 'generate high extends low'];
    const control = await plan('picture', `${text}${spec} { control lines by outline }`);
    expect(pairs(control, ({ controls }) => controls[0]?.picture)).toEqual(['1 of 1', '2 of 2', '3 of 3']);
    const mask = await plan('picture', `${LOW}${spec} { start from low each strength 0.9 mask low each }`);
    expect(pairs(mask, ({ mask: own }) => (own?.kind === 'corners' ? undefined : own?.picture))).toEqual([
        '1 of 1',
        '2 of 2',
        '3 of 3',
    ]);
    const chain = `${LOW}generate mid extends low { start from low each strength 0.5 }\ngenerate high extends mid { start from mid each strength 0.3 }`;
    const [, second] = cellsOf(await plan('picture', chain));
    const middle = second && started(second.plan);
    expect(middle).toMatchObject({ kind: 'made', name: 'mid', plan: { seeds: [2] } });
    expect(middle?.kind === 'made' && started(middle.plan)).toMatchObject({ name: 'low', plan: { seeds: [2] } });
});

test('a sweep over seeds pairs its own seeds', async () => {
    const sweep = `${LOW}generate high extends low { start from low each strength 0.3 }\nsweep s over high { seed in 2..4 }`;
    const { cells } = await plan('sweep', sweep);
    expect(cells.flatMap((cell) => pairs(cell.plan, started))).toEqual(['2 of 2', '3 of 3', '4 of 4']);
});

test('what widens a batch widens each of its pictures', async () => {
    const work = await plan('picture', `${LOW}generate wide extends low { outpaint left 32px }`);
    expect(pairs(work, started)).toEqual(['1 of 1', '2 of 2', '3 of 3']);
});

test('`all` is the mean of all pictures, `with seed` one of them', async () => {
    const all = await plan('picture', `${LOW}generate idea { prompt "x" seed 7 infuse low all { up.1 0.4 } }`);
    const pictures = all.infusions[0]!.pictures;
    expect(pictures.map(({ picture, weight }) => [picture.kind === 'made' && picture.plan.seeds, weight])).toEqual([
        [[1], 1 / 3],
        [[2], 1 / 3],
        [[3], 1 / 3],
    ]);
    const one = await plan(
        'picture',
        `${LOW}generate one { prompt "x" seed 7 start from low with seed 3 strength 0.4 }`,
    );
    expect(pairs(one, started)).toEqual(['7 of 3']);
    const swept = `${LOW}generate one { prompt "x" seed 7 start from low with seed 3 }\nsweep s over one { start from in [low with seed 1, low with seed 2] }`;
    const { cells, axes } = await plan('sweep', swept);
    expect(cells.flatMap((cell) => pairs(cell.plan, started))).toEqual(['7 of 1', '7 of 2']);
    expect(axes[0]?.values).toEqual(['low with seed 1', 'low with seed 2']);
});

test('a `seed` on the next line is a setting, not a choice', async () => {
    const one = await plan(
        'picture',
        'generate low { prompt "y" seed 5 }\ngenerate b {\n    start from low\n    seed 3\n}',
    );
    expect(pairs(one, started)).toEqual(['3 of 5']);
});

test('a comparison may be with a picture that is made', async () => {
    const text = `${LOW}generate b { prompt "x" seed 3 expect { image ssim to low each >= 0.5 image psnr to low with seed 1 >= 9 } }`;
    const { expect: judged } = await run(text);
    expect(judged).toMatchObject([
        { kind: 'ssim', to: { kind: 'made', name: 'low', each: true }, atLeast: 0.5 },
        { kind: 'psnr', to: { kind: 'made', name: 'low', plan: { seeds: [1] } }, atLeast: 9 },
    ]);
});

test.each([
    ['start from low strength 0.3', 'made/several'],
    ['infuse low { mid 0.3 }', 'made/several'],
    ['start from low with seed 7', 'made/seed'],
    ['seed 4 start from low each', 'made/seed'],
    ['control lines by low all', 'image/one'],
])('%s is refused: %s', async (settings, code) => {
    expect(new Set(await refused(`${LOW}generate high extends low { ${settings} }`))).toEqual(new Set([code]));
});

test('params that bring seeds are looked at when they are known', async () => {
    const text = 'param last = 1\ngenerate low { prompt "y" seed 1..last }\ngenerate b { prompt "x" start from low }';
    expect(await refused(text)).toEqual(['runs']);
    expect(await refused(text, { params: { last: '3' } })).toEqual(['made/several']);
});
