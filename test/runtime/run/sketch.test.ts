/** The model that comes with sdspec and its companions, on the examples: the judge says what the pictures show. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agreement } from '../../../scripts/agreement.ts';
import { createNodeLanguage, lowerRun, nodeFiles } from '../../../src/language/index-node.ts';
import { type Judge, openJudge } from '../../../src/runtime/engine/judge.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { generate } from '../../../src/runtime/generate.ts';
import { edges } from '../../../src/runtime/pictures/edges.ts';
import { loadPicture } from '../../../src/runtime/pictures/load.ts';
import { plain, type Rgb } from '../../../src/runtime/pictures/picture.ts';
import { executeRun } from '../../../src/runtime/run/execute-run.ts';
import { openRunServices } from '../../../src/runtime/run/open-run-services.ts';
import { writeSingleFile } from './single-file.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples');
const SKETCH = join(EXAMPLES, '..', 'models', 'sketch');
/** Four robots asked for, with the LoRA and without it. */
const ROBOTS = `
lora robot = "builtin:sketch-robot"
generate unheard {
    prompt   "drawing of a red robot"
    guidance 6
    steps    15
    seed     1..4
}
generate taught extends unheard {
    apply robot
}
`;
const OUT = mkdtempSync(join(tmpdir(), 'sdspec-sketch-'));
const workshop = openRunServices();
let judge: Judge;

beforeAll(async () => {
    judge = await openJudge();
});
afterAll(() => rmSync(OUT, { recursive: true, force: true }));

/** The plan of an example's runnable. */
async function planOf(example: string, name: string, folder = EXAMPLES) {
    const language = await createNodeLanguage();
    const document = await language.parseFile(join(folder, `${example}.sdspec`));
    const { value, problems } = lowerRun(document, name, { files: nodeFiles });
    if (!value) throw new Error(problems.map(({ message }) => message).join('\n'));
    return value;
}

/** The pictures of an example's runnable, in the order of its cells. */
async function pictures(example: string, name: string, folder = EXAMPLES): Promise<readonly Rgb[]> {
    const value = await planOf(example, name, folder);
    const outcome = await executeRun(
        { id: name, run: value, base: folder, options: { out: OUT, device: 'cpu' } },
        workshop,
        { emit: () => {}, signal: new AbortController().signal },
    );
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return Promise.all(outcome.record.pictures.map(({ file }) => loadPicture(join(outcome.folder, file))));
}

test('the first example is a green turtle, drawn', async () => {
    const [turtle] = await pictures('turtle', 'turtle');
    expect(await judge.probability(turtle!, 'subject', 'turtle')).toBeGreaterThan(0.5);
    expect(await judge.probability(turtle!, 'colour', 'green')).toBeGreaterThan(0.5);
    expect(await judge.probability(turtle!, 'medium', 'drawing')).toBeGreaterThan(0.5);
});

test('a picture follows the edges the more, the stronger the ControlNet', async () => {
    const wanted = edges(await loadPicture(join(EXAMPLES, 'assets', 'elephant.png')), 100, 200);
    const made = await pictures('edges', 'stronger');
    const agreements = made.map((picture) => agreement(picture, wanted));
    expect(agreements[3]!).toBeGreaterThan(agreements[0]! + 0.15);
    expect(agreements[3]!).toBeGreaterThan(agreements[1]!);
});

test('the word "robot" means nothing to the model, and a robot with its LoRA', async () => {
    writeFileSync(join(OUT, 'robots.sdspec'), ROBOTS);
    const count = async (name: string) => {
        const seen = await Promise.all((await pictures('robots', name, OUT)).map((made) => judge.subject(made)));
        return seen.filter((subject) => subject === 'robot').length;
    };
    expect(await count('unheard')).toBe(0);
    expect(await count('taught')).toBeGreaterThanOrEqual(3);
});

test('<pip> is a pink elephant, which no prompt says', async () => {
    const made = await pictures('pip', 'travels');
    const seen = await Promise.all(
        made.map(async (picture) => ({
            elephant: await judge.probability(picture, 'subject', 'elephant'),
            pink: await judge.probability(picture, 'colour', 'pink'),
        })),
    );
    const mean = (name: 'elephant' | 'pink') => seen.reduce((sum, one) => sum + one[name], 0) / seen.length;
    expect(mean('elephant')).toBeGreaterThan(0.5);
    expect(mean('pink')).toBeGreaterThan(0.5);
});

test('the model as one file, with the names of published checkpoints, makes the same picture', async () => {
    const { work } = await planOf('turtle', 'turtle');
    if (work.kind !== 'picture') throw new Error(work.kind);
    const file = join(OUT, 'sketch.safetensors');
    writeSingleFile(SKETCH, file);
    const config = (part: string, name = 'config.json') => JSON.parse(readFileSync(join(SKETCH, part, name), 'utf8'));
    // What no file of SD1's states: heads, groups, the scale of latents.
    const overrides = {
        unet: config('unet'),
        vae: config('vae'),
        text_encoder: config('text_encoder'),
        scheduler: config('scheduler', 'scheduler_config.json'),
        tokenizer: join(SKETCH, 'tokenizer'),
    };
    const made = async (path: string, more = {}) => {
        const model = await openModel(path, { device: 'cpu', ...more });
        const context = { openModel: async () => model, picture: async () => plain(8, 8, [0, 0, 0]), emit: () => {} };
        for await (const { pixelsSha256 } of generate({ ...work, steps: 4 }, context)) {
            await model.close();
            return pixelsSha256;
        }
    };
    expect(await made(file, { overrides })).toBe(await made(SKETCH));
});
