/** Lowering of learns: every clause to its part of the plan, captions from wherever they are written. */
import { expect, test } from 'vitest';
import { digest } from '../../../src/plan/digest.ts';
import type { LearnPlan } from '../../../src/plan/plan.ts';
import { plan, refused, run } from '../workbench.ts';

const FILES = {
    'p/1.png': [128, 128],
    'p/2.png': [128, 128],
    'p/3.png': [128, 128],
    'q/1.png': [128, 128],
    'q/1.txt': 'a robot in a meadow\n\n  a robot \n',
    'q/2.png': [128, 128],
    'q/2.caption': 'a robot at night',
    'big/model_index.json': '{}',
    big: 'folder',
    'big/unet/config.json': '{"sample_size":64}',
} as const;
const HEAD =
    'image pics = "p/*.png"\nimage robots = "./q/*.png"\ngenerate cats { prompt "a cat", "in a box" seed 1..2 }\n';

const learn = (settings: string, head = HEAD): Promise<LearnPlan> =>
    plan('learn', `${head}learn pip { ${settings} }`, { files: FILES });
const word = (settings: string) => learn(`word like "animal" from pics "a <pip>" ${settings}`);

test('what a learn does not say has its default', async () => {
    const made = await word('');
    expect({ ...made, from: [] }).toEqual({
        kind: 'learn',
        model: { kind: 'builtin', name: 'sketch' },
        target: { kind: 'word', word: 'pip', like: 'animal', vectors: 1 },
        from: [],
        size: { width: 128, height: 128 },
        steps: 400,
        batch: 4,
        rate: 0.005,
        warmup: 40,
        fall: 'cosine',
        decay: 0,
        clip: 1,
        flip: false,
        seed: 0,
        memory: 'keep',
    });
    const large = await learn('use m lora from pics "x"', `${HEAD}model m = "big"\n`);
    expect([large.size, large.batch, large.memory, large.rate]).toEqual([
        { width: 512, height: 512 },
        1,
        'balanced',
        5e-4,
    ]);
});

test('every clause has its part', async () => {
    const made = await word(
        'size 64x96 steps 30 batch 2 rate 0.1 warmup 5 decay 0.01 clip 0 constant seed 7 flip memory small',
    );
    expect(made).toMatchObject({
        size: { width: 64, height: 96 },
        steps: 30,
        batch: 2,
        rate: 0.1,
        warmup: 5,
        fall: 'constant',
        decay: 0.01,
        clip: 0,
        flip: true,
        seed: 7,
        memory: 'small',
    });
    expect((await word('steps 30')).warmup).toBe(3);
    const traced = await word('seed 3 trace every 10 "<pip> on a beach", "a <pip>"');
    expect(traced.trace?.every).toBe(10);
    expect(traced.trace?.pictures.map(({ seeds, conditioning }) => [seeds, conditioning])).toEqual(
        ['<pip> on a beach', 'a <pip>'].map((text) => [
            [3],
            { kind: 'prompt', prompt: { phrases: [{ text, weight: 1 }] } },
        ]),
    );
});

test.each([
    ['lora', { kind: 'lora', rank: 4, alpha: 4, layers: 'attention' }],
    ['lora rank 8 at transformer', { kind: 'lora', rank: 8, alpha: 8, layers: 'transformer' }],
    ['lora rank 8 alpha 4 at all', { kind: 'lora', rank: 8, alpha: 4, layers: 'all' }],
    [
        'lora at OUT03..OUT05',
        { kind: 'lora', rank: 4, alpha: 4, layers: 'attention', blocks: ['OUT03', 'OUT04', 'OUT05'] },
    ],
    [
        'lora at transformer of mid, up.1',
        { kind: 'lora', rank: 4, alpha: 4, layers: 'transformer', blocks: ['M00', 'OUT03', 'OUT04', 'OUT05'] },
    ],
    ['lora at down.0', { kind: 'lora', rank: 4, alpha: 4, layers: 'attention', blocks: ['IN01', 'IN02', 'IN03'] }],
    ['weights', { kind: 'weights', layers: 'all' }],
    ['weights at IN00', { kind: 'weights', layers: 'all', blocks: ['IN00'] }],
])('%s', async (clause, target) => {
    expect((await learn(`${clause} from pics "x" beside cats`)).target).toEqual(target);
});

test('captions: written, in text files, of prompts, or templates', async () => {
    const captions = ({ from }: LearnPlan) =>
        from.map((set) => (set.kind === 'made' ? set.captions : set.pictures.map((one) => one.captions)));
    const three = (...texts: string[]) => [texts, texts, texts];
    expect(captions(await learn('lora from pics "a", "b"'))).toEqual([three('a', 'b')]);
    expect(captions(await learn('lora from robots'))).toEqual([
        [['a robot in a meadow', 'a robot'], ['a robot at night']],
    ]);
    expect(captions(await learn('lora from cats'))).toEqual([[['a cat, in a box'], ['a cat, in a box']]]);
    expect(captions(await learn('lora from pics "x" from cats "y"'))).toEqual([three('x'), [['y'], ['y']]]);
    const templates = captions(await learn('word like "animal" from pics'))[0]?.[0] ?? [];
    expect(templates).toHaveLength(27);
    expect(templates.every((text) => text.includes('<pip>'))).toBe(true);
    const swept = `${HEAD}sweep kinds over cats { prompt in ["a dog", "a cow"] }\n`;
    expect(captions(await learn('lora from kinds', swept))).toEqual([[['a dog'], ['a dog'], ['a cow'], ['a cow']]]);
});

