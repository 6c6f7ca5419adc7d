/** Learned embeddings on disk (textual inversion): diffusers' and A1111's safetensors, also inside a LoRA. */
import { BUNDLED } from '../../plan/model-file/head.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { ModelError } from '../weights/model-error.ts';
import { readTensor } from '../weights/read-tensor.ts';
import { readSafetensors } from '../weights/safetensors.ts';

/**
 * The vectors `[n, width]` of a learned embedding. diffusers names its single tensor after the token, A1111 calls it
 * `emb_params`, and bundles words in LoRA files, of which `word` is taken; one vector may come without its first axis. Throws `ModelError` where the width is another model's.
 */
export function readLearnedEmbedding(path: string, width: number, word?: string): Tensor {
    const { tensors } = readSafetensors(path);
    const names = [...tensors.keys()];
    if (names.some((entry) => /^clip_g$|\.clip_g$/.test(entry))) {
        throw new ModelError(
            'model/unsupported',
            `"${path}" is a learned embedding for SDXL, with vectors for two text encoders: use one that was made for this model.`,
        );
    }
    const bundled = names.filter((entry) => BUNDLED.test(entry));
    const known = names.find((entry) => /^(?:emb_params|clip_l|string_to_param\.\*)$/.test(entry));
    const meant = bundled.find((entry) => BUNDLED.exec(entry)?.[1] === word);
    const name = meant ?? (bundled.length === 1 ? bundled[0] : names.length === 1 ? names[0] : known);
    if (name === undefined) {
        const what =
            bundled.length > 1
                ? `holds ${bundled.length} learned words beside a LoRA; name the embedding after the one that is wanted`
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
