/**
 * Every form of adapter on one weight, against the formulas of peft and LyCORIS in PyTorch (double precision):
 * test/goldens/adapters/forms.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyAdapters } from '../../../src/runtime/adapters/apply.ts';
import { createSession } from '../../../src/runtime/engine/session.ts';
import { Graph } from '../../../src/runtime/graph/graph.ts';
import { Layers } from '../../../src/runtime/graph/layers.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import type { Checkpoint, PartTensors } from '../../../src/runtime/weights/parts.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { temporaryFolder, writeTensors } from '../weights/write-safetensors.ts';

interface Values {
    readonly shape: readonly number[];
    readonly data: readonly number[];
}

interface Form {
    readonly name: string;
    readonly base: Values;
    readonly entries: Readonly<Record<string, Values>>;
    readonly weight: number;
    readonly meta: Readonly<Record<string, string>>;
    readonly want: readonly number[];
}

const FORMS: readonly Form[] = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../goldens/adapters/forms.json'), 'utf8'),
);

const valuesOf = ({ shape, data }: Values) => tensor(Float32Array.from(data), shape);

/** A model of one layer. */
function modelOf(base: Values): Checkpoint {
    const file = writeTensors(join(temporaryFolder(), 'base.safetensors'), new Map([['layer.weight', valuesOf(base)]]));
    const part = (tensors: PartTensors['tensors']) => ({ config: {}, weights: { source: 'base', tensors } });
    const parts = { unet: part(readSafetensors(file).tensors), textEncoder: part(new Map()) };
    return { ...parts, notices: [] } as unknown as Checkpoint;
}

/** The layer's weight with the adapter applied, as a session computes it. */
async function merged(model: Checkpoint, shape: readonly number[]): Promise<Float32Array> {
    const graph = new Graph('weight');
    const layers = new Layers(graph, model.unet.weights, { linear: 'fused-matmul', attention: 'fused' });
    const zero = graph.input('zero', [1]);
    graph.output('weight', layers.add(layers.weight('layer.weight', shape), zero));
    const session = await createSession(graph, { backend: 'cpu', threads: 1, optimisation: 'all', prepack: true });
    const { weight } = await session.run({ zero: tensor(new Float32Array(1), [1]) });
    await session.release();
    return weight!.data;
}

function adapterOf({ entries, meta }: Form, rename: (entry: string) => string): string {
    const file = join(temporaryFolder(), 'adapter.safetensors');
    const all = Object.entries(entries).map(([entry, values]) => [rename(entry), valuesOf(values)] as const);
    return writeTensors(file, new Map(all), meta);
}

function decibels(found: ArrayLike<number>, want: readonly number[]): number {
    const error = want.reduce((sum, value, i) => sum + (value - found[i]!) ** 2, 0);
    return 10 * Math.log10(want.reduce((sum, value) => sum + value ** 2, 0) / error);
}

describe.each(FORMS.map((form) => [form.name, form] as const))('%s', (_, form) => {
    test('is what the reference computes', async () => {
        const path = adapterOf(form, (entry) => `unet.layer.${entry}`);
        const model = applyAdapters(modelOf(form.base), [{ path, weight: form.weight }]);
        expect(decibels(await merged(model, form.base.shape), form.want)).toBeGreaterThan(100);
    });

    test('a weight of 0 changes nothing', async () => {
        const path = adapterOf(form, (entry) => `unet.layer.${entry}`);
        const model = applyAdapters(modelOf(form.base), [{ path, weight: 0 }]);
        expect(await merged(model, form.base.shape)).toEqual(Float32Array.from(form.base.data));
    });
});

const [LORA] = FORMS as [Form];

test.each([
    ['kohya', (entry: string) => `lora_unet_layer.${entry}`],
    [
        'peft',
        (entry: string) =>
            `base_model.model.layer.${entry.replace('lora_up', 'lora_B').replace('lora_down', 'lora_A')}`,
    ],
    [
        'an adapter name of peft',
        (entry: string) =>
            `unet.layer.${entry.replace('lora_up', 'lora_B.default_0').replace('lora_down', 'lora_A.default_0')}`,
    ],
    ['ComfyUI', (entry: string) => `diffusion_model.layer.${entry}`],
    ['no prefix', (entry: string) => `layer.${entry}`],
    ['LyCORIS', (entry: string) => `lycoris_layer.${entry}`],
])('names of %s mean the same layer', async (_, rename) => {
    const model = applyAdapters(modelOf(LORA.base), [{ path: adapterOf(LORA, rename), weight: LORA.weight }]);
    expect(decibels(await merged(model, LORA.base.shape), LORA.want)).toBeGreaterThan(100);
});

