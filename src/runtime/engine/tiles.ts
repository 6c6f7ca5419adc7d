/** Tiles: large tensors processed piece by piece, with the seams blended. */
import { type LatentTile, type TileLayout, tilesOf } from '../../plan/passes/tiles.ts';
import { elementCount, type Tensor, tensor } from '../tensor.ts';

/** In the input's pixels. */
export interface TileSizes extends TileLayout {
    /** Pixels of the output per pixel of the input. */
    readonly scale: number;
}

/**
 * Runs `[B, C, h, w]` in tiles. Within an overlap the tiles' weights rise and fall linearly and are divided by their
 * sum, so a network without surroundings (each pixel its own) returns the same as without tiles. A VAE's group norms
 * see a tile only: colours may differ slightly from an undivided decode.
 */
export async function tiled(
    source: Tensor,
    sizes: TileSizes,
    run: (tile: Tensor, place: LatentTile) => Promise<Tensor>,
): Promise<Tensor> {
    const [batch, , height, width] = source.dims as [number, number, number, number];
    const { scale } = sizes;
    let sum: Float32Array | undefined;
    let channels = 0;
    const total = new Float32Array(height * scale * width * scale);
    for (const place of tilesOf(height, width, sizes)) {
        const { top, left, rows, columns } = place;
        const pixels = await run(cut(source, place), place);
        channels = pixels.dims[1]!;
        sum ??= new Float32Array(batch * channels * total.length);
        const down = ramp(top, rows, height, sizes);
        const across = ramp(left, columns, width, sizes);
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
    if (!sum) throw new RangeError(`A tensor of shape [${source.dims}] has no pixels.`);
    for (let index = 0; index < sum.length; index++) sum[index]! /= total[index % total.length]!;
    return tensor(sum, [batch, channels, height * scale, width * scale]);
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

/** The part of `[B, C, h, w]` in a tile. */
export function cut(source: Tensor, { top, left, rows, columns }: LatentTile): Tensor {
    const [batch, channels, height, width] = source.dims as [number, number, number, number];
    const dims = [batch, channels, rows, columns];
    const data = new Float32Array(elementCount(dims));
    let at = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
        for (let y = top; y < top + rows; y++) {
            const from = (plane * height + y) * width + left;
            data.set(source.data.subarray(from, from + columns), at);
            at += columns;
        }
    }
    return tensor(data, dims);
}