test('captions are filled in with the params of the pictures that a sweep makes', async () => {
    const spec = `${HEAD}param place = "at home"
generate owls { prompt "an owl {place}" seed 1..2 }
sweep places over owls { place in ["at sea", "at night"] seed in [5, 6] }
sweep seeds over owls { seed in [5, 6] }
`;
    const captions = async (clauses: string) =>
        (await learn(`lora ${clauses}`, spec)).from.map((set) => set.kind === 'made' && set.captions.flat());
    const text = 'from places "a bird {place}", "a bird"';
    const [first, second] = ['at sea', 'at night'].map((place) => [`a bird ${place}`, 'a bird']);
    expect(await captions(text)).toEqual([[...first!, ...first!, ...second!, ...second!]]);
    expect(await captions('from owls "{place}" from seeds "{place}"')).toEqual([
        ['at home', 'at home'],
        ['at home', 'at home'],
    ]);
});

test('pictures beside have a weight', async () => {
    const made = await learn('lora from pics "x" beside cats "a cat" weight 0.5');
    expect(made.beside?.weight).toBe(0.5);
    expect(made.beside?.pictures[0]).toMatchObject({ kind: 'made', name: 'cats', captions: [['a cat'], ['a cat']] });
});

test('pictures that use what is learnt pin its plan', async () => {
    const spec = (steps: number) =>
        `${HEAD}learn pip { word like "animal" from pics "a <pip>" steps ${steps} }\nlearn tin { lora from pics "x" steps ${steps} }\n`;
    const made = await plan('picture', `${spec(9)}generate a { prompt "a <pip>" apply tin weight 0.5 }`, {
        files: FILES,
    });
    expect(made.embeddings).toMatchObject([{ token: 'pip', file: { kind: 'learn', name: 'pip', plan: { steps: 9 } } }]);
    expect(made.adapters).toMatchObject([{ weight: 0.5, file: { kind: 'learn', name: 'tin', plan: { steps: 9 } } }]);
    const other = await plan('picture', `${spec(8)}generate a { prompt "a <pip>" apply tin weight 0.5 }`, {
        files: FILES,
    });
    expect(digest(other)).not.toBe(digest(made));
    const swept = await plan(
        'sweep',
        `${spec(9)}generate a { prompt "x" apply tin }\nsweep s over a { apply tin weight in [0, 1] }`,
        { files: FILES },
    );
    expect(swept.cells.map(({ plan: { adapters } }) => adapters[0]?.weight)).toEqual([0, 1]);
    const without = `${spec(9)}generate a { prompt "x" apply tin }\ngenerate b extends a { without apply tin }`;
    expect((await plan('picture', without, { files: FILES })).adapters).toEqual([]);
});

test('expectations', async () => {
    const text = `${HEAD}learn pip { word like "animal" from pics "a <pip>" expect { loss <= 0.11 } }`;
    const { expect: expectations } = await run(text, { files: FILES });
    expect(expectations).toEqual([{ kind: 'loss', atMost: 0.11 }]);
});

test.each([
    ['learn pip { word like "animal" from loop "a <pip>" }\ngenerate loop { prompt "a <pip>" }', 'learn/circle'],
    ['learn pip { word like "animal" from cats }', 'learn/word'],
    ['learn pip { lora from pics }', 'learn/captions'],
    ['image lines = edges of one\nimage one = "p/1.png"\nlearn pip { lora from lines }', 'learn/captions'],
    ['image none = "z/*.png"\nlearn pip { lora from none "x" }', 'file/missing'],
])('%s is refused: %s', async (text, code) => {
    expect(await refused(`${HEAD}${text}`, { name: 'pip', files: FILES })).toContain(code);
});

test('a ControlNet follows edges, and is learnt before a picture that it controls', async () => {
    const clauses = 'controlnet edges low 50 from pics "a cat" trace every 200 "a dog" by robots';
    const made = await learn(clauses, HEAD.replace('"./q/*.png"', '"q/1.png"'));
    expect(made).toMatchObject({
        target: { kind: 'controlnet', hint: { low: 50, high: 200 } },
        rate: 5e-4,
        trace: { every: 200, by: { kind: 'file', path: 'q/1.png' } },
    });
    const net = 'image one = "q/1.png"\nlearn net { controlnet edges from pics "a cat" }\n';
    const text = `${HEAD}${net}generate a { prompt "x" control net by one }`;
    const work = await plan('picture', text, { files: FILES });
    expect(work).toMatchObject({ controls: [{ net: { kind: 'learn', name: 'net', plan: { steps: 400 } } }] });
});
