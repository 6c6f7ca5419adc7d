/** One mistake is one message, where it was made. */
import { expect, test } from 'vitest';
import { lowerRun, problemsOf } from '../../../src/language/index.ts';
import { type Files, languageWith, parse, problems, told } from '../workbench.ts';

async function said(text: string, files: Files = {}): Promise<readonly string[]> {
    return told(await problems(text, files), text);
}

test('an import that fails is the only message about what it was to bring', async () => {
    const missing = 'import { a, q } from "./nowhere.sdspec"\ngenerate z extends a { seed 1 start from q }';
    expect(await said(missing)).toEqual(['import/missing «"./nowhere.sdspec"»']);
    const other = missing.replace('nowhere.sdspec', 'notes.txt');
    expect(await said(other, { 'notes.txt': 'x' })).toEqual(['import/extension «"./notes.txt"»']);
    const language = languageWith();
    await parse('generate b { prompt "x" }', language, 'lib.sdspec');
    const unknown = 'import { a } from "./lib.sdspec"\ngenerate z extends a { seed 1 }';
    const document = await parse(unknown, language, 'own.sdspec');
    expect(told(problemsOf(document), unknown)).toEqual(['import/unknown «a»']);
    // The run is refused for the same reason.
    expect(told(lowerRun(document, 'z').problems, unknown)).toEqual(['import/unknown «a»']);
});

test('nothing is meant by its own name', async () => {
    for (const text of [
        'generate z extends a { seed 1 }',
        'generate z { prompt "x" start from a strength 0.5 }',
        'prompt z = a, "x"\ngenerate g { prompt z }',
    ]) {
        const [problem, ...more] = await problems(text);
        expect([problem?.code, more], text).toEqual(['name/unknown', []]);
        expect(problem!.message, text).not.toContain('Did you mean');
        expect(problem!.fix?.title ?? '', text).not.toContain('Change');
    }
});

test('what heirs inherit is reported where it is written, and again where they change what it means', async () => {
    const files = { vocabulary: 'a cat' };
    const fox = 'generate a { prompt "a fox" }\ngenerate b extends a { seed 2 }\ngenerate c extends b { steps 3 }';
    expect(await said(fox, files)).toEqual(['prompt/unlearnt «prompt "a fox"»']);
    const long = `generate a { prompt "${'cat '.repeat(80)}" long prompts chunk }
generate b extends a { seed 2 }
generate c extends b { without long prompts }
generate d extends c { seed 4 }`;
    expect(await said(long, files)).toEqual(['prompt/long «generate c extends b { without long prompts }»']);
    const small = {
        'a.png': [64, 64],
        m: 'folder',
        'm/model_index.json': '{}',
        'm/unet/config.json': '{"block_out_channels":[32,64,96],"sample_size":16}',
    } as const;
    const absent = `model m = "m"
image i = "a.png"
generate a { prompt "x" use m infuse i { down.3 0.2 } }
generate b extends a { seed 2 }`;
    expect(await said(absent, small)).toEqual(['layer/model «infuse i { down.3 0.2 }»']);
});

test('`without` removes what named settings brought', async () => {
    const text = 'settings quick { steps 8 sampler euler }\ngenerate a extends quick { prompt "x" without steps }';
    expect(await said(text)).toEqual([]);
    const wrong = text.replace('without steps', 'without mask');
    const [problem] = await problems(wrong);
    expect(problem).toMatchObject({
        code: 'without/nothing',
        message: '`quick` has nothing of the kind: remove the line.',
    });
});

test('a number that is none is not judged as one', async () => {
    const text = 'image i = "a.png"\ngenerate a { prompt "x" infuse i { mid 1e400 } }';
    expect(await said(text, { 'a.png': [64, 64] })).toEqual(['number/large «1e400»']);
});

test('a seed from outside is judged by the noise of the picture', async () => {
    const of = async (seed: string, noise = '') => {
        const document = await parse(`param s = 1\ngenerate a { prompt "x" seed s ${noise} }`);
        return lowerRun(document, 'a', { params: { s: seed } }).problems.map(({ message }) => message);
    };
    expect(await of('1.5')).toEqual(['A seed is a whole number from 0 to 4294967295 (2^32 - 1).']);
    expect(await of('4294967296')).toEqual(['A seed is a whole number from 0 to 4294967295 (2^32 - 1).']);
    expect(await of('4294967296', 'noise philox')).toEqual([]);
    const document = await parse('generate a { prompt "x" }');
    const { problems: set } = lowerRun(document, 'a', { set: { seed: '4294967296' } });
    expect(set.map(({ code }) => code)).toEqual(['seed/range']);
});

test('a name that is also a word of a clause is no clause', async () => {
    const text = 'image e = "a.png"\ngenerate a { prompt "x" infuse e as left wieght 0.5 }';
    expect(await said(text, { 'a.png': [64, 64] })).not.toContainEqual(expect.stringContaining('param/place'));
});
