/** CLIP's own vocabulary, which comes with sdspec: published single files hold none, and all of SD1, SD2 and SDXL share it. */
import { join } from 'node:path';
import { packageRoot } from '../../package-root.ts';
import type { TokenizerFiles } from '../parts.ts';

/** Tokens in CLIP's vocabulary, which all published Stable Diffusion 1, 2 and XL models share. */
export const CLIP_SIZE = 49408;

/** The files of CLIP's tokenizer: the merges alone, from which the vocabulary follows. */
export function clipVocabulary(): TokenizerFiles {
    const folder = join(packageRoot(), 'models', 'clip');
    return { folder, merges: join(folder, 'merges.txt') };
}

/**
 * The vocabulary that CLIP builds from its merges: the 256 bytes as printable characters, the same at a word's end, every
 * merge, and the two marks (https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py).
 */
export function vocabularyOfMerges(merges: string): Readonly<Record<string, number>> {
    const joined = merges
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#version'))
        .map((line) => line.replace(' ', ''));
    const tokens = [...BYTES, ...BYTES.map((byte) => `${byte}</w>`), ...joined, '<|startoftext|>', '<|endoftext|>'];
    return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

/** Bytes as printable characters: those that are stand for themselves and come first, the others follow from U+0100 on. */
const BYTES: readonly string[] = (() => {
    const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    const printable = bytes.filter(isPrintable).map((byte) => String.fromCharCode(byte));
    const others = bytes.filter((byte) => !isPrintable(byte)).map((_, index) => String.fromCharCode(256 + index));
    return [...printable, ...others];
})();
