/** Opens the model in the folder given and does some steps, in a process of its own; says the costs as JSON. */
import { readFileSync } from 'node:fs';
import { openModel } from '../../src/runtime/engine/model.ts';
import { tensor } from '../../src/runtime/tensor.ts';

export interface OpenCost {
    readonly seconds: number;
    /** Memory that opening took, by its own and mapped from files; null where the system does not say. */
    readonly own: number | null;
    readonly stepSeconds: number;
    /** The same after the steps: the weights are mapped by then. */
    readonly ownAfter: number | null;
    readonly mappedAfter: number | null;
}

const before = residentBytes('Anon');
const begun = performance.now();
const model = await openModel(process.argv[2]!, { device: 'cpu', expectedCalls: 4 });
const unet = await model.unet();
const seconds = (performance.now() - begun) / 1000;
const opened = residentBytes('Anon');

const { checkpoint } = model;
const side = checkpoint.unet.config.sampleSize;
const inputs = {
    sample: zeros(2, checkpoint.unet.config.inChannels, side, side),
    timestep: 500,
    context: zeros(2, 77, checkpoint.unet.config.contextWidth),
};
let stepSeconds = Infinity;
for (let round = 0; round < 3; round++) {
    const since = performance.now();
    await unet.run(inputs);
    stepSeconds = Math.min(stepSeconds, (performance.now() - since) / 1000);
}
const own = before === null || opened === null ? null : opened - before;
const cost: OpenCost = {
    seconds,
    own,
    stepSeconds,
    ownAfter: residentBytes('Anon'),
    mappedAfter: residentBytes('File'),
};
console.log(JSON.stringify(cost));

function zeros(...dims: readonly number[]) {
    return tensor(new Float32Array(dims.reduce((product, size) => product * size, 1)), dims);
}

/** RssAnon and RssFile of proc(5)'s status. */
function residentBytes(kind: 'Anon' | 'File'): number | null {
    try {
        const found = new RegExp(`^Rss${kind}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
        return found ? Number(found[1]) * 1024 : null;
    } catch {
        return null;
    }
}
