/** Texts of other tools as they are found in the wild: every fact is in the spec, or in a comment of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Language, lowerRun, problemsOf } from '../../../src/language/index.ts';
import { originText } from '../../../src/language/write/origin-text.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { originFrom } from '../../../src/runtime/pictures/metadata/read.ts';

const language = new Language();
type Texts = Readonly<Record<string, string>>;

interface Imported {
    readonly text: string;
    readonly plan: PicturePlan;
    /** The comments below the clauses. */
    readonly notes: readonly string[];
}

async function imported(texts: Texts): Promise<Imported> {
    const origin = originFrom(texts);
    if (!origin) throw new Error('The texts say nothing.');
    const text = originText('house.png', origin);
    const document = await language.parseText(text);
    expect(
        problemsOf(document).filter(({ severity }) => severity === 'error'),
        text,
    ).toEqual([]);
    const { value } = lowerRun(document, 'house');
    const notes = [...text.matchAll(/^ {4}\/\/ (.*)$/gm)].map(([, note]) => note!);
    return { text, plan: value!.work as PicturePlan, notes };
}

const stored = (name: string): Texts =>
    JSON.parse(readFileSync(join(import.meta.dirname, 'origins', `${name}.json`), 'utf8')) as Texts;
const words = (prompt: PicturePlan['negative']) => prompt.phrases.map(({ text }) => text).join(', ');
const promptOf = ({ conditioning }: PicturePlan) => (conditioning.kind === 'prompt' ? words(conditioning.prompt) : '');

