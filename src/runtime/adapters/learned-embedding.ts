/** Learned embeddings on disk (textual inversion): diffusers' and A1111's safetensors, also inside a LoRA. */
import { type Tensor, tensor } from '../tensor.ts';
import { ModelError } from '../weights/model-error.ts';
import { readTensor } from '../weights/read-tensor.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { BUNDLED } from './entries.ts';

/**
 * The vectors `[n, width]` of a learned embedding. diffusers names its single tensor after the token, A1111 calls it
 * `emb_params`, and bundles words in LoRA files; one vector may come without its first axis. Throws `ModelError` where the width is another model's.
 */
export function readLearnedEmbedding(path: string, width: number): Tensor {
    const { tensors } = readSafetensors(path);
    const names = [...tensors.keys()];
    const bundled = names.filter((entry) => BUNDLED.test(entry));
    const known = names.find((entry) => /^(?:emb_params|clip_l|string_to_param\.\*)$/.test(entry));
    const name = bundled.length === 1 ? bundled[0] : names.length === 1 ? names[0] : known;
    if (name === undefined) {
        const what =
            bundled.length > 1
                ? `holds ${bundled.length} learned words beside a LoRA; save the one that is wanted as a file of its own`
                : `is no learned embedding: it holds ${names.length} tensors, none called emb_params`;
        throw new ModelError('model/unsupported', `"${path}" ${what}.`);
    }
    const { data, dims } = readTensor(tensors.get(name)!);
    const own = dims.at(-1) ?? 0;
    if (dims.length > 2 || own !== width) {
        throw new ModelError(
            'model/unsupported',
            `"${path}" holds vectors of ${own} values; this model's text encoder takes ${width}. It was made for another family of models.`,
        );
    }
    return tensor(data, [data.length / width, width]);
}
