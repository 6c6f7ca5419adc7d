/** Taps: identity is neutral, mixtures are linear, remembered rows equal rows of the same batch. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EditPoint } from '../../../src/plan/sites.ts';
import { SD } from '../../../src/plan/topology.ts';
import { openModel, type StableDiffusion, type UnetInputs } from '../../../src/runtime/engine/model.ts';
import { rows, stackRows, type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { noise, SD15 } from '../engine/nano.ts';

let model: StableDiffusion;
beforeAll(async () => {
    model = await openModel(SD15, { device: 'cpu', threads: 1 });
});
afterAll(() => model.close());

const POINTS = SD.points;
const three: UnetInputs = { sample: noise(1, 3, 4, 8, 8), timestep: 501, context: noise(2, 3, 77, 32) };

/** The same matrix at every tap. */
function repeat(matrix: readonly (readonly number[])[], taps: number): Tensor {
    const flat = matrix.flat();
    return tensor(
        Float32Array.from({ length: taps * flat.length }, (_, i) => flat[i % flat.length]!),
        [taps, matrix.length, matrix[0]!.length],
    );
}

const IDENTITY = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
];

test('there are 25 blocks and 12 skips', () => {
    expect(POINTS).toHaveLength(37);
    expect(POINTS.slice(11, 15)).toEqual(['IN11', 'M00', 'skip[0]', 'skip[1]']);
});

test.each(['none', 'match-std'] as const)(
    'an identity mixture at every point is neutral to the bit (%s)',
    async (normalise) => {
        const plain = await (await model.unet()).run(three);
        const taps = POINTS.map((point) => ({ point, normalise }));
        const tapped = await (await model.unet({ taps })).run({ ...three, mix: repeat(IDENTITY, taps.length) });
        expect(tapped.prediction.data).toEqual(plain.prediction.data);
    },
);

test('a row alone is the row in a batch, to the bit', async () => {
    const unet = await model.unet();
    const all = (await unet.run(three)).prediction;
    const alone = await unet.run({ ...three, sample: rows(three.sample, 1, 2), context: rows(three.context, 1, 2) });
    expect(alone.prediction.data).toEqual(rows(all, 1, 2).data);
});

describe.each(['IN01', 'IN11', 'M00', 'skip[3]', 'OUT04'] as const)('at %s', (point) => {
    const bias = [
        [1, 0, 0.4],
        [0, 1, 0.2],
        [0, 0, 1],
    ];

    test.each(['none', 'match-std'] as const)(
        'remembered features equal a bias row of the same batch, to the bit (%s)',
        async (normalise) => {
            const batched = await (await model.unet({ taps: [{ point, normalise }] })).run({
                ...three,
                mix: repeat(bias, 1),
            });
            const alone = await (await model.unet({ features: [point], stopAt: 'features' })).run({
                ...three,
                sample: rows(three.sample, 2, 3),
                context: rows(three.context, 2, 3),
            });
            expect(alone.prediction.data).toHaveLength(0);
            const remembered = await (await model.unet({ taps: [{ point, normalise, remembered: true }] })).run({
                ...three,
                sample: rows(three.sample, 0, 2),
                context: rows(three.context, 0, 2),
                mix: repeat(bias.slice(0, 2), 1),
                remembered: [alone.features.get(point)!],
            });
            expect(remembered.prediction.data).toEqual(rows(batched.prediction, 0, 2).data);
        },
    );

    test('features are the values before edits', async () => {
        const plain = await (await model.unet({ features: [point] })).run(three);
        const tapped = await (await model.unet({ features: [point], taps: [{ point }] })).run({
            ...three,
            mix: repeat(bias, 1),
        });
        expect(tapped.features.get(point)!.data).toEqual(plain.features.get(point)!.data);
        expect(tapped.prediction.data).not.toEqual(plain.prediction.data);
    });
});