describe("the web UI's text", () => {
    const parameters = (pairs: string, prompt = 'a castle') =>
        imported({ parameters: `${prompt}\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x768${pairs}` });

    it('of a hires fix is no image to image', async () => {
        const { plan, notes } = await imported(stored('a01_hires'));
        expect(plan).toMatchObject({ seeds: [123], size: { width: 512, height: 768 } });
        expect(notes).toEqual([
            'A second pass enlarged the picture with denoising strength 0.5: what is written here is the first pass.',
            'Hires upscale: 2',
            'Hires steps: 10',
            'Hires upscaler: Latent',
        ]);
    });
    it.each([
        ['a08_beta', 'euler', 'Specs have no schedule Beta.'],
        ['a08_eulera_karras', 'euler-a', 'Specs have no schedule Karras for euler-a.'],
        [
            'a08_sgm',
            'dpmpp-2m on normal',
            'Specs have no schedule SGM Uniform. The nearest is `dpmpp-2m on normal spacing trailing`.',
        ],
    ])('of the schedule in %s', async (name, sampler, note) => {
        const { text, notes } = await imported(stored(name));
        expect(text).toMatch(new RegExp(`sampler +${sampler}\n`));
        expect(notes).toContain(note);
    });
    // sd_samplers_kdiffusion.py of the web UI 1.10.1
    it.each([
        ['DPM++ 2M', 'dpmpp-2m', 'karras'],
        ['DPM++ SDE', 'dpmpp-sde', 'karras'],
        ['DPM2', 'dpm2', 'karras'],
        ['DPM++ 2M SDE', 'dpmpp-2m-sde', 'exponential'],
        ['Euler', 'euler', 'normal'],
    ])('of the automatic schedule of %s', async (sampler, name, schedule) => {
        const { plan } = await imported({
            parameters: `x\nSteps: 20, Sampler: ${sampler}, Schedule type: Automatic, CFG scale: 7, Seed: 5`,
        });
        expect(plan.sampler).toMatchObject({ name, schedule });
    });
    it('of a schedule that is named beside a sampler with another in its name', async () => {
        const pairs = 'Sampler: DPM++ 2M Karras, Schedule type: Polyexponential, CFG scale: 7, Seed: 5, Model: m';
        const { notes } = await imported({ parameters: `x\nSteps: 20, ${pairs}` });
        expect(notes).toEqual(['Specs have no schedule Polyexponential.']);
    });
    it('before schedules had names', async () => {
        expect((await parameters('')).text).toContain('sampler   euler on normal');
    });
    it("of Civitai's generator", async () => {
        const { text, plan, notes } = await imported(stored('a06_civitai'));
        expect(text).toContain('model Dream_the_model_8 = ');
        expect(plan.adapters).toMatchObject([{ weight: 0.8 }]);
        expect(notes).toEqual([
            "The prompt names the LoRA detail with weight 0.6, Civitai's list with 0.8: the list's is written here.",
            'Civitai checkpoint: Dream, the: model 8, version 123 of civitai.com',
            'Civitai lora: Detail v1, version 456 of civitai.com, weight 0.8',
            'Created Date: 2024-03-01T12:34:56.7890123Z',
        ]);
    });
    it.each([
        ['a10_variation', ['Variation seed: 99', 'Variation seed strength: 0.2', 'Seed resize from: 512x512']],
        [
            'a19_controlnet',
            [
                'ControlNet 0: Module: canny, Model: control_v11p_sd15_canny [d14c016b], Weight: 0.8, Resize Mode: Crop and Resize, Guidance Start: 0, Guidance End: 0.5',
            ],
        ],
    ])('of %s', async (name, expected) => expect((await imported(stored(name))).notes).toEqual(expected));
    it('names no model that the text does not name', async () => {
        const { text, notes } = await parameters(', Model hash: ');
        expect(text).not.toMatch(/^model|^ +use/m);
        expect(notes[0]).toMatch(/^The file names no model/);
    });
    it('of settings that specs lack', async () => {
        const pairs =
            ', Model: m, RNG: CPU, ENSD: 31337, Refiner: r [abc], Refiner switch at: 0.8, Tiling: True, Eta: 0.67';
        expect((await parameters(pairs)).notes).toEqual([
            'ENSD: 31337',
            'Refiner: r [abc]',
            'Refiner switch at: 0.8',
            'Tiling: True',
            'Eta: 0.67',
        ]);
    });
    it('of settings that specs have', async () => {
        const { plan } = await parameters(', Model: m, VAE: kl.safetensors, CFG Rescale: 0.7, Clip skip: 2, RNG: NV');
        expect(plan).toMatchObject({
            model: { vae: { path: 'models/kl.safetensors' } },
            guidance: { rescale: 0.7 },
            clipSkip: 1,
            noise: { kind: 'philox' },
        });
    });
    it('of a masked picture', async () => {
        expect((await parameters(', Model: m, Denoising strength: 0.75, Mask blur: 4')).notes).toEqual([
            'It was made from another picture: start from … strength 0.75',
            'Mask blur: 4',
        ]);
    });
    it('of learned words by their bare names', async () => {
        const { text, plan } = await parameters(', TI hashes: "EasyNegative: c74b4e810b03"', 'a castle, easynegative');
        expect(text).toContain('prompt    "a castle, <EasyNegative>"');
        expect(plan.embeddings).toMatchObject([{ token: 'EasyNegative' }]);
    });
    it('with 64 bits of seed', async () => {
        const seed = 'Seed: 18446744073709551615, Model: m';
        const of = (rng: string) =>
            imported({ parameters: `x\nSteps: 20, Sampler: Euler, CFG scale: 7, ${seed}${rng}` });
        expect((await of(', RNG: CPU')).plan.seeds).toEqual([4294967295]);
        const philox = await of('');
        expect(philox.text).not.toMatch(/^ +seed/m);
        expect(philox.notes[0]).toMatch(/^seed 18446744073709551615 was written\./);
    });
    it.each([
        ['without settings', 'a castle\nNegative prompt: blurry'],
        ['on one line', 'a castle Negative prompt: blurry Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 5'],
        ['with bars', 'a castle | Negative prompt: blurry | Steps: 20 | Sampler: Euler | CFG scale: 7 | Seed: 5'],
        [
            'with lines behind it',
            'a castle\nNegative prompt: blurry\nSteps: 20, Seed: 5, Sampler: Euler\nTemplate: a {castle|b}',
        ],
        ['of Windows', 'a castle\r\nNegative prompt: blurry\r\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5'],
    ])('%s', async (name, text) => {
        const { plan, notes } = await imported({ parameters: text });
        expect([promptOf(plan), words(plan.negative)]).toEqual(['a castle', 'blurry']);
        if (name === 'without settings') expect(notes).toContain('The text has no settings.');
        else expect(plan).toMatchObject({ seeds: [5], steps: 20 });
        if (name === 'with lines behind it') expect(notes).toContain('Template: a {castle|b}');
    });
});

// ── ComfyUI ────────────────────────────────────────────────────────────

interface Node {
    readonly class_type?: string;
    readonly inputs: Readonly<Record<string, unknown>>;
}
const node = (class_type: string, inputs: Node['inputs']): Node => ({ class_type, inputs });

