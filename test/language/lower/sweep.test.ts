/** Lowering of sweeps: axes, cells, labels, and the order that never changes. */
import { expect, test } from 'vitest';
import { digest } from '../../../src/plan/digest.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { plan, refused } from '../workbench.ts';

const FILES = { 'a.png': [128, 128], 'b.png': [128, 128] } as const;
const HEAD = `
image pic = "a.png"
image other = "b.png"
param style = "ink"
param strong = 9
prompt turtle = "a {style} turtle"
ensemble both { calm "sea" storm "storm" }
weights deep { mid 0.3 }
weights shallow { up.3 0.2 }
model sketch = "builtin:sketch"
generate a { prompt turtle seed 5 steps strong infuse pic with deep weight 0.5 }
generate b { prompt both sampler ddim start from pic strength 0.5 }
generate many { prompt turtle seed 1..2 }
`;

/** Labels of each cell, joined, and what `show` finds in its plan. */
async function cells(sweep: string, show: (plan: PicturePlan) => unknown = () => ''): Promise<readonly string[]> {
    const made = await plan('sweep', `${HEAD}sweep s ${sweep}`, { files: FILES });
    return made.cells.map(({ labels, plan }) => `${Object.values(labels).join(' | ')} ${JSON.stringify(show(plan))}`);
}

const weight = ({ infusions }: PicturePlan) => infusions[0]?.weight.keys[0]?.value;
const sites = ({ infusions }: PicturePlan) =>
    infusions[0]?.sites.map(({ site, weight }) => `${site} ${weight.keys[0]?.value}`);
const text = ({ conditioning }: PicturePlan) => conditioning.kind === 'prompt' && conditioning.prompt.phrases[0]?.text;

