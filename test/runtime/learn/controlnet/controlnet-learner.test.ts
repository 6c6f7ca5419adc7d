/** A ControlNet learnt on the nano model: what it begins as, its gradients, its file, and diffusers with it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportControlNet } from '../../../../src/runtime/adapters/export.ts';
import { openControlNet } from '../../../../src/runtime/engine/controlnet.ts';
import { openModel } from '../../../../src/runtime/engine/model.ts';
import { sinusoidalTimeEmbedding } from '../../../../src/runtime/graph/time-embedding.ts';
import type { Values } from '../../../../src/runtime/learn/adamw.ts';
import { controlNetLearner } from '../../../../src/runtime/learn/controlnet/controlnet-learner.ts';
import { layoutWeights } from '../../../../src/runtime/samplers/schedules/loss-weights.ts';
import { type Tensor, tensor } from '../../../../src/runtime/tensor.ts';
import { readTensor } from '../../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../../src/runtime/weights/safetensors.ts';
import { noise, SD15 } from '../../engine/nano.ts';
import { relativeError } from '../../graph/gradient/relative-error.ts';
import { temporaryFolder, writeTensors } from '../../weights/write-safetensors.ts';
import { CONTROLNET, learnOnNano, planFor } from '../nano-learning.ts';

const ROWS = { sample: noise(1, 1, 4, 8, 8), context: noise(2, 1, 77, 32) };
/** Lines of 1 on 0. */
const HINT = tensor(
    Float32Array.from({ length: 3 * 64 * 64 }, (_, at) => (at % 13 === 0 ? 1 : 0)),
    [1, 3, 64, 64],
);

/** Residuals of a ControlNet file or folder. */
async function residuals(path: string): Promise<readonly Tensor[]> {
    const net = await openControlNet(path, { device: 'cpu', threads: 1 });
    const { down, mid } = await net.run({ ...ROWS, timestep: 500, hint: HINT, scale: 1 });
    await net.close();
    return [...down, mid];
}

test('its file is a ControlNet, here and in diffusers', async (context) => {
    const folder = temporaryFolder();
    const whole = await learnOnNano(planFor(CONTROLNET, { steps: 4, rate: 0.01, warmup: 0 }), folder);
    const exported = join(folder, 'exported');
    exportControlNet(whole.outcome.file, exported);
    expect(() => exportControlNet(whole.outcome.file, exported)).toThrow('is there already');
    const own = await residuals(whole.outcome.file);
    expect(own).toHaveLength(13);
    for (const residual of own) expect(Math.max(...residual.data.map(Math.abs))).toBeGreaterThan(1e-4);
    expect(await residuals(exported)).toEqual(own);

    const python = [process.env.PYTHON ?? '', 'python3', 'python'].find(
        (name) => name !== '' && spawnSync(name, ['-c', 'import diffusers, torch']).status === 0,
    );
    if (!python) return context.skip('neither $PYTHON nor python3 nor python has diffusers');
    const file = writeTensors(join(folder, 'rows.safetensors'), new Map(Object.entries({ ...ROWS, hint: HINT })));
    const script = join(import.meta.dirname, 'controlnet-in-diffusers.py');
    execFileSync(python, [script, exported, file], { stdio: ['ignore', 'ignore', 'inherit'] });
    const theirs = readSafetensors(file).tensors;
    for (const [index, residual] of own.entries()) {
        expect(relativeError(residual, readTensor(theirs.get(String(index))!))).toBeLessThan(1e-5);
    }
});

test('it begins as no change, and its gradients are the slopes of the loss, in every part of it', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    const learner = controlNetLearner({
        plan: planFor(CONTROLNET),
        model,
        shape: { rows: 1, height: 8, width: 8, tokens: 77 },
        share: tensor(Float32Array.of(1), [1]),
        captions: ['a'],
        threads: 1,
    });
    const draw = {
        captions: ['a'],
        times: [300],
        sample: ROWS.sample,
        target: noise(3, 1, 4, 8, 8),
        waves: sinusoidalTimeEmbedding([300], model.checkpoint.unet.config),
        hints: HINT,
    };
    const { prediction } = await (await model.unet()).run({
        ...ROWS,
        timestep: 300,
        context: await model.encodeText([model.tokenizer.encodePadded('a')]),
    });
    const plain = prediction.data.reduce((sum, value, at) => sum + (value - draw.target.data[at]!) ** 2, 0);
    expect((await learner.step(draw, learner.start)).losses.data[0]).toBeCloseTo(plain / prediction.data.length, 5);
    // Away from the start, where convolutions of 0 let nothing through.
    let seed = 10;
    const values: Values = new Map(
        [...learner.start].map(([name, { data, dims }]) => {
            const unit = noise(seed++, data.length).data;
            return [
                name,
                tensor(
                    data.map((value, at) => value + 0.05 * unit[at]!),
                    dims,
                ),
            ];
        }),
    );
    const { gradients } = await learner.step(draw, values);
    const weight = layoutWeights(model.checkpoint)(300);
    const parts = [
        /cond_embedding\.conv_in\.weight/,
        /cond_embedding\.blocks/,
        /controlnet_down_blocks\.3/,
        /controlnet_mid_block/,
        /control\.conv_in/,
        /time_embedding\.linear_1/,
        /resnets\.0\.(norm1|conv1)/,
        /resnets\.0\.norm2/,
    ];
    for (const part of parts) {
        const names = [...gradients.keys()].filter((name) => part.test(name));
        const norm = Math.sqrt(names.reduce((sum, name) => sum + square(gradients.get(name)!), 0));
        expect(norm, String(part)).toBeGreaterThan(1e-5);
        const loss = async (by: number) => {
            const moved = new Map(values);
            for (const name of names) {
                const { data, dims } = values.get(name)!;
                const slope = gradients.get(name)!.data;
                moved.set(
                    name,
                    tensor(
                        data.map((value, at) => value + (by / norm) * slope[at]!),
                        dims,
                    ),
                );
            }
            return weight * (await learner.step(draw, moved)).losses.data[0]!;
        };
        // Loss along the gradient's direction, whose slope is the gradient's norm.
        const step = Math.min(0.05, 0.002 / norm);
        const slope = ((await loss(step)) - (await loss(-step))) / (2 * step);
        expect(Math.abs(slope / norm - 1), `${part}: ${slope} and ${norm}`).toBeLessThan(0.02);
    }
    await learner.release();
    await model.close();
});

function square({ data }: Tensor): number {
    return data.reduce((sum, value) => sum + value * value, 0);
}