/** A plain graph with other nodes, or other inputs of its nodes. */
function comfy(change: Readonly<Record<string, Node>> = {}): Texts {
    const graph: Record<string, Node> = {
        model: node('CheckpointLoaderSimple', { ckpt_name: 'dream_8.safetensors' }),
        prompt: node('CLIPTextEncode', { text: 'a castle', clip: ['model', 1] }),
        negative: node('CLIPTextEncode', { text: 'blurry', clip: ['model', 1] }),
        latent: node('EmptyLatentImage', { width: 512, height: 768, batch_size: 1 }),
        sampler: node('KSampler', {
            seed: 123,
            steps: 20,
            cfg: 7,
            sampler_name: 'dpmpp_2m',
            scheduler: 'karras',
            denoise: 1,
            model: ['model', 0],
            positive: ['prompt', 0],
            negative: ['negative', 0],
            latent_image: ['latent', 0],
        }),
        decode: node('VAEDecode', { samples: ['sampler', 0], vae: ['model', 2] }),
        save: node('SaveImage', { images: ['decode', 0], filename_prefix: 'x' }),
    };
    for (const [id, { class_type, inputs }] of Object.entries(change)) {
        graph[id] = class_type ? { class_type, inputs } : { ...graph[id], inputs: { ...graph[id]!.inputs, ...inputs } };
    }
    return { prompt: JSON.stringify(graph) };
}
const inputs = (values: Node['inputs']): Node => ({ inputs: values });

