/** Features of bias pictures, remembered: a clean bias latent gives the same features whatever the seed. */
import type { EditPoint } from '../../plan/sites.ts';
import type { Tensor } from '../tensor.ts';
import { stackRows, tensor } from '../tensor.ts';

/** What one bias row's features depend on besides the timestep: model, picture, size and text, as one string. */
export type BiasKey = string;

/** The features of some rows at some edit points: `[rows, c, h', w']` by point. */
export type BiasFeatures = ReadonlyMap<EditPoint, Tensor>;

/**
 * Bias features over a whole run. They are computed once per (row, timestep) while they fit into `maxBytes`; what no
 * longer fits is computed again each time, which costs time but never changes a picture.
 */
export interface FeatureMemory {
    /**
     * Features of `keys` at `points`, one row a key. `compute` is asked for the rows that are not remembered, at every
     * point that the run will ever ask for.
     */
    recall(
        keys: readonly BiasKey[],
        points: readonly EditPoint[],
        timestep: number,
        compute: (missing: readonly number[], points: readonly EditPoint[]) => Promise<BiasFeatures>,
    ): Promise<BiasFeatures>;
    readonly bytes: number;
    /** Rows that were computed but did not fit. */
    readonly overflow: number;
}

const DEFAULT_BYTES = 1 << 30;

/** An empty memory. `points`: the edit points of all plans of the run, so that one pass serves them all. */
export function featureMemory(points: readonly EditPoint[] = [], maxBytes = DEFAULT_BYTES): FeatureMemory {
    const remembered = new Map<string, BiasFeatures>();
    let bytes = 0;
    let overflow = 0;
    return {
        get bytes() {
            return bytes;
        },
        get overflow() {
            return overflow;
        },
        async recall(keys, wanted, timestep, compute) {
            const all = [...new Set([...points, ...wanted])];
            const found = keys.map((key) => remembered.get(`${key} @ ${timestep}`));
            const missing = found.flatMap((row, i) => (row && wanted.every((point) => row.has(point)) ? [] : [i]));
            if (missing.length > 0) {
                const made = await compute(missing, all);
                missing.forEach((index, row) => {
                    const features = rowOf(made, row);
                    found[index] = features;
                    const size = sizeInBytes(features);
                    if (bytes + size > maxBytes) {
                        overflow++;
                        return;
                    }
                    bytes += size;
                    remembered.set(`${keys[index]} @ ${timestep}`, features);
                });
            }
            return new Map(wanted.map((point) => [point, stackRows(found.map((row) => row!.get(point)!))]));
        },
    };
}

function rowOf(features: BiasFeatures, row: number): BiasFeatures {
    return new Map(
        [...features].map(([point, { data, dims }]) => {
            const [, ...shape] = dims;
            const size = shape.reduce((product, side) => product * side, 1);
            return [point, tensor(data.slice(row * size, (row + 1) * size), [1, ...shape])];
        }),
    );
}

function sizeInBytes(features: BiasFeatures): number {
    return [...features.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
}
