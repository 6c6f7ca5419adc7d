/** Attribution against ablation: features that are replaced where the heat is take the word's effect away. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EditPoint } from '../../../src/plan/sites.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { createSession, type Session } from '../../../src/runtime/engine/session.ts';
import type { StableDiffusion } from '../../../src/runtime/engine/stable-diffusion.ts';
import { TAP_PORTS } from '../../../src/runtime/graph/taps.ts';
import { sinusoidalTimeEmbedding } from '../../../src/runtime/graph/time-embedding.ts';
import { unetGraph } from '../../../src/runtime/graph/unet.ts';
import { openNoise } from '../../../src/runtime/noise/open.ts';
import { openAttributor, type PointAttribution } from '../../../src/runtime/recipe/attribution.ts';
import { type Tensor, tensor } from '../../../src/runtime/tensor.ts';

const POINT: EditPoint = 'OUT05';
const MODEL = join(import.meta.dirname, '../../../models/sketch');

let model: StableDiffusion;
let attribution: PointAttribution & { readonly difference: number };
let patched: Session;
let feeds: Readonly<Record<string, Tensor>>;
let other: Tensor;

beforeAll(async () => {
    model = await openModel(MODEL, { device: 'cpu', threads: 2 });
    const { unet } = model.checkpoint;
    const text = async (prompt: string) => model.encodeText([model.tokenizer.encodePadded(prompt)]);
    const [context, without] = [
        await text('photo of a red turtle on a beach'),
        await text('photo of a turtle on a beach'),
    ];
    const sample = tensor(openNoise('torch-cpu', 3).normal(4 * 16 * 16), [1, 4, 16, 16]);
    const attributor = openAttributor(model, [POINT], { height: 16, width: 16, tokens: 77 });
    const { difference, points } = await attributor.attribute({ sample, timestep: 900, context, without });
    attribution = { ...points.get(POINT)!, difference };
    await attributor.release();
    other = (await (await model.unet()).run({ sample, timestep: 900, context: without })).prediction;

    // The same network, but its readers at the site read an input.
    const graph = unetGraph(unet, { linear: 'fused-matmul', attention: 'fused' }, { features: [POINT] });
    const feature = graph.nodes.find(({ outputs }) => outputs[0] === TAP_PORTS.feature(POINT))!.inputs[0]!;
    graph.input('patched', attribution.features[0].dims);
    graph.outputs.splice(0, graph.outputs.length, ...graph.outputs.filter(({ name }) => name === 'prediction'));
    const nodes = graph.nodes.splice(0);
    graph.nodes.push(
        ...nodes.map((node) => ({
            ...node,
            inputs: node.inputs.map((value) => (value === feature ? 'patched' : value)),
        })),
    );
    graph.prune();
    patched = await createSession(graph, { backend: 'cpu', threads: 2, optimisation: 'extended', prepack: true });
    feeds = { sample, waves: sinusoidalTimeEmbedding([900], unet.config), context };
});

/** The predictions' mean squared difference where some pixels' features are those without the word. */
async function differenceWith(pixels: ReadonlySet<number>): Promise<number> {
    const [own, without] = attribution.features;
    const count = attribution.width * attribution.height;
    const mixed = own.data.map((value, at) => (pixels.has(at % count) ? without.data[at]! : value));
    const given = { ...feeds, patched: { data: mixed, dims: own.dims } };
    const { prediction } = await patched.run(
        Object.fromEntries([...patched.inputs].map((name) => [name, given[name as 'patched']!])),
    );
    return prediction!.data.reduce((sum, value, at) => sum + (value - other.data[at]!) ** 2, 0) / other.data.length;
}

const byHeat = () => [...attribution.heat.keys()].sort((a, b) => attribution.heat[b]! - attribution.heat[a]!);

describe('the word "red"', () => {
    test('nothing replaced leaves the difference as it was', async () => {
        expect(await differenceWith(new Set())).toBeCloseTo(attribution.difference, 6);
        expect(attribution.difference).toBeGreaterThan(1e-5);
    });

    test('the hottest fifth of the pixels takes more away than the fifth without heat', async () => {
        const fifth = Math.ceil(attribution.heat.length / 5);
        const loss = async (pixels: readonly number[]) =>
            attribution.difference - (await differenceWith(new Set(pixels)));
        const bySize = byHeat().sort((a, b) => Math.abs(attribution.heat[a]!) - Math.abs(attribution.heat[b]!));
        const [hot, cold] = [await loss(byHeat().slice(0, fifth)), await loss(bySize.slice(0, fifth))];
        expect(hot).toBeGreaterThan(0.03 * attribution.difference);
        expect(hot).toBeGreaterThan(3 * Math.abs(cold));
    });

    test('the heat of pixels predicts what replacing them does', async () => {
        const random = openNoise('torch-cpu', 1);
        const pairs: [number, number][] = [];
        for (let trial = 0; trial < 16; trial++) {
            const drawn = random.normal(attribution.heat.length);
            const pixels = new Set([...attribution.heat.keys()].filter((at) => drawn[at]! > 1));
            const expected = [...pixels].reduce((sum, at) => sum + attribution.heat[at]!, 0);
            pairs.push([expected, attribution.difference - (await differenceWith(pixels))]);
        }
        expect(correlate(pairs)).toBeGreaterThan(0.9);
    });
});

function correlate(pairs: readonly (readonly [number, number])[]): number {
    const mean = (k: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length;
    const [a, b] = [mean(0), mean(1)];
    const sum = (f: (x: number, y: number) => number) => pairs.reduce((total, [x, y]) => total + f(x - a, y - b), 0);
    return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}
