/**
 * `npm run gallery`: runs examples/gallery.sdspec and its neighbours on the built-in model, measures what their mixtures
 * do, and writes docs/gallery.md with the pictures and the figures, whatever they are. The contact sheet of
 * examples/zoo.sdspec goes to docs/images, too, and its first rows begin the README and the model's card; with the word
 * `zoo` it makes that alone.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RunRecord } from '../src/runtime/run/record.ts';
import { IMAGES, model, OUT, ROOT, run, runOf, SEEDS, show } from './gallery/runs.ts';
import { writeStages } from './gallery/stages.ts';
import { chimeraTable, followTable, learntTable, risingTable, scanTable, siteTable } from './gallery/tables.ts';

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
