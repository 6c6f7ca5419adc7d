/** Edges by Canny's method (1986), step by step as OpenCV's `Canny(image, low, high)` with a 3x3 Sobel and the L1 norm. */
import type { Picture } from './picture.ts';

/**
 * White edges on black. Pixels whose gradient exceeds `high` are edges, and those above `low` that hang together with
 * them. The gradient of 8-bit values is |dx| + |dy| of the colour channel where it is largest; 100 and 200 are usual.
 */
export function edges(picture: Picture, low: number, high: number): Picture {
    const { width, height } = picture;
    const gradient = gradientOf(picture);
    const [least, sure] = [Math.min(low, high), Math.max(low, high)];
    const marks = new Uint8Array(width * height);
    const seeds: number[] = [];
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const i = y * width + x;
            if (gradient.size[i]! <= least || !isRidge(gradient, width, height, x, y)) continue;
            marks[i] = WEAK;
            if (gradient.size[i]! > sure) {
                marks[i] = EDGE;
                seeds.push(i);
            }
        }
    }
    follow(marks, seeds, width, height);
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < marks.length; i++) if (marks[i] === EDGE) data.fill(255, 3 * i, 3 * i + 3);
    return { width, height, data };
}

const WEAK = 1;
const EDGE = 2;

interface Gradient {
    readonly dx: Int32Array;
    readonly dy: Int32Array;
    readonly size: Int32Array;
}

function gradientOf({ width, height, data }: Picture): Gradient {
    const count = width * height;
    const gradient = { dx: new Int32Array(count), dy: new Int32Array(count), size: new Int32Array(count).fill(-1) };
    for (let y = 0; y < height; y++) {
        const rows = [Math.max(y - 1, 0), y, Math.min(y + 1, height - 1)].map((row) => row * width);
        for (let x = 0; x < width; x++) {
            const [left, right] = [Math.max(x - 1, 0), Math.min(x + 1, width - 1)];
            const i = y * width + x;
            for (let c = 0; c < 3; c++) {
                const at = (row: number, column: number) => data[(rows[row]! + column) * 3 + c]!;
                const [nw, ne, sw, se] = [at(0, left), at(0, right), at(2, left), at(2, right)];
                const dx = ne + 2 * at(1, right) + se - nw - 2 * at(1, left) - sw;
                const dy = sw + 2 * at(2, x) + se - nw - 2 * at(0, x) - ne;
                const size = Math.abs(dx) + Math.abs(dy);
                if (size <= gradient.size[i]!) continue;
                gradient.dx[i] = dx;
                gradient.dy[i] = dy;
                gradient.size[i] = size;
            }
        }
    }
    return gradient;
}

/** tan 22.5° and tan 67.5° in the fixed point of OpenCV. */
const TAN_22 = 13573 / 32768;
const TAN_67 = TAN_22 + 2;

/** Whether the gradient is largest here along its own direction (rounded to 45°). */
function isRidge({ dx, dy, size }: Gradient, width: number, height: number, x: number, y: number): boolean {
    const i = y * width + x;
    const here = size[i]!;
    const at = (column: number, row: number) =>
        column >= 0 && column < width && row >= 0 && row < height ? size[row * width + column]! : 0;
    const [across, along] = [Math.abs(dx[i]!), Math.abs(dy[i]!)];
    if (along < across * TAN_22) return here > at(x - 1, y) && here >= at(x + 1, y);
    if (along > across * TAN_67) return here > at(x, y - 1) && here >= at(x, y + 1);
    const slant = dx[i]! < 0 !== dy[i]! < 0 ? -1 : 1;
    return here > at(x - slant, y - 1) && here > at(x + slant, y + 1);
}

/** Grows edges from the sure pixels over weak neighbours. */
function follow(marks: Uint8Array, stack: number[], width: number, height: number): void {
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
        const [x, y] = [i % width, Math.floor(i / width)];
        for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++) {
            for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
                const neighbour = row * width + column;
                if (marks[neighbour] !== WEAK) continue;
                marks[neighbour] = EDGE;
                stack.push(neighbour);
            }
        }
    }
}
