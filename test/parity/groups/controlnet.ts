/** ControlNet: 12 + 1 residuals, and the U-Net's prediction with them, for every form of both. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlNet, openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { type GoldenTensor, type ParityGroup, worstError } from '../golden.ts';
import { judge, openedModels } from './models.ts';

export const run: ParityGroup = async function* (root, golden) {
    const models = openedModels(root);
    const nets = await openNets(root, golden.cases[0]?.inputs.controlnet ?? 'nano-controlnet');
    const input = ({ data, dims }: GoldenTensor) => tensor(Float32Array.from(data), dims);
    for (const { id, inputs, outputs, atol } of golden.cases) {
        const [sample, context, hint] = [inputs.sample, inputs.context, inputs.hint].map((name) =>
            input(golden.tensor(name)),
        );
        for (const [form, net] of nets) {
            const control = await net.run({
                sample: sample!,
                timestep: inputs.timestep,
                context: context!,
                hint: hint!,
                scale: inputs.conditioning_scale,
                guess: inputs.guess_mode,
            });
            const errors: Record<string, number> = {};
            const compare = (name: string, ours: Float32Array) => {
                errors[name] = worstError(ours, golden.tensor(outputs[name]).data);
            };
            compare('mid', control.mid.data);
            for (const [index, residual] of control.down.entries()) compare(`down.${index}`, residual.data);
            for (const { model } of await models.forms(inputs.model)) {
                const unet = await model.unet({ controlResiduals: true });
                const { prediction } = await unet.run({
                    sample: sample!,
                    timestep: inputs.timestep,
                    context: context!,
                    control,
                });
                const error = worstError(prediction.data, golden.tensor(outputs.eps).data);
                errors.eps = Math.max(errors.eps ?? 0, error);
            }
            yield judge(`${id} (${form})`, errors, atol);
        }
    }
    for (const net of nets.values()) await net.close();
    await models.close();
};

/** The folder and the single files of a ControlNet. */
async function openNets(root: string, name: string): Promise<ReadonlyMap<string, ControlNet>> {
    const nets = new Map<string, ControlNet>();
    const folder = join(root, 'models', name);
    if (existsSync(folder)) nets.set('folder', await openControlNet(folder, { device: 'cpu' }));
    for (const file of readdirSync(join(root, 'models'))) {
        if (!file.startsWith(`${name}.`) || !file.endsWith('.safetensors')) continue;
        // Nano ControlNets share their hyper-parameters with the folder; published ones have their family's.
        const { norm_num_groups, attention_head_dim } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
        const overrides = { norm_num_groups, attention_head_dim };
        nets.set(
            file.slice(name.length + 1),
            await openControlNet(join(root, 'models', file), { device: 'cpu', overrides }),
        );
    }
    return nets;
}
