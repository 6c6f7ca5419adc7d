/** Adapters as operators on constants: onnxruntime computes them once, when a session is made. */
import type { TensorLocation } from '../weights/safetensors.ts';
import type { Decomposed, Delta, Factor, WeightChange } from '../weights/weight-change.ts';
import type { Graph, Value } from './graph.ts';

/** What is needed of the layers: their graph, and tensors of files as float32. */
interface Constants {
    readonly graph: Graph;
    widened(name: string, location: TensorLocation, shape: readonly number[]): Value;
    add(a: Value, b: Value): Value;
}

/** W with all its changes. Each is made for the model's own W: what several adapters do adds up. */
export function changed(
    layers: Constants,
    name: string,
    weight: Value,
    shape: readonly number[],
    changes: readonly WeightChange[],
): Value {
    let value = weight;
    for (const [index, change] of changes.entries()) {
        const part = new Change(layers, `${name} + ${index}`, shape);
        value = layers.add(value, change.kind === 'decomposed' ? part.decomposed(change, weight) : part.delta(change));
    }
    return value;
}

/** One change of one weight; every constant has a name of its own. */
class Change {
    private readonly layers: Constants;
    private readonly name: string;
    private readonly shape: readonly number[];
    private count = 0;

    constructor(layers: Constants, name: string, shape: readonly number[]) {
        this.layers = layers;
        this.name = name;
        this.shape = shape;
    }

    delta(change: Delta): Value {
        switch (change.kind) {
            case 'low-rank':
                return this.scaled(this.lowRank(change.up, change.down, change.mid), change.scale);
            case 'hadamard':
                return this.scaled(
                    this.op('Mul', [this.hadamardFactor(change.first), this.hadamardFactor(change.second)]),
                    change.scale,
                );
            case 'kronecker':
                return this.scaled(this.kronecker(change.first, change.second), change.scale);
            case 'difference':
                return this.scaled(this.tensor(change.values, [...this.shape]), change.scale);
        }
    }

    /** m · (W + Δ) / ‖W + Δ‖ − W, with the norm over rows or columns of the weight as a matrix. */
    decomposed({ delta, magnitude, along }: Decomposed, weight: Value): Value {
        const whole = this.layers.add(weight, this.delta(delta));
        const axes = this.shape.map((_, axis) => axis).filter((axis) => axis !== (along === 'rows' ? 0 : 1));
        const norm = this.op('ReduceL2', [whole, this.layers.graph.ints(axes)], { keepdims: 1 });
        const sides = this.shape.map((side, axis) => (axes.includes(axis) ? 1 : side));
        const factor = this.op('Div', [this.tensor(magnitude, sides), norm]);
        return this.op('Sub', [this.op('Mul', [whole, factor]), weight]);
    }

    private lowRank(up: TensorLocation, down: TensorLocation, mid: TensorLocation | undefined): Value {
        const rank = down.shape[0]!;
        const left = this.tensor(up, [this.out, up.shape[1]!]);
        if (!mid) return this.op('MatMul', [left, this.tensor(down, [rank, this.columns])]);
        return this.tucker(mid, left, this.tensor(down, [rank, this.shape[1]!]));
    }

    /** Σ core[i, j, …] · left[out, i] · right[j, in]: `[out, in·k·k]`. */
    private tucker(core: TensorLocation, left: Value, right: Value): Value {
        const [i = 1, j = 1, ...kernel] = core.shape;
        const size = sizeOf(kernel);
        // Along j first: [i, k·k, j] · [j, in] = [i, k·k, in], then to [i, in·k·k].
        const turned = this.op('Transpose', [this.tensor(core, [i, j, size])], { perm: [0, 2, 1] });
        const inner = this.op('Transpose', [this.op('MatMul', [turned, right])], { perm: [0, 2, 1] });
        return this.op('MatMul', [left, this.reshaped(inner, [i, this.columns])]);
    }

    private hadamardFactor(factor: Factor): Value {
        if ('whole' in factor) return this.tensor(factor.whole, [this.out, this.columns]);
        const { a, b, core } = factor;
        if (!core)
            return this.op('MatMul', [
                this.tensor(a, [this.out, sizeOf(a.shape) / this.out]),
                this.tensor(b, [b.shape[0]!, this.columns]),
            ]);
        // With a core the first matrix is stored the other way: [r, out].
        const left = this.op('Transpose', [this.tensor(a, [a.shape[0]!, this.out])], { perm: [1, 0] });
        return this.tucker(core, left, this.tensor(b, [b.shape[0]!, this.shape[1]!]));
    }

    /** first ⊗ second, with the kernel's positions in the second: [a, c] ⊗ [b, d·k·k] = [a·b, c·d·k·k]. */
    private kronecker(first: Factor, second: Factor): Value {
        const [rows, columns] = matrixOf(first);
        const [inner, rest] = [this.out / rows, this.columns / columns];
        const left = this.reshaped(this.kroneckerFactor(first, [rows, columns], []), [rows, 1, columns, 1]);
        const right = this.reshaped(this.kroneckerFactor(second, [inner, rest], this.shape.slice(2)), [
            1,
            inner,
            1,
            rest,
        ]);
        return this.op('Mul', [left, right]);
    }

    private kroneckerFactor(factor: Factor, dims: readonly [number, number], kernel: readonly number[]): Value {
        if ('whole' in factor) return this.tensor(factor.whole, dims);
        const { a, b, core } = factor;
        const rank = b.shape[0]!;
        if (!core) return this.op('MatMul', [this.tensor(a, [dims[0], rank]), this.tensor(b, [rank, dims[1]])]);
        const [i = 1, j = 1] = core.shape;
        const size = sizeOf(kernel);
        const left = this.op('Transpose', [this.tensor(a, [i, dims[0]])], { perm: [1, 0] });
        const turned = this.op('Transpose', [this.tensor(core, [i, j, size])], { perm: [0, 2, 1] });
        const inner = this.op('MatMul', [turned, this.tensor(b, [j, dims[1] / size])]);
        return this.op('MatMul', [
            left,
            this.reshaped(this.op('Transpose', [inner], { perm: [0, 2, 1] }), [i, dims[1]]),
        ]);
    }

    private scaled(value: Value, scale: number): Value {
        return this.reshaped(this.op('Mul', [value, this.layers.graph.scalar(scale)]), this.shape);
    }

    private reshaped(value: Value, dims: readonly number[]): Value {
        return this.op('Reshape', [value, this.layers.graph.ints(dims)]);
    }

    private tensor(location: TensorLocation, dims: readonly number[]): Value {
        return this.layers.widened(`${this.name}.${this.count++}`, location, dims);
    }

    private op(
        operator: string,
        inputs: readonly Value[],
        attributes: Readonly<Record<string, number | readonly number[]>> = {},
    ): Value {
        return this.layers.graph.op(operator, inputs, attributes);
    }

    private get out(): number {
        return this.shape[0] ?? 1;
    }

    private get columns(): number {
        return sizeOf(this.shape.slice(1));
    }
}

/** Rows and columns of LoKr's first factor. */
function matrixOf(factor: Factor): readonly [number, number] {
    if ('whole' in factor) return [factor.whole.shape[0] ?? 1, sizeOf(factor.whole.shape.slice(1))];
    return [sizeOf(factor.a.shape) / (factor.b.shape[0] ?? 1), sizeOf(factor.b.shape.slice(1))];
}

function sizeOf(shape: readonly number[]): number {
    return shape.reduce((product, side) => product * side, 1);
}
