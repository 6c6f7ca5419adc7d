/** Batches of rows: which seeds of a plan go through the U-Net together. */
import type { PicturePlan, Size } from '../plan.ts';
import { layOut } from '../rows/rows.ts';

/** Latent positions of all rows that go through the U-Net together: eight rows of 64x64, or many of a small picture. */
const POSITIONS_PER_BATCH = 8 * 64 * 64;

/** Seeds that go together; `first` is the place of the first of them among the plan's seeds. */
export interface SeedBatch {
    readonly first: number;
    readonly seeds: readonly number[];
}

/** The plan's seeds in groups that fit into one batch each. Bias rows are not counted. */
export function seedBatches(plan: PicturePlan): readonly SeedBatch[] {
    const { width, height } = canvasSize(plan);
    const rows = layOut({ ...plan, infusions: [] }, 1).guided.length;
    const positions = (rows * width * height) / 64;
    const size = Math.max(1, Math.floor(POSITIONS_PER_BATCH / positions));
    const batches: SeedBatch[] = [];
    for (let first = 0; first < plan.seeds.length; first += size) {
        batches.push({ first, seeds: plan.seeds.slice(first, first + size) });
    }
    return batches;
}

/** Pixels of the finished picture, outpainted sides included. */
export function canvasSize({ size, outpaint }: PicturePlan): Size {
    const { left = 0, right = 0, top = 0, bottom = 0 } = outpaint ?? {};
    return { width: size.width + left + right, height: size.height + top + bottom };
}
