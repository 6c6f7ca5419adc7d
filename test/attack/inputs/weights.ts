/** Mutated weight headers, configurations and tokenizers: refused with a short sentence, and in time. */
import { readFileSync } from 'node:fs';
import { random } from '../../language/fuzz/edits.ts';
import { Isolated } from '../isolated.ts';
import { badMessage, pick, portion, type Scale, Tally } from '../kit.ts';

const LIMIT = 5000;
const UPSCALER = new URL('../../goldens/upscalers/compact-x2.safetensors', import.meta.url);

export async function weightHeaders(scale: Scale): Promise<Tally> {
    const tally = new Tally('mutated weight headers');
    const next = random(scale.seed);
    const bytes = readFileSync(UPSCALER);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = bytes.subarray(8, 8 + length).toString('utf8');
    const isolated = new Isolated('inputs/weights-target.ts');
    const count = portion(5000, scale);
    for (let i = 0; i < count; i++) {
        const text = GIANTS[i]?.() ?? mutated(header, next);
        await tally.try(text.slice(0, 300), async () => {
            const answer = await isolated.call('readHeader', { text, data: bytes.length - 8 - length }, LIMIT);
            return 'ended' in answer ? answer.ended : badMessage(answer.value, text);
        });
    }
    isolated.close();
    return tally;
}

const GIANTS: readonly (() => string)[] = [
    () => `{"a":${'['.repeat(1_000_000)}`,
    () => `{"__metadata__":{"a":${'{"a":'.repeat(500_000)}`,
    () => `{${'"a":{},'.repeat(300_000)}}`,
    () =>
        `{${Array.from({ length: 200_000 }, (_, i) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`).join(',')}}`,
    () => `{"${'a'.repeat(1_000_000)}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
    () => `{"a":{"dtype":"${'F'.repeat(1_000_000)}","shape":[1],"data_offsets":[0,4]}}`,
    () => `{"a":{"dtype":"F32","shape":[${'1,'.repeat(500_000)}1],"data_offsets":[0,4]}}`,
    () => `{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
    () => `{${' '.repeat(5_000_000)}`,
    () => `{"a":"${'\\u0000'.repeat(100_000)}"}`,
];

/** One to four changes: a part removed, doubled or replaced. */
function mutated(text: string, next: () => number): string {
    let result = text;
    for (let edits = 1 + Math.floor(next() * 4); edits > 0; edits--) {
        const at = Math.floor(next() * result.length);
        const end = Math.min(result.length, at + Math.floor(next() * (next() < 0.8 ? 8 : 200)));
        const put = next() < 0.4 ? '' : next() < 0.5 ? result.slice(at, end).repeat(2) : pick(PARTS, next);
        result = result.slice(0, at) + put + result.slice(end);
    }
    return result;
}

const PARTS = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '0',
    '-1',
    '1e9',
    '9'.repeat(20),
    'null',
    '\\',
    '\u0000',
    '\u202e',
    '"F32"',
    '"__metadata__":{',
    ' ',
];

export async function configurations(scale: Scale): Promise<Tally> {
    const tally = new Tally('configurations, tokenizers');
    const next = random(scale.seed);
    const folder = new URL('../../../models/sketch/', import.meta.url);
    const files = ['unet/config.json', 'vae/config.json', 'text_encoder/config.json'].map((file) => ({
        file,
        text: readFileSync(new URL(file, folder), 'utf8'),
    }));
    const tokenizer = {
        vocab: '{"<|startoftext|>":0,"<|endoftext|>":1,"a</w>":2,"b":3}',
        merges: '#version: 0.2\na b</w>\n',
    };
    const isolated = new Isolated('inputs/weights-target.ts');
    for (let i = 0; i < portion(400, scale); i++) {
        const { file, text } = files[i % files.length]!;
        const isConfig = next() < 0.7;
        const argument = isConfig
            ? { file, text: mutated(text, next) }
            : { file: 'tokenizer', vocab: mutated(tokenizer.vocab, next), merges: mutated(tokenizer.merges, next) };
        const input = JSON.stringify(argument);
        await tally.try(input.slice(0, 300), async () => {
            const answer = await isolated.call(isConfig ? 'readConfig' : 'readTokenizer', argument, LIMIT);
            return 'ended' in answer ? answer.ended : badMessage(answer.value, input);
        });
    }
    isolated.close();
    return tally;
}
