/**
 * `npm run bench:reproducibility`: which settings give the same bits, and how far the others are apart. The table of
 * docs/reproducibility.md.
 *
 *     npm run bench:reproducibility [-- --size 512] [--steps 20] [--only webgpu] [--work ddim]
 *
 * A software driver of a GPU takes minutes for a picture: `--size 64 --steps 4` measures it in reasonable time.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PicturePlan, Precision, Trace } from '../../src/plan/plan.ts';
import { chooseDevice } from '../../src/runtime/engine/devices.ts';
import { type OpenOptions, openModel } from '../../src/runtime/engine/model.ts';
import type { MadePicture } from '../../src/runtime/events.ts';
import { type GenerateContext, generate } from '../../src/runtime/generate.ts';
import { hashDistance, perceptualHash, psnr } from '../../src/runtime/pictures/compare.ts';
import { plain } from '../../src/runtime/pictures/picture.ts';
import { tensorFile } from '../../src/runtime/tensor-sink.ts';
import { caseInfusion, casePlan, siteWeights } from '../parity/plans.ts';
import { printMachine } from './measure.ts';

const SKETCH = join(import.meta.dirname, '..', '..', 'models', 'sketch');
const SEEDS = [1, 2, 3, 4];
const SOFTWARE_GPU = '/usr/lib/chromium/vk_swiftshader_icd.json';

const { values: given } = parseArgs({
    options: {
        size: { type: 'string', default: '128' },
        steps: { type: 'string', default: '20' },
        only: { type: 'string', default: '' },
        work: { type: 'string', default: '' },
    },
});
const side = Number(given.size);
const steps = Number(given.steps);

function plan(sampler: string, eta = 0): PicturePlan {
    const options = {
        prompt: 'a drawing of a green turtle on the beach',
        width: side,
        height: side,
        steps,
        guidance: 6,
        sampler: { name: sampler, schedule: 'normal', eta },
    } as Parameters<typeof casePlan>[0];
    return casePlan(options, { seeds: SEEDS });
}

/** What is made: a sampler that draws no noise, one that does, one of second order, and mixed features. */
const WORKS: readonly (readonly [string, PicturePlan])[] = [
    ['ddim', plan('ddim')],
    ['euler-a', plan('euler-a')],
    ['dpmpp-2m', plan('dpmpp-2m')],
    [
        'ddim with infusion',
        { ...plan('ddim'), infusions: [caseInfusion([0], siteWeights({ mid: 0.05, OUT04: 0.05 }))] },
    ],
];

interface Setting {
    readonly name: string;
    readonly open: OpenOptions;
    /** Every seed alone, instead of all in one batch. */
    readonly alone?: boolean;
    /** What is asked for besides the pictures. */
    readonly besides?: Pick<GenerateContext, 'previews' | 'sink'>;
    readonly trace?: Trace;
    readonly precision?: Precision;
    /** Fewer pictures than the base: a software driver takes a minute for each. */
    readonly only?: number;
}

/** States with so many steps behind them. */
function everyFifth(): readonly number[] {
    return Array.from({ length: Math.floor(steps / 5) + 1 }, (_, k) => 5 * k);
}

const CPU: OpenOptions = { device: 'cpu', threads: 2 };
const BASE: Setting = { name: 'cpu, 2 threads, 4 pictures in a batch', open: CPU };
const SETTINGS: readonly Setting[] = [
    { name: 'the same, in a process of its own session', open: CPU },
    { name: '1 picture in a batch', open: CPU, alone: true },
    { name: '1 thread', open: { device: 'cpu', threads: 1 } },
    { name: '3 threads', open: { device: 'cpu', threads: 3 } },
    { name: '1 thread, 1 picture in a batch', open: { device: 'cpu', threads: 1 }, alone: true },
    { name: 'previews', open: CPU, besides: { previews: true } },
    {
        name: 'a trace of every fifth state, completed and finished in 3 steps',
        open: CPU,
        trace: { after: everyFifth(), completed: true, finish: 3, attention: ['turtle'] },
    },
    { name: 'saved tensors of a layer', open: CPU, besides: { sink: tensorFile(['M00']) } },
    { name: 'webgpu', open: { device: 'webgpu' }, precision: 'fp32', only: 1 },
    { name: 'webgpu, precision fp16', open: { device: 'webgpu' }, precision: 'fp16', only: 1 },
    { name: 'cuda', open: { device: 'cuda' }, precision: 'fp32' },
    { name: 'cuda, precision fp16', open: { device: 'cuda' }, precision: 'fp16' },
];

