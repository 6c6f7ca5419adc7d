/** What an heir takes over from its base, and what it replaces. */
import { expect, test } from 'vitest';
import { plan, run } from '../../workbench.ts';
import { FILES, HEAD, words } from './checked.ts';

const BASE = `${HEAD}
generate base {
    prompt   "x"
    negative "blurry"
    seed     1
    steps    10
    infuse   pic weight 0.1
    infuse   other weight 0.2
    start    from pic strength 0.5
    expect { time <= 9s }
}
`;

async function infused(settings: string): Promise<readonly string[]> {
    const made = await plan('picture', `${BASE}generate a extends base { ${settings} }`, { files: FILES });
    return made.infusions.map(
        ({ pictures, weight }) =>
            `${pictures.map(({ picture }) => 'path' in picture && picture.path)} ${weight.keys[0]?.value}`,
    );
}

test.each([
    ['', ['a.png 0.1', 'b.png 0.2']],
    ['infuse pic weight 0.9', ['a.png 0.9', 'b.png 0.2']],
    ['infuse lines weight 0.3', ['a.png 0.1', 'b.png 0.2', 'false 0.3']],
    ['infuse pic, other weight 0.4', ['a.png 0.1', 'b.png 0.2', 'a.png,b.png 0.4']],
    ['without infuse pic', ['b.png 0.2']],
    ['without infuse', []],
    ['without infuse infuse pic weight 1', ['a.png 1']],
    [
        'infuse other weight 0.5 during 0%..50% infuse other weight 0.6 during 50%..100%',
        ['a.png 0.1', 'b.png 0.5', 'b.png 0.6'],
    ],
] as const)('an heir with %j infuses %j', async (settings, expected) =>
    expect(await infused(settings)).toEqual(expected),
);

test('an heir replaces clauses by kind, keeps the others and is judged by its own expectations', async () => {
    const { work, expect: judged } = await run(`${BASE}generate a extends base { seed 2 without start }`, {
        files: FILES,
    });
    expect(work.kind === 'picture' && [work.seeds, work.steps, work.start, work.negative]).toEqual([
        [2],
        10,
        undefined,
        words('blurry'),
    ]);
    expect(judged).toEqual([]);
});
