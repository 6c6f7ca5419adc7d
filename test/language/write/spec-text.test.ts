/** Resolved settings as spec text: the text means what it was made from. */
import { describe, expect, it } from 'vitest';
import { Language, lowerRun } from '../../../src/language/index.ts';
import { namesInUse } from '../../../src/language/write/names-in-use.ts';
import { originText } from '../../../src/language/write/origins/origin-text.ts';
import { specText } from '../../../src/language/write/spec-text.ts';
import { digest } from '../../../src/plan/digest.ts';
import type { Work } from '../../../src/plan/run.ts';
import { originFrom } from '../../../src/runtime/pictures/metadata/read.ts';

const HEAD = `model sketch = "builtin:sketch"
image photo = "./photo.png"
image room = "./room.png"
image cutout = "./mask.png"
lora robot = "builtin:sketch-robot"
embedding pip = "builtin:sketch-pip"
controlnet outline = "builtin:sketch-edges"
image outlines = edges of photo
prompt styled { "calm sea" during step 2..9 { "sea" 2 -> 1 }  "soft" weight 0.8 during 10%..90% }
generate base { use sketch prompt "a <pip> by the sea" seed 5 }
generate second-base { use sketch prompt "a harbour" infuse base { mid 0.3 } }
`;

const language = new Language();

async function namesOf(text: string) {
    return namesInUse((await language.parseText(text)).parseResult.value);
}

async function workOf(text: string, name: string): Promise<Work> {
    const { value, problems } = lowerRun(await language.parseText(text), name);
    if (!value) throw new Error(`${text}\n${problems.map(({ message }) => message).join('\n')}`);
    return value.work;
}

