/** Small mosaics without a model: tiles are painted by arithmetic from what they start from and their seed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MosaicPlan } from '../../../../src/plan/mosaic/mosaic.ts';
import type { PicturePlan } from '../../../../src/plan/plan.ts';
import { withSeeds } from '../../../../src/plan/sources.ts';
import type { MadePicture } from '../../../../src/runtime/events.ts';
import type { GenerateContext } from '../../../../src/runtime/generate.ts';
import { hashDistance, perceptualHash, pixelsSha256, psnr, ssim } from '../../../../src/runtime/pictures/compare.ts';
import { plain, type Rgb } from '../../../../src/runtime/pictures/picture.ts';
import { encodePng } from '../../../../src/runtime/pictures/save.ts';
import { type Before, type FakeWorkshop, fakeWorkshop, PLAN } from '../fake-workshop.ts';

const SIDE = 32;

/** 4x4 tiles of 32x32 pixels. */
export const MOSAIC: MosaicPlan = {
    kind: 'mosaic',
    of: { kind: 'file', path: 'ground.png' },
    grid: { columns: 4, rows: 4 },
    tiles: {
        via: { ...PLAN, size: { width: SIDE, height: SIDE }, seeds: [100] },
        strength: 0.5,
        colour: 1,
        vary: 4,
        pool: 0,
        size: { width: SIDE, height: SIDE },
    },
    depth: 1,
};

/** Two levels and a zoom. */
export const DEEP: MosaicPlan = {
    ...MOSAIC,
    depth: 2,
    zoom: { into: { column: 1, row: 2 }, frames: 4, width: 48 },
};

/** Writes the picture that the mosaics are made of. */
export async function writeGround(base: string, width = 32, height = 32, shift = 0): Promise<void> {
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) {
        const [x, y] = [i % width, Math.floor(i / width)];
        data.set([(40 + 4 * x + shift) % 256, 200 - 4 * y, 60 + 2 * ((x + y) % 40)], 3 * i);
    }
    mkdirSync(base, { recursive: true });
    writeFileSync(join(base, 'ground.png'), await encodePng({ width, height, data }));
}

/** A workshop whose tiles are their start with a pattern by seed; `before` is called before each. */
export function tileWorkshop(before: Before = () => {}): FakeWorkshop {
    const generated: PicturePlan[] = [];
    const workshop = fakeWorkshop(before, {
        async *generate(plan: PicturePlan, context: GenerateContext): AsyncGenerator<MadePicture, void> {
            for (const [index, seed] of plan.seeds.entries()) {
                generated.push(withSeeds(plan, [seed]));
                await before(plan, index, context);
                context.signal?.throwIfAborted();
                const picture = painted(context.starts?.[index] ?? plain(SIDE, SIDE, [128, 128, 128]), seed);
                const [latents, sha256] = [new Float32Array(4), pixelsSha256(picture)];
                const digests = { pixelsSha256: sha256, latentDigests: [] };
                yield { index, seed, picture, latents, trace: [], ...digests, seconds: 0 };
            }
        },
        phash: perceptualHash,
        phashDistance: hashDistance,
        ssim,
        psnr,
    });
    return { ...workshop, generated };
}

/** A picture with a pattern that depends on the seed alone. */
export function painted({ width, height, data }: Rgb, seed: number): Rgb {
    let state = (seed * 2654435761 + 12345) >>> 0;
    const noise = Float32Array.from({ length: 64 }, () => {
        state = (state * 1664525 + 1013904223) >>> 0;
        return (state / 2 ** 32 - 0.5) * 80;
    });
    const out = Uint8ClampedArray.from(data, (value, i) => {
        const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
        return value + noise[(Math.floor((8 * y) / height) * 8 + Math.floor((8 * x) / width)) % 64]!;
    });
    return { width, height, data: new Uint8Array(out.buffer) };
}
