/** Combinations of the values of axes, in a stable order. */

export interface Axis<Value> {
    readonly name: string;
    readonly values: readonly Value[];
}

/**
 * All combinations, the last axis changing fastest; or, zipped, the first values of every axis together, then the
 * second. Zipped axes must be of one length (a broken promise: the language checks it first).
 */
export function combinations<Value>(
    axes: readonly Axis<Value>[],
    mode: 'product' | 'zipped',
): readonly ReadonlyMap<string, Value>[] {
    if (mode === 'product') {
        let cells: ReadonlyMap<string, Value>[] = [new Map()];
        for (const axis of axes) {
            cells = cells.flatMap((cell) => axis.values.map((value) => new Map([...cell, [axis.name, value]])));
        }
        return cells;
    }
    const length = axes[0]?.values.length ?? 0;
    if (axes.some((axis) => axis.values.length !== length)) throw new Error('Zipped axes must be of one length.');
    return Array.from({ length }, (_, i) => new Map(axes.map((axis) => [axis.name, axis.values[i] as Value])));
}
