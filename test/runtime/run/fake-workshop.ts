/** A workshop without models: pictures of one colour by seed, and every failure that a test wants. */
import { createHash } from 'node:crypto';
import { constant } from '../../../src/plan/curve.ts';
import type { PicturePlan, SweepPlan } from '../../../src/plan/plan.ts';
import type { Run } from '../../../src/plan/run.ts';
import type { MadePicture } from '../../../src/runtime/events.ts';
import type { GenerateContext } from '../../../src/runtime/generate.ts';
import { pixelsSha256 } from '../../../src/runtime/pictures/compare.ts';
import { loadPicture } from '../../../src/runtime/pictures/load.ts';
import type { Rgb } from '../../../src/runtime/pictures/picture.ts';
import { encodePng } from '../../../src/runtime/pictures/save.ts';
import type { RunServices } from '../../../src/runtime/run/run-services.ts';

export const PLAN: PicturePlan = {
    kind: 'picture',
    model: { kind: 'builtin', name: 'sketch' },
    conditioning: { kind: 'prompt', prompt: { phrases: [{ text: 'a turtle', weight: 1 }] } },
    negative: { phrases: [] },
    size: { width: 16, height: 8 },
    steps: 4,
    sampler: { name: 'ddim', schedule: 'normal', eta: 0 },
    guidance: { scale: constant(7.5), rescale: 0 },
    seeds: [7],
    noise: { kind: 'torch-cpu' },
    clipSkip: 0,
    longPrompts: 'truncate',
    embeddings: [],
    infusions: [],
    scales: [],
    controls: [],
    adapters: [],
};

/** A run called `turtle`. */
export function runOf(work: PicturePlan | SweepPlan, expect: Run['expect'] = []): Run {
    return { name: 'turtle', work, expect };
}

/** Guidance over seeds: a sweep of `guidances.length` x `seeds.length` pictures. */
export function sweepOf(seeds: readonly number[], guidances: readonly number[]): SweepPlan {
    const cells = seeds.flatMap((seed) =>
        guidances.map((scale) => ({
            labels: { seed: `${seed}`, guidance: `${scale}` },
            plan: { ...PLAN, seeds: [seed], guidance: { scale: constant(scale), rescale: 0 } },
        })),
    );
    const axes = [
        { name: 'seed', values: seeds.map(String) },
        { name: 'guidance', values: guidances.map(String) },
    ];
    return { kind: 'sweep', axes, cells, columns: 'guidance', animate: false };
}

export interface FakeWorkshop extends RunServices {
    /** The plans that were generated, in their order. */
    readonly generated: PicturePlan[];
}

/** Called before each picture is made; what it throws stops the run there. */
export type Before = (plan: PicturePlan, index: number, context: GenerateContext) => void | Promise<void>;

export function fakeWorkshop(before: Before = () => {}, change: Partial<RunServices> = {}): FakeWorkshop {
    const generated: PicturePlan[] = [];
    return {
        generated,
        openControlNet: () => Promise.reject(new Error('This workshop has no ControlNets.')),
        openUpscaler: () => Promise.reject(new Error('This workshop has no upscalers.')),
        learnedEmbedding: () => {
            throw new Error('This workshop has no learned embeddings.');
        },
        learn: () => Promise.reject(new Error('This workshop does not learn.')),
        async *generate(plan, context): AsyncGenerator<MadePicture, void> {
            generated.push(plan);
            for (const [index, seed] of plan.seeds.entries()) {
                await before(plan, index, context);
                for (let step = 0; step < plan.steps; step++) {
                    context.signal?.throwIfAborted();
                    context.emit({ kind: 'step', cells: [index], step, steps: plan.steps });
                    context.emit({ kind: 'preview', cell: index, step, picture: colour(plan, seed) });
                }
                const frames = (plan.trace?.after ?? []).map((after) => ({ after, noisy: colour(plan, seed + after) }));
                const latents = new Float32Array(8);
                context.sink?.add(`latents.${index}`, { data: latents, dims: [4, 1, 2] });
                const picture = colour(plan, seed);
                yield {
                    index,
                    seed,
                    picture,
                    latents,
                    trace: frames,
                    pixelsSha256: pixelsSha256(picture),
                    latentDigests: Array.from({ length: plan.steps + 1 }, (_, step) => digestOf(`${seed} ${step}`)),
                    seconds: 0.1,
                };
            }
        },
        openModel: () => Promise.reject(new Error('No model is needed here.')),
        modelFiles: () => new Map(),
        readPicture: (file) => loadPicture(file),
        noise: () => () => undefined,
        edges: (picture) => picture,
        png: (picture, texts) => encodePng(picture, texts ? { sdspec: JSON.stringify(texts.plan) } : {}),
        sheet: async ({ pictures }) => pictures[0]!,
        strip: ([row]) => row![0]!,
        animation: async () => new Uint8Array(1),
        phash: () => '00000000000000ff',
        subjects: async ({ data }) => ({ turtle: data[0]! / 255, frog: 1 - data[0]! / 255 }),
        phashDistance: (a, b) => (a === b ? 0 : 12),
        ssim: (a, b) => (Buffer.from(a.data).equals(Buffer.from(b.data)) ? 1 : 0.5),
        psnr: () => 20,
        ...change,
    };
}

export function colour({ size }: PicturePlan, seed: number): Rgb {
    const data = new Uint8Array(size.width * size.height * 3).fill(seed % 256);
    return { ...size, data };
}

function digestOf(text: string): string {
    return createHash('sha256').update(text).digest('base64');
}
