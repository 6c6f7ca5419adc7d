/** Learned embeddings on disk (textual inversion): diffusers' and A1111's safetensors. */
import { type Tensor, tensor } from '../tensor.ts';
import { ModelError } from '../weights/model-error.ts';
import { readTensor } from '../weights/read-tensor.ts';
import { readSafetensors } from '../weights/safetensors.ts';

/**
 * The vectors `[n, width]` of a learned embedding. diffusers names its single tensor after the token, A1111 calls it
 * `emb_params`; one vector may come without its first axis. Throws `ModelError` where the width is another model's.
 */
export function readLearnedEmbedding(path: string, width: number): Tensor {
    const { tensors } = readSafetensors(path);
    const names = [...tensors.keys()];
    const name = names.length === 1 ? names[0]! : names.find((entry) => entry === 'emb_params' || entry === 'clip_l');
    if (name === undefined) {
        throw new ModelError(
            'model/unsupported',
            `"${path}" is no learned embedding: it holds ${names.length} tensors, none called emb_params.`,
        );
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