test('an edit of a block leaves its skip alone', async () => {
    const zero = IDENTITY.map((row) => row.map(() => 0));
    const taps = [{ point: 'IN03' as EditPoint }];
    const watched: EditPoint[] = ['skip[3]', 'IN04'];
    const plain = await (await model.unet({ features: watched })).run(three);
    const edited = await (await model.unet({ features: watched, taps })).run({ ...three, mix: repeat(zero, 1) });
    expect(edited.features.get('skip[3]')!.data).toEqual(plain.features.get('skip[3]')!.data);
    expect(edited.features.get('IN04')!.data).not.toEqual(plain.features.get('IN04')!.data);
});

test('an edit of a skip reaches the up path only', async () => {
    const zero = IDENTITY.map((row) => row.map(() => 0));
    const watched: EditPoint[] = ['IN04', 'M00', 'OUT07', 'OUT08'];
    const plain = await (await model.unet({ features: watched })).run(three);
    const edited = await (await model.unet({ features: watched, taps: [{ point: 'skip[3]' }] })).run({
        ...three,
        mix: repeat(zero, 1),
    });
    for (const point of ['IN04', 'M00', 'OUT07'] as const) {
        expect(edited.features.get(point)!.data).toEqual(plain.features.get(point)!.data);
    }
    expect(edited.features.get('OUT08')!.data).not.toEqual(plain.features.get('OUT08')!.data);
});

test('a tap without remembered rows ignores the columns of one with them', async () => {
    const features = await (await model.unet({ features: ['IN02'] })).run(three);
    const taps = [{ point: 'IN02' as EditPoint, remembered: true }, { point: 'OUT05' as EditPoint }];
    const mix = repeat(
        IDENTITY.map((row) => [...row, 0, 0, 0]),
        2,
    );
    const run = await (await model.unet({ taps })).run({ ...three, mix, remembered: [features.features.get('IN02')!] });
    expect(run.prediction.data).toEqual((await (await model.unet()).run(three)).prediction.data);
});

test('match-std adds at the deviation of the receiving row', async () => {
    const point: EditPoint = 'M00';
    const taps = [{ point, normalise: 'match-std' as const }, { point }];
    const mix = stackRows([
        repeat(
            [
                [1, 0, 0.5],
                [0, 1, 0],
                [0, 0, 1],
            ],
            1,
        ),
        repeat(IDENTITY, 1),
    ]);
    const watch: EditPoint[] = [point];
    const { features } = await (await model.unet({ features: watch })).run(three);
    const h = features.get(point)!;
    const [own, other] = [rows(h, 0, 1).data, rows(h, 2, 3).data];
    const ratio = deviation(own) / deviation(other);
    const expected = own.map((value, index) => value + 0.5 * ratio * other[index]!);
    // The same edit made from outside: a remembered row with the weight multiplied out.
    const outside = await (await model.unet({ taps: [{ point, remembered: true }] })).run({
        ...three,
        mix: repeat(
            [
                [0, 0, 0, 1],
                [0, 1, 0, 0],
                [0, 0, 1, 0],
            ],
            1,
        ),
        remembered: [tensor(expected, [1, ...h.dims.slice(1)])],
    });
    const inside = await (await model.unet({ taps })).run({ ...three, mix });
    const worst = inside.prediction.data.reduce(
        (max, value, i) => Math.max(max, Math.abs(value - outside.prediction.data[i]!)),
        0,
    );
    expect(worst).toBeLessThan(1e-5);
});

test('attention maps are probabilities over the tokens and leave the prediction nearly as it is', async () => {
    const { prediction, attention } = await (await model.unet({ attentionMaps: true })).run(three);
    expect(attention.map(({ layer }) => layer)).toHaveLength(16);
    expect(attention[0]).toMatchObject({ layer: 'down_blocks.0.attentions.0', probabilities: { dims: [3, 64, 77] } });
    const sum = attention[0]!.probabilities.data.subarray(0, 77).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 5);
    const plain = (await (await model.unet()).run(three)).prediction.data;
    expect(Math.max(...prediction.data.map((value, i) => Math.abs(value - plain[i]!)))).toBeLessThan(1e-5);
});

test('a place that this U-Net does not have is named', async () => {
    await expect(model.unet({ taps: [{ point: 'skip[12]' }] })).rejects.toThrow(/no place "skip\[12\]"/);
});

function deviation(values: Float32Array): number {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}
