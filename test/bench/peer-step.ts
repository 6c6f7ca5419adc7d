/**
 * Passes of the U-Net or of the decoder on random numbers, timed: two rows of latents for the U-Net, one for the decoder.
 * `node --import tsx test/bench/peer-step.ts MODEL unet|decoder SIDE PASSES THREADS` prints JSON; the first pass is not
 * among the times.
 */
import { openModel } from '../../src/runtime/engine/model.ts';
import { openNoise } from '../../src/runtime/noise/open.ts';
import { elementCount, tensor } from '../../src/runtime/tensor.ts';
import type { StepCost } from './turns.ts';

const [path = '', part = '', side = '', passes = '', threads = ''] = process.argv.slice(2);
const noise = openNoise('torch-cpu', 1);
const normal = (...dims: readonly number[]) => tensor(noise.normal(elementCount(dims)), dims);
// As in a run of 25 steps.
const model = await openModel(path, { device: 'cpu', threads: Number(threads), expectedCalls: 25 });
const pass = await (async () => {
    if (part === 'decoder') {
        const latents = normal(1, 4, Number(side), Number(side));
        return () => model.decode(latents);
    }
    const unet = await model.unet();
    const inputs = {
        sample: normal(2, 4, Number(side), Number(side)),
        timestep: 500,
        context: normal(2, 77, model.checkpoint.unet.config.contextWidth),
    };
    return () => unet.run(inputs);
})();
const milliseconds: number[] = [];
for (let k = 0; k <= Number(passes); k++) {
    const begun = performance.now();
    await pass();
    if (k > 0) milliseconds.push(performance.now() - begun);
}
const cost: StepCost = { milliseconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
console.log(JSON.stringify(cost));
process.exit(0);
