/** Learnt files in diffusers: the same prediction with the LoRA, the same text states with the word. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLearnedEmbedding } from '../../../src/runtime/adapters/learned-embedding.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { encodePrompts } from '../../../src/runtime/text/prompt.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { noise, SD15 } from '../engine/nano.ts';
import { relativeError } from '../graph/gradient/relative-error.ts';
import { temporaryFolder, writeTensors } from '../weights/write-safetensors.ts';
import { LORA, learnOnNano, planFor, WORD } from './nano-learning.ts';

/** The first Python that has what the script needs. */
const PYTHON = [process.env.PYTHON ?? '', 'python3', 'python'].find(
    (name) => name !== '' && spawnSync(name, ['-c', 'import diffusers, peft, torch, transformers']).status === 0,
);

test('diffusers opens a learnt LoRA and a learnt word, and computes the same with them', async (context) => {
    if (!PYTHON) return context.skip('neither $PYTHON nor python3 nor python has diffusers with peft');
    const lora = (await learnOnNano(planFor(LORA, { rate: 0.05 }), temporaryFolder())).outcome.file;
    const word = (await learnOnNano(planFor(WORD, { rate: 0.05, steps: 5 }), temporaryFolder())).outcome.file;
    const rows = { sample: noise(1, 1, 4, 8, 8), context: noise(2, 1, 77, 32) };
    const file = writeTensors(join(temporaryFolder(), 'rows.safetensors'), new Map(Object.entries(rows)));
    const script = join(import.meta.dirname, 'open-in-diffusers.py');
    execFileSync(PYTHON, [script, SD15, lora, word, file], { stdio: ['ignore', 'ignore', 'inherit'] });
    const theirs = readSafetensors(file).tensors;

    const model = await openModel(SD15, { device: 'cpu', threads: 1, adapters: [{ path: lora, weight: 1 }] });
    const { prediction } = await (await model.unet()).run({ ...rows, timestep: 500 });
    expect(relativeError(prediction, readTensor(theirs.get('prediction')!))).toBeLessThan(1e-5);
    expect(relativeError(prediction, readTensor(theirs.get('plain')!))).toBeGreaterThan(1e-3);
    const learned = new Map([['pip', readLearnedEmbedding(word, 32)]]);
    const [encoded] = await encodePrompts(model, [{ phrases: [{ text: 'a <pip>', weight: 1 }] }], { learned });
    expect(relativeError(encoded!.context, readTensor(theirs.get('states')!))).toBeLessThan(1e-5);
    await model.close();
});
