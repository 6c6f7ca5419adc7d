/** What can be adjusted in a generate, and the text after each adjustment. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { answerAdjustable, answerAdjustEdits } from '../../../src/language/lsp/runnables/adjust.ts';
import type { Adjustment } from '../../../src/language/write/adjust/adjustment.ts';
import { constant } from '../../../src/plan/curve.ts';
import { applied, Editor } from './editor.ts';

const ASSETS = fileURLToPath(new URL('../../../examples/assets', import.meta.url));

let editor: Editor;
beforeAll(async () => {
    editor = await Editor.start();
});

const HEAD =
    'model sketch = "builtin:sketch"\n\nimage cat = "./elephant.png"\n\nweights deep {\n    mid  0.4\n    up.0 0.3\n}\n\n';
const PLAIN = 'generate plain {\n    use    sketch\n    prompt "a house"\n    steps  10\n}\n\n';

const specOf = (clause: string, more = '') => `${HEAD}${PLAIN}generate a extends plain {\n    ${clause}${more}\n}\n`;

/** Beside a picture that is there. */
let count = 0;
const open = (text: string) => editor.open(text, join(ASSETS, `adjusted-${count++}.sdspec`));

async function adjusted(text: string, adjustment: Adjustment, name = 'a'): Promise<string> {
    const document = await open(text);
    return applied(document, answerAdjustEdits(document, { uri: '', name, adjustment }, editor.services.sdspec));
}

async function adjustable(text: string, name = 'a') {
    const document = await open(text);
    return answerAdjustable(document, { uri: '', name }, editor.services.sdspec);
}

const layer = (site: 'mid' | 'up.0' | 'up.1' | 'OUT04', value?: number): Adjustment => ({
    kind: 'layer',
    infusion: 0,
    site,
    ...(value === undefined ? {} : { weight: constant(value) }),
});

it.each([
    [
        'a line of its own is changed',
        'infuse cat { mid 0.4  up.0 0.3 }',
        layer('up.0', 0.55),
        'infuse cat { mid 0.4  up.0 0.55 }',
    ],
    [
        'a stage and its block are two layers',
        'infuse cat { M00 0.4 }',
        layer('mid', 0.5),
        'infuse cat { M00 0.4  mid 0.5 }',
    ],
    ['a layer is added', 'infuse cat { mid 0.4 }', layer('up.1', 0.2), 'infuse cat { mid 0.4  up.1 0.2 }'],
    [
        'a line after a range wins',
        'infuse cat { down.2..up.0 0.3 }',
        layer('mid', 0.7),
        'infuse cat { down.2..up.0 0.3  mid 0.7 }',
    ],
    ['named weights stay named', 'infuse cat with deep', layer('up.1', 0.2), 'infuse cat with deep { up.1 0.2 }'],
    ['the layers of a bare clause stay', 'infuse cat', layer('mid', 0.6), 'infuse cat { * 0.1  mid 0.6 }'],
    ['a layer is left out', 'infuse cat { mid 0.4  up.0 0.3 }', layer('up.0'), 'infuse cat { mid 0.4 }'],
    [
        'the only layer becomes 0: without it all would be infused',
        'infuse cat { mid 0.4 }',
        layer('mid'),
        'infuse cat { mid 0 }',
    ],
    [
        'a layer of a range becomes 0',
        'infuse cat { down.2..up.0 0.3 }',
        layer('mid'),
        'infuse cat { down.2..up.0 0.3  mid 0 }',
    ],
    [
        'a weight that changes over the steps',
        'infuse cat { mid 0.4 }',
        {
            kind: 'layer',
            infusion: 0,
            site: 'mid',
            weight: {
                keys: [
                    { at: 0, value: 0.4 },
                    { at: 0.3, value: 0.6 },
                    { at: 1, value: 0 },
                ],
                easing: 'cosine',
            },
        } satisfies Adjustment,
        'infuse cat { mid 0.4@0% -> 0.6@30% -> 0@100% cosine }',
    ],
])('%s', async (_, clause, adjustment, expected) => {
    expect(await adjusted(specOf(clause), adjustment)).toBe(specOf(expected));
});