test.each([
    ['over a { seed in 1..3 }', (p: PicturePlan) => p.seeds, ['1 [1]', '2 [2]', '3 [3]']],
    ['over a { steps in [5, 10] }', (p: PicturePlan) => p.steps, ['5 5', '10 10']],
    [
        'over a { guidance in 1..2 step 0.5 }',
        (p: PicturePlan) => p.guidance.scale.keys[0]?.value,
        ['1 1', '1.5 1.5', '2 2'],
    ],
    [
        'over b { strength in 0.1..0.3 step 0.1 }',
        (p: PicturePlan) => p.start?.strength,
        ['0.1 0.1', '0.2 0.2', '0.3 0.3'],
    ],
    ['over b { eta in [0, 1] }', (p: PicturePlan) => p.sampler.eta, ['0 0', '1 1']],
    ['over a { clip skip in 0..1 }', (p: PicturePlan) => p.clipSkip, ['0 0', '1 1']],
    [
        'over a { size in [64x64, 128x96] }',
        (p: PicturePlan) => p.size,
        ['64x64 {"width":64,"height":64}', '128x96 {"width":128,"height":96}'],
    ],
    [
        'over a { sampler in [ddim, euler on karras] }',
        (p: PicturePlan) => p.sampler.schedule,
        ['ddim "normal"', 'euler on karras "karras"'],
    ],
    ['over a { prompt in [turtle, "a {style} frog"] }', text, ['turtle "a ink turtle"', 'a {style} frog "a ink frog"']],
    ['over a { negative in [turtle, ""] }', (p: PicturePlan) => p.negative.phrases.length, ['turtle 1', ' 0']],
    ['over a { use in [sketch] }', (p: PicturePlan) => p.model.kind, ['sketch "builtin"']],
    [
        'over b { start from in [pic, other] }',
        (p: PicturePlan) => p.start?.pictures[0]?.picture,
        ['pic {"kind":"file","path":"a.png"}', 'other {"kind":"file","path":"b.png"}'],
    ],
    ['over a { style in ["ink", "oil"] }', text, ['ink "a ink turtle"', 'oil "a oil turtle"']],
    ['over a { strong in 1..2 }', (p: PicturePlan) => p.steps, ['1 1', '2 2']],
    ['over a { infuse pic weight in [0.1, 0.2] }', weight, ['0.1 0.1', '0.2 0.2']],
    ['over a { infuse pic decay in [0.9] }', (p: PicturePlan) => p.infusions[0]?.decay, ['0.9 0.9']],
    ['over a { infuse pic with in [deep, shallow] }', sites, ['deep ["mid 0.3"]', 'shallow ["up.3 0.2"]']],
    [
        'over a { infuse pic from in [other] }',
        (p: PicturePlan) => p.infusions[0]?.pictures[0]?.picture,
        ['other {"kind":"file","path":"b.png"}'],
    ],
    [
        'over a { infuse pic { up.0..up.1 in [0, 0.5] } }',
        sites,
        ['0 ["mid 0.3"]', '0.5 ["mid 0.3","up.0 0.5","up.1 0.5"]'],
    ],
    [
        'over a { infuse pic { up.0 in [0.5] } infuse pic { mid in [0, 0.1] } }',
        sites,
        ['0.5 | 0 ["up.0 0.5"]', '0.5 | 0.1 ["mid 0.1","up.0 0.5"]'],
    ],
    [
        'over a { scale { mid in [0, 1] } scale { OUT* in [0.5] } }',
        (p: PicturePlan) => p.scales.map(({ site, weight }) => `${site} ${weight.keys[0]?.value}`).slice(0, 2),
        ['0 | 0.5 ["mid 0","OUT00 0.5"]', '1 | 0.5 ["OUT00 0.5","OUT01 0.5"]'],
    ],
    ['over a { infuse pic layer up.0 in [0, 0.5] }', sites, ['0 ["mid 0.3"]', '0.5 ["mid 0.3","up.0 0.5"]']],
    [
        'over a { infuse pic at each down.0, mid, up.2..up.3 weight 0.4 }',
        sites,
        ['plain []', 'down.0 ["down.0 0.4"]', 'mid ["mid 0.4"]', 'up.2 ["up.2 0.4"]', 'up.3 ["up.3 0.4"]'],
    ],
    ['over many { infuse other at each mid seed in [1] }', sites, ['plain | 1 []', 'mid | 1 ["mid 0.5"]']],
    [
        'over b { member calm weight in [0, 1] }',
        (p: PicturePlan) =>
            p.conditioning.kind === 'ensemble' && p.conditioning.members.map((m) => m.weight.keys[0]?.value),
        ['0 [0,1]', '1 [1,1]'],
    ],
    [
        'over many { steps in [5, 6] }',
        (p: PicturePlan) => [p.steps, p.seeds],
        ['5 | 1 [5,[1]]', '5 | 2 [5,[2]]', '6 | 1 [6,[1]]', '6 | 2 [6,[2]]'],
    ],
    [
        'over a { seed in 1..2 guidance in [5, 7] }',
        (p: PicturePlan) => [p.seeds[0], p.guidance.scale.keys[0]?.value],
        ['1 | 5 [1,5]', '1 | 7 [1,7]', '2 | 5 [2,5]', '2 | 7 [2,7]'],
    ],
    [
        'over a together { seed in 1..2 guidance in [5, 7] }',
        (p: PicturePlan) => [p.seeds[0], p.guidance.scale.keys[0]?.value],
        ['1 | 5 [1,5]', '2 | 7 [2,7]'],
    ],
] as const)('sweep s %s', async (sweep, show, expected) => expect(await cells(sweep, show)).toEqual(expected));

test('axes have names, the sheet has columns', async () => {
    const made = await plan(
        'sweep',
        `${HEAD}sweep s over a animate { infuse pic weight in [0, 1] seed in 1..2 infuse pic layer mid in [0, 1] columns infuse }`,
        { files: FILES },
    );
    expect(made.axes).toEqual([
        { name: 'infuse pic weight', values: ['0', '1'] },
        { name: 'seed', values: ['1', '2'] },
        { name: 'infuse pic layer mid', values: ['0', '1'] },
    ]);
    expect(made.columns).toBe('infuse pic weight');
    expect(made.animate).toBe(true);
});

test('two params may be axes, one line after the other', async () => {
    const axes = 'sweep s over b together animate { strong in [1, 2]\nweak in [3, 4] }';
    const made = await plan('sweep', `${HEAD}param weak = 1\n${axes}`, { files: FILES });
    expect(made.cells.map(({ labels }) => labels)).toEqual([
        { strong: '1', weak: '3' },
        { strong: '2', weak: '4' },
    ]);
});

