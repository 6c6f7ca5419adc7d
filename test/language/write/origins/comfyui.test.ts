/** Graphs of ComfyUI: every fact is in the spec, or in a comment of it. */
import { describe, expect, it } from 'vitest';
import { imported, promptOf, stored, type Texts, words } from './imported.ts';

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
