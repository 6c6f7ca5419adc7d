/** Frames: cut out, repainted and put back, with what is around them untouched. */
import { expect, test } from 'vitest';
import type { PicturePlan, PictureSource } from '../../../src/plan/plan.ts';
import { generate } from '../../../src/runtime/generate.ts';
import type { Rgb } from '../../../src/runtime/pictures/picture.ts';
import { innerOf, prepareFrame } from '../../../src/runtime/recipe/frame.ts';
import { openNano, plan } from './nano-plans.ts';

const ROOM: Rgb = {
    width: 150,
    height: 110,
    data: Uint8Array.from({ length: 150 * 110 * 3 }, (_, i) => 128 + 90 * Math.sin((i % 450) / 60 + i / 4500)),
};
const CORNERS = [
    { x: 40, y: 30 },
    { x: 100, y: 36 },
    { x: 98, y: 80 },
    { x: 42, y: 84 },
] as const;
const source = (path: string): PictureSource => ({ kind: 'file', path });
const room = source('room');

function framed(more: Partial<PicturePlan> = {}): PicturePlan {
    return plan([], {
        size: { width: 64, height: 64 },
        start: { pictures: [{ picture: room, weight: 1 }], mixing: 'linear', latent: 'mean', strength: 1 },
        mask: { kind: 'corners', corners: CORNERS, feather: 0 },
        ...more,
    });
}

async function made(work: PicturePlan, read = async () => ROOM) {
    const model = await openNano();
    const context = { openModel: async () => model, picture: read, emit: () => {} };
    for await (const picture of generate(work, context)) return picture;
    throw new Error('There is no picture.');
}

test('the frame is repainted in its place; all else is bitwise the room', async () => {
    const { picture, inside } = await made(framed());
    expect([picture.width, picture.height]).toEqual([150, 110]);
    const changed = (x: number, y: number) => {
        const at = 3 * (y * 150 + x);
        return [0, 1, 2].some((k) => picture.data[at + k] !== ROOM.data[at + k]);
    };
    for (const [x, y] of [
        [0, 0],
        [38, 50],
        [102, 50],
        [70, 28],
        [70, 88],
        [149, 109],
    ] as const) {
        expect(changed(x, y), `${x},${y}`).toBe(false);
    }
    const points = [
        [50, 40],
        [70, 55],
        [90, 70],
        [95, 45],
    ] as const;
    expect(points.filter(([x, y]) => changed(x, y)).length).toBeGreaterThan(2);
    // The frame is 58 by 50 pixels; with its margin it fills the canvas but for whole latents.
    expect(inside && [inside.width, inside.height]).toEqual([48, 40]);
});

test('a straightened part that is put back as it is leaves the room as it was', async () => {
    const frame = await prepareFrame(framed(), async () => ROOM);
    const part = await frame!.picture(frame!.plan.start!.pictures[0]!.picture);
    const { whole } = frame!.putBack(part);
    const differences = whole.data.map((value, i) => Math.abs(value - ROOM.data[i]!));
    expect(differences.reduce((a, b) => a + b, 0) / differences.length).toBeLessThan(1);
    expect(frame!.plan.mask).toMatchObject({ outside: false, feather: 0 });
});

test('a mask of a picture, with `only`, is repainted in its surroundings and keeps the rest', async () => {
    const mask: Rgb = { ...ROOM, data: new Uint8Array(ROOM.data.length) };
    for (let y = 30; y < 70; y++) mask.data.fill(255, 3 * (y * 150 + 50), 3 * (y * 150 + 90));
    const white = source('white');
    const work = framed({ mask: { picture: white, outside: false, feather: 0, only: { margin: 12 } } });
    const model = await openNano();
    const picture = async (asked: PictureSource) => (asked === white ? mask : ROOM);
    for await (const { picture: whole } of generate(work, { openModel: async () => model, picture, emit: () => {} })) {
        const outside = whole.data.filter((_, i) => mask.data[i] === 0);
        expect(outside).toEqual(ROOM.data.filter((_, i) => mask.data[i] === 0));
        expect(whole.data).not.toEqual(ROOM.data);
    }
});

test('the frame is aligned with latents, its shape and margin kept', () => {
    const canvas = { width: 128, height: 128 };
    const wide = innerOf(
        [
            { x: 0, y: 0 },
            { x: 200, y: 0 },
            { x: 200, y: 100 },
            { x: 0, y: 100 },
        ],
        canvas,
        undefined,
    );
    expect(wide).toEqual({ width: 96, height: 48, left: 16, top: 40 });
    const tight = innerOf(
        [
            { x: 0, y: 0 },
            { x: 200, y: 0 },
            { x: 200, y: 200 },
            { x: 0, y: 200 },
        ],
        canvas,
        0,
    );
    expect(tight).toEqual({ width: 128, height: 128, left: 0, top: 0 });
});

test.each([
    [
        {
            corners: [
                { x: 40, y: 30 },
                { x: 160, y: 36 },
                { x: 98, y: 80 },
                { x: 42, y: 84 },
            ],
        },
        'The corner 160,36 is outside of the picture, which is 150x110.',
    ],
    [
        {
            corners: [
                { x: 40, y: 30 },
                { x: 98, y: 80 },
                { x: 100, y: 36 },
                { x: 42, y: 84 },
            ],
        },
        'The corners of the frame cross',
    ],
] as const)('corners %j are refused', async ({ corners }, message) => {
    await expect(made(framed({ mask: { kind: 'corners', corners, feather: 0 } }))).rejects.toThrow(message);
});
