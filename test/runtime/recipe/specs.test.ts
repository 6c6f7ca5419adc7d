/** Reference experiments written as spec files: the whole way from the text to the reference's latents. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeLanguage, lowerRun, nodeFiles } from '../../../src/language/index-node.ts';
import { generate } from '../../../src/runtime/generate.ts';
import { loadPicture } from '../../../src/runtime/pictures/load.ts';
import { loadGoldens, worstError } from '../../parity/golden.ts';
import { nanoModel } from '../../parity/plans.ts';

const ROOT = join(import.meta.dirname, '../../goldens');
const GOLDENS = loadGoldens(ROOT, 'experiments');
const CASTLE = '"a castle on a mountain, oil painting, highly detailed"';
const CLOCK = '"an old clock that looks like a whale"';
const WHALE = '"an old whale that looks like a clock"';
const FLAT = '{ down.* 0.1  mid 0.1  up.* 0.1  skip.* 0.0001 }';
const LEARNED =
    '{ down.0 -0.011  down.1 -0.055  down.2 -0.480  down.3 0.095  mid -0.001  up.0 0.160  up.1 0.243  up.2 -0.007  up.3 0.039  skip.0 -0.136  skip.1 -0.531  skip.2 -0.069  skip.3 -0.119 }';

/** The case, and what its generate says besides model, size, steps, guidance, negative and noise. */
const SPECS: readonly (readonly [id: string, settings: string])[] = [
    ['plain/ddim', `prompt ${CLOCK} sampler ddim`],
    ['plain/euler', `prompt ${CLOCK} sampler euler`],
    ['plain/dpmpp-2m', `prompt ${CLOCK} sampler dpmpp-2m on normal`],
    ['ensemble/predictions/ddim/mean2', 'prompt two sampler ddim'],
    ['ensemble/predictions/ddim/weighted3', 'prompt three sampler ddim'],
    ['ensemble/latents/pndm/mean2', 'prompt two-latents sampler pndm'],
    ['infusion/zero', `prompt ${CASTLE} sampler ddim infuse zero, one { mid 0 }`],
    ['infusion/thirteen/flat', `prompt ${CASTLE} sampler ddim infuse zero, one decay 0.99 ${FLAT}`],
    ['infusion/thirteen/learned', `prompt ${CASTLE} sampler ddim infuse zero, one ${LEARNED}`],
    ['infusion/thirteen/three-images', `prompt ${CASTLE} sampler ddim infuse zero, one, both decay 0.98 ${FLAT}`],
    ['infusion/rows-cond', `prompt ${CASTLE} sampler ddim infuse zero, one decay 0.99 rows cond ${FLAT}`],
    ['infusion/text-empty', `prompt ${CASTLE} sampler ddim infuse zero, one decay 0.99 text empty ${FLAT}`],
    ['infusion/text-rows', `prompt ${CASTLE} sampler ddim infuse zero, one decay 0.99 text rows ${FLAT}`],
    ['infusion/euler/clean', `prompt ${CASTLE} sampler euler infuse zero, one decay 0.99 ${FLAT}`],
    ['infusion/site/up.1', `prompt ${CASTLE} sampler ddim infuse zero { up.1 0.3 }`],
    ['infusion/block/OUT04', `prompt ${CASTLE} sampler ddim infuse one decay 0.97 { OUT04 0.3 }`],
    ['scale/OUT04/0.75/trunk', `prompt ${CASTLE} sampler ddim scale { OUT04 0.75 }`],
];

let folder: string;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-specs-'));
    const { inputs } = GOLDENS.cases.find(({ id }) => id === 'clean-latents')!;
    for (const [k, name] of ['zero', 'one', 'both'].entries()) {
        const { data, dims } = GOLDENS.tensor(inputs[`bias_uint8.${k}`]);
        const [height = 0, width = 0] = dims;
        const raw = { width, height, channels: 3 } as const;
        await sharp(Uint8Array.from(data), { raw })
            .png()
            .toFile(join(folder, `${name}.png`));
    }
    writeFileSync(join(folder, 'noise.safetensors'), '');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(SPECS)('%s', async (id, settings) => {
    const golden = GOLDENS.cases.find((one) => one.id === id)!;
    const { inputs } = golden;
    const spec = join(folder, 'case.sdspec');
    writeFileSync(
        spec,
        `model nano = "${join(ROOT, 'models', 'nano-sd15').replaceAll('\\', '/')}"
image zero = "./zero.png"
image one = "./one.png"
image both = "./both.png"
ensemble two { ${CLOCK} ${WHALE} }
ensemble three { ${CASTLE} weight 0.5 ${CLOCK} weight 2 ${WHALE} weight 1 }
ensemble two-latents over latents { ${CLOCK} ${WHALE} }
generate it {
    use nano
    size 64x64
    steps ${inputs.steps}
    guidance ${inputs.guidance}
    negative "${inputs.negative}"
    noise "./noise.safetensors"
    ${settings}
}
`,
    );
    const document = await (await createNodeLanguage()).parseFile(spec);
    const { value, problems } = lowerRun(document, 'it', { files: nodeFiles });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    if (value?.work.kind !== 'picture') throw new Error('The spec gives no picture.');

    const x = Float32Array.from(GOLDENS.tensor(inputs.x).data);
    const model = await nanoModel(ROOT, 'nano-sd15', GOLDENS.schedulerConfigs[inputs.scheduler_config]!);
    const context = {
        openModel: async () => model,
        picture: (source: unknown) => loadPicture(join(folder, (source as { path: string }).path)),
        noiseFile: () => (name: string) => (name === 'draw.0' ? { shape: [x.length], data: x } : undefined),
        emit: () => {},
    };
    for await (const { latents } of generate(value.work, context)) {
        const reference = GOLDENS.tensor(golden.outputs['latents']).data;
        expect(worstError(latents, reference)).toBeLessThanOrEqual(golden.atol);
    }
});
