/** The picture that a contact sheet shows in place of one that could not be made. */
import type { Size } from '../../plan/plan.ts';
import type { Rgb } from './picture.ts';

const GROUND = [245, 230, 230] as const;
const STROKE = [190, 40, 40] as const;

/** Two red diagonals on pale red. */
export function crossedOut({ width, height }: Size): Rgb {
    const data = new Uint8Array(width * height * 3);
    const thick = Math.max(1, Math.min(width, height) / 40);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const down = Math.abs(x / width - y / height) * width;
            const up = Math.abs(x / width + y / height - 1) * width;
            data.set(Math.min(down, up) <= thick ? STROKE : GROUND, (y * width + x) * 3);
        }
    }
    return { width, height, data };
}