describe("ComfyUI's graph", () => {
    it('of plain nodes has no comments', async () => {
        const { plan, notes } = await imported(comfy());
        expect(plan).toMatchObject({ seeds: [123], steps: 20, sampler: { name: 'dpmpp-2m', schedule: 'karras' } });
        expect(notes).toEqual([]);
    });
    it('of a ControlNet: the negative prompt is behind its input of that name', async () => {
        const { plan, notes } = await imported(stored('c07_controlnet'));
        expect([promptOf(plan), words(plan.negative)]).toEqual(['a castle', 'blurry']);
        expect(notes).toEqual([
            'ControlNetApplyAdvanced (9): strength: 0.8, start_percent: 0, end_percent: 0.5',
            'ControlNetLoader (8): control_net_name: canny.safetensors',
            'LoadImage (10): image: x.png',
        ]);
    });
    it('of a zeroed negative has no negative prompt', async () => {
        const { plan, notes } = await imported(stored('c11_zeroout'));
        expect([promptOf(plan), words(plan.negative)]).toEqual(['a castle', '']);
        expect(notes).toEqual([
            expect.stringMatching(/^The negative conditioning is zeroed by ConditioningZeroOut \(3\)/),
        ]);
    });
    it('of clip skip', async () => expect((await imported(stored('c02_clipskip'))).plan.clipSkip).toBe(1));
    it('of the Efficient Loader', async () => {
        const { plan, notes } = await imported(stored('c06_efficient'));
        expect([promptOf(plan), words(plan.negative)]).toEqual(['a castle', 'blurry']);
        expect(plan).toMatchObject({
            size: { width: 512, height: 768 },
            clipSkip: 1,
            adapters: [{ file: { path: 'loras/detail.safetensors' }, weight: 0.8 }],
        });
        expect(notes).toEqual([]);
    });
    it('of a node with several outputs is read by the names of inputs', async () => {
        const { plan } = await imported(stored('c12_seedwidget'));
        expect(plan).toMatchObject({ seeds: [55], steps: 33, sampler: { name: 'euler' } });
    });
    it('of a schedule that specs lack', async () => {
        const { text, notes } = await imported(stored('c14_simple_sched'));
        expect(text).toMatch(/sampler +euler\n/);
        expect(notes).toEqual(['Specs have no schedule ddim_uniform.']);
    });
    it('of a list of LoRAs, of which one is off', async () => {
        const { plan, text } = await imported(
            comfy({
                list: node('Power Lora Loader (rgthree)', {
                    lora_1: { on: true, lora: 'ink.safetensors', strength: 0.7 },
                    lora_2: { on: false, lora: 'off.safetensors', strength: 1 },
                    lora_3: { on: true, lora: 'two.safetensors', strength: 0.5, strengthTwo: 0.3 },
                    model: ['model', 0],
                }),
                sampler: inputs({ model: ['list', 0] }),
            }),
        );
        expect(plan.adapters.map(({ weight }) => weight)).toEqual([0.7, 0.5]);
        expect(text).toContain('apply     two weight 0.5 // 0.3 in the text encoder');
    });
    it('of v-prediction and rescaled guidance', async () => {
        const { plan, notes } = await imported(
            comfy({
                v: node('ModelSamplingDiscrete', { sampling: 'v_prediction', zsnr: true, model: ['model', 0] }),
                rescale: node('RescaleCFG', { multiplier: 0.7, model: ['v', 0] }),
                sampler: inputs({ model: ['rescale', 0] }),
            }),
        );
        expect(plan).toMatchObject({ model: { predicts: 'v', zeroSnr: true }, guidance: { rescale: 0.7 } });
        expect(notes).toEqual([]);
    });
    it('of joined and switched texts', async () => {
        const { plan } = await imported(
            comfy({
                joined: node('Text Concatenate', { text_a: 'a castle', text_b: ['more', 0], delimiter: ', ' }),
                more: node('CR Text Input Switch', { Input: 2, text1: 'x', text2: 'at dusk' }),
                prompt: inputs({ text: ['joined', 0] }),
            }),
        );
        expect(promptOf(plan)).toBe('a castle, at dusk');
    });
    it('of a sampler made of parts, with 64 bits of seed', async () => {
        const { plan, notes } = await imported(
            comfy({
                sampler: node('SamplerCustomAdvanced', {
                    noise: ['noise', 0],
                    guider: ['guider', 0],
                    sampler: ['chosen', 0],
                    sigmas: ['sigmas', 0],
                    latent_image: ['latent', 0],
                }),
                noise: node('RandomNoise', { noise_seed: '%SEED%' }),
                guider: node('CFGGuider', {
                    cfg: 5.5,
                    model: ['model', 0],
                    positive: ['prompt', 0],
                    negative: ['negative', 0],
                }),
                chosen: node('KSamplerSelect', { sampler_name: 'euler_ancestral' }),
                sigmas: node('BasicScheduler', { scheduler: 'normal', steps: 12, denoise: 1, model: ['model', 0] }),
            }),
        );
        expect(plan).toMatchObject({
            steps: 12,
            guidance: { scale: { keys: [{ value: 5.5 }] } },
            sampler: { name: 'euler-a' },
        });
        expect(notes).toEqual([]);
        const { prompt } = comfy({ sampler: inputs({ seed: '%SEED%' }) });
        const { text } = await imported({ prompt: prompt!.replace('"%SEED%"', '18446744073709551614') });
        expect(text).toContain('seed      4294967294 // the last 32 bits of 18446744073709551614');
    });
    it('of two passes is the first, and says the second', async () => {
        const { plan, notes } = await imported(
            comfy({
                larger: node('LatentUpscaleBy', { upscale_method: 'bislerp', scale_by: 1.5, samples: ['sampler', 0] }),
                second: node('KSampler', {
                    seed: 9,
                    steps: 10,
                    cfg: 6,
                    sampler_name: 'euler',
                    scheduler: 'normal',
                    denoise: 0.5,
                    model: ['model', 0],
                    positive: ['prompt', 0],
                    negative: ['negative', 0],
                    latent_image: ['larger', 0],
                }),
                decode: inputs({ samples: ['second', 0] }),
            }),
        );
        expect(plan).toMatchObject({ seeds: [123], steps: 20 });
        expect(notes).toEqual([
            'Another pass, KSampler (second): seed: 9, steps: 10, cfg: 6, sampler_name: euler, scheduler: normal, denoise: 0.5',
            'LatentUpscaleBy (larger): upscale_method: bislerp, scale_by: 1.5',
        ]);
    });
    it('of a picture that it starts from', async () => {
        const { notes } = await imported(
            comfy({
                latent: node('VAEEncode', { pixels: ['photo', 0], vae: ['model', 2] }),
                photo: node('LoadImage', { image: 'photo.png' }),
                sampler: inputs({ denoise: 0.6 }),
            }),
        );
        expect(notes).toEqual([
            'It was made from another picture: start from … strength 0.6',
            'The picture it starts from, which gives the size: photo.png',
        ]);
    });
    it.each<readonly [string, Readonly<Record<string, Node>>, string]>([
        [
            'a computed number',
            {
                math: node('MathExpression|pysssh', { expression: 'a*2', a: 10 }),
                sampler: inputs({ steps: ['math', 0] }),
            },
            "The steps can't be read: it comes of output 0 of MathExpression|pysssh (math).",
        ],
        [
            'a text with wildcards',
            { wild: node('Wildcards', { text: '__x__', seed: 4 }), prompt: inputs({ text: ['wild', 0] }) },
            "The prompt can't be read: it comes of output 0 of Wildcards (wild).",
        ],
        [
            'a patch of the model',
            { patch: node('FreeU_V2', { b1: 1.3, model: ['model', 0] }), sampler: inputs({ model: ['patch', 0] }) },
            'FreeU_V2 (patch): b1: 1.3',
        ],
        [
            'an unknown node',
            { turned: node('ImageInvert', { image: ['decode', 0] }), save: inputs({ images: ['turned', 0] }) },
            'ImageInvert (turned)',
        ],
    ])('of %s', async (_, change, note) => expect((await imported(comfy(change))).notes).toContain(note));
    it('without a sampler says so', async () => {
        const { notes } = await imported({ prompt: JSON.stringify({ '1': node('SaveImage', { images: ['2', 0] }) }) });
        expect(notes).toContain('No sampler was found in the graph.');
    });
});

