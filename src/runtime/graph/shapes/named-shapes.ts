/**
 * The shapes of a graph's values for onnxruntime, where sides that are equal whatever the inputs' sides are have one name. It infers
 * shapes itself, but gives up where a graph computes them, and then plans memory badly and slowly: it looks for memory that can be
 * used again among all values of other shapes.
 */
import { type DependentSide, type Dimension, type Graph, type Node, symbolOf, type Value } from '../graph.ts';
import { ELEMENT, type ElementType } from '../onnx.ts';
import { type Dims, inferKnownShapes } from './infer-shapes.ts';

/** A value with its shape; a side that is not known is left open. */
export interface NamedShape {
    readonly name: Value;
    readonly type: ElementType;
    readonly dims: readonly (Dimension | undefined)[];
}

/**
 * The values between a graph's inputs and its outputs whose shape and type are known. Results of convolutions are left out: with
 * their shapes onnxruntime makes a sum that follows part of the convolution, except where a tap or an output is between the two, and
 * a tap that changes nothing would change the last bits.
 */
export function namedShapes(graph: Graph): readonly NamedShape[] {
    const probes = probesOf(graph);
    const names = new Map<string, string>();
    for (const symbol of probes[0]!.keys()) names.set(fingerprint(probes.map((sizes) => sizes.get(symbol)!)), symbol);
    const runs = probes.map((sizes) => inferKnownShapes(graph, inputDims(graph, sizes)).dims);
    const types = typesOf(graph);
    const outputs = new Set(graph.outputs.map(({ name }) => name));

    const side = (values: Dims): Dimension | undefined => {
        if (!values.every((value) => Number.isInteger(value))) return undefined;
        const [first, ...others] = values;
        if (others.every((value) => value === first)) return first;
        const found = fingerprint(values);
        return names.get(found) ?? `side ${found}`;
    };
    const inside = graph.nodes.flatMap(({ operator, outputs }) => (operator === 'Conv' ? [] : outputs));
    return inside.flatMap((name) => {
        const type = types.get(name);
        const dims = runs[0]!.get(name);
        if (!type || !dims || outputs.has(name)) return [];
        return [{ name, type, dims: dims.map((_, axis) => side(runs.map((run) => run.get(name)![axis]!))) }];
    });
}

function fingerprint(values: Dims): string {
    return values.join(' ');
}

const PROBES = 3;

/** Sizes of every symbol, several times. A symbol for 1 or another is 1 in one of them, each in a different one. */
function probesOf(graph: Graph): readonly ReadonlyMap<string, number>[] {
    const symbols = graph.inputs.flatMap(({ dims = [] }) => dims).filter((side) => typeof side !== 'number');
    const free = [...new Set(symbols.filter((side) => typeof side === 'string'))];
    const dependent = [
        ...new Map(symbols.flatMap((side) => (typeof side === 'string' ? [] : [[side.name, side]]))).values(),
    ];
    const either = dependent.filter((side) => 'oneOr' in side);
    return Array.from({ length: Math.max(PROBES, either.length) }, (_, probe) => {
        const sizes = new Map(free.map((symbol, at) => [symbol, probeSize(at, probe)]));
        for (const side of dependent) sizes.set(side.name, dependentSize(side, sizes, side === either[probe]));
        return sizes;
    });
}

function dependentSize(side: DependentSide, sizes: ReadonlyMap<string, number>, one: boolean): number {
    if ('times' in side) return side.times * sizes.get(side.of)!;
    return one ? 1 : sizes.get(side.oneOr)!;
}

/**
 * Odd, so that halves that are rounded up are not taken for halves; with another remainder by 4 and by 8 in each probe, as tiles are
 * counted; and without simple relations to each other.
 */
function probeSize(symbol: number, probe: number): number {
    return 1001 + 2 * (symbol + 3) ** 2 * (2 * probe + 5) + 2 * probe;
}

function inputDims(graph: Graph, sizes: ReadonlyMap<string, number>): Readonly<Record<Value, Dims>> {
    const size = (side: Dimension) => (typeof side === 'number' ? side : sizes.get(symbolOf(side))!);
    return Object.fromEntries(graph.inputs.map(({ name, dims = [] }) => [name, dims.map(size)]));
}

/** Types of values; none of those that an operator makes otherwise than by the rules here. */
function typesOf(graph: Graph): ReadonlyMap<Value, ElementType> {
    const known = [...graph.inputs, ...graph.initializers.values()];
    const types = new Map(known.map(({ name, type }): [Value, ElementType] => [name, type]));
    for (const node of graph.nodes) {
        const type = typeOf(node, types);
        if (type) for (const name of node.outputs) types.set(name, type);
    }
    return types;
}

const ELEMENT_NAMES = new Map(Object.entries(ELEMENT).map(([name, number]) => [number as number, name as ElementType]));

function typeOf(
    { operator, inputs, attributes }: Node,
    types: ReadonlyMap<Value, ElementType>,
): ElementType | undefined {
    switch (operator) {
        case 'Cast':
            return ELEMENT_NAMES.get(attributes['to'] as number);
        case 'Shape':
            return 'int64';
        case 'Less':
        case 'GreaterOrEqual':
        case 'Equal':
        case 'Or':
            return 'bool';
        case 'Where':
            return types.get(inputs[1]!);
        case 'MatMulIntegerToFloat':
            return 'float32';
        case 'QuantizeLinear':
            return types.get(inputs[2] ?? '');
        default:
            return types.get(inputs[0]!);
    }
}
