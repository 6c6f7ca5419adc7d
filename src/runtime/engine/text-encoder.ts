/** The text encoder at work: token ids to embeddings. */
import { clipGraph } from '../graph/clip.ts';
import type { Tensor } from '../tensor.ts';
import type { TextConfig } from '../weights/config.ts';
import { ModelError } from '../weights/model-error.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import type { SessionPool } from './session-pool.ts';
import type { TextOptions } from './stable-diffusion.ts';

/** Texts whose embeddings are kept: 0.24 MB each with SD1's text encoder. */
const MAX_TEXTS = 128;

/**
 * The text encoder of an opened model. A text is encoded once, however many pictures and runs ask for it; embeddings with
 * learned tokens are not kept, since the vectors may be others the next time.
 */
export function rememberingEncoder(
    part: ConfiguredPart<TextConfig>,
    pool: SessionPool,
): (sequences: readonly (readonly number[])[], options?: TextOptions) => Promise<Tensor> {
    const known = new Map<string, Promise<Tensor>>();
    return (sequences, options = {}) => {
        if (options.learned) return encodeText(part, pool, sequences, options);
        const key = `${options.clipSkip ?? 0}: ${sequences.join('; ')}`;
        const remembered = known.get(key);
        if (remembered) pool.used('text', sessionKey(options));
        const encoded = remembered ?? encodeText(part, pool, sequences, options);
        // The latest last.
        known.delete(key);
        known.set(key, encoded);
        encoded.catch(() => known.delete(key));
        const [oldest] = known.keys();
        if (known.size > MAX_TEXTS) known.delete(oldest!);
        return encoded;
    };
}

/** `[N, 77, D]` of N sequences of 77 ids. Runs on the CPU on every device: its table is too large for some GPUs. */
async function encodeText(
    part: ConfiguredPart<TextConfig>,
    pool: SessionPool,
    sequences: readonly (readonly number[])[],
    options: TextOptions,
): Promise<Tensor> {
    const { clipSkip = 0, learned } = options;
    const { positions, layers, vocabSize } = part.config;
    if (!Number.isInteger(clipSkip) || clipSkip < 0 || clipSkip >= layers) {
        throw new ModelError(
            'model/unsupported',
            `This model's text encoder has ${layers} layers: clip skip lies between 0 and ${layers - 1}.`,
        );
    }
    const limit = vocabSize + (learned?.dims[0] ?? 0);
    for (const sequence of sequences) {
        if (sequence.length !== positions) {
            throw new RangeError(`A sequence has ${sequence.length} tokens, not ${positions}; pad it first.`);
        }
        const foreign = sequence.find((id) => id >= limit);
        if (foreign !== undefined) {
            throw new ModelError(
                'model/unsupported',
                `The tokenizer knows a token ${foreign}, but the text encoder only ${limit}: they belong to different models.`,
            );
        }
    }
    const session = await pool.session('text', sessionKey(options), (forms) =>
        clipGraph(part, forms, { skips: [clipSkip], learned: learned !== undefined }),
    );
    const ids = { ints: sequences.flat(), dims: [sequences.length, positions] };
    const outputs = await session.run(learned ? { ids, learned } : { ids });
    return outputs[`skip.${clipSkip}`]!;
}

function sessionKey({ clipSkip = 0, learned }: TextOptions): string {
    return `skip ${clipSkip}${learned ? ' learned' : ''}`;
}
