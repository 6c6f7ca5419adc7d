import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeFiles } from '../../../src/language/host/files-node.ts';
import { animatedWebp } from '../../../src/runtime/pictures/animation.ts';
import { blur } from '../../../src/runtime/pictures/blur.ts';
import { hashDistance, perceptualHash, pixelsSha256, psnr, ssim } from '../../../src/runtime/pictures/compare.ts';
import { edges } from '../../../src/runtime/pictures/edges.ts';
import { label } from '../../../src/runtime/pictures/label.ts';
import { loadPicture } from '../../../src/runtime/pictures/load.ts';
import { feathered, maskOf } from '../../../src/runtime/pictures/mask.ts';
import { crop, lumaOf, PictureError, plain, type Rgb } from '../../../src/runtime/pictures/picture.ts';
import { covering, toRgb, toUnit } from '../../../src/runtime/pictures/pixels.ts';
import { pngTexts, withTexts } from '../../../src/runtime/pictures/png-text.ts';
import { contain, resize } from '../../../src/runtime/pictures/resize.ts';
import { encodePng, savePng } from '../../../src/runtime/pictures/save.ts';
import { contactSheet, strip } from '../../../src/runtime/pictures/sheet.ts';
import { placed } from '../../../src/runtime/recipe/canvas.ts';
import { writeWhole } from '../../../src/runtime/write-whole.ts';
import { box, busy, smooth } from './patterns.ts';

let folder: string;
beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pictures-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('resizing equals Pillow 12, bit for bit', () => {
    test.each([
        [37, 29, 16, 24, '421c98df28755bb5855b663bd077518499aa03b7f4ddfcf883ece0c2a8fff42e'],
        [37, 29, 64, 80, 'f22f41a88f12b4105e8a001368ab8d8559b9e0dbcf5cdb13d8ad8ff7a45d269c'],
        [128, 96, 64, 64, '8a95a2c4509aeef224b49dc24186702930f4ec27c64d07eaffa5a03d631adcfa'],
        [64, 64, 64, 32, '8af656d25d937013c526efae1c962ca5826e9e387dfe63b0106cdc75cffd6a15'],
    ])('%ix%i to %ix%i', (width, height, toWidth, toHeight, digest) => {
        expect(sha256(resize(busy(width, height), toWidth, toHeight).data)).toBe(digest);
    });
    test('luma', () => {
        const luma = Uint8Array.from(lumaOf(busy(37, 29)).data);
        expect(sha256(luma)).toBe('e5ad3b8db77218709059426d2a264af732849675240017a6e6c7fcb623a05818');
    });
});

describe('fitting', () => {
    test('covering keeps the middle', () => {
        const wide = covering(box(40, 20, [10, 0, 30, 20]), { width: 20, height: 20 });
        expect(wide.data.every((value) => value === 255)).toBe(true);
        expect(covering(busy(17, 93), { width: 64, height: 32 })).toMatchObject({ width: 64, height: 32 });
    });
    test('containing keeps the shape', () => {
        expect(contain(busy(100, 50), 40, 40)).toMatchObject({ width: 40, height: 20 });
        expect(contain(busy(100, 3), 8, 8)).toMatchObject({ width: 8, height: 1 });
    });
    test('on a canvas, the sides repeat the border', () => {
        const latent = { width: 3, height: 2 };
        const canvas = { width: 24, height: 16, left: 8, top: 0, inner: { width: 8, height: 16 }, latent };
        const onCanvas = placed(busy(8, 16), canvas);
        expect(crop(onCanvas, 8, 0, 8, 16).data).toEqual(busy(8, 16).data);
        expect(crop(onCanvas, 0, 5, 1, 1).data).toEqual(crop(busy(8, 16), 0, 5, 1, 1).data);
        expect(crop(onCanvas, 23, 5, 1, 1).data).toEqual(crop(busy(8, 16), 7, 5, 1, 1).data);
    });
    test('no size is refused', () => {
        expect(() => resize(busy(9, 9), 0, 9)).toThrow(expect.objectContaining({ code: 'picture/size' }));
    });
    test('any size to any size, plain colours stay plain', () => {
        const side = fc.integer({ min: 1, max: 40 });
        const level = fc.integer({ min: 0, max: 255 });
        fc.assert(
            fc.property(side, side, side, side, level, (w, h, toWidth, toHeight, value) => {
                const { data } = resize(plain(w, h, [value, 255 - value, 7]), toWidth, toHeight);
                expect(data).toEqual(plain(toWidth, toHeight, [value, 255 - value, 7]).data);
            }),
        );
    });
});

