/** Graphs as ONNX bytes, and the folder that their weights' places are relative to. */
import { dirname, parse, relative, sep } from 'node:path';
import { ModelError } from '../weights/model-error.ts';
import type { TensorLocation } from '../weights/safetensors.ts';
import { type Attribute, type Dimension, type Graph, type Initializer, type Port, symbolOf } from './graph.ts';
import { ATTRIBUTE, ELEMENT, IR_VERSION, Model, OPERATOR_SET } from './onnx.ts';
import { type NamedShape, namedShapes } from './shapes/named-shapes.ts';

export interface EncodedGraph {
    readonly bytes: Uint8Array;
    /** For `session.model_external_initializers_file_folder_path`; undefined where no weight is external. */
    readonly weightsFolder: string | undefined;
}

/** Encodes a graph. Weights keep lying in their files: onnxruntime maps them from there. */
export function encode(graph: Graph): EncodedGraph {
    const initializers = [...graph.initializers.values()];
    const files = new Set(initializers.flatMap((entry) => ('location' in entry ? [entry.location.file] : [])));
    const folder = commonFolder([...files]);
    const bytes = Model.encode({
        irVersion: IR_VERSION,
        producerName: 'sdspec',
        opsetImport: [
            { domain: '', version: OPERATOR_SET },
            { domain: 'com.microsoft', version: 1 },
        ],
        graph: {
            name: graph.name,
            node: graph.nodes.map((node) => ({
                input: node.inputs,
                output: node.outputs,
                name: node.name,
                opType: node.operator,
                domain: node.domain,
                attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
            })),
            initializer: initializers.map((entry) => initializer(entry, folder)),
            input: graph.inputs.map(valueInfo),
            output: graph.outputs.map(valueInfo),
            valueInfo: namedShapes(graph).map(valueInfo),
        },
    }).finish();
    return { bytes, weightsFolder: folder };
}

function attribute(name: string, value: Attribute): object {
    if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE.int };
    if (typeof value === 'string') return { name, s: Buffer.from(value), type: ATTRIBUTE.string };
    if ('float' in value) return { name, f: value.float, type: ATTRIBUTE.float };
    return { name, ints: value, type: ATTRIBUTE.ints };
}

function initializer(entry: Initializer, folder: string | undefined): object {
    const head = { name: entry.name, dims: entry.dims, dataType: ELEMENT[entry.type] };
    if ('bytes' in entry) return { ...head, rawData: entry.bytes };
    const { file, offset, length } = entry.location as TensorLocation;
    const externalData = [
        { key: 'location', value: relative(folder!, file).split(sep).join('/') },
        { key: 'offset', value: String(offset) },
        { key: 'length', value: String(length) },
    ];
    return { ...head, externalData, dataLocation: 1 };
}

function valueInfo({ name, type, dims }: Port | NamedShape): object {
    const shape = dims && {
        dim: dims.map(dimension),
    };
    return { name, type: { tensorType: { elemType: ELEMENT[type], ...(shape && { shape }) } } };
}

function dimension(side: Dimension | undefined): object {
    if (side === undefined) return {};
    return typeof side === 'number' ? { dimValue: side } : { dimParam: symbolOf(side) };
}

/** The deepest folder above all files: onnxruntime refuses weights outside the folder it is given. */
function commonFolder(files: readonly string[]): string | undefined {
    const [first, ...others] = files;
    if (first === undefined) return undefined;
    let folder = dirname(first);
    for (const file of others) {
        while (!isWithin(file, folder)) {
            const above = dirname(folder);
            if (above === folder) {
                throw new ModelError(
                    'model/unsupported',
                    `"${first}" and "${file}" are on different drives; put them on one.`,
                );
            }
            folder = above;
        }
    }
    return folder;
}

function isWithin(file: string, folder: string): boolean {
    const start = folder === parse(folder).root ? folder : folder + sep;
    return file.startsWith(start);
}
