/** Where a text embedding is pooled: at the end of the text. */
import type { TextConfig } from '../weights/config.ts';

/**
 * The index of the token whose embedding stands for the whole text. Configurations from before 2023 say
 * `eos_token_id: 2`, which meant the highest id; newer ones name the first token that ends the text.
 */
export function pooledPosition(ids: readonly number[], { eosTokenId }: Pick<TextConfig, 'eosTokenId'>): number {
    if (eosTokenId === 2) return ids.indexOf(Math.max(...ids));
    return Math.max(0, ids.indexOf(eosTokenId));
}
