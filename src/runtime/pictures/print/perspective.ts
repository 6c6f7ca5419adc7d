/** Perspective: a rectangle seen at an angle, straightened and put back (Heckbert 1989, projective mappings). */
import type { Corners, Point } from '../../../plan/prints/corners.ts';
import { blur } from '../blur.ts';
import type { Plane, Rgb } from '../picture.ts';

/** A projective mapping of the plane, and its inverse. */
export interface Perspective {
    /** A point of the unit square, or beside it, to the picture's pixels. */
    toPicture(u: number, v: number): Point;
    /** The reverse. */
    toUnit(x: number, y: number): Point;
}

/** The mapping that takes the unit square to four corners of a convex quadrilateral. */
export function perspectiveOf([p0, p1, p2, p3]: Corners): Perspective {
    const [dx1, dx2, sx] = [p1.x - p2.x, p3.x - p2.x, p0.x - p1.x + p2.x - p3.x];
    const [dy1, dy2, sy] = [p1.y - p2.y, p3.y - p2.y, p0.y - p1.y + p2.y - p3.y];
    const determinant = dx1 * dy2 - dx2 * dy1;
    const g = (sx * dy2 - dx2 * sy) / determinant;
    const h = (dx1 * sy - sx * dy1) / determinant;
    const [a, b, c] = [p1.x - p0.x + g * p1.x, p3.x - p0.x + h * p3.x, p0.x];
    const [d, e, f] = [p1.y - p0.y + g * p1.y, p3.y - p0.y + h * p3.y, p0.y];
    return {
        toPicture(u, v) {
            // Beyond the horizon there is no picture: points are held in front of it.
            const w = Math.max(g * u + h * v + 1, HORIZON);
            return { x: (a * u + b * v + c) / w, y: (d * u + e * v + f) / w };
        },
        toUnit(x, y) {
            const u = (e - f * h) * x + (c * h - b) * y + (b * f - c * e);
            const v = (f * g - d) * x + (a - c * g) * y + (c * d - a * f);
            const w = (d * h - e * g) * x + (b * g - a * h) * y + (a * e - b * d);
            return { x: u / w, y: v / w };
        },
    };
}

const HORIZON = 0.05;

/** A picture sampled at the places that `at` gives for the middle of each pixel; `per` samples per side are averaged. */
export function sampled(
    source: Rgb,
    size: { readonly width: number; readonly height: number },
    at: (x: number, y: number) => Point,
    per: number,
): Rgb {
    const { width, height } = size;
    const data = new Uint8Array(width * height * 3);
    const colour = new Float64Array(3);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            colour.fill(0);
            for (let j = 0; j < per; j++) {
                for (let i = 0; i < per; i++) {
                    const point = at(x + (i + 0.5) / per, y + (j + 0.5) / per);
                    addCubic(source, point.x - 0.5, point.y - 0.5, colour);
                }
            }
            const to = (y * width + x) * 3;
            for (let k = 0; k < 3; k++) data[to + k] = level(colour[k]! / (per * per));
        }
    }
    return { width, height, data };
}

function level(value: number): number {
    return Math.min(255, Math.max(0, Math.round(value)));
}

/** Adds the colour at a point between pixels by Catmull-Rom interpolation; the border is repeated outwards. */
function addCubic({ width, height, data }: Rgb, x: number, y: number, to: Float64Array): void {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const across = catmullRom(x - left);
    const down = catmullRom(y - top);
    for (let j = 0; j < 4; j++) {
        const row = Math.min(Math.max(top + j - 1, 0), height - 1) * width;
        for (let i = 0; i < 4; i++) {
            const from = (row + Math.min(Math.max(left + i - 1, 0), width - 1)) * 3;
            const weight = across[i]! * down[j]!;
            to[0]! += weight * data[from]!;
            to[1]! += weight * data[from + 1]!;
            to[2]! += weight * data[from + 2]!;
        }
    }
}

function catmullRom(t: number): readonly [number, number, number, number] {
    const [t2, t3] = [t * t, t * t * t];
    return [-0.5 * t + t2 - 0.5 * t3, 1 - 2.5 * t2 + 1.5 * t3, 0.5 * t + 2 * t2 - 1.5 * t3, -0.5 * t2 + 0.5 * t3];
}

/** How much of each pixel of a `width` x `height` picture is inside the frame, 0…1, from 4x4 samples. */
export function coverage(width: number, height: number, { toUnit }: Perspective, feather: number): Plane {
    const data = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            let inside = 0;
            for (let k = 0; k < 16; k++) {
                const { x: u, y: v } = toUnit(x + ((k % 4) + 0.5) / 4, y + (Math.floor(k / 4) + 0.5) / 4);
                if (u >= 0 && u <= 1 && v >= 0 && v <= 1) inside++;
            }
            data[y * width + x] = inside / 16;
        }
    }
    return blur({ width, height, data }, feather / 2);
}

/** `onto` with `over` laid upon it where alpha is above 0. */
export function laidOver(onto: Rgb, over: (x: number, y: number) => ArrayLike<number>, alpha: Plane): Rgb {
    const data = onto.data.slice();
    for (let i = 0; i < alpha.data.length; i++) {
        const share = alpha.data[i]!;
        if (share < 1 / 512) continue;
        const colour = over(i % onto.width, Math.floor(i / onto.width));
        for (let k = 0; k < 3; k++) data[3 * i + k] = level(share * colour[k]! + (1 - share) * data[3 * i + k]!);
    }
    return { ...onto, data };
}

/** Reads one colour of a picture at places around the middle of a pixel: the mean of `per` x `per` samples. */
export function reader(source: Rgb, at: (x: number, y: number) => Point, per: number) {
    const colour = new Float64Array(3);
    return (x: number, y: number): Float64Array => {
        colour.fill(0);
        for (let j = 0; j < per; j++) {
            for (let i = 0; i < per; i++) {
                const point = at(x + (i + 0.5) / per, y + (j + 0.5) / per);
                addCubic(source, point.x - 0.5, point.y - 0.5, colour);
            }
        }
        for (let k = 0; k < 3; k++) colour[k]! /= per * per;
        return colour;
    };
}