describe('a plan written as text and planned again is the same work', () => {
    const bodies: Readonly<Record<string, string>> = {
        plain: 'prompt "a house" seed 7',
        'prompt with marks': 'prompt "a \\"big\\" house" weight 1.3, "a \\{brace\\}" negative "blurry" weight 1.2',
        'phrases with windows':
            'prompt "a house" during 0%..50%, "a boat" weight 1.2 during step 2..3, "a red car" weight 1 -> 0.5 { "red" 2 -> 1  "car" 1.5 } negative "fog" during 50%..100%',
        'windows within windows':
            'prompt styled during 0%..80% { "calm" 1.2 -> 0.7 }, "a boat" negative styled weight 2',
        seeds: 'prompt "a house" seed 1..4',
        'several seeds': 'prompt "a house" seed 4, 9, 2',
        sampler: 'prompt "a house" sampler euler on karras steps 9 guidance 9 -> 3 cosine during 20%..80%',
        eta: 'prompt "a house" sampler ddim eta 0.5',
        infusion:
            'prompt "a house" infuse photo weight 1 decay 0.99 during 0%..60% { down.1 0.3  mid 0.3 -> 0.1  skip.* -0.05 }',
        'several bias pictures':
            'prompt "a house" infuse photo, room share 2 rows cond normalise match-std { mid 0.3 }',
        start: 'prompt "a house" start from photo strength 0.6',
        mixed: 'prompt "a house" start from photo weight 0.5, room weight 0.5 mixing spherical strength 0.7',
        mask: 'prompt "a house" start from photo strength 0.9 mask outside room feather 4px',
        trace: 'prompt "a house" steps 12 trace every 3 finished in 1 step',
        scale: 'prompt "a house" scale { mid 0.5 }',
        'a cache': 'prompt "a house" cache deep every 3 at up.3.attn.1 during 20%..100%',
        'a cache from the last block on': 'prompt "a house" cache deep every 2 during step 3..9',
        'kept text': 'prompt "a house" cache deep every 2 cache text during 40%..100%',
        precision: 'prompt "a house" precision int8',
        '16 bits': 'prompt "a house" precision fp16',
        'a trace from a picture on': 'prompt "a house" steps 20 start from photo strength 0.5 trace every 5',
        'learned words': 'prompt "a <pip> at home", "no \\<pip>" weight 1.2 negative "<pip>"',
        companions: 'prompt "a robot" apply robot weight 0.5 control outline by outlines',
        'a LoRA in some layers': 'prompt "a robot" apply robot weight 0.5 { up.1 0.5  OUT11, mid 1 }',
        'a LoRA and a ControlNet in no layer':
            'prompt "a robot" apply robot { mid 0 } control outline by outlines { mid 0 }',
        'a file named like a word of the language': 'prompt "a house" start from photo strength 0.9 mask cutout',
        'a picture that is made': 'prompt "a house" start from base strength 0.6',
        'pictures made of each other':
            'prompt "a house" start from second-base strength 0.6 infuse base, second-base { mid 0.3 }',
    };
    for (const [name, body] of Object.entries(bodies)) {
        it(name, async () => {
            const work = await workOf(`${HEAD}generate one { use sketch ${body} }`, 'one');
            const text = specText('one', work);
            expect(digest(await workOf(text, 'one')), text).toBe(digest(work));
        });
    }
    it('a weights file named like a word of the language', async () => {
        const text = 'model sd15 = "./weights/model.safetensors"\ngenerate one { use sd15 prompt "x" size 512x512 }';
        const work = await workOf(text, 'one');
        expect(digest(await workOf(specText('one', work), 'one'))).toBe(digest(work));
    });
    it('a picture that is made is declared once, above what it is made into', async () => {
        const body = 'prompt "a house" start from base strength 0.6 infuse base { mid 0.3 }';
        const text = specText('one', await workOf(`${HEAD}generate one { use sketch ${body} }`, 'one'));
        expect(text.match(/^generate \S+/gm)).toEqual(['generate base', 'generate one']);
    });
    it('what comes with sdspec keeps its name', async () => {
        const text = specText('one', await workOf(`${HEAD}generate one { use sketch prompt "x" apply robot }`, 'one'));
        expect(text).toContain('lora sketch-robot = "builtin:sketch-robot"');
    });
    it.each([
        'word like "animal" vectors 2 from photo, room "a <one>" from base "the \\"big\\" <one>" flip trace every 9 "<one> at home", "<one>"',
        'lora rank 8 alpha 4 at transformer of OUT03..OUT05 from base beside second-base, photo "a house" weight 0.5',
        'controlnet edges low 50 high 150 from photo "a house" trace every 9 "at home" by room',
        'weights at all from photo "x" rate 0.001 warmup 3 decay 0.01 clip 0 constant memory small size 64x64 seed 3 batch 2',
    ])('learn: %s', async (body) => {
        const work = await workOf(`${HEAD}learn one { use sketch ${body} }`, 'one');
        const text = specText('one', work);
        expect(digest(await workOf(text, 'one')), text).toBe(digest(work));
    });
    it('captions that differ from picture to picture of a sweep', async () => {
        const sweep = `param art = "photo"
generate drawn { use sketch prompt "{art} of a turtle" seed 1..2 }
sweep lessons over drawn { art in ["photo", "painting"] }
`;
        const work = await workOf(
            `${HEAD}${sweep}learn one { use sketch word like "animal" from lessons "{art} of <one>", "a {art}: <one>" }`,
            'one',
        );
        const again = await workOf(specText('one', work), 'one');
        const captions = (learn: Work) =>
            learn.kind === 'learn' ? learn.from.flatMap((set) => (set.kind === 'made' ? set.captions : [])) : [];
        expect(captions(work)).toHaveLength(4);
        expect(captions(again)).toEqual(captions(work));
    });
    it('a picture that uses what is learnt', async () => {
        const learns = `learn toy { word like "animal" from base "a <toy>" }\nlearn tin { lora from photo "a robot" }\n`;
        const work = await workOf(
            `${HEAD}${learns}generate one { use sketch prompt "a <toy>" apply tin weight 0.5 }`,
            'one',
        );
        const text = specText('one', work);
        expect(digest(await workOf(text, 'one')), text).toBe(digest(work));
        const read = originText('one.png', originFrom({ sdspec: JSON.stringify({ format: 1, plan: work }) })!);
        expect(digest(await workOf(read, 'one')), read).toBe(digest(work));
    });
    it('ensembles', async () => {
        const text = `${HEAD}ensemble both over latents { calm "a sea" weight 1 -> 0 storm "a storm" weight 0 -> 1 }
generate one { use sketch prompt both }`;
        const work = await workOf(text, 'one');
        expect(digest(await workOf(specText('one', work), 'one'))).toBe(digest(work));
    });
});

