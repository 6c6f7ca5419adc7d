/** Paper: sizes, density, profile, source mark, CMYK and crop marks, read back from the files. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { enlargementFor, type Paper, paperPixels, refinedSize } from '../../../../src/plan/prints/print.ts';
import { plain } from '../../../../src/runtime/pictures/picture.ts';
import { onPaper, sheetCmyk, sheetPng, sheetTiff, srgbProfile } from '../../../../src/runtime/pictures/print/paper.ts';
import { cropMarksPdf } from '../../../../src/runtime/pictures/print/pdf.ts';

const PAPER: Paper = { width: 30, height: 40, dpi: 240, bleed: 0, fit: 'cover', marks: false };
const MARKS = { dpi: 150, source: 'trainedAlgorithmicMedia' } as const;
const RED = plain(60, 40, [220, 30, 40]);

test('30x40cm at 240dpi are 2835x3780 pixels, 7.4 times a picture of 512x512', () => {
    expect(paperPixels(PAPER).sheet).toEqual({ width: 2835, height: 3780 });
    expect(enlargementFor({ width: 512, height: 512 }, PAPER)).toBeCloseTo(7.38, 2);
    expect(enlargementFor({ width: 512, height: 512 }, { ...PAPER, fit: 'contain' })).toBeCloseTo(5.54, 2);
    expect(paperPixels({ ...PAPER, bleed: 0.3 })).toMatchObject({ bleed: 28, sheet: { width: 2891, height: 3836 } });
    expect(refinedSize({ width: 100, height: 60 }, 2)).toEqual({ width: 200, height: 120 });
    expect(refinedSize({ width: 101, height: 61 }, 1.5)).toEqual({ width: 152, height: 88 });
});

test('a picture covers the paper, or fits inside with white borders', () => {
    const paper: Paper = { ...PAPER, width: 2.54, height: 2.54, dpi: 100, bleed: 0.254 };
    const covered = onPaper(RED, paper);
    expect([covered.width, covered.height]).toEqual([120, 120]);
    expect([...covered.data.subarray(0, 3)]).toEqual([220, 30, 40]);
    const fitted = onPaper(RED, { ...paper, fit: 'contain' });
    const at = (x: number, y: number) => [...fitted.data.subarray(3 * (y * 120 + x), 3 * (y * 120 + x) + 3)];
    expect(at(60, 60)).toEqual([220, 30, 40]);
    expect(at(60, 5)).toEqual([255, 255, 255]);
    expect(at(12, 60)).toEqual([220, 30, 40]);
    expect(at(8, 60)).toEqual([255, 255, 255]);
});

test.each([
    ['PNG', sheetPng],
    ['TIFF', sheetTiff],
] as const)('a %s has its pixels, density, sRGB profile and the mark of a synthetic picture', async (_, write) => {
    const bytes = await write(RED, MARKS);
    const { density, icc, xmp, space, width } = await sharp(bytes).metadata();
    expect(density).toBe(150);
    expect(icc?.toString('latin1').replaceAll('\0', '')).toContain('sRGB');
    expect(xmp?.toString()).toContain('http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia');
    expect(space).toBe('srgb');
    expect(width).toBe(60);
    const { data } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect(Buffer.compare(data, Buffer.from(RED.data))).toBe(0);
});

/** Debian's and sharp's CMYK profiles: the test takes one that sharp writes. */
async function cmykProfile(): Promise<string> {
    const file = join(tmpdir(), `sdspec-cmyk-${process.pid}.icc`);
    if (existsSync(file)) return file;
    const tiff = await sharp(RED.data, { raw: { width: 60, height: 40, channels: 3 } })
        .withIccProfile('cmyk')
        .tiff()
        .toBuffer();
    await writeFile(file, (await sharp(tiff).metadata()).icc!);
    return file;
}

test('a profile of CMYK gives a TIFF in its colours, which shows the picture again', async () => {
    const profile = await cmykProfile();
    const bytes = await sheetCmyk(RED, MARKS, profile);
    const { space, channels, density, icc, xmp } = await sharp(bytes).metadata();
    expect({ space, channels, density }).toEqual({ space: 'cmyk', channels: 4, density: 150 });
    expect(icc?.toString('latin1', 16, 20)).toBe('CMYK');
    expect(xmp?.toString()).toContain('trainedAlgorithmicMedia');
    const back = await sharp(bytes).toColourspace('srgb').removeAlpha().raw().toBuffer();
    const [r = 0, g = 0, b = 0] = back;
    expect(Math.abs(r - 220)).toBeLessThan(25);
    expect(Math.max(g, b)).toBeLessThan(90);
});

test('a profile of other colours, or none, is refused by name', async () => {
    const file = join(tmpdir(), `sdspec-rgb-${process.pid}.icc`);
    await writeFile(file, await srgbProfile());
    await expect(sheetCmyk(RED, MARKS, file)).rejects.toThrow(`${file} is a profile of RGB: name the CMYK profile`);
    await expect(sheetCmyk(RED, MARKS, 'nowhere.icc')).rejects.toThrow('There is no colour profile at nowhere.icc.');
});

test('the PDF names bleed and trim, holds the pixels, and its table finds every object', async () => {
    const paper: Paper = { ...PAPER, width: 5.08, height: 2.54, dpi: 20, bleed: 0.508, marks: true };
    const { sheet } = paperPixels(paper);
    const pixels = plain(sheet.width, sheet.height, [1, 2, 3]).data;
    const pdf = cropMarksPdf(paper, { pixels, channels: 3, profile: await srgbProfile(), title: 'Größe' });
    const text = pdf.toString('latin1');
    expect(text.startsWith('%PDF-1.7')).toBe(true);
    expect(text).toContain('/MediaBox [0 0 240.8 168.8]');
    expect(text).toContain('/BleedBox [34 34 206.8 134.8]');
    expect(text).toContain('/TrimBox [48.4 48.4 192.4 120.4]');
    expect(text).toContain(`/Width ${sheet.width} /Height ${sheet.height}`);
    const start = Number(/startxref\n(\d+)/.exec(text)?.[1]);
    expect(text.slice(start, start + 4)).toBe('xref');
    const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n/gm)].map((match) => Number(match[1]));
    expect(offsets).toHaveLength(7);
    for (const [k, offset] of offsets.entries()) expect(text.slice(offset, offset + 7)).toBe(`${k + 1} 0 obj`);
    const from = pdf.indexOf('stream\n', offsets[4]) + 7;
    const length = Number(/\/Length (\d+)/.exec(text.slice(offsets[4]))?.[1]);
    expect(Buffer.compare(inflateSync(pdf.subarray(from, from + length)), Buffer.from(pixels))).toBe(0);
});
