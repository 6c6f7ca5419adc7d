/**
 * Steps of a learning on random numbers, timed: a LoRA of rank 4 at the attention of all blocks, one row, AdamW included.
 * `node --import tsx test/bench/learn-step.ts MODEL PIXELS MEMORY STEPS THREADS` prints JSON; the first step is not among the times.
 */
import { openModel } from '../../src/runtime/engine/model.ts';
import { sinusoidalTimeEmbedding } from '../../src/runtime/graph/time-embedding.ts';
import { adamW, normOf, zeroMoments } from '../../src/runtime/learn/adamw.ts';
import { unetLearner } from '../../src/runtime/learn/unet-learner.ts';
import { openNoise } from '../../src/runtime/noise/open.ts';
import { elementCount, tensor } from '../../src/runtime/tensor.ts';
import type { StepCost } from './turns.ts';

const [path = '', pixels = '', memory = '', steps = '', threads = ''] = process.argv.slice(2);
const model = await openModel(path, { device: 'cpu', threads: Number(threads) });
const { unet, textEncoder, pixelsPerLatent } = model.checkpoint;
const side = Number(pixels) / pixelsPerLatent;
const target = { kind: 'lora', rank: 4, alpha: 4, layers: 'attention' } as const;
const learner = unetLearner(
    {
        plan: {
            kind: 'learn',
            model: { kind: 'file', path },
            target,
            from: [],
            size: { width: Number(pixels), height: Number(pixels) },
            steps: 100,
            batch: 1,
            rate: 1e-4,
            warmup: 0,
            fall: 'constant',
            decay: 0,
            clip: 1,
            flip: false,
            seed: 1,
            memory: memory as 'keep' | 'balanced' | 'small',
        },
        model,
        shape: { rows: 1, height: side, width: side, tokens: textEncoder.config.positions },
        share: tensor(Float32Array.of(1), [1]),
        captions: ['a photo'],
        threads: Number(threads),
    },
    target,
);
const noise = openNoise('torch-cpu', 1);
const latents = () => {
    const dims = [1, unet.config.inChannels, side, side];
    return tensor(noise.normal(elementCount(dims)), dims);
};
const moments = zeroMoments(learner.start);
const milliseconds: number[] = [];
const cpuMilliseconds: number[] = [];
for (let step = 0; step <= Number(steps); step++) {
    const draw = {
        captions: ['a photo'],
        times: [500],
        sample: latents(),
        target: latents(),
        waves: sinusoidalTimeEmbedding([500], unet.config),
    };
    const begun = performance.now();
    const cpuBegun = process.cpuUsage();
    const { gradients } = await learner.step(draw, learner.start);
    const norm = normOf(gradients);
    adamW(learner.start, gradients, moments, norm, { step, rate: 1e-4, decay: 0, clip: 1 });
    if (step === 0) continue;
    milliseconds.push(performance.now() - begun);
    const { user, system } = process.cpuUsage(cpuBegun);
    cpuMilliseconds.push((user + system) / 1000);
}
const cost: StepCost = { milliseconds, cpuMilliseconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
console.log(JSON.stringify(cost));
process.exit(0);
