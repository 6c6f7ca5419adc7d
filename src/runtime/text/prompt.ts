/** Prompts: weighted phrases to text embeddings. */

import type { Phrase } from '../../plan/phrases.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import { stackRows, type Tensor, tensor } from '../tensor.ts';
import { emphasise } from './emphasis.ts';
import { type Learned, learnedTable } from './learned.ts';
import { type LearnedIds, promptTokens, type WeightedToken } from './segments.ts';
import type { ClipTokenizer } from './tokenizer.ts';

export interface PromptText {
    readonly phrases: readonly Phrase[];
    /** Layers left out at the end; as in diffusers, callers give it to positive prompts only. Default 0. */
    readonly clipSkip?: number;
}

export interface PromptOptions {
    /** Tokens beyond the first 75 are cut off, or encoded in further chunks of 75. Default `truncate`. */
    readonly longPrompts?: 'truncate' | 'chunk';
    /** Learned embeddings (textual inversion) by the name between angle brackets. */
    readonly learned?: Learned;
    /** Whether the mean of an embedding is kept when phrases have weights. Default true, as A1111 does. */
    readonly restoreMean?: boolean;
}

export interface EncodedPrompt {
    /** `[1, S, D]`; all prompts of one call have the same S, a multiple of 77. */
    readonly context: Tensor;
    /** Tokens of the prompt without start and end. */
    readonly tokens: number;
    /** Tokens that one chunk holds: 75. */
    readonly limit: number;
    /** The words that were cut off; empty where the prompt fits or is chunked. */
    readonly lost: string;
}

/**
 * Encodes prompts so that they can be in one batch: where one needs several chunks, the others are filled up with
 * chunks of the empty prompt. Equal chunks are encoded once.
 */
export async function encodePrompts(
    model: Pick<StableDiffusion, 'tokenizer' | 'checkpoint' | 'encodeText'>,
    prompts: readonly PromptText[],
    options: PromptOptions = {},
): Promise<readonly EncodedPrompt[]> {
    const { tokenizer } = model;
    const { longPrompts = 'truncate', restoreMean = true } = options;
    const limit = tokenizer.length - 2;
    const table =
        options.learned && options.learned.size > 0
            ? learnedTable(options.learned, model.checkpoint.textEncoder.config.vocabSize)
            : undefined;
    const tokens = prompts.map(({ phrases }) => promptTokens(tokenizer, phrases, table?.ids));
    const chunks = tokens.map((list) => chunksOf(longPrompts === 'chunk' ? list : list.slice(0, limit), limit));
    const count = Math.max(1, ...chunks.map((list) => list.length));

    const encoded: EncodedPrompt[] = [];
    const known = new Map<string, Promise<Tensor>>();
    const encodeChunk = (ids: readonly number[], clipSkip: number): Promise<Tensor> => {
        const key = `${clipSkip}: ${ids}`;
        const embedding =
            known.get(key) ?? model.encodeText([ids], { clipSkip, ...(table && { learned: table.vectors }) });
        known.set(key, embedding);
        return embedding;
    };
    for (const [index, { clipSkip = 0 }] of prompts.entries()) {
        const parts: Tensor[] = [];
        for (let chunk = 0; chunk < count; chunk++) {
            const list = chunks[index]![chunk] ?? [];
            const embedding = await encodeChunk(tokenizer.frame(list.map((token) => token.id)), clipSkip);
            parts.push(emphasise(embedding, framedWeights(list, tokenizer.length), { restoreMean }));
        }
        const list = tokens[index]!;
        const lost = longPrompts === 'chunk' ? [] : list.slice(limit);
        encoded.push({ context: joinTokens(parts), tokens: list.length, limit, lost: tokenText(lost) });
    }
    return encoded;
}

/** How many tokens a prompt has, without start and end, and how many fit into one chunk. */
export function countTokens(
    tokenizer: ClipTokenizer,
    phrases: readonly Phrase[],
    learned?: LearnedIds,
): { tokens: number; limit: number } {
    return { tokens: promptTokens(tokenizer, phrases, learned).length, limit: tokenizer.length - 2 };
}

/** The text that tokens stand for, as readable words. */
function tokenText(tokens: readonly Pick<WeightedToken, 'text'>[]): string {
    return tokens
        .map((token) => token.text)
        .join('')
        .trim();
}

function chunksOf(tokens: readonly WeightedToken[], limit: number): readonly (readonly WeightedToken[])[] {
    const chunks: (readonly WeightedToken[])[] = [];
    for (let at = 0; at < tokens.length; at += limit) chunks.push(tokens.slice(at, at + limit));
    return chunks;
}

/** Weights of a framed chunk: 1 for start, end and padding. */
function framedWeights(tokens: readonly WeightedToken[], length: number): readonly number[] {
    return Array.from({ length }, (_, index) => tokens[index - 1]?.weight ?? 1);
}

/** `[1, n, D]` each → `[1, sum of n, D]`. */
function joinTokens(parts: readonly Tensor[]): Tensor {
    const [first] = parts;
    if (parts.length === 1) return first!;
    const flat = stackRows(parts.map(({ data, dims }) => tensor(data, dims.slice(1))));
    return tensor(flat.data, [1, ...flat.dims]);
}