it('comments and lines stay where they are, and columns are aligned', async () => {
    const text = specOf('infuse cat {\n        mid   0.4  // the middle\n        OUT04 0.2\n    }');
    expect(await adjusted(text, layer('up.0', 0.3))).toBe(
        specOf('infuse cat {\n        mid   0.4  // the middle\n        OUT04 0.2\n        up.0  0.3\n    }'),
    );
});

it('an inherited clause becomes one of its own, and its base stays as it is', async () => {
    const base = specOf('infuse cat decay 0.99 { mid 0.4 }');
    expect(await adjusted(`${base}\ngenerate b extends a {\n    seed 3\n}\n`, layer('mid', 0.5), 'b')).toBe(
        `${base}\ngenerate b extends a {\n    seed   3\n    infuse cat decay 0.99 { mid 0.5 }\n}\n`,
    );
    expect((await adjustable(`${base}\ngenerate b extends a {\n}\n`, 'b'))?.infusions[0]).toMatchObject({ from: 'a' });
});

it('a text that is not laid out is changed in this place only', async () => {
    const text = specOf('infuse    cat {mid    0.4}');
    expect(await adjusted(text, layer('mid', 0.5))).toBe(specOf('infuse    cat {mid    0.5}'));
});

it('numbers are named by what they are, with ends that fit them', async () => {
    const clauses =
        'prompt "a house" weight 1.2\n    seed   7\n    infuse cat weight 0.5 -> 0.2 decay 0.99 { mid 0.4 }\n    start from cat strength 0.6';
    const found = await adjustable(specOf(clauses));
    expect(found?.numbers.map(({ id, value, isDefault = false }) => [id, value, isDefault])).toEqual([
        ['prompt “a house” weight', 1.2, false],
        ['seed', 7, false],
        ['infuse cat weight (1 of 2)', 0.5, false],
        ['infuse cat weight (2 of 2)', 0.2, false],
        ['infuse cat decay', 0.99, false],
        ['start strength', 0.6, false],
        ['steps', 10, true],
        ['guidance', 7.5, true],
    ]);
    expect(found?.numbers.find(({ id }) => id === 'start strength')?.slider).toEqual({ least: 0, most: 1 });
    expect(found?.numbers.find(({ id }) => id === 'seed')?.slider).toBeUndefined();
    expect(found?.pictures).toEqual(['cat']);
});

it.each([
    ['in place', 'guidance 5', 'guidance', 8.5, 'guidance 8.5'],
    ['as a clause where there is none', 'seed 3', 'guidance', 4, 'seed     3\n    guidance 4'],
    ['not beyond what can be written', 'start from cat strength 0.6', 'start strength', 3, 'start from cat strength 1'],
    [
        'in pixels',
        'start from cat\n    mask  cat feather 8px',
        'mask feather',
        12,
        'start from cat\n    mask  cat feather 12px',
    ],
])('a number is written %s', async (_, clause, id, value, expected) => {
    expect(await adjusted(specOf(clause), { kind: 'number', id, value })).toBe(specOf(expected));
});

it('a param is changed where it is declared, once for all its uses', async () => {
    const clause = 'guidance g\n    infuse   cat weight g { mid 0.1 }';
    const text = `param g = 2\n\n${specOf(clause)}`;
    expect((await adjustable(text))?.numbers.filter(({ id }) => id === 'param g')).toHaveLength(1);
    expect(await adjusted(text, { kind: 'number', id: 'param g', value: 3 })).toBe(`param g = 3\n\n${specOf(clause)}`);
});

it('a sweep adjusts what it is over; a text with errors says which', async () => {
    const text = specOf('infuse cat { mid 0.4 }');
    const swept = await adjustable(`${text}\nsweep s over a {\n    seed in 1..2\n}\n`, 's');
    expect(swept?.name).toBe('a');
    const broken = await adjustable(specOf('infuse dog { mid 0.4 }'));
    expect(broken).toMatchObject({ infusions: [], problem: expect.stringMatching(/dog/) });
    expect(await adjusted(specOf('guidance 5'), { kind: 'number', id: 'gone', value: 3 })).toBe(specOf('guidance 5'));
});
