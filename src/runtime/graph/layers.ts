/** Layers: what networks are made of, in the form of operators that suits a device. */

import { ModelError } from '../weights/model-error.ts';
import type { PartTensors } from '../weights/parts.ts';
import type { TensorLocation } from '../weights/safetensors.ts';
import { int8Product } from './forms/int8-linear.ts';
import type { HalfProduct, OperatorForms } from './forms/operator-forms.ts';
import { winogradConvolution } from './forms/winograd.ts';
import { tilePositions } from './forms/winograd-weights.ts';
import type { Dimension, Graph, Value } from './graph.ts';
import { ELEMENT } from './onnx.ts';
import { changed } from './weight-changes.ts';

/** A feature map: `[R, channels, h, w]`. */
export interface Feature {
    readonly value: Value;
    readonly channels: number;
}

/**
 * Layers of one network. Values between them have one type: float32, or float16 where the forms ask for half precision. Then
 * weights of 16 bits are read as they are in the file, and what 16 bits are too few for is an island of float32 (`inFull`):
 * sums of norms (variances of large values overflow or cancel out), softmax in the plain form of attention, the time embedding,
 * mixtures of rows, and the ports, so that samplers, mixtures and files never see 16 bits.
 */
export class Layers {
    readonly graph: Graph;
    readonly forms: OperatorForms;
    private readonly weights: PartTensors;
    private fullLayers: Layers | undefined;

    constructor(graph: Graph, weights: PartTensors, forms: OperatorForms) {
        this.graph = graph;
        this.weights = weights;
        this.forms = forms;
    }

    has(name: string): boolean {
        return this.weights.tensors.has(name);
    }

    /** An input of the graph, float32 outside of it. */
    input(name: string, dims: readonly Dimension[]): Value {
        return this.narrow(this.graph.input(name, dims));
    }

    /** An output of the graph, float32 outside of it. */
    output(name: string, value: Value): void {
        this.graph.output(name, this.widen(value));
    }

    /** A value between layers as float32. */
    widen(value: Value): Value {
        return this.forms.half ? this.graph.op('Cast', [value], { to: ELEMENT.float32 }) : value;
    }

    /** A float32 value as one between layers. */
    narrow(value: Value): Value {
        return this.forms.half ? this.graph.op('Cast', [value], { to: ELEMENT.float16 }) : value;
    }

    /** The same layers in float32. */
    get full(): Layers {
        if (!this.forms.half) return this;
        const { half: _, ...forms } = this.forms;
        this.fullLayers ??= new Layers(this.graph, this.weights, forms);
        return this.fullLayers;
    }

    /** An island of float32: the value is widened, and the result narrowed again. */
    inFull(value: Value, build: (full: Layers, value: Value) => Value): Value {
        return this.narrow(build(this.full, this.widen(value)));
    }

    /** Whether what is of this kind takes 32 bits among values of 16. */
    isWidened(product: HalfProduct): boolean {
        return this.forms.half !== undefined && !this.forms.half.includes(product);
    }

    /**
     * A tensor of the file in the type of the values. `shape` may differ from the file's as long as the count is the same
     * (1x1 convolutions stored as matrices and the reverse). Other types of files are converted once, at load; adapters are
     * added in float32.
     */
    weight(name: string, shape: readonly number[]): Value {
        const location = this.weights.find?.(name, shape) ?? this.weights.tensors.get(name);
        if (!location) {
            throw new ModelError(
                'model/missing-tensor',
                `"${this.weights.source}" lacks the tensor "${this.inFile(name)}" of shape [${shape}].`,
            );
        }
        const essential = (sides: readonly number[]) => sides.filter((side) => side !== 1).join();
        if (essential(location.shape) !== essential(shape)) {
            throw new ModelError(
                'model/missing-tensor',
                `"${this.weights.source}": the tensor "${this.inFile(name)}" has shape [${location.shape}] where its configuration asks for [${shape}].`,
            );
        }
        const changes = this.weights.changes?.get(name) ?? [];
        if (this.forms.half && location.dtype === 'F16' && changes.length === 0)
            return this.graph.weight(name, location, shape);
        return this.narrow(changed(this, name, this.widened(name, location, shape), shape, changes));
    }

    private inFile(name: string): string {
        return this.weights.nameInFile?.(name) ?? name;
    }

    /** A tensor of a file as float32, under a shape with as many values. */
    widened(name: string, location: TensorLocation, shape: readonly number[]): Value {
        const value = this.graph.weight(name, location, shape);
        return location.dtype === 'F32' ? value : this.graph.op('Cast', [value], { to: ELEMENT.float32 });
    }

    /** x·Wᵀ + b over the last axis, `[…, from]` → `[…, to]`; `rank` is that of x, 2 or 3. */
    linear(x: Value, name: string, from: number, to: number, options: { bias?: boolean; rank?: 2 | 3 } = {}): Value {
        if (this.isWidened('linear'))
            return this.inFull(x, (full, value) => full.linear(value, name, from, to, options));
        const { bias = true, rank = 3 } = options;
        const offset = bias ? this.weight(`${name}.bias`, [to]) : this.addedBias(`${name}.bias`, to);
        const quantised = this.forms.quantised?.get(name);
        // Weights of another shape than the configuration's are reported below.
        if (quantised?.kind === 'computed' || quantised?.weights.shape.join() === [from, to].join()) {
            const product = int8Product(this.graph, x, name, [from, to], quantised, () =>
                this.weight(`${name}.weight`, [to, from]),
            );
            return offset ? this.graph.op('Add', [product, offset]) : product;
        }
        const weight = this.weight(`${name}.weight`, [to, from]);
        if (this.forms.linear === 'fused-matmul') {
            const product = this.graph.microsoft('FusedMatMul', [x, weight], { transB: 1 });
            return offset ? this.graph.op('Add', [product, offset]) : product;
        }
        const gemm = (matrix: Value) =>
            this.graph.op('Gemm', offset ? [matrix, weight, offset] : [matrix, weight], { transB: 1 });
        if (rank === 2) return gemm(x);
        const result = gemm(this.graph.op('Reshape', [x, this.graph.ints([-1, from])]));
        const shape = this.graph.op(
            'Concat',
            [this.graph.op('Shape', [x], { start: 0, end: 2 }), this.graph.ints([to])],
            { axis: 0 },
        );
        return this.graph.op('Reshape', [result, shape]);
    }

