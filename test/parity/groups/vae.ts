/** VAE: the posterior of pictures and the pixels of latents, for every form of each model. */
import { tensor } from '../../../src/runtime/tensor.ts';
import { type GoldenTensor, type ParityGroup, worstError } from '../golden.ts';
import { judge, openedModels } from './models.ts';

export const run: ParityGroup = async function* (root, golden) {
    const models = openedModels(root);
    const input = ({ data, dims }: GoldenTensor) => tensor(Float32Array.from(data), dims);
    for (const { id, inputs, outputs, atol } of golden.cases) {
        for (const { form, model } of await models.forms(inputs.model)) {
            const errors: Record<string, number> = {};
            const compare = (name: string, ours: ArrayLike<number>) => {
                errors[name] = worstError(ours, golden.tensor(outputs[name]).data);
            };
            if (inputs.latent) compare('image', (await model.decode(input(golden.tensor(inputs.latent)))).data);
            else {
                const { mean, logvar } = await model.encodeImage(input(golden.tensor(inputs.image)));
                const noise = golden.tensor(inputs.noise).data;
                const std = logvar.data.map((value) => Math.exp(0.5 * value));
                compare('mean', mean.data);
                compare('logvar', logvar.data);
                compare('std', std);
                compare(
                    'sample',
                    mean.data.map((value, index) => value + std[index]! * noise[index]!),
                );
            }
            yield judge(`${id} (${form})`, errors, atol);
        }
    }
    await models.close();
};
