/** What steps leave for later ones: features (DeepCache, arXiv 2312.00858), and what the text adds (T-GATE, arXiv 2404.02747). */
import type { LatentTile } from '../../plan/passes/tiles.ts';
import type { Row } from '../../plan/rows/rows.ts';
import type { ControlResiduals, TextTensors } from '../engine/stable-diffusion.ts';
import { rows as rowsOf, stackRows, type Tensor, tensor } from '../tensor.ts';

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
    /** Keeps what the text adds to each row; to a prompt's row the mean of its own and that of its picture's unconditional row. */
    keepText(rows: readonly Row[], parts: TextTensors, window: LatentTile | undefined): void;
    /** What was kept for these rows, in their order. Throws where one of them was not in that pass. */
    recallText(rows: readonly Row[], window: LatentTile | undefined): TextTensors;
}

/** Keeps nothing yet. */
export function keptFeatures(): KeptFeatures {
    const byWindow = new Map<string, Kept>();
    const texts = new Map<string, { readonly rows: readonly Row[]; readonly parts: TextTensors }>();
    const nameOf = (window: LatentTile | undefined) => (window ? `${window.top} ${window.left}` : 'whole');
    return {
        keep: (values, window) => void byWindow.set(nameOf(window), values),
        recall(rows, window) {
            const kept = byWindow.get(nameOf(window));
            const pick = picker(kept?.rows ?? [], rows);
            const { deep, control } = kept!;
            return {
                deep: pick(deep),
                ...(control && { control: { down: control.down.map(pick), mid: pick(control.mid) } }),
            };
        },
        keepText(rows, parts, window) {
            const mixed = [...parts].map(([block, part]) => [block, withUnconditional(rows, part)] as const);
            texts.set(nameOf(window), { rows, parts: new Map(mixed) });
        },
        recallText(rows, window) {
            const kept = texts.get(nameOf(window));
            const pick = picker(kept?.rows ?? [], rows);
            return new Map([...kept!.parts].map(([block, part]) => [block, pick(part)]));
        },
    };
}

/** Picks the values of some rows out of those of all rows of a pass. */
function picker(kept: readonly Row[], rows: readonly Row[]): (values: Tensor) => Tensor {
    const at = rows.map((row) => kept.indexOf(row));
    if (at.includes(-1)) throw new RangeError('A cached step has rows that no whole step had.');
    if (at.length === kept.length && at.every((row, k) => row === k)) return (values) => values;
    return (values) => stackRows(at.map((row) => rowsOf(values, row, row + 1)));
}

/** F = (F of the prompt + F without it) / 2, equation 4 of T-GATE. Rows without an unconditional one keep their own. */
function withUnconditional(rows: readonly Row[], part: Tensor): Tensor {
    const size = part.data.length / rows.length;
    const data = Float32Array.from(part.data);
    for (const [r, row] of rows.entries()) {
        if (row.role !== 'prompt') continue;
        const empty = rows.findIndex((other) => other.role === 'empty' && other.picture === row.picture);
        if (empty < 0) continue;
        for (let at = 0; at < size; at++)
            data[r * size + at] = (part.data[r * size + at]! + part.data[empty * size + at]!) / 2;
    }
    return tensor(data, part.dims);
}
