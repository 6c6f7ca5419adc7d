/** The part of ONNX's protobuf schema that our graphs use: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
import protobuf from 'protobufjs/light.js';

/** Element types by ONNX's numbers. */
export const ELEMENT = {
    float32: 1,
    uint8: 2,
    int8: 3,
    uint16: 4,
    int16: 5,
    int32: 6,
    int64: 7,
    bool: 9,
    float16: 10,
    double: 11,
    uint32: 12,
    uint64: 13,
    bfloat16: 16,
    float8e4m3fn: 17,
    float8e5m2: 19,
} as const;
export type ElementType = keyof typeof ELEMENT;

/** Attribute kinds by ONNX's numbers. */
export const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** IR version 10 with operator set 21 is what onnxruntime has read since 1.18. */
export const IR_VERSION = 10;
export const OPERATOR_SET = 21;

const field = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id, options: { packed: false } });

const root = protobuf.Root.fromJSON({
    nested: {
        Model: {
            fields: {
                irVersion: field('int64', 1),
                producerName: field('string', 2),
                graph: field('Graph', 7),
                opsetImport: repeated('OperatorSet', 8),
            },
        },
        OperatorSet: { fields: { domain: field('string', 1), version: field('int64', 2) } },
        Graph: {
            fields: {
                node: repeated('Node', 1),
                name: field('string', 2),
                initializer: repeated('Tensor', 5),
                input: repeated('ValueInfo', 11),
                output: repeated('ValueInfo', 12),
                valueInfo: repeated('ValueInfo', 13),
            },
        },
        Node: {
            fields: {
                input: repeated('string', 1),
                output: repeated('string', 2),
                name: field('string', 3),
                opType: field('string', 4),
                attribute: repeated('Attribute', 5),
                domain: field('string', 7),
            },
        },
        Attribute: {
            fields: {
                name: field('string', 1),
                f: field('float', 2),
                i: field('int64', 3),
                s: field('bytes', 4),
                ints: repeated('int64', 8),
                type: field('int32', 20),
            },
        },
        Tensor: {
            fields: {
                dims: repeated('int64', 1),
                dataType: field('int32', 2),
                name: field('string', 8),
                rawData: field('bytes', 9),
                externalData: repeated('Entry', 13),
                dataLocation: field('int32', 14),
            },
        },
        Entry: { fields: { key: field('string', 1), value: field('string', 2) } },
        ValueInfo: { fields: { name: field('string', 1), type: field('TypeInfo', 2) } },
        TypeInfo: { fields: { tensorType: field('TensorType', 1) } },
        TensorType: { fields: { elemType: field('int32', 1), shape: field('Shape', 2) } },
        Shape: { fields: { dim: repeated('Dimension', 1) } },
        Dimension: { fields: { dimValue: field('int64', 1), dimParam: field('string', 2) } },
    },
});

/** The root message: `Model.encode(plain object).finish()`. */
export const Model = root.lookupType('Model');
