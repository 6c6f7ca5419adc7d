/**
 * `npm run gallery`: runs examples/gallery.sdspec and its neighbours on the built-in model, measures what their mixtures
 * do, and writes docs/gallery.md with the pictures and the figures, whatever they are. The contact sheet of
 * examples/zoo.sdspec goes to docs/images, too, and its first rows begin the README and the model's card; with the word
 * `zoo` it makes that alone.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createNodeLanguage, lowerRun, nodeFiles } from '../src/language/index-node.ts';
import { constant } from '../src/plan/curve.ts';
import type { Control, Infusion, PicturePlan } from '../src/plan/plan.ts';
import { type Site, STAGES } from '../src/plan/sites.ts';
import { type Head, openJudge } from '../src/runtime/engine/judge.ts';
import { openModel } from '../src/runtime/engine/model.ts';
import { generate } from '../src/runtime/generate.ts';
import { edges } from '../src/runtime/pictures/edges.ts';
import { loadPicture } from '../src/runtime/pictures/load.ts';
import type { Rgb } from '../src/runtime/pictures/picture.ts';
import { runMemory } from '../src/runtime/recipe/run-memory.ts';
import { executeRun } from '../src/runtime/run/execute-run.ts';
import { openRunServices } from '../src/runtime/run/open-run-services.ts';
import type { RunRecord } from '../src/runtime/run/record.ts';
import { agreement } from './agreement.ts';
import { writeStages } from './gallery-stages.ts';

const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'examples');
const IMAGES = join(ROOT, 'docs', 'images', 'gallery');
const OUT = join(ROOT, '.cache', 'gallery');
/** Canny's thresholds where a spec names none. */
const EDGES = { low: 100, high: 200 };
const SEEDS = Array.from({ length: 8 }, (_, seed) => seed + 1);

const language = await createNodeLanguage();
const document = await language.parseFile(join(EXAMPLES, 'gallery.sdspec'));
const workshop = openRunServices();
const judge = await openJudge();
const model = await openModel(join(ROOT, 'models', 'sketch'), { device: 'cpu' });
mkdirSync(IMAGES, { recursive: true });

interface Made {
    readonly folder: string;
    readonly record: RunRecord;
}

/** Carries a runnable of gallery.sdspec, or of another example, out, with its plans changed where that is asked for. */
async function run(name: string, spec = document, change = (plan: PicturePlan): PicturePlan => plan): Promise<Made> {
    const { value, problems } = lowerRun(spec, name, { files: nodeFiles });
    if (!value) throw new Error(problems.map(({ message }) => message).join('\n'));
    const { work } = value;
    const changed =
        work.kind === 'sweep'
            ? { ...work, cells: work.cells.map((cell) => ({ ...cell, plan: change(cell.plan) })) }
            : work;
    console.log(`${name} …`);
    const outcome = await executeRun(
        { id: name, run: { ...value, work: changed }, base: EXAMPLES, options: { out: OUT, device: 'cpu' } },
        workshop,
        { emit: () => {}, signal: new AbortController().signal },
    );
    if (outcome.kind !== 'done') throw new Error(`${name}: ${JSON.stringify(outcome)}`);
    return outcome;
}

/** Puts a file of a run into the gallery; small pictures are shown at twice their size. */
async function show(folder: string, file: string, as: string, { twice = false } = {}): Promise<string> {
    const target = join(IMAGES, as);
    if (twice) {
        const { width = 0 } = await sharp(join(folder, file)).metadata();
        await sharp(join(folder, file))
            .resize({ width: 2 * width, kernel: 'nearest' })
            .png({ palette: true })
            .toFile(target);
    } else if (file.endsWith('.png')) {
        await sharp(join(folder, file)).png({ palette: true, quality: 90 }).toFile(target);
    } else copyFileSync(join(folder, file), target);
    return `images/gallery/${as}`;
}

