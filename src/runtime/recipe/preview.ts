/** Previews: latents shown by a linear map to RGB, fitted to the model at hand from pictures it decoded anyway. */
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { Rgb } from '../pictures/picture.ts';
import type { Tensor } from '../tensor.ts';

/** RGB in [-1, 1] = latents x factors + offset: four rows and the offset, three columns. */
export type PreviewMap = readonly (readonly [number, number, number])[];

/**
 * Factors that are published for Stable Diffusion 1.x's VAE (ComfyUI's latent formats); what a model is shown with until
 * it has decoded a picture of its own.
 */
const SD1: PreviewMap = [
    [0.3512, 0.2297, 0.3227],
    [0.325, 0.4974, 0.235],
    [-0.2829, 0.1762, 0.2721],
    [-0.212, -0.2616, -0.7177],
    [0, 0, 0],
];

/** By opened model: one whose files were replaced is opened again, and starts without a map. */
const fitted = new WeakMap<StableDiffusion, PreviewMap>();

/** Small pictures of latents `[pictures, 4, h, w]`, one pixel a latent. Costs microseconds; never decodes. */
export function previewOf(model: StableDiffusion, latents: Tensor): readonly Rgb[] {
    const map = fitted.get(model) ?? SD1;
    const [pictures = 0, , height = 0, width = 0] = latents.dims;
    const plane = height * width;
    return Array.from({ length: pictures }, (_, picture) => {
        const at = picture * 4 * plane;
        const data = new Uint8Array(plane * 3);
        for (let i = 0; i < plane; i++) {
            for (let colour = 0; colour < 3; colour++) {
                let value = map[4]![colour]!;
                for (let k = 0; k < 4; k++) value += map[k]![colour]! * latents.data[at + k * plane + i]!;
                data[i * 3 + colour] = Math.max(0, Math.min(255, Math.round((value / 2 + 0.5) * 255)));
            }
        }
        return { width, height, data };
    });
}

/**
 * Learns the map from latents `[1, 4, h, w]` and their decoded pixels `[1, 3, H, W]`: least squares over the means of
 * the pixels that each latent covers. Called with pictures that are decoded in any case.
 */
export function learnPreview(model: StableDiffusion, latents: Tensor, pixels: Tensor): void {
    const [, , h = 0, w = 0] = latents.dims;
    const normal = Array.from({ length: 5 }, () => new Array<number>(8).fill(0));
    for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++) {
            const input = [0, 1, 2, 3].map((k) => latents.data[(k * h + y) * w + x]!).concat(1);
            const output = [0, 1, 2].map((colour) => meanOf(pixels, colour, x, y, w, h));
            for (let r = 0; r < 5; r++) {
                for (let c = 0; c < 5; c++) normal[r]![c]! += input[r]! * input[c]!;
                for (let c = 0; c < 3; c++) normal[r]![5 + c]! += input[r]! * output[c]!;
            }
        }
    }
    // A little ridge keeps flat pictures solvable.
    for (let k = 0; k < 4; k++) normal[k]![k]! += 1e-3 * h * w;
    fitted.set(model, solve(normal));
}

function meanOf({ data, dims }: Tensor, colour: number, x: number, y: number, w: number, h: number): number {
    const [, , height = 0, width = 0] = dims;
    const stepX = width / w;
    const stepY = height / h;
    let sum = 0;
    for (let j = 0; j < stepY; j++) {
        for (let i = 0; i < stepX; i++) sum += data[(colour * height + y * stepY + j) * width + x * stepX + i]!;
    }
    return sum / (stepX * stepY);
}

/** Gauss-Jordan elimination of five equations with three right-hand sides. */
function solve(rows: number[][]): PreviewMap {
    for (let k = 0; k < 5; k++) {
        const pivot = rows.slice(k).reduce((best, row) => (Math.abs(row[k]!) > Math.abs(best[k]!) ? row : best));
        rows.splice(rows.indexOf(pivot), 1);
        rows.splice(k, 0, pivot);
        const lead = pivot[k]!;
        for (let c = k; c < 8; c++) pivot[c]! /= lead;
        for (const row of rows) {
            if (row === pivot) continue;
            const factor = row[k]!;
            for (let c = k; c < 8; c++) row[c]! -= factor * pivot[c]!;
        }
    }
    return rows.map((row) => [row[5]!, row[6]!, row[7]!] as const);
}
