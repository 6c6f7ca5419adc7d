/** Whether the values of a change suit the tensor that it changes. */
import type { TensorLocation } from '../weights/safetensors.ts';
import type { Factor, WeightChange } from '../weights/weight-change.ts';

/** Whether a change has as many values as the tensor that it changes. */
export function changeFits(change: WeightChange, own: TensorLocation): boolean {
    const [out = 1, ...rest] = own.shape;
    const columns = sizeOf(rest);
    switch (change.kind) {
        case 'difference':
            return sizeOf(change.values.shape) === out * columns;
        case 'decomposed': {
            const sides = change.along === 'rows' ? out : rest[0];
            return sizeOf(change.magnitude.shape) === sides && changeFits(change.delta, own);
        }
        case 'low-rank': {
            const { up, down, mid } = change;
            if (up.shape[0] !== out) return false;
            if (mid)
                return (
                    mid.shape[1] === down.shape[0] &&
                    sizeOf(down.shape) / down.shape[0]! === rest[0] &&
                    sizeOf(mid.shape.slice(2)) === sizeOf(rest.slice(1))
                );
            return sizeOf(down.shape) / down.shape[0]! === columns;
        }
        case 'hadamard':
            return [change.first, change.second].every((factor) => {
                if ('whole' in factor) return sizeOf(factor.whole.shape) === out * columns;
                const { a, b, core } = factor;
                const rank = b.shape[0] ?? 1;
                if (core)
                    return (
                        sizeOf(a.shape) === core.shape[0]! * out && sizeOf(b.shape) === core.shape[1]! * (rest[0] ?? 1)
                    );
                return sizeOf(a.shape) === out * rank && sizeOf(b.shape) === rank * columns;
            });
        case 'kronecker': {
            const size = (factor: Factor) => {
                if ('whole' in factor) return sizeOf(factor.whole.shape);
                const { a, b, core } = factor;
                const [i = 1, j = 1, ...kernel] = core?.shape ?? [b.shape[0], b.shape[0]];
                return (sizeOf(a.shape) / i!) * (sizeOf(b.shape) / j!) * sizeOf(kernel as number[]);
            };
            return size(change.first) * size(change.second) === out * columns;
        }
    }
}

function sizeOf(shape: readonly number[]): number {
    return shape.reduce((product, side) => product * side, 1);
}