test('a scan has a baseline', async () => {
    const made = await plan('sweep', `${HEAD}sweep s over a { infuse pic at each mid }`, { files: FILES });
    expect(made.baseline).toEqual({ axis: 'infuse pic at', value: 'plain' });
});

test('layers are left out one at a time, beside the scales that the subject has', async () => {
    const text = `${HEAD}generate weak extends a { scale { IN01 0.9 } }\nsweep s over weak { scale at each mid, OUT04 by 0.5 }`;
    const made = await plan('sweep', text, { files: FILES });
    expect(made.baseline).toEqual({ axis: 'scale at', value: 'plain' });
    const factors = made.cells.map(({ plan: { scales } }) =>
        scales.map(({ site, weight }) => [site, weight.keys[0]?.value]),
    );
    const own = ['IN01', 0.9];
    expect(factors).toEqual([[own], [['mid', 0.5], own], [own, ['OUT04', 0.5]]]);
});

test('a cell is the same work as a generate of its own', async () => {
    const made = await plan('sweep', `${HEAD}sweep s over a { seed in [9] style in ["oil"] }`, { files: FILES });
    const alone = await plan('picture', `${HEAD}generate x extends a { seed 9 }`, {
        files: FILES,
        params: { style: 'oil' },
    });
    expect(digest(made.cells[0]?.plan)).toBe(digest(alone));
});

test('an expectation of the whole', async () => {
    const { run } = await import('../workbench.ts');
    const { expect: judged } = await run(`${HEAD}sweep s over a { seed in 1..2 expect { time <= 5s } }`, {
        files: FILES,
    });
    expect(judged).toEqual([{ kind: 'time', atMostSeconds: 5 }]);
});

test.each([
    ['over a { }', ['sweep/empty']],
    ['over a together { seed in 1..2 steps in [1, 2, 3] }', ['sweep/lengths']],
    ['over a { seed in 1..9999 steps in 1..9 }', ['sweep/many']],
])('sweep s %s is refused: %j', async (sweep, codes) => {
    expect(await refused(`${HEAD}sweep s ${sweep}`, { files: FILES })).toEqual(codes);
});

test('of two clauses for one picture an axis varies the one that it names', async () => {
    const text = (cell: string) => `
image e = "a.png"
generate plain { prompt "photo of a grey rabbit in a meadow" seed 5 steps 8 }
generate twice extends plain { infuse e as first { up.1 0.1 } infuse e as second { up.1 0.1 } }
generate whole extends plain { infuse e as first { up.1 0.2 } infuse e as second { up.1 0.1 } }
generate layer extends plain { infuse e as first { up.1 0.1 } infuse e as second { up.1 0.1 mid 0.3 } }
generate weak extends plain { infuse e as first weight 0.5 { up.1 0.1 } infuse e as second { up.1 0.1 } }
sweep s over twice { ${cell} }`;
    const cellIs = async (cell: string, name: string) => {
        const { axes, cells } = await plan('sweep', text(cell), { files: FILES });
        const wanted = await plan('picture', text(cell), { files: FILES, name });
        expect(cells.at(-1)?.plan).toEqual(wanted);
        return axes[0]?.name;
    };
    expect(await cellIs('first at each up.1 weight 0.2', 'whole')).toBe('first at');
    expect(await cellIs('second layer mid in [0, 0.3]', 'layer')).toBe('second layer mid');
    expect(await cellIs('first weight in [1, 0.5]', 'weak')).toBe('first weight');
    // The picture alone does not say which of them is meant.
    expect(await refused(text('infuse e at each up.1 weight 0.2'), { files: FILES })).toEqual(['runs']);
});

test('an axis over a picture that is infused twice must name the clause', async () => {
    const twice = 'image e = "a.png"\ngenerate t { prompt "x" infuse e { up.1 0.1 } infuse e { up.1 0.1 } }\n';
    expect(await refused(`${twice}sweep s over t { infuse e at each up.1 weight 0.2 }`, { files: FILES })).toEqual([
        'sweep/infuse-twice',
    ]);
});
