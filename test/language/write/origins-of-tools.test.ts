/** Texts of more tools, and what a prompt says in their notations: used with its value, or in a comment. */
import { describe, expect, it } from 'vitest';
import { Language, lowerRun, problemsOf } from '../../../src/language/index.ts';
import { originText } from '../../../src/language/write/origin-text.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { originFrom } from '../../../src/runtime/pictures/metadata/read.ts';

const language = new Language();

async function imported(texts: Readonly<Record<string, string>>) {
    const origin = originFrom(texts);
    if (!origin) throw new Error('The texts say nothing.');
    const text = originText('house.png', origin);
    const document = await language.parseText(text);
    const errors = problemsOf(document).filter(({ severity }) => severity === 'error');
    expect(errors, text).toEqual([]);
    const notes = [...text.matchAll(/^ {4}\/\/ (.*)$/gm)].map(([, note]) => note!);
    return { text, plan: lowerRun(document, 'house').value!.work as PicturePlan, notes };
}

const a1111 = (prompt: string, pairs = '') =>
    imported({
        parameters: `${prompt}\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x512, Model: m${pairs}`,
    });
const phrases = ({ conditioning }: PicturePlan) => (conditioning.kind === 'prompt' ? conditioning.prompt.phrases : []);
const json = (value: object) => JSON.stringify(value);

describe('prompts of the web UI', () => {
    it('at once are an ensemble with the guidance of all of them', async () => {
        const { plan, text, notes } = await a1111('a cat AND a (dog:1.2) :1.5 <lora:ink:0.5>');
        expect(plan.conditioning).toMatchObject({
            kind: 'ensemble',
            over: 'predictions',
            members: [
                { prompt: { phrases: [{ text: 'a cat' }] }, weight: { keys: [{ value: 1 }] } },
                { weight: { keys: [{ value: 1.5 }] } },
            ],
        });
        expect(plan.guidance.scale.keys).toEqual([{ at: 0, value: 17.5 }]);
        expect(text).toContain('guidance  17.5 // 7 times 2.5, the sum of the weights of AND');
        expect(plan.adapters).toMatchObject([{ weight: 0.5 }]);
        expect(notes).toEqual([]);
    });
    it('that change are phrases with windows', async () => {
        const { plan, notes } = await a1111('a [cat:dog:5] on a mat');
        const time = (from: number, to: number) => [{ during: { from, to }, weight: { keys: [{ value: 1 }] } }];
        expect(plan.conditioning).toMatchObject({
            kind: 'prompt',
            prompt: {
                phrases: [
                    { text: 'a cat on a mat', times: time(0, 0.25) },
                    { text: 'a dog on a mat', times: time(0.25, 1) },
                ],
            },
        });
        expect(notes).toEqual([]);
    });
    it.each([
        ['a [cat|dog]', '[cat|dog] changes words on the way: here are those of the first step.'],
        ['a cat BREAK a hat', 'BREAK begins another 75 tokens: specs have no word for it.'],
        [
            'cat <lora:ink:0.8:lbw=MIDD>',
            "The LoRA ink is used with lbw=MIDD, which is not taken over: write `apply` with the layers' weights.",
        ],
        ['cat <hypernet:x:1>', '<hypernet:x:1> asks for a network that specs do not have.'],
    ])('%s', async (prompt, note) => expect((await a1111(prompt)).notes).toEqual([note]));
    it('a LoRA with weights of blocks, in both lengths', async () => {
        const short = await a1111('cat <lora:ink:0.8:lbw=1,0,0,0,0,0,0.5,1,0,0,0,0,0,0,0,0,0.25>');
        const long = await a1111(`cat <lora:ink:0.8:lbw=0.5,${'0,'.repeat(8)}0.5,0,0,0,1,${'0,'.repeat(11)}0.25>`);
        const blocks = [
            { block: 'IN08', weight: 0.5 },
            { block: 'M00', weight: 1 },
            { block: 'OUT11', weight: 0.25 },
        ];
        // A list of the file says the weight once more.
        const listed = await a1111(
            'cat <lora:ink:0.8:lbw=1,0,0,0,0,0,0.5,1,0,0,0,0,0,0,0,0,0.25>',
            ', Lora weights: "ink: 0.8"',
        );
        for (const { plan, notes } of [short, long, listed]) {
            expect(plan.adapters).toMatchObject([{ weight: 0.8, blocks }]);
            expect(notes).toEqual([]);
        }
        expect(long.text).toContain('ink weight 0.8 { IN08 0.5 M00 1 OUT11 0.25 } // 0.4 in the text encoder');
    });
    it.each([
        ['Ignore', '(a red:1.3) [cat] \\(x\\)', [{ text: 'a red cat (x)', weight: 1 }]],
        ['None', '(a red:1.3) [cat]', [{ text: '(a red:1.3) [cat]', weight: 1 }]],
        ['No norm', '(cat:1.3)', [{ text: 'cat', weight: 1.3 }]],
    ])('with the emphasis %s', async (emphasis, prompt, expected) => {
        const { plan, notes } = await a1111(prompt, `, Emphasis: ${emphasis}`);
        expect(phrases(plan)).toEqual(expected);
        expect(notes).toEqual([`Emphasis: ${emphasis}`]);
    });
    it.each(['None', 'none', 'Automatic', 'Default (model)'])("with the model's own VAE, called %s", async (vae) =>
        expect((await a1111('cat', `, VAE: ${vae}`)).text).toContain('model m = "./models/m.safetensors" //'),
    );
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
