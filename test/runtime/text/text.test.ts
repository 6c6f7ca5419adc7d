/** Text: tokens, phrases with weights, long prompts, learned tokens. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLearnedEmbedding } from '../../../src/runtime/adapters/learned-embedding.ts';
import { openModel, type StableDiffusion } from '../../../src/runtime/engine/model.ts';
import { rows, type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { emphasise } from '../../../src/runtime/text/emphasis.ts';
import { learnedTable } from '../../../src/runtime/text/learned.ts';
import { pooledPosition } from '../../../src/runtime/text/pooled.ts';
import { countTokens, encodePrompts } from '../../../src/runtime/text/prompt.ts';
import { joinPhrases, promptTokens } from '../../../src/runtime/text/segments.ts';
import { clipTokenizer } from '../../../src/runtime/text/tokenizer.ts';
import { MODELS, noise, SD15, SD21 } from '../engine/nano.ts';

let model: StableDiffusion;
beforeAll(async () => {
    model = await openModel(SD15, { device: 'cpu', threads: 1 });
});
afterAll(() => model.close());

const phrase = (text: string, weight = 1) => ({ text, weight });

describe('tokens', () => {
    test('SD1 pads with the end token, SD2 with "!"', async () => {
        const other = await openModel(SD21, { device: 'cpu' });
        expect(model.tokenizer.encodePadded('cat').slice(-2)).toEqual([823, 823]);
        expect(other.tokenizer.encodePadded('cat').slice(-2)).toEqual([0, 0]);
        expect(other.tokenizer.pad).toBe(0);
    });

    test('tokens carry their text', () => {
        expect(
            model.tokenizer
                .tokenize('A castle!')
                .map(({ text }) => text)
                .join(''),
        ).toBe('a castle ! ');
    });

    test('a vocabulary without marks is refused', () => {
        expect(() => clipTokenizer({ vocab: { a: 0 }, merges: '' })).toThrow(/lacks <\|startoftext\|>/);
        expect(() => clipTokenizer({})).toThrow(/needs tokenizer\.json/);
    });

    test('the text is pooled at its end', () => {
        expect(pooledPosition([5, 1, 9, 9], { eosTokenId: 2 })).toBe(2);
        expect(pooledPosition([5, 1, 7, 9], { eosTokenId: 7 })).toBe(2);
    });
});

describe('phrases', () => {
    test.each([
        [[], []],
        [[phrase('a'), phrase('b')], [phrase('a, b')]],
        [
            [phrase('a', 1.3), phrase('b')],
            [phrase('a', 1.3), phrase(', b')],
        ],
        [
            [phrase('a'), phrase('b', 1.3)],
            [phrase('a, '), phrase('b', 1.3)],
        ],
        [[phrase('a', 1.3), phrase('b', 1.3)], [phrase('a, b', 1.3)]],
        [
            [phrase('a', 1.3), phrase('b', 0.5)],
            [phrase('a', 1.3), phrase(', '), phrase('b', 0.5)],
        ],
    ])('%j is joined to %j', (phrases, expected) => expect(joinPhrases(phrases)).toEqual(expected));

    test('without emphasis the tokens are those of the joined text', () => {
        const tokens = promptTokens(model.tokenizer, [phrase('castle!'), phrase('oil painting')]);
        const { ids } = { ids: model.tokenizer.encode('castle!, oil painting').slice(1, -1) };
        expect(tokens.map(({ id }) => id)).toEqual(ids);
        expect(countTokens(model.tokenizer, [phrase('castle!'), phrase('oil painting')])).toEqual({
            tokens: ids.length,
            limit: 75,
        });
    });

    test('every token has the weight of its phrase', () => {
        const tokens = promptTokens(model.tokenizer, [phrase('a castle', 1.5), phrase('forest', 0.5)]);
        expect(tokens.map(({ text, weight }) => [text.trim(), weight])).toEqual([
            ['a', 1.5],
            ['castle', 1.5],
            [',', 1],
            ['forest', 0.5],
        ]);
    });
});

describe('emphasis', () => {
    const embedding = noise(1, 1, 3, 4);
    const mean = ({ data }: Tensor) => data.reduce((sum, value) => sum + value, 0) / data.length;

    test('weights of 1 change nothing, to the bit', () => {
        expect(emphasise(embedding, [1, 1, 1], { restoreMean: true })).toBe(embedding);
    });

    test('a weight multiplies its token only', () => {
        const { data } = emphasise(embedding, [1, 2, 1], { restoreMean: false });
        expect(data.subarray(0, 4)).toEqual(embedding.data.subarray(0, 4));
        expect(data.subarray(4, 8)).toEqual(embedding.data.subarray(4, 8).map((value) => 2 * value));
    });

    test('the mean is restored', () => {
        const shifted = tensor(
            embedding.data.map((value) => value - 2),
            embedding.dims,
        );
        expect(mean(emphasise(shifted, [1, 1.7, 0.3], { restoreMean: true }))).toBeCloseTo(mean(shifted), 5);
    });

    test('a mean of nearly zero leaves the weights as they are', () => {
        const balanced = tensor(Float32Array.of(1, -1, 1, -1), [1, 2, 2]);
        expect(emphasise(balanced, [2, 1], { restoreMean: true }).data).toEqual(Float32Array.of(2, -2, 1, -1));
    });
});

describe('prompts', () => {
    const long = [phrase(Array(80).fill('cat').join(' '))];

    test('a plain prompt is what the text encoder says', async () => {
        const [encoded] = await encodePrompts(model, [{ phrases: [phrase('a castle')] }]);
        const reference = await model.encodeText([model.tokenizer.encodePadded('a castle')]);
        expect(encoded!.context.data).toEqual(reference.data);
        expect(encoded).toMatchObject({ tokens: 2, limit: 75, lost: '' });
    });

    test('an empty list is the empty prompt', async () => {
        const [encoded] = await encodePrompts(model, [{ phrases: [] }]);
        expect(encoded!.context.data).toEqual((await model.encodeText([model.tokenizer.encodePadded('')])).data);
    });

    test('the clip skip is reported prompt by prompt', async () => {
        const phrases = [phrase('a castle')];
        const [positive, negative] = await encodePrompts(model, [{ phrases, clipSkip: 1 }, { phrases }]);
        expect(positive!.context.data).not.toEqual(negative!.context.data);
    });

    test('what is cut off is reported in words', async () => {
        const [encoded] = await encodePrompts(model, [{ phrases: long }]);
        expect(encoded).toMatchObject({ tokens: 80, lost: 'cat cat cat cat cat', context: { dims: [1, 77, 32] } });
    });

    test('chunks are encoded one by one, and shorter prompts filled up', async () => {
        const [first, second] = await encodePrompts(model, [{ phrases: long }, { phrases: [] }], {
            longPrompts: 'chunk',
        });
        expect(first).toMatchObject({ lost: '', context: { dims: [1, 154, 32] } });
        expect(second!.context.dims).toEqual([1, 154, 32]);
        const rest = await model.encodeText([model.tokenizer.encodePadded('cat cat cat cat cat')]);
        const tokens = (context: Tensor) => tensor(context.data, context.dims.slice(1));
        expect(rows(tokens(first!.context), 77, 154).data).toEqual(rest.data);
        const empty = await model.encodeText([model.tokenizer.encodePadded('')]);
        expect(rows(tokens(second!.context), 77, 154).data).toEqual(empty.data);
    });

    test('a learned name stands for its vectors', async () => {
        const vectors = readLearnedEmbedding(join(MODELS, 'adapters', 'ti-multi.safetensors'), 32);
        const learned = new Map([['nano-many', vectors]]);
        const { ids } = learnedTable(learned, 824);
        expect(ids.get('nano-many')).toEqual([824, 825, 826]);
        // The reference's ids for this text (diffusers, textual inversion with several vectors).
        const tokens = promptTokens(model.tokenizer, [phrase('photo of <nano-many>, soft light')], ids);
        expect(tokens.map(({ id }) => id)).toEqual([583, 528, 824, 825, 826, 267, 745, 733]);
        const [encoded] = await encodePrompts(model, [{ phrases: [phrase('photo of <nano-many>, soft light')] }], {
            learned,
        });
        const sequence = model.tokenizer.frame(tokens.map(({ id }) => id));
        expect(encoded!.context.data).toEqual((await model.encodeText([sequence], { learned: vectors })).data);
    });

    test('an unknown name between brackets is plain text', () => {
        const ids = new Map([['known', [900]]]);
        const tokens = promptTokens(model.tokenizer, [phrase('a <cat> b')], ids);
        expect(tokens.map(({ id }) => id)).toEqual(model.tokenizer.encode('a <cat> b').slice(1, -1));
    });
});