describe('other tools', () => {
    it('NovelAI', async () => {
        const Comment = JSON.stringify({
            prompt: 'a {{castle}}, [dim]',
            uc: 'lowres',
            steps: 28,
            width: 768,
            height: 512,
            scale: 11,
            cfg_rescale: 0.2,
            seed: 123,
            sampler: 'k_euler_ancestral',
            noise_schedule: 'native',
            sm: true,
        });
        const { text, plan, notes } = await imported({
            Software: 'NovelAI',
            Source: 'Stable Diffusion 1D44365E',
            Comment,
        });
        expect(text).toContain('prompt    "a castle" { "castle" 1.1025 }, "dim" weight 0.9524');
        expect(plan).toMatchObject({
            steps: 28,
            sampler: { name: 'euler-a' },
            guidance: { rescale: 0.2 },
            seeds: [123],
        });
        expect(notes).toEqual(['sm: true']);
    });
    it('Fooocus', async () => {
        const parameters = JSON.stringify({
            prompt: 'a castle',
            negative_prompt: 'x',
            seed: '5',
            steps: 30,
            guidance_scale: 4,
            resolution: '(512, 768)',
            sampler: 'dpmpp_2m_sde_gpu',
            scheduler: 'karras',
            base_model: 'dream',
            clip_skip: 2,
            loras: [['ink', 0.5, 'ab']],
            sharpness: 2,
            version: 'Fooocus v2.5.0',
        });
        const { plan, notes } = await imported({ parameters, fooocus_scheme: 'fooocus' });
        expect(plan).toMatchObject({
            size: { width: 512, height: 768 },
            sampler: { name: 'dpmpp-2m-sde', schedule: 'karras' },
            clipSkip: 1,
            adapters: [{ weight: 0.5 }],
        });
        expect(notes).toEqual(['sharpness: 2']);
    });
    it('SwarmUI', async () => {
        const sui_image_params = {
            prompt: 'a castle',
            negativeprompt: 'x',
            model: 'dream',
            seed: 5,
            steps: 20,
            cfgscale: 7,
            width: 512,
            height: 512,
            refinersteps: 3,
        };
        const { plan, notes } = await imported({ parameters: JSON.stringify({ sui_image_params }) });
        expect(plan).toMatchObject({ steps: 20, seeds: [5] });
        expect(notes).toEqual(['refinersteps: 3']);
    });
    it('settings under the names that diffusers gives them, brackets as they are', async () => {
        const texts = {
            prompt: 'a (red) castle',
            negative_prompt: 'x',
            seed: '5',
            num_inference_steps: '25',
            guidance_scale: '7.5',
            width: '512',
            height: '768',
            scheduler: 'EulerAncestralDiscreteScheduler',
            use_face_correction: 'GFPGAN',
        };
        const { text, plan, notes } = await imported(texts);
        expect(text).toContain('"a (red) castle"');
        expect(plan).toMatchObject({ steps: 25, sampler: { name: 'euler-a' } });
        expect(notes).toContain('use_face_correction: GFPGAN');
    });
    it('InvokeAI', async () => {
        const invokeai_metadata = JSON.stringify({
            generation_mode: 'txt2img',
            positive_prompt: 'a castle',
            seed: 5,
            steps: 20,
            cfg_scale: 7,
            cfg_rescale_multiplier: 0.3,
            scheduler: 'euler',
            model: { name: 'dream' },
            vae: { name: 'kl' },
            seamless_x: true,
            controlnets: [{ control_weight: 0.8 }],
        });
        const { plan, notes } = await imported({ invokeai_metadata });
        expect(plan).toMatchObject({ guidance: { rescale: 0.3 }, model: { vae: {} }, sampler: { schedule: 'normal' } });
        expect(notes).toEqual(['seamless_x: true', 'controlnets: [{"control_weight":0.8}]']);
    });
});
