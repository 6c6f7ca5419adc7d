/** CLIP's tokenizer: text to token ids, exactly as the reference tokenizes. */
import { Tokenizer } from '@huggingface/tokenizers';

/** JSON of the files that a tokenizer is made from. */
export interface TokenizerSource {
    /** `tokenizer.json`; where absent, vocabulary and merges are needed. */
    readonly tokenizer?: object;
    readonly vocab?: Readonly<Record<string, number>>;
    /** Lines of `merges.txt`, with or without its version line. */
    readonly merges?: string;
    /** `tokenizer_config.json`. */
    readonly config?: object;
    /** `special_tokens_map.json`, for files that keep the padding token there. */
    readonly specialTokens?: object;
}

/** One token of a text: its id and the piece of text it stands for. */
export interface Token {
    readonly id: number;
    readonly text: string;
}

export interface ClipTokenizer {
    readonly start: number;
    readonly end: number;
    /** SD1 pads with the end token, SD2 with `!` (id 0). */
    readonly pad: number;
    /** Longest sequence with start and end: 77. */
    readonly length: number;
    /** How many ids the vocabulary has; ids from here on can stand for learned embeddings. */
    readonly size: number;
    /** The tokens of a text without start and end. */
    tokenize(text: string): readonly Token[];
    /** Start, tokens, end: as long as the text is. */
    encode(text: string): readonly number[];
    /** Start, tokens, end, padding: always `length` ids; what does not fit is cut off. */
    encodePadded(text: string): readonly number[];
    /** Adds start, end and padding to at most `length - 2` ids. */
    frame(ids: readonly number[]): readonly number[];
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';

/** Contractions, words, single digits, runs of other signs. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

export function clipTokenizer(source: TokenizerSource): ClipTokenizer {
    const special = (source.specialTokens ?? {}) as Record<string, unknown>;
    const config = { ...special, ...source.config } as Record<string, unknown>;
    const json = (source.tokenizer ?? tokenizerJson(source, config)) as { normalizer?: Normalizer | null };
    const engine = new Tokenizer({ ...json, normalizer: lowercaseByLetter(json.normalizer) }, config);
    const idOf = (token: string): number | undefined => engine.token_to_id(token);
    const start = idOf(START);
    const end = idOf(END);
    if (start === undefined || end === undefined) throw new Error(`The vocabulary lacks ${START} or ${END}.`);
    const pad = idOf(content(config.pad_token) ?? END) ?? end;
    const limit = config.model_max_length;
    const length = typeof limit === 'number' && limit > 2 && limit <= 77 ? limit : 77;
    const size = Math.max(...engine.get_vocab(true).values()) + 1;

    // The space keeps a text such as "<|ENDOFTEXT|>", lower-cased, from being taken for the special token as a whole.
    const ids = (text: string) => engine.encode(`${text} `, { add_special_tokens: false }).ids;
    const frame = (inner: readonly number[]) => {
        const framed = [start, ...inner.slice(0, length - 2), end];
        return [...framed, ...Array(length - framed.length).fill(pad)];
    };
    return {
        start,
        end,
        pad,
        length,
        size,
        tokenize: (text) => ids(text).map((id) => ({ id, text: pieceOf(engine.id_to_token(id) ?? '') })),
        encode: (text) => [start, ...ids(text), end],
        encodePadded: (text) => frame(ids(text)),
        frame,
    };
}

/** What `tokenizer.json` of CLIP says, for models that come with vocab.json and merges.txt. */
function tokenizerJson({ vocab, merges }: TokenizerSource, config: Record<string, unknown>): object {
    if (!vocab || merges === undefined)
        throw new Error('A tokenizer needs tokenizer.json, or vocab.json and merges.txt.');
    return {
        version: '1.0',
        added_tokens: specialTokens(vocab, config),
        normalizer: {
            type: 'Sequence',
            normalizers: [
                { type: 'NFC' },
                { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
                { type: 'Lowercase' },
            ],
        },
        pre_tokenizer: {
            type: 'Sequence',
            pretokenizers: [
                {
                    type: 'Split',
                    pattern: { Regex: `<\\|startoftext\\|>|<\\|endoftext\\|>|${WORDS}` },
                    behavior: 'Removed',
                    invert: true,
                },
                // The reference's ByteLevel splits once more; only marks that were found as a whole fall apart here.
                { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Isolated', invert: false },
                { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
            ],
        },
        post_processor: {
            type: 'RobertaProcessing',
            sep: [END, vocab[END]],
            cls: [START, vocab[START]],
            trim_offsets: false,
            add_prefix_space: false,
        },
        decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
        model: {
            type: 'BPE',
            dropout: null,
            unk_token: END,
            continuing_subword_prefix: '',
            end_of_word_suffix: '</w>',
            fuse_unk: false,
            byte_fallback: false,
            ignore_merges: false,
            vocab,
            merges: merges
                .split('\n')
                .filter((line) => line.trim() !== '' && !line.startsWith('#version'))
                .map((line) => line.trim().split(' ')),
        },
    };
}

/**
 * Tokens that are found in the text before words are. One that is given as a record with `normalized` is looked for in
 * the lower-cased text, one that is given as bare text in the text as written; where two roles name the same token, the
 * later role decides. SD2's padding token `!` is such a token too.
 */
function specialTokens(vocab: Readonly<Record<string, number>>, config: Record<string, unknown>): readonly object[] {
    const tokens = new Map<string, boolean>([
        [START, false],
        [END, false],
    ]);
    for (const role of ['bos_token', 'eos_token', 'unk_token', 'pad_token']) {
        const text = content(config[role]);
        if (text === undefined || vocab[text] === undefined) continue;
        tokens.set(text, (config[role] as { normalized?: unknown }).normalized === true);
    }
    return [...tokens].map(([text, normalized]) => ({
        id: vocab[text],
        content: text,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized,
        special: true,
    }));
}

interface Normalizer {
    readonly type: string;
    readonly normalizers?: readonly Normalizer[];
}

/**
 * The reference lower-cases letter by letter; JavaScript turns a Σ at a word's end into ς. Writing σ first makes
 * both agree.
 */
function lowercaseByLetter(normalizer: Normalizer | null | undefined): Normalizer | null {
    if (!normalizer) return null;
    if (normalizer.normalizers) {
        return { ...normalizer, normalizers: normalizer.normalizers.map((part) => lowercaseByLetter(part)!) };
    }
    if (normalizer.type !== 'Lowercase') return normalizer;
    const sigma = { type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' };
    return { type: 'Sequence', normalizers: [sigma, normalizer] };
}

/** Special tokens are written as text, or as a record with a `content`. */
function content(token: unknown): string | undefined {
    if (typeof token === 'string') return token;
    const text = (token as { content?: unknown } | null | undefined)?.content;
    return typeof text === 'string' ? text : undefined;
}

/** A vocabulary entry as readable text: `castle</w>` is `castle` and a word's end. */
function pieceOf(entry: string): string {
    return entry.replace(/<\/w>$/, ' ');
}
