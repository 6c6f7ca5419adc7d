/** Parity of the experiments: ensembles, Infusion, one-step completion, merged latents, scaled layers. */
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { mixture } from '../../../src/runtime/mixture.ts';
import { toUnit } from '../../../src/runtime/pictures/pixels.ts';
import { createSampler } from '../../../src/runtime/samplers/create.ts';
import { rows, stackRows, type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { type CaseResult, type GoldenCase, type GoldenGroup, type ParityGroup, worstError } from '../golden.ts';
import {
    type CaseOptions,
    carryOutCase,
    caseInfusion,
    casePlan,
    type Made,
    nanoModel,
    picture,
    samplerOf,
    siteWeights,
} from '../plans.ts';

type Outputs = Readonly<Record<string, Float32Array>>;

export const run: ParityGroup = async function* (root, group) {
    for (const golden of group.cases) {
        if (decaysPerCall(golden)) {
            const note = 'decay counts steps here and model calls in the reference: PNDM calls twice in its first step';
            yield { id: golden.id, error: 0, atol: golden.atol, passed: true, skipped: true, note };
            continue;
        }
        try {
            const ours = await compute(root, group, golden);
            yield judge(group, golden, ours);
        } catch (error) {
            const note = error instanceof Error ? error.message : String(error);
            yield { id: golden.id, error: Number.POSITIVE_INFINITY, atol: golden.atol, passed: false, note };
        }
    }
};

/** Whether a case's decay differs between steps and calls; per step the two are the same for all other samplers here. */
function decaysPerCall({ inputs }: GoldenCase): boolean {
    return inputs.scheduler_class === 'PNDMScheduler' && (inputs.decay ?? 1) !== 1;
}

function judge(group: GoldenGroup, golden: GoldenCase, ours: Outputs): CaseResult {
    let error = 0;
    let note = '';
    for (const [name, reference] of Object.entries(golden.outputs)) {
        const worst = worstError(ours[name] ?? [], group.tensor(reference).data);
        if (worst >= error) note = name;
        error = Math.max(error, worst);
    }
    return { id: golden.id, error, atol: golden.atol, passed: error <= golden.atol, note };
}

async function compute(root: string, group: GoldenGroup, golden: GoldenCase): Promise<Outputs> {
    const { inputs } = golden;
    const given = (name: string) => Float32Array.from(group.tensor(inputs[name]).data);
    const config = group.schedulerConfigs[inputs.scheduler_config]!;
    const model = await nanoModel(root, inputs.model, config);
    const size = latentSize(group, golden);
    const options: CaseOptions = {
        prompt: inputs.prompt,
        negative: inputs.negative,
        steps: inputs.steps,
        guidance: inputs.guidance,
        sampler: samplerOf(inputs.scheduler_class, config),
        ...size,
    };
    const pictures = Object.fromEntries(
        Object.keys(inputs)
            .filter((name) => name.startsWith('bias_uint8.'))
            .map((name) => [name.slice('bias_uint8.'.length), picture(group.tensor(inputs[name]))]),
    );
    const go = (plan: PicturePlan, draws: Record<string, Float32Array>): Promise<Made> =>
        carryOutCase(model, plan, { draws, pictures });
    const x = inputs.x ? given('x') : new Float32Array();

    switch (inputs.function) {
        case 'clean_latents': {
            const outputs: Record<string, Float32Array> = {};
            for (const [k, rgb] of Object.entries(pictures)) {
                const { mean } = await model.encodeImage(toUnit(rgb));
                outputs[`z.${k}`] = mixture([model.checkpoint.latentScale, mean.data]);
            }
            return outputs;
        }
        case 'sample':
            return steps(await go(casePlan(options), { 'draw.0': x }));
        case 'ensemble_predictions':
        case 'ensemble_latents': {
            const over = inputs.function === 'ensemble_latents' ? 'latents' : 'predictions';
            const ensemble = { ...options, prompts: inputs.prompts, memberWeights: inputs.weights, over } as const;
            const draws: Record<string, Float32Array> = { 'draw.0': x };
            for (let k = 0; inputs[`step_noise.${k}`]; k++) draws[`draw.${k + 1}`] = given(`step_noise.${k}`);
            return steps(await go(casePlan(ensemble), draws));
        }
        case 'infusion': {
            const infusion = caseInfusion(inputs.images, siteWeights(sites(inputs.weights, inputs.grouping)), {
                decay: inputs.decay ?? 1,
                latent: inputs.noise ?? 'clean',
                rows: inputs.rows ?? 'both',
                text: { kind: inputs.text ?? 'prompt' },
            });
            const draws: Record<string, Float32Array> = { 'draw.0': x };
            inputs.images.forEach((image: number, k: number) => {
                if (inputs[`noise.${image}`]) draws[`bias.${k}`] = given(`noise.${image}`);
            });
            const made = await go(casePlan(options, { infusions: [infusion] }), draws);
            return { ...steps(made), first_eps: made.all('guided')[0]! };
        }
        case 'bias_features':
            return biasFeatures(model, group, golden, config, options.sampler.name);
        case 'x0_completion': {
            const made = await go(casePlan(options), { 'draw.0': x });
            const originals = made.all('original');
            const outputs: Record<string, Float32Array> = {};
            for (const k of inputs.at) outputs[`x0.${k}`] = originals[k]!;
            const middle = inputs.at[1];
            const dims = [1, 4, size.height / 8, size.width / 8];
            outputs[`image.${middle}`] = (await model.decode(tensor(originals[middle]!, dims))).data;
            return outputs;
        }
        case 'merge_and_denoise': {
            const { a, start } = inputs;
            const both = [given('noise.0'), given(inputs['noise.1'] ? 'noise.1' : 'noise.0')] as const;
            const zero = new Float32Array(both[0].length);
            const plan = casePlan(options, {
                start: {
                    pictures: [
                        { picture: { kind: 'file', path: '0' }, weight: 1 - a },
                        { picture: { kind: 'file', path: '1' }, weight: a },
                    ],
                    mixing: 'linear',
                    latent: 'diffusers',
                    strength: (inputs.steps - start) / inputs.steps,
                },
            });
            // Posterior draws of zero take the mean; noises add up linearly, so separate ones are one mixed draw.
            const made = await go(plan, {
                'draw.0': zero,
                'draw.1': zero,
                'draw.2': mixture([1 - a, both[0]], [a, both[1]]),
            });
            return { merged: made.tensors.get('start')!.data, latents: made.all('latents').at(-1)! };
        }
        case 'sample(unet_fn=scaled_unet)': {
            const k = Number(inputs.block.slice(2));
            const weights: Record<string, number> = {};
            if (inputs.target !== 'skip') weights[inputs.block] = inputs.factor;
            if (inputs.target !== 'trunk' && inputs.block.startsWith('IN')) weights[`skip[${k}]`] = inputs.factor;
            return steps(await go(casePlan(options, { scales: siteWeights(weights) }), { 'draw.0': x }));
        }
        default:
            throw new Error(`No such experiment: ${inputs.function}.`);
    }
}

/** Latents after every call, and the last ones. */
function steps(made: Made): Record<string, Float32Array> {
    const latents = made.all('latents');
    return { latents: latents.at(-1)!, steps: Float32Array.from(latents.flatMap((one) => [...one])) };
}

/** Skip groups by the level that reads them, where a case asks for that; elsewhere the names are our own. */
function sites(weights: Record<string, number>, grouping = 'producer'): Record<string, number> {
    if (grouping === 'producer') return weights;
    const named: Record<string, number> = {};
    for (const [name, weight] of Object.entries(weights)) {
        const level = /^skip\.(\d)$/.exec(name)?.[1];
        if (level === undefined) named[name] = weight;
        else for (let k = 3 * Number(level); k < 3 * Number(level) + 3; k++) named[`skip[${k}]`] = weight;
    }
    return named;
}

async function biasFeatures(
    model: Awaited<ReturnType<typeof nanoModel>>,
    group: GoldenGroup,
    golden: GoldenCase,
    config: Record<string, unknown>,
    sampler: PicturePlan['sampler']['name'],
): Promise<Outputs> {
    const { inputs } = golden;
    const timestep = createSampler(sampler, config, { steps: inputs.steps }).timesteps[inputs.timestep_index]!;
    const context = await model.encodeText([model.tokenizer.encodePadded(inputs.prompt)]);
    const points = Object.keys(golden.outputs).map((name) =>
        name.startsWith('skip.') ? `skip[${name.slice(5)}]` : name,
    );
    const unet = await model.unet({ features: points as never, stopAt: 'features' });
    const latents: Tensor[] = [];
    for (const k of inputs.images) {
        const { mean } = await model.encodeImage(toUnit(picture(group.tensor(inputs[`bias_uint8.${k}`]))));
        latents.push(tensor(mixture([model.checkpoint.latentScale, mean.data]), mean.dims));
    }
    const sample = stackRows(latents);
    const { features } = await unet.run({ sample, timestep, context: stackRows(latents.map(() => context)) });
    const mean = (name: string): Float32Array => {
        const feature = features.get((name.startsWith('skip.') ? `skip[${name.slice(5)}]` : name) as never)!;
        return mixture(...latents.map((_, k) => [1 / latents.length, rows(feature, k, k + 1).data] as const));
    };
    return Object.fromEntries(Object.keys(golden.outputs).map((name) => [name, mean(name)]));
}

function latentSize(group: GoldenGroup, golden: GoldenCase): { readonly width: number; readonly height: number } {
    const input = golden.inputs.x ?? golden.inputs['noise.0'];
    if (!input) return { width: 64, height: 64 };
    const [, , h = 8, w = 8] = group.tensor(input).dims;
    return { width: 8 * w, height: 8 * h };
}