describe('pictures of other tools become specs', () => {
    const parameters = `a (red:1.3) house, beach <lora:ink:0.6>
Negative prompt: blurry
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1234, Size: 512x768, Model hash: 6ce0161689, Model: v1-5`;

    it('AUTOMATIC1111', async () => {
        const text = originText('house.png', originFrom({ parameters })!);
        const work = await workOf(text, 'house');
        expect(work).toMatchObject({
            kind: 'picture',
            seeds: [1234],
            steps: 20,
            size: { width: 512, height: 768 },
            sampler: { name: 'dpmpp-2m', schedule: 'karras' },
            adapters: [{ weight: 0.6 }],
        });
    });

    it.each(['-1x768', '512x-8', '0.5x512'])('a size of %s is a note', async (size) => {
        const text = originText('house.png', originFrom({ parameters: parameters.replace('512x768', size) })!);
        expect(text).not.toMatch(/^ {4}size /m);
        expect(text).toContain(`// size ${size} was written`);
        await workOf(text, 'house');
    });

    it('a text that they join keeps its names', async () => {
        const existing = `${HEAD}generate house { use sketch prompt "a house" }`;
        const text = originText('house.png', originFrom({ parameters })!, await namesOf(existing));
        expect(text).toContain('generate house_2 {');
        await workOf(`${existing}\n${text}`, 'house_2');
    });

    it('what the text imports keeps its name', async () => {
        const existing = `import { house, house_2 as home } from "./houses.sdspec"\n`;
        const text = originText('house.png', originFrom({ parameters })!, await namesOf(existing));
        expect(text).toContain('generate house_3 {');
    });

    it('what moves a cursor, ends a line or turns one around is written by its number, and read again', async () => {
        const words = 'a\u001b[31m\u009b\u202e\r\n\u2028\ud800"{x}<y>\\';
        const base = await workOf(`${HEAD}generate one { use sketch prompt "a house" seed 7 }`, 'one');
        if (base.kind !== 'picture') throw new Error('This is a picture.');
        const plan = {
            ...base,
            conditioning: { kind: 'prompt', prompt: { phrases: [{ text: words, weight: 1 }] } },
        } as const;
        const text = specText('one', plan);
        expect(text).toContain('"a\\u001b[31m\\u009b\\u202e\\u000d\\n\\u2028\\ud800\\"\\{x}\\<y>\\\\"');
        expect(digest(await workOf(text, 'one'))).toBe(digest(plan));
    });

    it('values of axes stay in their comment', async () => {
        const sweep = await workOf(`${HEAD}generate g { use sketch prompt "x" }\nsweep s over g { seed in 1..2 }`, 's');
        if (sweep.kind !== 'sweep') throw new Error('This is a sweep.');
        const text = specText('s', { ...sweep, axes: [{ name: 'seed', values: ['1\n} generate x {', '2'] }] });
        expect(text).toContain('//     seed: 1 } generate x { | 2\n');
    });

    it('our own come back as they were', async () => {
        const work = await workOf(`${HEAD}generate one { use sketch prompt "a house" seed 7 }`, 'one');
        const text = originText('one.png', originFrom({ sdspec: JSON.stringify({ format: 1, plan: work }) })!);
        expect(digest(await workOf(text, 'one'))).toBe(digest(work));
    });
});