function planOf(name: string): PicturePlan {
    const work = lowerRun(document, name, { files: nodeFiles }).value?.work;
    if (work?.kind !== 'picture') throw new Error(`${name} is no picture.`);
    return work;
}

/** The plan's pictures over the seeds that effects are measured with. */
async function pictures(plan: PicturePlan, memory = runMemory([plan])): Promise<Rgb[]> {
    const made: Rgb[] = [];
    const context = {
        openModel: async () => model,
        picture: (source: unknown) => loadPicture(join(EXAMPLES, (source as { path: string }).path)),
        emit: () => {},
        memory,
    };
    for await (const { picture } of generate({ ...plan, seeds: SEEDS }, context)) made.push(picture);
    return made;
}

async function score(made: readonly Rgb[], head: Head, label: string): Promise<number> {
    let sum = 0;
    for (const picture of made) sum += await judge.probability(picture, head, label);
    return sum / made.length;
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** P(elephant) and P(rabbit) as the weight of `thought` rises. */
async function risingTable(): Promise<string> {
    const plan = planOf('thought');
    const lines = ['| weight | elephant | rabbit |', '|---:|---:|---:|'];
    for (const weight of [0, 0.5, 1, 2, 3]) {
        const infusions = plan.infusions.map((infusion): Infusion => ({ ...infusion, weight: constant(weight) }));
        const made = await pictures({ ...plan, infusions });
        const [elephant, rabbit] = [await score(made, 'subject', 'elephant'), await score(made, 'subject', 'rabbit')];
        lines.push(`| ${weight} | ${percent(elephant)} | ${percent(rabbit)} |`);
        console.log(lines.at(-1));
    }
    return lines.join('\n');
}

/** P(elephant) by site and weight. */
async function siteTable(): Promise<string> {
    const plan = planOf('thought');
    const weights = [0.3, 0.8];
    const lines = [
        `| layer | ${weights.map((w) => `at ${w}`).join(' | ')} |`,
        `|---|${weights.map(() => '---:|').join('')}`,
    ];
    for (const site of STAGES) {
        const cells: string[] = [];
        for (const weight of weights) {
            const sites = [{ site: site as Site, weight: constant(weight) }];
            const infusions = plan.infusions.map((infusion): Infusion => ({ ...infusion, sites }));
            cells.push(percent(await score(await pictures({ ...plan, infusions }), 'subject', 'elephant')));
        }
        lines.push(`| ${site} | ${cells.join(' | ')} |`);
        console.log(lines.at(-1));
    }
    return lines.join('\n');
}

/** Both animals' scores for the four ways of asking. */
async function chimeraTable(): Promise<string> {
    const lines = ['| prompt | giraffe | frog | the weaker of both |', '|---|---:|---:|---:|'];
    const { value } = lowerRun(document, 'chimera', { files: nodeFiles });
    if (value?.work.kind !== 'sweep') throw new Error('chimera is no sweep.');
    const ways = new Map(value.work.cells.map(({ labels, plan }) => [labels.prompt ?? '', plan]));
    for (const [name, plan] of [...ways, ['frog alone', frogAlone(ways.get('giraffe')!)] as const]) {
        const made = await pictures(plan);
        const [giraffe, frog] = [await score(made, 'subject', 'giraffe'), await score(made, 'subject', 'frog')];
        lines.push(`| ${name} | ${percent(giraffe)} | ${percent(frog)} | ${percent(Math.min(giraffe, frog))} |`);
        console.log(lines.at(-1));
    }
    return lines.join('\n');
}

function frogAlone(plan: PicturePlan): PicturePlan {
    const phrases = [{ text: 'photo of a frog in a meadow', weight: 1 }];
    return { ...plan, conditioning: { kind: 'prompt', prompt: { phrases } } };
}

function scanTable({ scan = [] }: RunRecord): string {
    const rows = [...scan].sort((a, b) => b.moved - a.moved);
    const line = ({ label, moved, ssim, towards }: (typeof rows)[number]) =>
        `| ${label} | ${moved.toFixed(2)} | ${ssim.toFixed(2)} | ${towards === undefined ? '–' : `${Math.round(100 * towards) + 0} %`} |`;
    return ['| layer | moved | ssim | towards |', '|---|---:|---:|---:|', ...rows.map(line)].join('\n');
}

/** A runnable of another example. */
async function runOf(example: string, name: string, change?: (plan: PicturePlan) => PicturePlan) {
    return run(name, await language.parseFile(join(EXAMPLES, `${example}.sdspec`)), change);
}

/** What the classifier sees in pictures by what is learnt, beside pictures of the same prompts by the companions. */
async function learntTable(word: Made, subject: Made): Promise<string> {
    const pip = await runOf('learn-word', 'travels', (plan) => ({
        ...plan,
        embeddings: [{ token: 'pip', file: { path: 'builtin:sketch-pip' } }],
    }));
    const robot = await runOf('learn-subject', 'scenes', (plan) => ({
        ...plan,
        adapters: [{ file: { path: 'builtin:sketch-robot' }, weight: 1 }],
    }));
    const unlearnt = await runOf('learn-subject', 'scenes', (plan) => ({ ...plan, adapters: [] }));
    return [
        '| | the subject | its colour |',
        '|---|---:|---:|',
        await learntRow('the word, learnt here', word, 'elephant', 'pink'),
        await learntRow('`builtin:sketch-pip`', pip, 'elephant', 'pink'),
        await learntRow('the LoRA, learnt here', subject, 'robot', 'yellow'),
        await learntRow('`builtin:sketch-robot`', robot, 'robot', 'yellow'),
        await learntRow('no LoRA', unlearnt, 'robot', 'yellow'),
    ].join('\n');
}

async function learntRow(what: string, { folder, record }: Made, subject: string, colour: string): Promise<string> {
    let [right, coloured] = [0, 0];
    for (const { file } of record.pictures) {
        const picture = await loadPicture(join(folder, file));
        if ((await judge.subject(picture)) === subject) right++;
        if ((await judge.probability(picture, 'colour', colour)) > 0.5) coloured++;
    }
    const of = (count: number) => `${count} of ${record.pictures.length}`;
    return `| ${what} | ${of(right)} ${subject}s | ${of(coloured)} ${colour} |`;
}

/** How well pictures follow the edges of eight drawn elephants, which no ControlNet was shown: two seeds for each. */
async function followTable(): Promise<string> {
    const nets: readonly (readonly [string, (control: Control) => readonly Control[]])[] = [
        ['no control', () => []],
        ['the ControlNet, learnt here', (control) => [control]],
        ['`builtin:sketch-edges`', (control) => [{ ...control, net: { path: 'builtin:sketch-edges' } }]],
    ];
    const lines = ['| | edges in common |', '|---|---:|'];
    for (const [what, controlsOf] of nets) {
        const scores: number[] = [];
        for (const path of SEEDS.map((number) => `./assets/elephants/${number}.png`)) {
            const wanted = edges(await loadPicture(join(EXAMPLES, path)), EDGES.low, EDGES.high);
            const { folder, record } = await runOf('learn-edges', 'painted', (plan) => {
                const picture = { kind: 'edges', of: { kind: 'file', path }, ...EDGES } as const;
                return { ...plan, seeds: [1, 2], controls: controlsOf({ ...plan.controls[0]!, picture }) };
            });
            for (const { file } of record.pictures)
                scores.push(agreement(await loadPicture(join(folder, file)), wanted));
        }
        lines.push(`| ${what} | ${percent(scores.reduce((sum, score) => sum + score, 0) / scores.length)} |`);
        console.log(lines.at(-1));
    }
    return lines.join('\n');
}

/** The contact sheet of what the built-in model draws; the README and the model's card show its first rows. */
async function zoo(): Promise<void> {
    const { folder, record } = await runOf('zoo', 'zoo');
    const sheet = join(folder, 'sheet.png');
    await sharp(sheet)
        .png({ palette: true, quality: 95 })
        .toFile(join(ROOT, 'docs', 'images', 'zoo.png'));
    const { width = 0, height = 0 } = await sharp(sheet).metadata();
    // Sheets of one axis have this many pictures per row.
    const across = Math.ceil(Math.sqrt(1.4 * record.pictures.length));
    const title = 30;
    const row = (height - title - 12) / Math.ceil(record.pictures.length / across);
    await sharp(sheet)
        .extract({ left: 0, top: title, width, height: Math.round(2 * row) })
        .png({ compressionLevel: 9 })
        .toFile(join(ROOT, 'models', 'sketch', 'sheet.png'));
}

async function gallery(): Promise<string> {
    const made = {
        open: await run('open'),
        rising: await run('rising'),
        idea: await run('idea'),
        scan: await run('scan'),
        missing: await run('missing'),
        chimera: await run('chimera'),
        morph: await run('morph'),
        way: await run('way'),
        edges: await runOf('edges', 'stronger'),
        robot: await runOf('robot', 'turned-up'),
        'robot-parts': await runOf('robot', 'parts'),
        pip: await runOf('pip', 'travels'),
        mosaic: await runOf('mosaic', 'turtles'),
        print: await runOf('print', 'postcard'),
        panorama: await runOf('print', 'panorama'),
        'learn-word': await runOf('learn-word', 'travels'),
        'learn-subject': await runOf('learn-subject', 'scenes'),
        'learn-edges': await runOf('learn-edges', 'stronger'),
    };
    const sheet = (name: keyof typeof made) => show(made[name].folder, 'sheet.png', `${name}.png`);
    const single = (name: keyof typeof made) =>
        show(made[name].folder, made[name].record.pictures[0]!.file, `${name}.png`, { twice: true });
    const [way] = made.way.record.pictures;
    const last = way!.trace!.frames.at(-2)!;
    return `# Gallery

Made by \`npm run gallery\` from [examples/gallery.sdspec](../examples/gallery.sdspec) on the small model that comes with
sdspec, on the CPU. Figures are means over ${SEEDS.length} seeds by the classifier in \`models/sketch-judge\`, which knows nothing of the diffusion
model; they are what they are.

## One bias picture at rising weight

The prompt says "a grey animal". An elephant goes through the same U-Net as the picture being made; its features at
\`up.1\` and \`up.2\`, 0.4 times the weight, and at \`down.0\`, 0.2 times the weight, are added in the first 60 % of the
steps. The others are left to themselves, and tidy up.

![The weight rises from 0 to 3](${await sheet('rising')})

What the classifier sees:

${await risingTable()}

## One layer at a time

An elephant infused into a rabbit: each stage and each group of skips alone, at weight 0.3; the plain picture first.

![Thirteen layers](${await sheet('scan')})

How far each moves the picture (rms of latents, and ssim), and how much of the way to the bias picture:

${scanTable(made.scan.record)}

P(elephant) by layer and weight, for the open prompt, in the first 60 % of the steps:

${await siteTable()}

## What is missing without a layer

Each block at half of its own strength.

![Nine blocks weakened](${await sheet('missing')})

${scanTable(made.missing.record)}

## Eight pictures averaged

Eight elephants that share little but being elephants: photos, paintings, a drawing, in meadow, desert, snow. Only the
mean of their features is infused. The open prompt alone, and with the mean:

![The prompt alone](${await single('open')}) ![With the mean of eight elephants](${await single('idea')})

## Giraffe and frog, four ways

One prompt; a mixture in words; the mean of two prompts' predictions; the mean of two mirrored mixtures.

![Four rows of four seeds](${await sheet('chimera')})

${await chimeraTable()}

## A morph

Two encoded pictures mixed in latent space, noised, denoised, with shares that change; also
[as an animation](${await show(made.morph.folder, made.morph.record.animation!, 'morph.webp')}).

![Seven frames](${await sheet('morph')})

## Small helpers of the model

[A ControlNet](../examples/edges.sdspec) makes a picture follow the edges of another, here ever more strongly:

![Five pictures that follow the same edges](${await sheet('edges')})

[A LoRA](../examples/robot.sdspec) teaches the model a subject that it never met, a robot, turned up from 0 to 1.25:

![Six pictures, in which a robot appears](${await sheet('robot')})

Where the robot is: the same LoRA in all layers of the U-Net, in the encoder's, in the middle, and in the decoder's.

![Two pictures with a robot and two with an animal](${await sheet('robot-parts')})

[A learned word](../examples/pip.sdspec): no one says that Pip is a pink elephant.

![Pip in six places](${await sheet('pip')})

## A turtle of turtles

[A mosaic](../examples/mosaic.sdspec) of 256 tiles, each painted in the colours of its place; [more about it](mosaics.md), and about how well
it is read from afar and from near.

![A blue turtle in a green forest, laid out of small turtles of many colours](${await mosaicPicture(made.mosaic.folder)})

## From an empty frame to a postcard

[A print](../examples/print.sdspec): the frame is painted into, the picture taken out of it, refined, enlarged and laid out on paper;
[more about it](prints.md).

![Six stages](${await printStages(made.print)})

Overlapping windows, mixed at every step, make a picture twice as wide as the model's own:

![Three houses in the snow](${await single('panorama')})

## Learnt by sdspec

[A word](../examples/learn-word.sdspec) from six pictures of pink elephants, whose captions say neither "pink" nor "elephant":

![The word in four scenes](${await sheet('learn-word')})

[A LoRA](../examples/learn-subject.sdspec) from twelve pictures of one robot, none of them at night:

![The robot in four scenes](${await sheet('learn-subject')})

What the classifier sees in these pictures, and in pictures of the same prompts by the companions, which Python made:

${await learntTable(made['learn-word'], made['learn-subject'])}

[A ControlNet](../examples/learn-edges.sdspec) from 192 pictures by the model itself, at weight 0, 0.5 and 1. After 640
steps of 4 it begins to follow; one that is to follow well wants thousands:

![Four pictures, each at three weights of the ControlNet](${await sheet('learn-edges')})

How much of the wanted edges pictures have in common with their hint (harmonic mean of both shares, give or take a pixel): eight drawn
elephants, two seeds each:

${await followTable()}

## On the way

From noise to picture: as it is, completed in one step, finished in four.

![A strip of three rows](${await show(made.way.folder, way!.trace!.strip, 'way.png')})

Where the words "rabbit" and "meadow" are looked at, late in the run:

${(await Promise.all(Object.entries(last.attention ?? {}).map(async ([word, file]) => `![${word}](${await show(made.way.folder, file, `word-${word}.png`, { twice: true })})`))).join(' ')}
`;
}

/** The flat picture of a mosaic, reduced. */
async function mosaicPicture(folder: string): Promise<string> {
    await sharp(join(folder, 'mosaic.png'))
        .resize({ width: 1024 })
        .jpeg({ quality: 88, mozjpeg: true })
        .toFile(join(IMAGES, 'mosaic.jpg'));
    return 'images/gallery/mosaic.jpg';
}

async function printStages({ folder, record }: { readonly folder: string; readonly record: RunRecord }) {
    await writeStages(folder, record.print!, record.pictures[0]!.file, join(IMAGES, 'print.png'));
    return 'images/gallery/print.png';
}

rmSync(OUT, { recursive: true, force: true });
await zoo();
if (!process.argv.includes('zoo')) {
    const text = await gallery();
    writeFileSync(join(ROOT, 'docs', 'gallery.md'), text);
    const known = new Set([...text.matchAll(/images\/gallery\/([\w.-]+)/g)].map(([, name]) => name));
    for (const file of readdirSync(IMAGES)) if (!known.has(file)) rmSync(join(IMAGES, file));
    console.log('docs/gallery.md is written.');
}
await model.close();
