/** Texts of the web UI and of what writes as it does: every fact is in the spec, or in a comment of it. */
import { describe, expect, it } from 'vitest';
import type { PicturePlan } from '../../../../src/plan/plan.ts';
import { imported, promptOf, stored, words } from './imported.ts';

const a1111 = (prompt: string, pairs = '') =>
    imported({
        parameters: `${prompt}\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x512, Model: m${pairs}`,
    });
const phrases = ({ conditioning }: PicturePlan) => (conditioning.kind === 'prompt' ? conditioning.prompt.phrases : []);

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
    it('at once have that guidance also beside a negative prompt that changes', async () => {
        const { plan } = await a1111('a cat AND a dog :1.5\nNegative prompt: [fog:mist:0.5]');
        expect(plan.guidance.scale.keys).toEqual([{ at: 0, value: 17.5 }]);
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
