/** Graphs: operators, constants, and weights that stay in the user's file. */
import type { WeightType } from '../weights/element-types.ts';
import type { TensorLocation } from '../weights/safetensors.ts';
import type { ElementType } from './onnx.ts';

/** The name of a value that flows through a graph. */
export type Value = string;

/** A side of a shape: known, or a symbol that is fixed at run time, or one that depends on another symbol. */
export type Dimension = number | string | DependentSide;

/** Either 1 or as many as the other, or so many times the other. */
export type DependentSide = { readonly name: string } & (
    | { readonly oneOr: string }
    | { readonly times: number; readonly of: string }
);

export function symbolOf(side: Exclude<Dimension, number>): string {
    return typeof side === 'string' ? side : side.name;
}

export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface Node {
    readonly operator: string;
    readonly domain: string;
    readonly name: string;
    readonly inputs: readonly Value[];
    readonly outputs: readonly Value[];
    readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Port {
    readonly name: string;
    readonly type: ElementType;
    readonly dims: readonly Dimension[] | undefined;
}

/** A constant: bytes within the graph, or a range of a safetensors file that is mapped, never copied. */
export type Initializer = { readonly name: string; readonly type: ElementType; readonly dims: readonly number[] } & (
    | { readonly bytes: Uint8Array }
    | { readonly location: TensorLocation }
);

/** The types of safetensors files by ONNX's names. */
const ONNX_TYPE: Readonly<Record<WeightType, ElementType>> = {
    F64: 'double',
    F32: 'float32',
    F16: 'float16',
    BF16: 'bfloat16',
    F8_E4M3: 'float8e4m3fn',
    F8_E5M2: 'float8e5m2',
    I64: 'int64',
    I32: 'int32',
    I16: 'int16',
    I8: 'int8',
    U64: 'uint64',
    U32: 'uint32',
    U16: 'uint16',
    U8: 'uint8',
    BOOL: 'bool',
};

/** `com.microsoft`: onnxruntime's own operators. */
const MICROSOFT = 'com.microsoft';

export class Graph {
    readonly name: string;
    readonly nodes: Node[] = [];
    readonly inputs: Port[] = [];
    readonly outputs: Port[] = [];
    readonly initializers = new Map<string, Initializer>();
    private scope = '';

    constructor(name: string) {
        this.name = name;
    }

    input(name: string, dims: readonly Dimension[], type: ElementType = 'float32'): Value {
        this.inputs.push({ name, type, dims });
        return name;
    }

    output(name: string, value: Value, type: ElementType = 'float32'): void {
        this.nodes.push({
            operator: 'Identity',
            domain: '',
            name: `output:${name}`,
            inputs: [value],
            outputs: [name],
            attributes: {},
        });
        this.outputs.push({ name, type, dims: undefined });
    }

    /** An operator with one result. */
    op(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
        return this.ops(operator, inputs, 1, attributes)[0]!;
    }

    /** An operator of onnxruntime with one result. */
    microsoft(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
        return this.ops(operator, inputs, 1, attributes, MICROSOFT)[0]!;
    }

    /** An operator with several results. */
    ops(
        operator: string,
        inputs: readonly Value[],
        results: number,
        attributes: Readonly<Record<string, Attribute>> = {},
        domain = '',
    ): readonly Value[] {
        const name = `${this.scope}${operator}#${this.nodes.length}`;
        const outputs = Array.from({ length: results }, (_, index) => `${name}:${index}`);
        this.nodes.push({ operator, domain, name, inputs, outputs, attributes });
        return outputs;
    }

    /** Leaves out every operator, weight and input that no output depends on: the network stops where it is read last. */
    prune(): void {
        const needed = new Set<Value>(this.outputs.map((port) => port.name));
        const kept: Node[] = [];
        for (const node of [...this.nodes].reverse()) {
            if (!node.outputs.some((value) => needed.has(value))) continue;
            kept.push(node);
            for (const value of node.inputs) needed.add(value);
        }
        // One by one: a hundred thousand arguments, as learning with large pictures has nodes, are more than a call takes.
        this.nodes.length = 0;
        for (const node of kept.reverse()) this.nodes.push(node);
        this.inputs.splice(0, this.inputs.length, ...this.inputs.filter((port) => needed.has(port.name)));
        for (const name of this.initializers.keys()) if (!needed.has(name)) this.initializers.delete(name);
    }

    /** Names the operators made by `build` after a module, so that error messages name the module. */
    within<T>(module: string, build: () => T): T {
        const outer = this.scope;
        this.scope = `${module}/`;
        try {
            return build();
        } finally {
            this.scope = outer;
        }
    }

    /** A tensor of the user's file under a shape of our choice (same number of values). */
    weight(name: string, location: TensorLocation, dims: readonly number[]): Value {
        const key = `${name}[${dims}]`;
        if (!this.initializers.has(key))
            this.initializers.set(key, { name: key, type: ONNX_TYPE[location.dtype], dims, location });
        return key;
    }

    /** Whole numbers: a list, or a scalar for operators that want one. */
    ints(values: readonly number[] | number): Value {
        const list = typeof values === 'number' ? [values] : values;
        const name = `ints:${list}${typeof values === 'number' ? ' scalar' : ''}`;
        if (!this.initializers.has(name)) {
            const bytes = new Uint8Array(BigInt64Array.from(list, BigInt).buffer);
            this.initializers.set(name, {
                name,
                type: 'int64',
                dims: typeof values === 'number' ? [] : [list.length],
                bytes,
            });
        }
        return name;
    }

    /** Real numbers with a shape; `label` distinguishes constants of equal shape and is reused. */
    floats(label: string, values: ArrayLike<number>, dims: readonly number[]): Value {
        const name = `floats:${label}[${dims}]`;
        if (!this.initializers.has(name)) {
            const bytes = new Uint8Array(Float32Array.from(values).buffer);
            this.initializers.set(name, { name, type: 'float32', dims, bytes });
        }
        return name;
    }

    /** A whole number of 8 bits, without sign. */
    byte(value: number): Value {
        const name = `byte:${value}`;
        if (!this.initializers.has(name))
            this.initializers.set(name, { name, type: 'uint8', dims: [], bytes: Uint8Array.of(value) });
        return name;
    }

    /** A single real number. */
    scalar(value: number): Value {
        return this.floats(String(value), [value], []);
    }
}
