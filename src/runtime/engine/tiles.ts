/** Tiles: large latents decoded piece by piece, with the seams blended. */
import { sizeOf, type Tensor, tensor } from '../tensor.ts';

export interface TileSizes {
    /** Side of a tile in latent pixels. */
    readonly side: number;
    /** How far neighbours overlap, in latent pixels. */
    readonly overlap: number;
    /** Pixels per latent pixel. */
    readonly scale: number;
}

/**
 * Decodes `[B, C, h, w]` in tiles. Within an overlap the tiles' weights rise and fall linearly and are divided by their
 * sum, so a decoder without surroundings (each pixel its own) gives the same as without tiles. A real decoder's group
 * norms see a tile only: colours may differ slightly from an undivided decode.
 */
export async function decodeInTiles(
    latents: Tensor,
    sizes: TileSizes,
    decode: (tile: Tensor) => Promise<Tensor>,
): Promise<Tensor> {
    const [batch, , height, width] = latents.dims as [number, number, number, number];
    const { scale } = sizes;
    let sum: Float32Array | undefined;
    let channels = 0;
    const total = new Float32Array(height * scale * width * scale);
    for (const top of starts(height, sizes)) {
        for (const left of starts(width, sizes)) {
            const rowCount = Math.min(sizes.side, height - top);
            const columnCount = Math.min(sizes.side, width - left);
            const pixels = await decode(cut(latents, top, left, rowCount, columnCount));
            channels = pixels.dims[1]!;
            sum ??= new Float32Array(batch * channels * total.length);
            const down = ramp(top, rowCount, height, sizes);
            const across = ramp(left, columnCount, width, sizes);
            for (let plane = 0; plane < batch * channels; plane++) {
                for (let y = 0; y < down.length; y++) {
                    const from = (plane * down.length + y) * across.length;
                    const row = (top * scale + y) * width * scale + left * scale;
                    const to = plane * total.length + row;
                    for (let x = 0; x < across.length; x++) {
                        const weight = down[y]! * across[x]!;
                        sum[to + x]! += weight * pixels.data[from + x]!;
                        if (plane === 0) total[row + x]! += weight;
                    }
                }
            }
        }
    }
    if (!sum) throw new RangeError(`Latents of shape [${latents.dims}] have no pixels.`);
    for (let index = 0; index < sum.length; index++) sum[index]! /= total[index % total.length]!;
    return tensor(sum, [batch, channels, height * scale, width * scale]);
}

/** Where tiles begin along a side: evenly apart, the last one flush with the end. */
export function starts(length: number, { side, overlap }: TileSizes): readonly number[] {
    if (length <= side) return [0];
    const count = Math.ceil((length - overlap) / (side - overlap));
    return Array.from({ length: count }, (_, index) => Math.round((index * (length - side)) / (count - 1)));
}

/** Weights along a tile's side in pixels: rising over the overlap except at the picture's own edges. */
function ramp(start: number, count: number, length: number, { overlap, scale }: TileSizes): Float32Array {
    const weights = new Float32Array(count * scale).fill(1);
    const span = overlap * scale;
    for (let index = 0; index < Math.min(span, weights.length); index++) {
        const rise = (index + 0.5) / span;
        if (start > 0) weights[index]! *= rise;
        if (start + count < length) weights[weights.length - 1 - index]! *= rise;
    }
    return weights;
}

function cut(source: Tensor, top: number, left: number, rowCount: number, columnCount: number): Tensor {
    const [batch, channels, height, width] = source.dims as [number, number, number, number];
    const dims = [batch, channels, rowCount, columnCount];
    const data = new Float32Array(sizeOf(dims));
    let at = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
        for (let y = top; y < top + rowCount; y++) {
            const from = (plane * height + y) * width + left;
            data.set(source.data.subarray(from, from + columnCount), at);
            at += columnCount;
        }
    }
    return tensor(data, dims);
}
