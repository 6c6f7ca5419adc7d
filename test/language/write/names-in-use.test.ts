/** Names in use are those of declarations and imports, whatever words and comments say. */
import { expect, it } from 'vitest';
import { Language } from '../../../src/language/index.ts';
import { Ingredients } from '../../../src/language/write/ingredients.ts';
import { namesInUse } from '../../../src/language/write/names-in-use.ts';

const language = new Language();

async function used(text: string) {
    return namesInUse((await language.parseText(text)).parseResult.value);
}

it('every kind of declaration has its name', async () => {
    const text = `import { far, near as close } from "./other.sdspec"
model m = "builtin:sketch"
prompt words = "a"
ensemble many { "a" "b" }
layers deep = mid
weights strong { mid 1 }
generate g { seed 1 }
sweep s over g { seed in 1..2 }
mosaic wall { of g }
print poster { of g }
learn pip { word }
`;
    const names = (await used(text)).map(({ name }) => name);
    const all = 'far near close m words many deep strong g s wall poster pip';
    expect(names).toEqual(all.split(' '));
});

it('words and comments declare nothing', async () => {
    const text = `prompt a = """
model b = "builtin:sketch"
"""
/*
generate c { }
*/
// generate d {}
generate e { prompt "
generate f" }
`;
    const names = (await used(text)).map(({ name }) => name);
    expect(names).toContain('a');
    for (const name of ['b', 'c', 'd']) expect(names).not.toContain(name);
});

it('names are found wherever a declaration is in its line', async () => {
    const names = await used(
        'model m = "builtin:sketch" lora /* a lora */ old-ink = "./ink.safetensors" generate\n g {}',
    );
    expect(names.map(({ name }) => name)).toEqual(['m', 'old-ink', 'g']);
});

it('names are found in a text that is broken elsewhere', async () => {
    const names = (
        await used('generate a { prompt \nmodel b = "builtin:sketch"\ngenerat c { seed 1 }\ngenerate d {\n')
    ).map(({ name }) => name);
    expect(names).toEqual(['a', 'b', 'c', 'd']);
});

it('what is declared is used again, however it is spaced', async () => {
    const known = new Ingredients(
        await used('model  m\n  =  "./a // b.safetensors"  predicts /* why */ v // mine\nlora n = "x"'),
    );
    expect(known.name('model', 'other', '"./a // b.safetensors" predicts v')).toBe('m');
    expect(known.name('lora', 'm', '"y"')).toBe('m_2');
    expect(known.name('lora', 'other', '"x"')).toBe('n');
});
