/** Inheritance: what a clause of a generate replaces of its base's, adds to it, and removes from it. */
import { expect, test } from 'vitest';
import { plan } from '../workbench.ts';

const FILES = { 'e1.png': [64, 64], 'e2.png': [64, 64], 'e3.png': [64, 64] } as const;
const HEAD = `
image e1 = "e1.png"
image e2 = "e2.png"
image e3 = "e3.png"
controlnet lines = "builtin:sketch-edges"
lora robot = "builtin:sketch-robot"
`;

/** The infusions of the last generate: their pictures, and each site with its weight. */
async function infused(text: string): Promise<readonly string[]> {
    const { infusions } = await plan('picture', HEAD + text, { files: FILES });
    return infusions.map(({ pictures, sites }) => {
        const names = pictures.map(({ picture }) =>
            picture.kind === 'file' ? picture.path.slice(0, 2) : picture.kind,
        );
        return `${names.join(' ')}: ${sites.map(({ site, weight }) => `${site} ${weight.keys[0]?.value}`).join(', ')}`;
    });
}

test('pictures of a clause are a set: their order has no say in what it replaces', async () => {
    const base = 'generate b { prompt "x" infuse e1, e2 { mid 0.1 } }\n';
    expect(await infused(`${base}generate c extends b { infuse e2, e1 { mid 0.3 } }`)).toEqual(['e2 e1: mid 0.3']);
    expect(await infused(`${base}generate c extends b { infuse e1 { mid 0.3 } }`)).toEqual([
        'e1 e2: mid 0.1',
        'e1: mid 0.3',
    ]);
});

test('a clause with a name replaces the one of that name, whatever its pictures', async () => {
    const base = 'generate b { prompt "x" infuse e1 as early { mid 0.1 } infuse e1 as late { up.1 0.1 } }\n';
    expect(await infused(`${base}generate c extends b { infuse e1 as late { up.1 0.4 } }`)).toEqual([
        'e1: mid 0.1',
        'e1: up.1 0.4',
    ]);
    expect(await infused(`${base}generate c extends b { infuse e2 as early { mid 0.2 } }`)).toEqual([
        'e2: mid 0.2',
        'e1: up.1 0.1',
    ]);
    // Without a name it is a clause of its own, and the check \`clause/beside\` says so.
    expect(await infused(`${base}generate c extends b { infuse e1 { mid 0.2 } }`)).toEqual([
        'e1: mid 0.1',
        'e1: up.1 0.1',
        'e1: mid 0.2',
    ]);
});

test('`without` removes by name, by the whole set of pictures, or all of a kind', async () => {
    const base =
        'generate b { prompt "x" infuse e1 as early { mid 0.1 } infuse e1, e2 { up.1 0.1 } infuse e3 { mid 0.2 } }\n';
    expect(await infused(`${base}generate c extends b { without early }`)).toEqual(['e1 e2: up.1 0.1', 'e3: mid 0.2']);
    expect(await infused(`${base}generate c extends b { without infuse e1 }`)).toEqual([
        'e1 e2: up.1 0.1',
        'e3: mid 0.2',
    ]);
    expect(await infused(`${base}generate c extends b { without infuse e2, e1 }`)).toEqual([
        'e1: mid 0.1',
        'e3: mid 0.2',
    ]);
    expect(await infused(`${base}generate c extends b { without infuse }`)).toEqual([]);
});

test('`without` takes every setting back to its default', async () => {
    const base = `generate b {
        prompt "x" negative "y" size 64x64 seed 7 steps 4 sampler euler guidance 3 noise philox clip skip 1 long prompts chunk
        start from e1 mask e2 infuse e3 scale { mid 0 } apply robot control lines by e1 trace every 1 use m
    }\nmodel m = "builtin:sketch"\n`;
    const settings =
        'use prompt negative size seed steps sampler guidance noise clip start mask infuse scale apply control trace'.split(
            ' ',
        );
    const removed = [...settings, 'long prompts'].map((word) => `without ${word}`).join('\n');
    const text = `${HEAD}${base}generate plain { }\ngenerate c extends b {\n${removed}\n}`;
    const bare = await plan('picture', text, { files: FILES, name: 'c' });
    expect(bare).toEqual(await plan('picture', text, { files: FILES, name: 'plain' }));
});

test('two controls of one network have names, and each is replaced alone', async () => {
    const base =
        'generate b { prompt "x" control lines by e1 as left weight 0.5 control lines by e2 as right weight 0.5 }\n';
    const { controls } = await plan('picture', `${HEAD}${base}generate c extends b { control lines by e3 as right }`, {
        files: FILES,
    });
    expect(controls.map(({ picture, weight }) => [picture, weight.keys[0]?.value])).toEqual([
        [{ kind: 'file', path: 'e1.png' }, 0.5],
        [{ kind: 'file', path: 'e3.png' }, 1],
    ]);
});
