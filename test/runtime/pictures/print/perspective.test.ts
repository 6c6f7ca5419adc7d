/** Perspective: corners map to corners, a straightened picture put back is itself, and colours continue. */
import { expect, test } from 'vitest';
import { type Corners, faultOfCorners } from '../../../../src/plan/prints/corners.ts';
import type { Rgb } from '../../../../src/runtime/pictures/picture.ts';
import { continued } from '../../../../src/runtime/pictures/print/continuity.ts';
import {
    coverage,
    laidOver,
    perspectiveOf,
    reader,
    sampled,
} from '../../../../src/runtime/pictures/print/perspective.ts';

const CORNERS: Corners = [
    { x: 20, y: 12 },
    { x: 71, y: 20 },
    { x: 68, y: 55 },
    { x: 22, y: 60 },
];

function picture(width: number, height: number, colour: (x: number, y: number) => readonly number[]): Rgb {
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) data.set(colour(i % width, Math.floor(i / width)), 3 * i);
    return { width, height, data };
}

const smooth = picture(96, 72, (x, y) => [128 + 100 * Math.sin(x / 9), 128 + 100 * Math.cos(y / 8), 2 * x]);

test('the unit square goes to the corners, and back', () => {
    const { toPicture, toUnit } = perspectiveOf(CORNERS);
    const square = [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
    ] as const;
    for (const [k, [u, v]] of square.entries()) {
        const { x, y } = toPicture(u, v);
        expect(x).toBeCloseTo(CORNERS[k]!.x, 9);
        expect(y).toBeCloseTo(CORNERS[k]!.y, 9);
    }
    for (const [u, v] of [
        [0.3, 0.8],
        [-0.2, 1.1],
    ] as const) {
        const { x, y } = toPicture(u, v);
        expect(toUnit(x, y).x).toBeCloseTo(u, 9);
        expect(toUnit(x, y).y).toBeCloseTo(v, 9);
    }
    // The diagonals of the square meet in its middle, those of the frame in the middle's image.
    const middle = toPicture(0.5, 0.5);
    const [a, b, c, d] = CORNERS;
    const cross = (p: typeof a, q: typeof a, r: typeof a) => (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    expect(cross(a, c, middle)).toBeCloseTo(0, 6);
    expect(cross(b, d, middle)).toBeCloseTo(0, 6);
});

test('what is straightened and put back is the picture itself', () => {
    const { toPicture, toUnit } = perspectiveOf(CORNERS);
    const size = { width: 160, height: 120 };
    const straight = sampled(smooth, size, (x, y) => toPicture(x / size.width, y / size.height), 1);
    const back = reader(
        straight,
        (x, y) => {
            const { x: u, y: v } = toUnit(x, y);
            return { x: u * size.width, y: v * size.height };
        },
        3,
    );
    const alpha = coverage(smooth.width, smooth.height, perspectiveOf(CORNERS), 0);
    const whole = laidOver(smooth, back, alpha);
    const differences = whole.data.map((value, i) => Math.abs(value - smooth.data[i]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(4);
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(0.2);
});

test('the frame covers its own area, and a feather softens its border without moving it', () => {
    const area = (feather: number) =>
        coverage(smooth.width, smooth.height, perspectiveOf(CORNERS), feather).data.reduce(
            (sum, share) => sum + share,
            0,
        );
    const corners = CORNERS.map(({ x, y }, k) => [x, y, CORNERS[(k + 1) % 4]!.x, CORNERS[(k + 1) % 4]!.y] as const);
    const exact = Math.abs(corners.reduce((sum, [x, y, nextX, nextY]) => sum + x * nextY - nextX * y, 0)) / 2;
    expect(area(0)).toBeCloseTo(exact, -1);
    expect(Math.abs(area(0) - exact) / exact).toBeLessThan(0.01);
    expect(Math.abs(area(4) - exact) / exact).toBeLessThan(0.01);
});

test.each([
    [
        [
            { x: 0, y: 0 },
            { x: 9, y: 0 },
            { x: 0, y: 9 },
            { x: 9, y: 9 },
        ],
        'crossing',
    ],
    [
        [
            { x: 0, y: 0 },
            { x: 0, y: 9 },
            { x: 9, y: 9 },
            { x: 9, y: 0 },
        ],
        'anticlockwise',
    ],
    [
        [
            { x: 0, y: 0 },
            { x: 9, y: 0 },
            { x: 5, y: 5 },
            { x: 0, y: 9 },
        ],
        undefined,
    ],
    [
        [
            { x: 0, y: 0 },
            { x: 9, y: 0 },
            { x: 3, y: 3 },
            { x: 0, y: 9 },
        ],
        'crossing',
    ],
    [CORNERS, undefined],
] as const)('corners %j are %s', (corners, fault) => {
    expect(faultOfCorners(corners)).toBe(fault);
});

test('a shift of colours around a repainted part is taken out of it', () => {
    const shifted = picture(96, 72, (x, y) =>
        [...smooth.data.subarray(3 * (y * 96 + x), 3 * (y * 96 + x) + 3)].map((v, k) => v - [9, 0, -6][k]!),
    );
    const kept = Float32Array.from({ length: 96 * 72 }, (_, i) => {
        const [x, y] = [i % 96, Math.floor(i / 96)];
        return x > 30 && x < 66 && y > 20 && y < 52 ? 0 : 1;
    });
    const even = continued(shifted, smooth, kept, 12);
    const error = (a: Rgb) =>
        a.data.reduce((sum, value, i) => sum + Math.abs(value - smooth.data[i]!), 0) / a.data.length;
    expect(error(shifted)).toBeGreaterThan(4);
    expect(error(even)).toBeLessThan(1);
});
