/** Edges by Canny's method (1986), step by step as OpenCV's `Canny(image, low, high)` with a 3x3 Sobel and the L1 norm. */
import type { Rgb } from './picture.ts';

/**
 * White edges on black. Pixels whose gradient exceeds `high` are edges, and those above `low` that hang together with
 * them. The gradient of 8-bit values is |dx| + |dy| of the colour channel where it is largest; 100 and 200 are usual.
 */
export function edges(picture: Rgb, low: number, high: number): Rgb {
    const { width, height } = picture;
    const { dx, dy, size } = gradientOf(picture);
    const [least, sure] = [Math.min(low, high), Math.max(low, high)];
    const marks = new Uint8Array(width * height);
    const seeds: number[] = [];
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const i = y * width + x;
            const at = (y + 1) * (width + 2) + x + 1;
            if (size[at]! <= least || !isRidge(size, at, width + 2, dx[i]!, dy[i]!)) continue;
            marks[i] = WEAK;
            if (size[at]! > sure) {
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

/** The gradient of each pixel; `size` has a border of 0 all around, `width + 2` a row. */
interface Gradient {
    readonly dx: Int32Array;
    readonly dy: Int32Array;
    readonly size: Int32Array;
}

function gradientOf({ width, height, data }: Rgb): Gradient {
    const dx = new Int32Array(width * height);
    const dy = new Int32Array(width * height);
    const size = new Int32Array((width + 2) * (height + 2));
    for (let y = 0, i = 0; y < height; y++) {
        const above = Math.max(y - 1, 0) * width;
        const here = y * width;
        const below = Math.min(y + 1, height - 1) * width;
        for (let x = 0; x < width; x++, i++) {
            const left = Math.max(x - 1, 0);
            const right = Math.min(x + 1, width - 1);
            let largest = -1;
            for (let c = 0; c < 3; c++) {
                const nw = data[(above + left) * 3 + c]!;
                const ne = data[(above + right) * 3 + c]!;
                const sw = data[(below + left) * 3 + c]!;
                const se = data[(below + right) * 3 + c]!;
                const across = ne - nw + 2 * (data[(here + right) * 3 + c]! - data[(here + left) * 3 + c]!) + se - sw;
                const down = sw - nw + 2 * (data[(below + x) * 3 + c]! - data[(above + x) * 3 + c]!) + se - ne;
                const sum = Math.abs(across) + Math.abs(down);
                if (sum <= largest) continue;
                largest = sum;
                dx[i] = across;
                dy[i] = down;
            }
            size[(y + 1) * (width + 2) + x + 1] = largest;
        }
    }
    return { dx, dy, size };
}

/** tan 22.5° in the fixed point of OpenCV, and tan 67.5°. */
const TAN_22 = 13573 / 32768;
const TAN_67 = TAN_22 + 2;

/** Whether the gradient is largest here along its own direction (rounded to 45°). */
function isRidge(size: Int32Array, at: number, row: number, dx: number, dy: number): boolean {
    const here = size[at]!;
    const across = Math.abs(dx);
    const down = Math.abs(dy);
    if (down < across * TAN_22) return here > size[at - 1]! && here >= size[at + 1]!;
    if (down > across * TAN_67) return here > size[at - row]! && here >= size[at + row]!;
    const slant = dx < 0 !== dy < 0 ? -1 : 1;
    return here > size[at - row - slant]! && here > size[at + row + slant]!;
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
