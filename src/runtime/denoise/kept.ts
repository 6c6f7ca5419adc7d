/** What a whole step leaves for the cached steps after it (DeepCache, Ma et al. 2023, arXiv 2312.00858). */
import type { LatentTile } from '../../plan/passes/tiles.ts';
import type { Row } from '../../plan/rows.ts';
import type { ControlResiduals } from '../engine/stable-diffusion.ts';
import { rows as rowsOf, stackRows, type Tensor } from '../tensor.ts';

/** Values of the last whole step, one row for each row of its pass. */
export interface Kept {
    readonly rows: readonly Row[];
    /** The feature that enters the branch. */
    readonly deep: Tensor;
    /** What ControlNets added, where they acted. */
    readonly control?: ControlResiduals;
}

/** The values that one run keeps; of a large picture those of each window. */
export interface KeptFeatures {
    keep(values: Kept, window: LatentTile | undefined): void;
    /** The values of these rows, in their order. Throws where one of them was not in the last whole pass. */
    recall(rows: readonly Row[], window: LatentTile | undefined): Omit<Kept, 'rows'>;
}

/** Keeps nothing yet. */
export function keptFeatures(): KeptFeatures {
    const byWindow = new Map<string, Kept>();
    const nameOf = (window: LatentTile | undefined) => (window ? `${window.top} ${window.left}` : 'whole');
    return {
        keep: (values, window) => void byWindow.set(nameOf(window), values),
        recall(rows, window) {
            const kept = byWindow.get(nameOf(window));
            const at = rows.map((row) => kept?.rows.indexOf(row) ?? -1);
            if (!kept || at.includes(-1)) throw new RangeError('A cached step has rows that no whole step had.');
            const pick = (values: Tensor) => {
                if (at.length === kept.rows.length && at.every((row, k) => row === k)) return values;
                return stackRows(at.map((row) => rowsOf(values, row, row + 1)));
            };
            const { deep, control } = kept;
            return {
                deep: pick(deep),
                ...(control && { control: { down: control.down.map(pick), mid: pick(control.mid) } }),
            };
        },
    };
}
