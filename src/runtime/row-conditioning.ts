/** What text encoding gives to rows of the U-Net: one value, whatever a family of models wants besides the embeddings. */
import { mixture } from './mixture.ts';
import { rows, stackRows, type Tensor, tensor } from './tensor.ts';

export interface RowConditioning {
    /** Text embeddings `[R, S, D]`, read by cross-attention. */
    readonly context: Tensor;
    /** Pooled text embeddings `[R, P]`, for families that add them to the timestep. */
    readonly pooled?: Tensor;
    /** Original size, crop and target size `[R, 6]`, for families that are trained with them. */
    readonly timeIds?: Tensor;
}

/** The conditioning of several rows in one, field by field; all must have the same fields and lengths. */
export function stackConditioning(parts: readonly RowConditioning[]): RowConditioning {
    return each(parts, stackRows);
}

/** Rows `from` (inclusive) to `to` (exclusive). */
export function conditioningRows(source: RowConditioning, from: number, to: number): RowConditioning {
    return each([source], ([one]) => rows(one!, from, to));
}

/** The weighted sum of several, field by field. */
export function mixConditioning(parts: readonly RowConditioning[], shares: readonly number[]): RowConditioning {
    return each(parts, (tensors) =>
        tensor(mixture(...tensors.map(({ data }, k) => [shares[k]!, data] as const)), tensors[0]!.dims),
    );
}

function each(parts: readonly RowConditioning[], join: (tensors: readonly Tensor[]) => Tensor): RowConditioning {
    const field = (name: keyof RowConditioning): Tensor | undefined => {
        const tensors = parts.flatMap((part) => part[name] ?? []);
        if (tensors.length === 0) return undefined;
        if (tensors.length < parts.length) throw new RangeError(`Some of ${parts.length} texts have no ${name}.`);
        return join(tensors);
    };
    const [context, pooled, timeIds] = [field('context'), field('pooled'), field('timeIds')];
    if (!context) throw new RangeError('There is no text to condition on.');
    return { context, ...(pooled && { pooled }), ...(timeIds && { timeIds }) };
}