test('several adapters add up, each made for the model as it is', async () => {
    const dora = FORMS.find(({ name }) => name === 'difference')!;
    const base = LORA.base;
    const paths = [LORA, dora].map((form) => adapterOf(form, (entry) => `unet.layer.${entry}`));
    const both = applyAdapters(
        modelOf(base),
        paths.map((path, i) => ({ path, weight: [LORA, dora][i]!.weight })),
    );
    const want = base.data.map((value, i) => LORA.want[i]! + dora.want[i]! - value);
    expect(decibels(await merged(both, base.shape), want)).toBeGreaterThan(100);
});

describe('refused by name', () => {
    const refuse = (entries: Readonly<Record<string, Values>>, meta = {}) => {
        const path = adapterOf({ ...LORA, entries, meta }, (entry) => entry);
        return expect(() => applyAdapters(modelOf(LORA.base), [{ path, weight: 1 }]));
    };
    const up = LORA.entries['lora_up.weight']!;
    const down = LORA.entries['lora_down.weight']!;
    const pair = { 'unet.layer.lora_up.weight': up, 'unet.layer.lora_down.weight': down };

    test('an entry that is not understood', () =>
        refuse({ ...pair, 'unet.layer.bias_values': up }).toThrow(/would be left out: "unet\.layer\.bias_values"/));
    test('a layer that the model lacks', () =>
        refuse({ 'unet.other.lora_up.weight': up, 'unet.other.lora_down.weight': down }).toThrow(
            /changes "unet\.other", but the model has no such layer/,
        ));
    test('an alpha alone', () =>
        refuse({ 'unet.layer.alpha': up }).toThrow(/"unet\.layer" holds an alpha and no matrices\./));
    test('half a pair', () => refuse({ 'unet.layer.lora_up.weight': up }).toThrow(/lacks its up or down matrix/));
    test('a GLoRA', () => refuse({ 'lora_unet_layer.a1.weight': up }).toThrow(/is a GLoRA; use a LoRA/));
    test('a T2I-Adapter', () =>
        refuse({ 'adapter.body.0.block1.weight': up }).toThrow(/is a T2I-Adapter; use a ControlNet/));
    test('a LoRA for SDXL', () =>
        refuse({ 'lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight': up }).toThrow(/is a LoRA for SDXL/));
    test('an alpha that is no number', () =>
        refuse(pair, { lora_adapter_metadata: '{"unet.lora_alpha":"much"}' }).toThrow(
            /its header says alpha "much", which is no number/,
        ));
});

test('learned words that come along are reported, and read where they are declared', () => {
    const entries = { ...LORA.entries, x: { shape: [1], data: [0] } };
    const path = adapterOf({ ...LORA, entries }, (entry) =>
        entry === 'x' ? 'bundle_emb.pip.string_to_param.*' : `unet.layer.${entry}`,
    );
    const { notices } = applyAdapters(modelOf(LORA.base), [{ path, weight: 1 }]);
    expect(notices.join()).toContain('learned words as well ("pip")');
});

// W·m / ‖W‖ with a difference of zero: over each output's inputs, or over each input's outputs.
test.each([
    ['peft, per output', 'lora_magnitude_vector', 'rows'],
    ['LyCORIS, per input', 'dora_scale', 'columns'],
] as const)('a DoRA on a square convolution: %s', async (_, entry, along) => {
    const side = 3;
    const base = { shape: [side, side, 1, 1], data: [1, 2, 2, 3, 4, 5, 6, 1, 2] };
    const magnitude = [1, 2, 3];
    const entries = {
        'lora_up.weight': { shape: [side, 1, 1, 1], data: [0, 0, 0] },
        'lora_down.weight': { shape: [1, side, 1, 1], data: [1, 1, 1] },
        [entry]: { shape: [1, side, 1, 1], data: magnitude },
    };
    const form: Form = { name: entry, base, entries, weight: 1, meta: {}, want: [] };
    const path = adapterOf(form, (one) => `unet.layer.${one}`);
    const values = await merged(applyAdapters(modelOf(base), [{ path, weight: 1 }]), base.shape);
    const place = (i: number) => (along === 'rows' ? Math.floor(i / side) : i % side);
    const norm = (at: number) => Math.hypot(...base.data.filter((_, i) => place(i) === at));
    for (const [i, value] of base.data.entries())
        expect(values[i]).toBeCloseTo((value * magnitude[place(i)]!) / norm(place(i)), 5);
});