    /** A bias that an adapter brings to a layer without one. */
    private addedBias(name: string, to: number): Value | undefined {
        const changes = this.weights.changes?.get(name);
        const none = () => this.graph.floats('no bias', Array(to).fill(0), [to]);
        return changes && this.narrow(changed(this, name, none(), [to], changes));
    }

    /** A convolution; padding keeps the size (at stride 1) unless set otherwise: [top, left, bottom, right]. */
    conv(
        x: Feature,
        name: string,
        to: number,
        options: { kernel?: 1 | 3; stride?: number; pads?: readonly number[] } = {},
    ): Feature {
        if (this.isWidened('convolution')) {
            const build = (full: Layers, value: Value) => full.conv({ ...x, value }, name, to, options).value;
            return { value: this.inFull(x.value, build), channels: to };
        }
        const { kernel = 3, stride = 1, pads = Array(4).fill(kernel >> 1) } = options;
        const transformed = kernel === 3 && stride === 1 && !options.pads && this.forms.transformed?.get(name);
        // Weights of another shape than the configuration's are reported below.
        if (
            transformed &&
            transformed.location.shape.join() === [tilePositions(transformed.form), to, x.channels].join()
        )
            return winogradConvolution(this, x, name, to, transformed);
        const inputs = this.padded(
            x.value,
            this.weight(`${name}.weight`, [to, x.channels, kernel, kernel]),
            x.channels,
            kernel,
        );
        const value = this.graph.op('Conv', [...inputs, this.weight(`${name}.bias`, [to])], {
            kernel_shape: [kernel, kernel],
            strides: [stride, stride],
            pads,
        });
        return { value, channels: to };
    }

    /**
     * onnxruntime's WebGPU convolution reads three channels at a time where their count is a multiple of 3 but not of 4,
     * and gets 6, 9, 15… wrong, 3 right (https://github.com/microsoft/onnxruntime/issues/29651). Zero channels make it a
     * multiple of 4: it concerns the 9-channel input of inpainting models.
     */
    private padded(x: Value, weight: Value, channels: number, kernel: number): readonly [Value, Value] {
        if (!this.forms.padChannels || kernel === 1 || channels <= 3 || channels % 3 !== 0 || channels % 4 === 0)
            return [x, weight];
        const pads = this.graph.ints([0, 0, 0, 0, 0, 4 - (channels % 4), 0, 0]);
        return [this.graph.op('Pad', [x, pads]), this.graph.op('Pad', [weight, pads])];
    }

    /** Group normalisation, written as instance normalisation of the groups: the form with kernels everywhere. */
    groupNorm(x: Feature, name: string, groups: number, epsilon: number): Feature {
        const { graph } = this;
        const whole = this.inFull(x.value, (_, value) => {
            const grouped = graph.op('Reshape', [value, graph.ints([0, groups, -1])]);
            const ones = graph.floats('ones', Array(groups).fill(1), [groups]);
            const zeros = graph.floats('zeros', Array(groups).fill(0), [groups]);
            const normal = graph.op('InstanceNormalization', [grouped, ones, zeros], { epsilon: { float: epsilon } });
            return graph.op('Reshape', [normal, graph.op('Shape', [value])]);
        });
        const scaled = graph.op('Mul', [whole, this.weight(`${name}.weight`, [x.channels, 1, 1])]);
        return { ...x, value: graph.op('Add', [scaled, this.weight(`${name}.bias`, [x.channels, 1, 1])]) };
    }

    layerNorm(x: Value, name: string, width: number, epsilon: number): Value {
        return this.inFull(x, (full, value) => {
            const scale = full.weight(`${name}.weight`, [width]);
            const offset = full.weight(`${name}.bias`, [width]);
            const attributes = { axis: -1, epsilon: { float: epsilon } };
            return this.graph.op('LayerNormalization', [value, scale, offset], attributes);
        });
    }

    /** x·sigmoid(x). */
    silu(x: Value): Value {
        return this.graph.microsoft('QuickGelu', [x], { alpha: { float: 1 } });
    }

    /** x·sigmoid(1.702·x): the activation of OpenAI's CLIP. */
    quickGelu(x: Value): Value {
        return this.graph.microsoft('QuickGelu', [x], { alpha: { float: 1.702 } });
    }

    /** x·Φ(x), exact. */
    gelu(x: Value): Value {
        return this.graph.microsoft('Gelu', [x]);
    }

    add(a: Value, b: Value): Value {
        return this.graph.op('Add', [a, b]);
    }

    /** `[R, c, h, w]` → `[R, h·w, c]`. */
    toTokens(x: Feature): Value {
        const flat = this.graph.op('Reshape', [x.value, this.graph.ints([0, x.channels, -1])]);
        return this.graph.op('Transpose', [flat], { perm: [0, 2, 1] });
    }

    /** `[R, h·w, c]` → the shape of `like`. */
    fromTokens(x: Value, like: Feature): Feature {
        const flat = this.graph.op('Transpose', [x], { perm: [0, 2, 1] });
        return { ...like, value: this.graph.op('Reshape', [flat, this.graph.op('Shape', [like.value])]) };
    }
}
