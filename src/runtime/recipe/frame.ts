/** Frames: a part of a picture is cut out with its surroundings, straightened, repainted at the model's size, and put back. */
import { canonicalJson } from '../../plan/digest.ts';
import type { PicturePlan, PictureSource, Size } from '../../plan/plan.ts';
import { type Corners, faultOfCorners, sidesOf } from '../../plan/prints/corners.ts';
import { LATENT_FACTOR, wholeLatents } from '../../plan/topology.ts';
import { blur } from '../pictures/blur.ts';
import { maskOf } from '../pictures/mask.ts';
import type { Rgb } from '../pictures/picture.ts';
import { crop, type Plane } from '../pictures/picture.ts';
import { continued } from '../pictures/print/continuity.ts';
import { coverage, laidOver, type Perspective, perspectiveOf, reader, sampled } from '../pictures/print/perspective.ts';
import { RunError } from '../run-error.ts';

export interface Frame {
    /** Ordinary inpainting of the straightened part. */
    readonly plan: PicturePlan;
    /** The pixels of the plan's sources. */
    readonly picture: (source: PictureSource) => Promise<Rgb>;
    /** What was made of the straightened part, as decoded → the whole picture, and what is inside the frame. */
    putBack(made: Rgb): { readonly whole: Rgb; readonly inside: Rgb };
}

/** Undefined where the plan repaints no frame. */
export async function prepareFrame(
    plan: PicturePlan,
    read: (source: PictureSource) => Promise<Rgb>,
): Promise<Frame | undefined> {
    const { mask, start } = plan;
    if (!mask || !(mask.kind === 'corners' || mask.only)) return undefined;
    const subject = start?.pictures[0]?.picture;
    if (!start || !subject || start.pictures.length > 1) {
        throw new RunError('run/unsupported', 'A frame is within one picture: write `start from PICTURE`.');
    }
    const room = await read(subject);
    const painted = mask.kind === 'corners' ? undefined : maskOf(await read(mask.picture), room, mask);
    const corners = mask.kind === 'corners' ? mask.corners : boundsOf(painted!, room);
    requireInside(corners, room);
    const { width, height } = plan.size;
    const inner = innerOf(corners, plan.size, mask.kind === 'corners' ? mask.margin : mask.only?.margin);
    const perspective = perspectiveOf(corners);
    const toRoom = (x: number, y: number) =>
        perspective.toPicture((x - inner.left) / inner.width, (y - inner.top) / inner.height);
    const toCanvas = (x: number, y: number) => {
        const { x: u, y: v } = perspective.toUnit(x, y);
        return { x: u * inner.width + inner.left, y: v * inner.height + inner.top };
    };
    const sides = sidesOf(corners);
    const shrinks = Math.max(sides.width / inner.width, sides.height / inner.height);
    const part = sampled(room, plan.size, toRoom, samplesFor(shrinks));
    const alpha = alphaOf(room, perspective, painted, mask.feather);
    const repaint = await canvasMask(plan.size, inner, painted, room, toRoom);

    const name = canonicalJson([subject, mask, plan.size]);
    const [partSource, maskSource] = [sourceOf('part', name), sourceOf('mask', name)];
    const pictures = new Map<PictureSource, Rgb>([
        [partSource, part],
        [maskSource, greyPicture(repaint, plan.size)],
    ]);
    return {
        plan: {
            ...plan,
            start: { ...start, pictures: [{ picture: partSource, weight: 1 }] },
            mask: { kind: 'picture', picture: maskSource, outside: false, feather: 0 },
        },
        picture: async (source) => pictures.get(source) ?? read(source),
        putBack(made) {
            const even = continued(made, part, farFrom(repaint, plan.size), Math.max(width, height) / 6);
            const colourAt = reader(even, toCanvas, samplesFor(1 / shrinks));
            return {
                whole: laidOver(room, colourAt, alpha),
                inside: crop(even, inner.left, inner.top, inner.width, inner.height),
            };
        },
    };
}

function sourceOf(what: string, name: string): PictureSource {
    return { kind: 'file', path: `frame:${what}:${name}` };
}