const reported = new Set<string>();

async function made(setting: Setting, work: PicturePlan): Promise<readonly MadePicture[]> {
    const model = await openModel(SKETCH, setting.open);
    const context = {
        openModel: async () => model,
        picture: async () => plain(side, side, [30, 120, 90]),
        emit: () => {},
        ...setting.besides,
    };
    const seeds = work.seeds.slice(0, setting.only);
    const { trace, precision } = setting;
    const asked = { ...work, ...(trace && { trace }), ...(precision && { precision }) };
    const plans = setting.alone ? seeds.map((seed) => ({ ...asked, seeds: [seed] })) : [{ ...asked, seeds }];
    const pictures: MadePicture[] = [];
    for (const one of plans) for await (const picture of generate(one, context)) pictures.push(picture);
    const values = model.device.sessions.find(({ part }) => part === 'unet')?.values ?? '32 bits';
    if (setting.precision === 'fp16' && !reported.has(setting.name)) {
        reported.add(setting.name);
        console.log([`${setting.name}: the U-Net has ${values}.`, ...model.device.fallbacks].join(' '));
    }
    await model.close();
    return pictures;
}

function row(name: string, ours: readonly MadePicture[], base: readonly MadePicture[]): string {
    const pairs = ours.map((one, k) => [one, base[k]!] as const);
    const first = pairs.flatMap(([a, b]) => {
        const at = a.latentDigests.findIndex((digest, step) => digest !== b.latentDigests[step]);
        return at < 0 ? [] : at;
    });
    const isSame = pairs.every(([a, b]) => a.pixelsSha256 === b.pixelsSha256);
    if (first.length === 0 && isSame) return `| ${name} | bitwise | | | | |`;
    const latents = Math.max(...pairs.map(([a, b]) => largest(a.latents, b.latents)));
    const pixels = Math.max(...pairs.map(([a, b]) => largest(a.picture.data, b.picture.data)));
    const noise = Math.min(...pairs.map(([a, b]) => psnr(a.picture, b.picture)));
    const bits = Math.max(...pairs.map(([a, b]) => hashDistance(perceptualHash(a.picture), perceptualHash(b.picture))));
    const step = first.length === 0 ? 'decoding' : `step ${Math.min(...first)}`;
    return `| ${name} | ${step} | ${latents.toExponential(1)} | ${pixels} | ${noise.toFixed(1)} | ${bits} |`;
}

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
    let most = 0;
    for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
    return most;
}

if (process.platform === 'linux' && existsSync(SOFTWARE_GPU)) process.env.VK_ICD_FILENAMES ??= SOFTWARE_GPU;
process.env.XDG_RUNTIME_DIR ??= '/tmp';
printMachine();
console.log(
    `builtin:sketch, ${side}x${side}, ${steps} steps, guidance 6, seeds ${SEEDS.join(', ')}, against ${BASE.name}`,
);
const usable: Setting[] = [];
for (const setting of SETTINGS.filter(({ name }) => name.includes(given.only))) {
    const { device } = setting.open;
    const { backend, fallbacks } = await chooseDevice(device ?? 'cpu', { modelBytes: 0 });
    if (backend === device) usable.push(setting);
    else console.log(`${setting.name}: not measured. ${fallbacks.join(' ')}`);
}
for (const [name, work] of WORKS.filter(([name]) => given.work === '' || name === given.work)) {
    console.log(
        `\n| ${name} | first difference | latents | levels of 255 | PSNR in dB | phash bits |\n|---|---|---|---|---|---|`,
    );
    const base = await made(BASE, work);
    for (const setting of usable) {
        console.log(row(setting.name, await made(setting, work), base));
    }
}
