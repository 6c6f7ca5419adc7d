/** A sheet of the stages of a print, from the picture that was painted into to the sheet of paper, for the gallery. */
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import type { RecordedPrint, RecordedStage, RecordedStep } from '../../src/runtime/run/record.ts';

const WIDTH = 300;
const HEIGHT = 200;
const TITLE = 22;
const GAP = 10;
const ACROSS = 3;

const TITLES: Readonly<Record<RecordedStage['kind'] | RecordedStep['kind'], string>> = {
    start: 'the empty frame',
    painted: 'painted into',
    subject: 'taken out',
    refine: 'refined',
    upscaler: 'enlarged',
};

/** Writes the sheet to a file. */
export async function writeStages(folder: string, print: RecordedPrint, sheet: string, target: string): Promise<void> {
    const parts = [...(print.stages ?? []), ...print.steps];
    const stages = [
        ...parts.map(({ kind, file }) => ({ title: TITLES[kind], file })),
        { title: 'the sheet', file: sheet },
    ];
    const layers: OverlayOptions[] = [];
    for (const [index, { title, file }] of stages.entries()) {
        const picture = sharp(join(folder, file));
        const { width, height } = await picture.metadata();
        const left = (index % ACROSS) * (WIDTH + GAP);
        const top = Math.floor(index / ACROSS) * (HEIGHT + TITLE + GAP);
        const fitted = picture.resize(WIDTH, HEIGHT, { fit: 'contain', background: 'white' });
        layers.push({ input: await fitted.png().toBuffer(), left, top });
        const text = `<text x="${WIDTH / 2}" y="15" text-anchor="middle" font-family="sans-serif" font-size="13" fill="#444">${title}, ${width}x${height}</text>`;
        const label = `<svg width="${WIDTH}" height="${TITLE}">${text}</svg>`;
        layers.push({ input: Buffer.from(label), left, top: top + HEIGHT });
    }
    const rows = Math.ceil(stages.length / ACROSS);
    const size = { width: ACROSS * (WIDTH + GAP) - GAP, height: rows * (HEIGHT + TITLE + GAP) - GAP };
    await sharp({ create: { ...size, channels: 3, background: 'white' } })
        .composite(layers)
        .png({ palette: true, quality: 92 })
        .toFile(target);
}
