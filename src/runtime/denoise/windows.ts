/** Windows: pictures larger than the model was made for, whose overlapping windows are mixed as predictions. */
import type { LatentTile, TileLayout } from '../../plan/passes/tiles.ts';
import { tiled } from '../engine/tiles.ts';
import type { Tensor } from '../tensor.ts';

/**
 * The prediction `[R, 4, h, w]` of rows `[R, C, h, w]`: every window is predicted alone, and where windows overlap their
 * predictions are averaged before the sampler steps (MultiDiffusion, Bar-Tal et al. 2023, arXiv 2302.08113), with weights
 * that fall towards a window's border (Mixture of Diffusers, Jiménez 2023, arXiv 2302.02412). It is one more linear mixture:
 * windows are rows, and the mixture has a map.
 */
export function predictInWindows(
    rows: Tensor,
    windows: TileLayout | undefined,
    predict: (rows: Tensor, place: LatentTile | undefined) => Promise<Tensor>,
): Promise<Tensor> {
    return windows ? tiled(rows, { ...windows, scale: 1 }, predict) : predict(rows, undefined);
}
