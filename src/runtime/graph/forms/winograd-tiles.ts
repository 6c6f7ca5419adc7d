/** The tiles that Winograd's convolutions cut features into. */
import type { Graph, Value } from '../graph.ts';
import type { Transform } from './winograd-weights.ts';

/**
 * Where the pixels of tiles are, for all features of one level. There are N tiles: those of R rows, and one of zeros, since a
 * product with a single row takes another kernel, whose last bits differ.
 */
interface Tiles {
    /** The pixel at each position of each tile, `[positions, N]` in parts: rows of `[R·h·w + 1]`, the last for what is outside. */
    readonly gather: readonly Value[];
    /** Where each pixel of the result is, `[R·h·w]`: rows of `[pixels of a tile · N]`. */
    readonly scatter: Value;
    readonly rowCount: Value;
    /** h and w. */
    readonly sides: Value;
}

const known = new WeakMap<Graph, Map<string, Tiles>>();

/** The tiles of a level, from the shape of one of its features; made once per graph and `key`. */
export function winogradTiles(graph: Graph, x: Value, transform: Transform, key: string, parts: number): Tiles {
    const ofGraph = known.get(graph) ?? new Map<string, Tiles>();
    known.set(graph, ofGraph);
    const tiles = ofGraph.get(key) ?? layOutTiles(graph, x, transform, parts);
    ofGraph.set(key, tiles);
    return tiles;
}

function layOutTiles(graph: Graph, x: Value, transform: Transform, parts: number): Tiles {
    const [tileSide, resultSide] = [transform.input.length, transform.result.length];
    const int = (value: number | readonly number[]) => graph.ints(value);
    const sideOf = (axis: number) => graph.op('Shape', [x], { start: axis, end: axis + 1 });
    const add = (a: Value, b: Value) => graph.op('Add', [a, b]);
    const times = (a: Value, b: Value) => graph.op('Mul', [a, b]);
    const range = (count: Value) => graph.op('Range', [int(0), graph.op('Squeeze', [count]), int(1)]);
    const along = (value: Value, ...others: readonly number[]) => graph.op('Unsqueeze', [value, int(others)]);
    const flat = (value: Value) => graph.op('Reshape', [value, int([-1])]);
    const size = int([resultSide]);

    const [rowCount, height, width] = [sideOf(0), sideOf(2), sideOf(3)];
    const tilesAlong = (side: Value) => graph.op('Div', [add(side, int([resultSide - 1])), size]);
    const [down, across] = [tilesAlong(height), tilesAlong(width)];

    // Tiles of the input begin one pixel before those of the result: position i of tile t is pixel m·t + i - 1.
    const pixelsAlong = (count: Value, side: Value) => {
        const starts = times(range(count), size);
        const positions = along(graph.op('Sub', [range(int([tileSide])), int([1])]), 1);
        const at = add(starts, positions);
        const before = graph.op('Less', [at, int([0])]);
        return { at, isOutside: graph.op('Or', [before, graph.op('GreaterOrEqual', [at, side])]) };
    };
    const ys = pixelsAlong(down, height);
    const xs = pixelsAlong(across, width);
    // Axes: position down, position across, row, tile down, tile across.
    const row = along(range(rowCount), 0, 1, 3, 4);
    const pixel = add(times(add(times(row, height), along(ys.at, 1, 2, 4)), width), along(xs.at, 0, 2, 3));
    const isOutside = graph.op('Or', [along(ys.isOutside, 1, 2, 4), along(xs.isOutside, 0, 2, 3)]);
    const beyond = times(rowCount, times(height, width));
    const tiles = graph.op('Reshape', [graph.op('Where', [isOutside, beyond, pixel]), int([tileSide ** 2, -1])]);
    const zeros = graph.op('Expand', [along(beyond, 1), int([tileSide ** 2, 1])]);
    const all = graph.op('Concat', [tiles, zeros], { axis: 1 });
    const count = add(times(rowCount, times(down, across)), int([1]));
    const gather = parts > 1 ? graph.ops('Split', [all, partSizes(graph, count, parts)], parts, { axis: 1 }) : [all];

    // Axes: row, y, x. The result has its positions first, then tiles.
    const y = along(range(height), 0, 2);
    const z = along(range(width), 0, 1);
    const within = (value: Value) => graph.op('Mod', [value, size]);
    const tile = (value: Value) => graph.op('Div', [value, size]);
    const position = add(times(within(y), size), within(z));
    const ofTile = add(times(add(times(along(range(rowCount), 1, 2), down), tile(y)), across), tile(z));
    const scatter = flat(add(times(position, count), ofTile));
    return { gather, scatter, rowCount, sides: graph.op('Shape', [x], { start: 2, end: 4 }) };
}

/** Sizes `[parts]` that sum up to the count. None is 1, since a product with a single row takes another kernel; of few tiles some are 0. */
function partSizes(graph: Graph, count: Value, parts: number): Value {
    const int = (value: number | readonly number[]) => graph.ints(value);
    const steps = int(Array.from({ length: parts }, (_, part) => part));
    // Part k begins at an even number near N·k / parts.
    const even = graph.op('Div', [graph.op('Mul', [graph.op('Sub', [count, int([2])]), steps]), int([2 * parts])]);
    const begins = graph.op('Mul', [even, int([2])]);
    const after = graph.op('Slice', [begins, int([1]), int([parts]), int([0])]);
    return graph.op('Sub', [graph.op('Concat', [after, count], { axis: 0 }), begins]);
}
