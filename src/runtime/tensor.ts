/** Tensors: numbers with a shape, free of any inference library. */

/** `data` holds the values in row-major order; its length is the product of `dims`. */
export interface Tensor {
    readonly data: Float32Array;
    readonly dims: readonly number[];
}

/** Makes a tensor; throws where data and shape do not belong together (a broken promise of the caller). */
export function tensor(data: Float32Array, dims: readonly number[]): Tensor {
    const size = elementCount(dims);
    if (data.length !== size)
        throw new RangeError(`A tensor of shape [${dims}] has ${size} values, not ${data.length}.`);
    return { data, dims };
}

/** The number of values of a shape. */
export function elementCount(dims: readonly number[]): number {
    return dims.reduce((product, side) => product * side, 1);
}

/** Rows `from` (inclusive) to `to` (exclusive) of the first axis, as a view on the same numbers. */
export function rows(source: Tensor, from: number, to: number): Tensor {
    const [count = 0, ...rest] = source.dims;
    if (from < 0 || to > count || from > to)
        throw new RangeError(`Rows ${from}..${to} of a tensor with ${count} rows.`);
    const size = elementCount(rest);
    return tensor(source.data.subarray(from * size, to * size), [to - from, ...rest]);
}

/** Joins tensors along the first axis; all other sides must be equal. */
export function stackRows(parts: readonly Tensor[]): Tensor {
    const rest = parts[0]?.dims.slice(1) ?? [];
    for (const part of parts) {
        if (part.dims.slice(1).join() !== rest.join()) {
            throw new RangeError(`Rows of shapes [${rest}] and [${part.dims.slice(1)}] can't be stacked.`);
        }
    }
    const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
    let at = 0;
    for (const part of parts) {
        data.set(part.data, at);
        at += part.data.length;
    }
    return tensor(data, [parts.reduce((sum, part) => sum + part.dims[0]!, 0), ...rest]);
}

export function concat(parts: readonly Float32Array[]): Float32Array {
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        all.set(part, at);
        at += part.length;
    }
    return all;
}