describe('tensors', () => {
    test('pixels come back from their tensor', () => {
        const picture = busy(16, 8);
        const unit = toUnit(picture);
        expect(unit.dims).toEqual([1, 3, 8, 16]);
        expect(Math.min(...unit.data)).toBeGreaterThanOrEqual(-1);
        expect(toRgb(unit)).toEqual(picture);
    });
    test('values are clamped, halves go to even', () => {
        const values = [-9, 9, 0, 2 * (2.5 / 255) - 1];
        const data = Float32Array.from({ length: 12 }, (_, i) => values[i % 4]!);
        const { data: pixels } = toRgb({ data, dims: [1, 3, 2, 2] });
        expect([pixels[0], pixels[3], pixels[6]]).toEqual([0, 255, 128]);
        expect(pixels[9]).toBeOneOf([2, 3]);
    });
    test.each([Number.NaN, Number.POSITIVE_INFINITY])('%f is reported with its place', (value) => {
        const data = new Float32Array(12);
        data[7] = value;
        expect(() => toRgb({ data, dims: [1, 3, 2, 2] })).toThrow(/at x 1, y 1/);
    });
});

describe('masks', () => {
    const frame = box(32, 16, [8, 4, 24, 12]);
    test('white is repainted, black when outside', () => {
        const inside = maskOf(frame, { width: 32, height: 16 });
        const outside = maskOf(frame, { width: 32, height: 16 }, { outside: true });
        expect(inside.reduce((a, b) => a + b)).toBe(16 * 8);
        expect(inside.every((value, i) => value + outside[i]! === 1)).toBe(true);
    });
    test('the threshold is at one half', () => {
        const size = { width: 8, height: 8 };
        expect(maskOf(plain(8, 8, [127, 127, 127]), size)[0]).toBe(0);
        expect(maskOf(plain(8, 8, [128, 128, 128]), size)[0]).toBe(1);
    });
    test('a feather softens the border only', () => {
        const hard = maskOf(box(64, 64, [16, 16, 48, 48]), { width: 64, height: 64 });
        const soft = feathered(hard, { width: 64, height: 64 }, 4);
        expect(soft[32 * 64 + 32]).toBeCloseTo(1, 5);
        expect(soft[0]).toBeCloseTo(0, 5);
        expect(soft[32 * 64 + 15]! + soft[32 * 64 + 16]!).toBeCloseTo(1, 5);
        expect(feathered(hard, { width: 64, height: 64 }, 0)).toEqual(hard);
    });
    test('blurring keeps the mean', () => {
        const data = Float32Array.from({ length: 400 }, (_, i) => (i === 210 ? 1 : 0));
        expect(blur({ width: 20, height: 20, data }, 2).data.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    });
});

describe('edges equal OpenCV 4, pixel for pixel', () => {
    test.each([
        ['busy', busy(64, 48), 100, 200, '928ad7fa56ffa1e6c2a615ec800926da00389931be7c1e06039882e1ad70b917'],
        ['smooth', smooth(64, 48, 1), 10, 30, '3717be10a347cdce0c560d51609d97758b5c09139a12375eae33ffe72f6cd9d7'],
        ['smoother', smooth(64, 48, 2), 20, 40, 'e68eeac119e4f76b753d91e4147fcd5bd5d79c10900c031547470ddd363c46b2'],
    ] as const)('%s', (_, picture, low, high, digest) => {
        const { data } = edges(picture, low, high);
        expect(sha256(data.filter((_, i) => i % 3 === 0))).toBe(digest);
    });
    test('around a box', () => {
        const { data } = edges(box(12, 12, [4, 4, 8, 8]), 100, 200);
        const rows = Array.from({ length: 12 }, (_, y) =>
            Array.from({ length: 12 }, (_, x) => (data[(y * 12 + x) * 3] ? '#' : '.')).join(''),
        );
        expect(rows).toMatchInlineSnapshot(`
          [
            "............",
            "............",
            "............",
            ".....##.....",
            "....#..#....",
            "...#...#....",
            "...#...#....",
            "....####....",
            "............",
            "............",
            "............",
            "............",
          ]
        `);
    });
    test('a weak edge counts where it hangs on a sure one', () => {
        const ramp = Uint8Array.from({ length: 20 * 20 * 3 }, (_, i) => {
            const [x, y] = [Math.floor(i / 3) % 20, Math.floor(i / 60)];
            return x < 10 ? 0 : 12 + 10 * y;
        });
        const count = (high: number) =>
            edges({ width: 20, height: 20, data: ramp }, 20, high).data.reduce((a, b) => a + b, 0);
        expect(count(400)).toBeGreaterThan(0);
        expect(count(4000)).toBe(0);
    });
});

describe('comparing', () => {
    test('perceptual hashes equal those of imagehash', () => {
        expect(perceptualHash(smooth(200, 150, 1))).toBe('94519b4e1b4e1f4e');
        expect(perceptualHash(smooth(200, 150, 2))).toBe('e4307f3f6ac095c2');
        expect(perceptualHash(busy(64, 64))).toBe('802200ff6577af5b');
    });
    test('distances count bits', () => {
        expect(hashDistance('0000000000000000', 'ffffffffffffffff')).toBe(64);
        expect(hashDistance('c3d2e1f0a1b2c3d4', 'c3d2e1f0a1b2c3d4')).toBe(0);
        expect(hashDistance('0000000000000001', '8000000000000000')).toBe(2);
    });
    test('a picture half the size has nearly the same hash', () => {
        const half = resize(smooth(200, 150), 100, 75);
        expect(hashDistance(perceptualHash(half), perceptualHash(smooth(200, 150)))).toBeLessThan(6);
    });
    // scikit-image 0.25, gaussian_weights, sigma 1.5, population covariance.
    test('SSIM and PSNR', () => {
        const a = smooth(64, 48);
        const noise = busy(64, 48).data;
        const b = { ...a, data: a.data.map((value, i) => Math.min(255, value + Math.floor(noise[i]! / 16))) };
        expect(ssim(a, b)).toBeCloseTo(0.9752195614192644, 10);
        expect(psnr(a, b)).toBeCloseTo(29.615585960651888, 10);
        expect(ssim(a, a)).toBeCloseTo(1, 12);
        expect(psnr(a, a)).toBe(Number.POSITIVE_INFINITY);
    });
    test('other sizes cannot be compared', () => {
        expect(() => psnr(busy(8, 8), busy(8, 9))).toThrow(/one size/);
        expect(() => ssim(busy(8, 8), busy(8, 8))).toThrow(/11x11/);
    });
    test('digests differ for different pictures', () => {
        expect(pixelsSha256(busy(8, 8))).toBe(sha256(busy(8, 8).data));
    });
});

describe('loading', () => {
    const save = async (name: string, bytes: Uint8Array) => {
        const path = join(folder, name);
        await writeFile(path, bytes);
        return path;
    };
    const raw = ({ width, height, data }: Rgb) => sharp(data, { raw: { width, height, channels: 3 } });

    test.each(['png', 'webp', 'tiff', 'gif'] as const)('%s', async (format) => {
        const bytes = await raw(box(32, 24, [4, 4, 20, 20]))
            .toFormat(format, { lossless: true })
            .toBuffer();
        const loaded = await loadPicture(await save(`a.${format}`, bytes));
        expect(loaded).toMatchObject({ width: 32, height: 24 });
        expect(psnr(loaded, box(32, 24, [4, 4, 20, 20]))).toBeGreaterThan(35);
    });
    test('a photograph is turned upright', async () => {
        const bytes = await raw(box(32, 16, [0, 0, 16, 16]))
            .withMetadata({ orientation: 6 })
            .jpeg()
            .toBuffer();
        const { width, height, data } = await loadPicture(await save('turned.jpg', bytes));
        expect([width, height]).toEqual([16, 32]);
        expect(data[(4 * 16 + 8) * 3]).toBeGreaterThan(200);
        expect(data[(28 * 16 + 8) * 3]).toBeLessThan(50);
    });
    test('transparency is laid on white, or on black for masks', async () => {
        const clear = { r: 255, g: 0, b: 0, alpha: 0 };
        const bytes = await sharp({ create: { width: 16, height: 16, channels: 4, background: clear } })
            .png()
            .toBuffer();
        const source = { bytes, name: 'clear.png' };
        expect([...(await loadPicture(source)).data.slice(0, 3)]).toEqual([255, 255, 255]);
        expect([...(await loadPicture(source, { as: 'mask' })).data.slice(0, 3)]).toEqual([0, 0, 0]);
    });
    test('a hole erased in a picture of colours is the mask', async () => {
        const pixels = Buffer.alloc(16 * 16 * 4, 255);
        for (let i = 0; i < 256; i++) {
            pixels[4 * i + 1] = 16 * (i % 16);
            if (i % 16 < 8) pixels[4 * i + 3] = 0;
        }
        const bytes = await sharp(pixels, { raw: { width: 16, height: 16, channels: 4 } })
            .png()
            .toBuffer();
        const { data } = await loadPicture({ bytes, name: 'erased.png' }, { as: 'mask' });
        expect([data[0], data[3 * 15]]).toEqual([255, 0]);
        // White paint on a clear ground is the mask itself.
        for (let i = 0; i < 256; i++) pixels[4 * i + 1] = 255;
        const layer = await sharp(pixels, { raw: { width: 16, height: 16, channels: 4 } })
            .png()
            .toBuffer();
        const mask = await loadPicture({ bytes: layer, name: 'layer.png' }, { as: 'mask' });
        expect([mask.data[0], mask.data[3 * 15]]).toEqual([0, 255]);
    });
    test.each(['png', 'jpeg', 'webp', 'tiff', 'avif', 'gif'] as const)(
        '%s is read, and its size found',
        async (format) => {
            const bytes = await raw(busy(24, 16)).toFormat(format).toBuffer();
            const file = await save(`a.${format}`, bytes);
            expect(await loadPicture(file)).toMatchObject({ width: 24, height: 16 });
            expect(nodeFiles.pictureSize(pathToFileURL(file).toString())).toEqual({ width: 24, height: 16 });
        },
    );
    test.each([
        ['jpeg', 6, 16, 24],
        ['jpeg', 3, 24, 16],
        ['tiff', 8, 16, 24],
    ] as const)(
        '%s pictures turned by %i have the size that they are shown with',
        async (format, orientation, width, height) => {
            const bytes = await raw(busy(24, 16)).withMetadata({ orientation }).toFormat(format).toBuffer();
            const file = await save(`turned-${orientation}.${format}`, bytes);
            expect(await loadPicture(file)).toMatchObject({ width, height });
            expect(nodeFiles.pictureSize(pathToFileURL(file).toString())).toEqual({ width, height });
        },
    );
    test('BMP and SVG are refused by both', async () => {
        const bmp = Buffer.alloc(70);
        bmp.write('BM', 0, 'latin1');
        bmp.writeInt32LE(2, 18);
        bmp.writeInt32LE(2, 22);
        const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="16"/>';
        for (const [name, bytes] of [
            ['a.bmp', bmp],
            ['a.svg', Buffer.from(svg)],
        ] as const) {
            const file = await save(name, bytes);
            await expect(loadPicture(file)).rejects.toMatchObject({ code: 'picture/unreadable' });
            expect(nodeFiles.pictureSize(pathToFileURL(file).toString())).toBeUndefined();
        }
    });
    test('grey, 16-bit and palette pictures become RGB', async () => {
        const grey = await raw(busy(16, 16)).greyscale().png().toBuffer();
        const deep = await raw(busy(16, 16)).toColourspace('rgb16').png().toBuffer();
        const palette = await raw(busy(16, 16)).png({ palette: true }).toBuffer();
        for (const bytes of [grey, deep, palette]) {
            const { data } = await loadPicture({ bytes, name: 'x.png' });
            expect(data).toHaveLength(16 * 16 * 3);
        }
        const { data } = await loadPicture({ bytes: deep, name: 'deep.png' });
        expect(psnr({ width: 16, height: 16, data }, busy(16, 16))).toBeGreaterThan(45);
    });
    test('what is no picture says so', async () => {
        const check = async (path: string, code: string) =>
            expect(loadPicture(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
        const png = await encodePng(busy(64, 64));
        await check(join(folder, 'none.png'), 'picture/missing');
        await check(folder, 'picture/unreadable');
        await check(await save('text.png', Buffer.from('hello')), 'picture/unreadable');
        await check(await save('empty.png', Buffer.alloc(0)), 'picture/unreadable');
        await check(await save('cut.png', png.subarray(0, png.length / 2)), 'picture/unreadable');
        await check(await save('thin.png', await encodePng(busy(300, 8))), 'picture/shape');
        await check(await save('tiny.png', await encodePng(busy(4, 4))), 'picture/shape');
    });
    test('damaged files are pictures or say that they are none, and never more', async () => {
        const files = await Promise.all([
            encodePng(busy(24, 24), { parameters: 'a\nSteps: 1, Seed: 2, Size: 8x8' }),
            raw(busy(24, 24)).jpeg().toBuffer(),
            raw(busy(24, 24)).webp().toBuffer(),
        ]);
        const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
        await fc.assert(
            fc.asyncProperty(fc.constantFrom(...files), damage, fc.boolean(), async (file, changes, cut) => {
                const bytes = Uint8Array.from(file);
                for (const [at, value] of changes) bytes[at % bytes.length] = value;
                const source = { bytes: cut ? bytes.subarray(0, changes[0]![0] % bytes.length) : bytes, name: 'x' };
                const found = await loadPicture(source).catch((error: unknown) => error);
                if (found instanceof Error) expect(found).toBeInstanceOf(PictureError);
            }),
            { numRuns: 150 },
        );
    });
    test('a picture that claims to be huge is refused before it is decoded', async () => {
        const png = Buffer.from(await encodePng(busy(16, 16)));
        png.writeUInt32BE(60_000, 16);
        png.writeUInt32BE(60_000, 20);
        const { crc32 } = await import('node:zlib');
        png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
        await expect(loadPicture({ bytes: png, name: 'bomb.png' })).rejects.toMatchObject({ code: 'picture/huge' });
    });
});

describe('saving', () => {
    test('a PNG has its pixels and its texts', async () => {
        const path = join(folder, 'deep', 'er', 'a.png');
        const texts = { parameters: 'a turtle\nSteps: 20', sdspec: '{"title":"Schildkröte 亀 🐢"}' };
        await savePng(path, busy(40, 30), texts);
        expect(await loadPicture(path)).toEqual(busy(40, 30));
        expect(pngTexts(await readFile(path))).toEqual(texts);
        expect(await readdir(join(folder, 'deep', 'er'))).toEqual(['a.png']);
    });
    test('the same picture is the same file', async () => {
        expect(await encodePng(busy(9, 9), { a: 'b' })).toEqual(await encodePng(busy(9, 9), { a: 'b' }));
    });
    test('texts are replaced, others stay', async () => {
        const png = withTexts(await encodePng(busy(9, 9), { a: 'one', b: 'two' }), { a: 'other' });
        expect(pngTexts(png)).toEqual({ a: 'other', b: 'two' });
        expect((await sharp(png).metadata()).width).toBe(9);
    });
    test('any text survives', async () => {
        const png = await encodePng(busy(8, 8));
        fc.assert(
            fc.property(fc.string({ unit: 'grapheme' }), (text) => {
                expect(pngTexts(withTexts(png, { prompt: text }))['prompt']).toBe(text);
            }),
        );
    });
    test('a damaged file ends where it ends', async () => {
        const png = await encodePng(busy(8, 8), { a: 'b' });
        for (let length = 8; length < png.length; length++)
            expect(() => pngTexts(png.subarray(0, length))).not.toThrow();
        expect(() => pngTexts(Buffer.from('no'))).toThrow(/no PNG/);
    });

    test('an earlier picture stays when the new one cannot be written', async () => {
        const path = join(folder, 'kept.png');
        await savePng(path, busy(9, 9));
        const names = await readdir(folder);
        await expect(writeWhole(path, null as unknown as string)).rejects.toThrow();
        expect(await loadPicture(path)).toEqual(busy(9, 9));
        expect(await readdir(folder)).toEqual(names);
    });
    test('a folder that is a file', async () => {
        await writeFile(join(folder, 'file'), '');
        const failure = { code: 'output/unwritable', message: expect.stringContaining('a.png') };
        await expect(savePng(join(folder, 'file', 'a.png'), busy(9, 9))).rejects.toMatchObject(failure);
    });
    test('a name that is a folder', async () => {
        await mkdir(join(folder, 'taken.png'));
        const names = await readdir(folder);
        await expect(savePng(join(folder, 'taken.png'), busy(9, 9))).rejects.toMatchObject({
            code: 'output/unwritable',
        });
        expect(await readdir(folder)).toEqual(names);
    });
    test('a folder without permission', async (context) => {
        context.skip(
            process.platform === 'win32' || process.getuid?.() === 0,
            'this user may write anywhere, or Windows',
        );
        const closed = join(folder, 'closed');
        await mkdir(closed);
        await chmod(closed, 0o500);
        await expect(savePng(join(closed, 'a.png'), busy(9, 9))).rejects.toMatchObject({ code: 'output/unwritable' });
    });
    test('a full disk', async (context) => {
        context.skip(process.platform !== 'linux', 'needs Linux');
        // Every write to /dev/full fails as on a full disk.
        const { writeError } = await import('../../../src/runtime/write-whole.ts');
        await symlink('/dev/full', join(folder, 'full'));
        const error = await writeFile(join(folder, 'full'), 'x').catch((one: unknown) => one);
        expect(writeError(error, 'a.png')).toMatchObject({ code: 'output/full' });
    });
});

describe('sheets', () => {
    const pictures = [busy(32, 24), undefined, smooth(32, 24), smooth(16, 24, 3)];
    const layout = { title: 'scan', columns: ['weight 0', 'weight 0.5'], rows: ['IN01', 'IN02\nseed 2'], pictures };

    test.each(['system', 'bitmap'] as const)('hold every picture, with %s font', async (font) => {
        const sheet = await contactSheet(layout, { font });
        const first = find(sheet, busy(32, 24));
        const third = find(sheet, smooth(32, 24));
        expect(third.x).toBe(first.x);
        expect(third.y).toBeGreaterThan(first.y + 24);
        expect(find(sheet, smooth(16, 24, 3)).x).toBeGreaterThan(first.x + 32);
        // Some ink of the labels is to the left of the pictures.
        expect(crop(sheet, 0, first.y, first.x - 2, 24).data.some((value) => value < 200)).toBe(true);
    });
    test('without labels, and of nothing', async () => {
        const bare = { title: '', columns: ['', ''], rows: [''], pictures: [busy(16, 16), busy(16, 16)] };
        expect(await contactSheet(bare)).toMatchObject({ width: 12 * 2 + 16 * 2 + 6 });
        expect((await contactSheet({ title: '', columns: [], rows: [], pictures: [] })).width).toBeGreaterThan(0);
    });
    test('a strip is as large as its pictures', () => {
        expect(strip([[busy(10, 8), busy(10, 8), busy(10, 8)], [busy(10, 8)]])).toMatchObject({
            width: 36,
            height: 19,
        });
    });
    test('huge sheets are made of smaller pictures', () => {
        const row = Array.from({ length: 40 }, () => plain(512, 64, [1, 2, 3]));
        expect(strip([row]).width).toBeLessThanOrEqual(16_000);
    });
    test('labels of any script are drawn', async () => {
        for (const font of ['system', 'bitmap'] as const) {
            const { width, data } = await label('Überschrift <b> & 亀 a-very-long-word-without-any-space-at-all', {
                size: 14,
                width: 120,
                font,
            });
            expect(width).toBeLessThanOrEqual(130);
            expect(data.some((ink) => ink > 0.5)).toBe(true);
        }
    });
});

test('animations hold all frames', async () => {
    const bytes = await animatedWebp([busy(16, 8), smooth(16, 8), busy(16, 8)], { delay: 80, rest: 900 });
    const { pages, pageHeight, delay, width } = await sharp(bytes, { animated: true }).metadata();
    expect({ pages, pageHeight, delay, width }).toEqual({ pages: 3, pageHeight: 8, delay: [80, 80, 900], width: 16 });
    await expect(animatedWebp([busy(16, 8), busy(8, 8)], { delay: 1 })).rejects.toMatchObject({ code: 'picture/size' });
});

/** Where a picture is inside another, pixel for pixel. */
function find(sheet: Rgb, part: Rgb): { x: number; y: number } {
    for (let y = 0; y + part.height <= sheet.height; y++) {
        for (let x = 0; x + part.width <= sheet.width; x++) {
            if (sheet.data[(y * sheet.width + x) * 3] !== part.data[0]) continue;
            if (Buffer.compare(crop(sheet, x, y, part.width, part.height).data, part.data) === 0) return { x, y };
        }
    }
    throw new Error('The picture is not on the sheet.');
}
