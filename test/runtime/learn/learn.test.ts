/** Learning as a whole: what is learnt, what is written, what bad input leads to. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { LearnPlan } from '../../../src/plan/plan.ts';
import { readLearnedEmbedding } from '../../../src/runtime/adapters/learned-embedding.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import type { LearnEvent } from '../../../src/runtime/learn/context.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { noise, SD15 } from '../engine/nano.ts';
import { temporaryFolder } from '../weights/write-safetensors.ts';
import { type Learning, LORA, learnOnNano, picture, planFor, WEIGHTS, WORD } from './nano-learning.ts';

const progress = (events: readonly LearnEvent[]) => events.filter((event) => event.kind === 'progress');

/** Learns in one go, and again with an interruption at step 5; both must end with the same file. */
async function learnTwice(plan: LearnPlan): Promise<Learning> {
    const whole = await learnOnNano(plan, temporaryFolder());
    const folder = temporaryFolder();
    const stop = new AbortController();
    const stopped = learnOnNano(plan, folder, {
        signal: stop.signal,
        emit: (event) => event.kind === 'progress' && event.step === 5 && stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(existsSync(join(folder, 'pip.safetensors'))).toBe(false);
    const { outcome, events } = await learnOnNano(plan, folder);
    expect(progress(events).map(({ step }) => step)).toEqual(
        Array.from({ length: plan.steps - 5 }, (_, index) => 6 + index),
    );
    expect(events).toContainEqual({ kind: 'notice', text: `Continuing after step 5 of ${plan.steps}.` });
    expect(outcome).toMatchObject({ sha256: whole.outcome.sha256, loss: whole.outcome.loss, resumed: 1 });
    return whole;
}

test('a word: continued bit by bit, and a file that the runtime and diffusers read', async () => {
    const { outcome, events } = await learnTwice(planFor(WORD));
    expect(outcome).toMatchObject({ kind: 'done', step: 12, parameters: 64, resumed: 0 });
    expect(readFileSync(join(outcome.file, '../curve.csv'), 'utf8')).toMatch(
        /^step,loss,quarter1,quarter2,quarter3,quarter4,gradient\n10,0\.\d{5},.+\n12,0\.\d{5},.+\n$/,
    );
    expect(events.find((event) => event.kind === 'cost')).toMatchObject({ parameters: 64, memory: 'keep' });
    const file = readSafetensors(outcome.file);
    expect([...file.tensors.keys()]).toEqual(['<pip>']);
    expect(file.metadata).toMatchObject({
        'sdspec.steps': '12 of 12',
        'sdspec.model': '{"unet":"00"}',
        'sdspec.like': 'a',
    });
    const learnt = readLearnedEmbedding(outcome.file, 32);
    expect(learnt.dims).toEqual([2, 32]);
    expect(learnt.data.subarray(0, 32)).not.toEqual(learnt.data.subarray(32));
});

test('a LoRA: continued bit by bit, in notation that other tools read, and it changes what the model predicts', async () => {
    const { outcome } = await learnTwice(planFor(LORA, { rate: 0.05 }));
    const { tensors, metadata } = readSafetensors(outcome.file);
    expect(metadata).toMatchObject({
        ss_network_dim: '2',
        ss_network_alpha: '1',
        ss_steps: '12',
        ss_learning_rate: '0.05',
    });
    const shapes = (module: string) =>
        ['lora_down.weight', 'lora_up.weight', 'alpha'].map((end) => tensors.get(`${module}.${end}`)?.shape);
    const block = 'lora_unet_up_blocks_3_attentions_2_transformer_blocks_0';
    expect(shapes(`${block}_attn2_to_k`)).toEqual([[2, 32], [16, 2], []]);
    expect(shapes('lora_unet_up_blocks_3_resnets_2_conv1')).toEqual([[2, 32, 3, 3], [16, 2, 1, 1], []]);
    expect(
        [...tensors.keys()].filter((name) => !/^lora_unet_up_blocks_3_(resnets|attentions)_[12]_/.test(name)),
    ).toEqual([]);

    const rows = { sample: noise(1, 1, 4, 8, 8), timestep: 500, context: noise(2, 1, 77, 32) };
    const predictions = [];
    for (const adapters of [[], [{ path: outcome.file, weight: 1 }]]) {
        const model = await openModel(SD15, { device: 'cpu', threads: 1, adapters });
        predictions.push((await (await model.unet()).run(rows)).prediction.data);
        await model.close();
    }
    const [plain, changed] = predictions as [Float32Array, Float32Array];
    expect(Math.max(...plain.map((value, at) => Math.abs(value - changed[at]!)))).toBeGreaterThan(0.01);
});

test('weights of chosen blocks, and only theirs: continued bit by bit; the loss falls; the file holds differences', async () => {
    const { outcome, events } = await learnTwice(planFor(WEIGHTS, { steps: 40, rate: 0.01 }));
    expect(outcome.loss).toBeLessThan(0.9 * progress(events)[4]!.loss);
    const { tensors } = readSafetensors(outcome.file);
    for (const name of tensors.keys()) {
        expect(name).toMatch(/^lora_unet_up_blocks_3_(resnets|attentions)_2_.+\.diff(_b)?$/);
    }
    const difference = readTensor(tensors.get('lora_unet_up_blocks_3_resnets_2_conv1.diff')!);
    expect(difference.dims).toEqual([16, 32, 3, 3]);
    expect(Math.max(...difference.data)).toBeGreaterThan(1e-3);
    expect(Math.max(...difference.data)).toBeLessThan(0.5);
});

test('pictures beside keep the kind: their loss counts with its weight', async () => {
    const pictures = [{ picture: { kind: 'file', path: '3' }, captions: ['a thing'] }] as const;
    const first: number[] = [];
    for (const weight of [0, 0.5, 1]) {
        const beside = { pictures: [{ kind: 'pictures', pictures }], weight } as const;
        const { events } = await learnOnNano(planFor(WEIGHTS, { steps: 1, beside }), temporaryFolder());
        first.push(progress(events)[0]!.loss);
    }
    const [none, half, whole] = first as [number, number, number];
    expect(half - none).toBeCloseTo((whole - none) / 2, 5);
    expect(whole - none).toBeGreaterThan(0.1);
});

const none = [{ kind: 'pictures', pictures: [] }] as const;
test.each([
    ['learn/word', planFor({ ...WORD, like: 'a castle' } as LearnPlan['target']), /"a castle" is \d+ tokens/],
    ['learn/word', planFor({ ...WORD, word: 'pop' } as LearnPlan['target']), /say <pop>; put it where "a" would be/],
    ['learn/pictures', planFor(WORD, { from: none }), /no pictures/],
    ['learn/size', planFor(WORD, { size: { width: 4096, height: 4096 } }), /262,144 places.+ at most about \d+x\d+\./],
    ['learn/layers', planFor({ kind: 'weights', layers: 'attention', blocks: ['IN11'] }), /No layer is learnt/],
] as const)('%s is said with what to write instead', async (code, plan, message) => {
    const run = learnOnNano(plan, temporaryFolder());
    await expect(run).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('what does not fit into the memory of the machine is an error before any picture is read', async () => {
    const limit = vi.spyOn(process, 'constrainedMemory').mockReturnValue(100 * 2 ** 20);
    onTestFinished(() => limit.mockRestore());
    const readPictures = () => Promise.reject(new Error('A picture was read.'));
    const message = expect.stringMatching(/about \d+ MB of memory, and the machine has \d+ MB: write `memory small`\./);
    await expect(learnOnNano(planFor(WEIGHTS), temporaryFolder(), { readPictures })).rejects.toMatchObject({
        code: 'learn/memory',
        message,
    });
});

test('small pictures and long captions are reported', async () => {
    const long = `a <pip> ${'on a beach at night '.repeat(30)}`;
    const pictures = [{ picture: { kind: 'file', path: '1' }, captions: [long] }] as const;
    const plan = planFor(WEIGHTS, { steps: 1, from: [{ kind: 'pictures', pictures }] });
    const { events } = await learnOnNano(plan, temporaryFolder(), { readPictures: async () => [picture(1, 40, 64)] });
    const notices = events.flatMap((event) => (event.kind === 'notice' ? [event.text] : []));
    expect(notices).toContainEqual('1 of 1 pictures are smaller than 64x64 and are enlarged.');
    expect(notices.find((text) => text.includes('is not read'))).toMatch(/75 tokens; this is not read: ".*night"/);
});

test('a broken state file is an error that names the file, not a fresh start', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'learn.state'), 'no safetensors');
    const run = learnOnNano(planFor(WEIGHTS), folder);
    await expect(run).rejects.toMatchObject({ message: expect.stringMatching(/learn\.state/) });
});