function samplesFor(shrinks: number): number {
    return Math.min(8, Math.max(1, Math.ceil(shrinks)));
}

interface Inner extends Size {
    readonly left: number;
    readonly top: number;
}

/**
 * Where the frame is on the canvas: as large as its margin allows, its shape kept within a latent's pixels, and aligned
 * to them, so that the mask of the latents is the frame.
 */
export function innerOf(corners: Corners, canvas: Size, margin: number | undefined): Inner {
    const sides = sidesOf(corners);
    const around = margin ?? Math.max(sides.width, sides.height) / 6;
    const scale = Math.min(canvas.width / (sides.width + 2 * around), canvas.height / (sides.height + 2 * around));
    const side = (length: number, most: number) => Math.min(most, wholeLatents(length * scale));
    const width = side(sides.width, canvas.width);
    const height = side(sides.height, canvas.height);
    const start = (space: number) => Math.floor(space / 2 / LATENT_FACTOR) * LATENT_FACTOR;
    return { width, height, left: start(canvas.width - width), top: start(canvas.height - height) };
}

function requireInside(corners: Corners, { width, height }: Size): void {
    const outside = corners.find(({ x, y }) => x < 0 || y < 0 || x > width || y > height);
    if (outside) {
        const message = `The corner ${outside.x},${outside.y} is outside of the picture, which is ${width}x${height}. Write corners within it.`;
        throw new RunError('run/size', message);
    }
    if (faultOfCorners(corners)) {
        throw new RunError('run/size', 'The corners of the frame cross: name them clockwise from the top left.');
    }
}

/** The rectangle around all that a mask repaints. */
function boundsOf(mask: Float32Array, { width }: Size): Corners {
    let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
    mask.forEach((value, i) => {
        if (value < 0.5) return;
        const [x, y] = [i % width, Math.floor(i / width)];
        [left, top, right, bottom] = [
            Math.min(left, x),
            Math.min(top, y),
            Math.max(right, x + 1),
            Math.max(bottom, y + 1),
        ];
    });
    if (right < 0) {
        throw new RunError(
            'run/size',
            'The mask is black all over: there is nothing to repaint. Paint white what `mask … only` shall repaint.',
        );
    }
    return [
        { x: left, y: top },
        { x: right, y: top },
        { x: right, y: bottom },
        { x: left, y: bottom },
    ];
}

/** Where the whole picture shows what was made: the frame's own pixels, or the mask's, their border softened. */
function alphaOf(room: Size, perspective: Perspective, painted: Float32Array | undefined, feather: number): Plane {
    const { width, height } = room;
    if (painted) return blur({ width, height, data: painted }, feather / 2);
    return coverage(width, height, perspective, feather);
}

/** 1 where the canvas is repainted. */
async function canvasMask(
    size: Size,
    inner: Inner,
    painted: Float32Array | undefined,
    room: Size,
    toRoom: (x: number, y: number) => { readonly x: number; readonly y: number },
): Promise<Float32Array> {
    const mask = new Float32Array(size.width * size.height);
    if (painted) {
        const seen = sampled(greyPicture(painted, room), size, toRoom, 2);
        return mask.map((_, i) => (seen.data[3 * i]! > 64 ? 1 : 0));
    }
    for (let y = inner.top; y < inner.top + inner.height; y++) {
        mask.fill(1, y * size.width + inner.left, y * size.width + inner.left + inner.width);
    }
    return mask;
}

function greyPicture(plane: Float32Array, { width, height }: Size): Rgb {
    const data = new Uint8Array(plane.length * 3);
    for (let i = 0; i < plane.length; i++) data.fill(Math.round(plane[i]! * 255), 3 * i, 3 * i + 3);
    return { width, height, data };
}

/** 1 where a pixel and its surroundings are kept: a latent pixel that is partly repainted changes eight pixels. */
function farFrom(repaint: Float32Array, { width, height }: Size): Float32Array {
    const near = blur({ width, height, data: repaint }, 3).data;
    return near.map((value) => (value < 0.01 ? 1 : 0));
}
