/** Texts of more tools, and what a prompt says in their notations: used with its value, or in a comment. */
import { describe, expect, it } from 'vitest';
import type { PicturePlan } from '../../../../src/plan/plan.ts';
import { imported } from './imported.ts';

const phrases = ({ conditioning }: PicturePlan) => (conditioning.kind === 'prompt' ? conditioning.prompt.phrases : []);
const json = (value: object) => JSON.stringify(value);

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

describe('NovelAI', () => {
    const of = (more: object) =>
        imported({ Software: 'NovelAI', Comment: json({ seed: 7, uc: 'bad', sampler: 'k_euler', ...more }) });
    it('with weights before the words', async () => {
        const { plan } = await of({ prompt: '{{cat}}, 1.5::red hat::, [dog], time 12:30' });
        expect(phrases(plan)).toEqual([
            { text: 'cat', weight: 1.1025 },
            { text: 'red hat', weight: 1.5 },
            { text: 'dog', weight: 0.9524 },
            { text: 'time 12:30', weight: 1 },
        ]);
    });
    it('with a weight below zero', async () =>
        expect((await of({ prompt: 'cat, -2::hat::' })).notes).toContain(
            '"hat" has weight -2. A phrase\'s weight lies between 0 and 10; 1 is neutral.',
        ));
    it('with characters of their own', async () => {
        const girl = { char_caption: 'girl, red', centers: [{ x: 0.5, y: 0.5 }] };
        const { plan, notes } = await of({
            prompt: 'old',
            v4_prompt: { caption: { base_caption: 'base', char_captions: [girl] }, use_coords: true },
        });
        expect(phrases(plan)).toEqual([{ text: 'base', weight: 1 }]);
        expect(notes).toContain(`Character 1: ${json(girl)}`);
    });
});

describe('records', () => {
    const parameters = (value: object, more = {}) => imported({ parameters: json(value), ...more });
    it('of Fooocus, with lists of full prompts', async () => {
        const { plan, notes } = await parameters(
            {
                full_negative_prompt: ['ugly', 'bad'],
                full_prompt: ['cat', 'cat, cinematic'],
                loras: [['offset.safetensors', 0.1, 'hash']],
                negative_prompt: 'ugly',
                prompt: 'cat',
                resolution: '(896, 1152)',
                seed: '123',
                version: 'Fooocus v2.5.5',
            },
            { fooocus_scheme: 'fooocus' },
        );
        expect(phrases(plan)).toEqual([{ text: 'cat', weight: 1 }]);
        expect(plan).toMatchObject({
            negative: { phrases: [{ text: 'ugly' }] },
            adapters: [{ weight: 0.1 }],
            size: { width: 896, height: 1152 },
        });
        expect(notes).toContain('full_prompt: ["cat","cat, cinematic"]');
    });
    it("of Fooocus in the web UI's form", async () => {
        const { plan, text } = await imported({
            parameters:
                'cat\nSteps: 30, Sampler: DPM++ 2M SDE, Seed: 5, Size: 896x1152, CFG scale: 4, Scheduler: karras, VAE: Default (model), Lora hashes: "offset: aa", Lora weights: "offset: 0.1, ink: -0.5", Version: Fooocus v2.5.5',
        });
        expect(text).toContain('made by Fooocus');
        expect(plan).toMatchObject({ noise: { kind: 'torch-cpu' }, adapters: [{ weight: 0.1 }, { weight: -0.5 }] });
    });
    it('of SwarmUI, with weights of LoRAs in a list and parts of the prompt for other passes', async () => {
        const { plan, notes } = await parameters({
            sui_image_params: {
                prompt: 'a cat, <embed:glow> <lora:x:0.5><segment:face> nice',
                negativeprompt: 'bad',
                seed: 5,
                loras: ['dir/ink', 'b'],
                loraweights: ['0.5', '1.2'],
            },
        });
        expect(plan.adapters.map(({ weight }) => weight)).toEqual([0.5, 1.2, 0.5]);
        expect(phrases(plan)).toEqual([{ text: 'a cat, <glow>', weight: 1 }]);
        expect(plan.embeddings).toMatchObject([{ token: 'glow' }]);
        expect(notes).toContain('A part of the prompt is for another pass or place: <segment:face> nice');
    });
    it('of Easy Diffusion, with a LoRA', async () => {
        const { plan } = await imported({ prompt: 'cat', seed: '5', use_lora_model: 'ink', lora_alpha: '0.5' });
        expect(plan.adapters).toMatchObject([{ file: { path: 'loras/ink.safetensors' }, weight: 0.5 }]);
    });
    it('of Draw Things', async () => {
        const { plan, notes } = await imported({
            comment: json({ c: 'cat', uc: 'bad', seed: 5, lora: [{ model: 'ink.ckpt', weight: 0.6 }, { weight: 2 }] }),
        });
        expect(phrases(plan)).toEqual([{ text: 'cat', weight: 1 }]);
        expect(plan.adapters).toMatchObject([{ weight: 0.6 }]);
        expect(notes).toContain('lora: {"weight":2}');
    });
    it('of Tensor.Art', async () => {
        const { plan, notes } = await imported({
            generation_data: `${json({
                models: [
                    { type: 'LORA', modelFileName: 'ink', weight: 0.7 },
                    { type: 'CONTROLNET', modelFileName: 'pose', weight: 1 },
                ],
                prompt: 'cat',
                negativePrompt: 'bad',
                samplerName: 'Euler a',
                seed: '3',
                clipSkip: 2,
                baseModel: { modelFileName: 'own' },
                sdVae: 'Automatic',
            })}\0`,
        });
        expect(plan).toMatchObject({
            model: { path: 'models/own.safetensors' },
            adapters: [{ weight: 0.7 }],
            seeds: [3],
            clipSkip: 1,
            sampler: { name: 'euler-a' },
        });
        expect(notes).toContain('models: [{"type":"CONTROLNET","modelFileName":"pose","weight":1}]');
    });
    it("of InvokeAI's first versions", async () => {
        const { plan, notes } = await imported({
            Dream: '"a \\"red\\" cat [bad]" -s 50 -S 42 -W 512 -H 768 -C 7.5 -A k_lms --seamless -G 0.8',
        });
        expect(phrases(plan)).toEqual([{ text: 'a "red" cat', weight: 1 }]);
        expect(plan).toMatchObject({
            negative: { phrases: [{ text: 'bad' }] },
            steps: 50,
            seeds: [42],
            size: { width: 512, height: 768 },
            sampler: { name: 'lms' },
        });
        expect(notes).toContain('options: ["--seamless","-G 0.8"]');
    });
    it('in XMP', async () => {
        const { text } = await imported({ 'XML:com.adobe.xmp': xmp(json({ c: 'a <cat> & dog', seed: 5 })) });
        expect(text).toContain('a \\<cat> & dog');
    });
});

function xmp(comment: string): string {
    const escaped = comment.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&#34;');
    return `<x:xmpmeta><rdf:RDF><rdf:Description><exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">${escaped}</rdf:li></rdf:Alt></exif:UserComment></rdf:Description></rdf:RDF></x:xmpmeta>`;
}
