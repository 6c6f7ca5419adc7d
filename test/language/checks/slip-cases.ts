/** Slips: one message for signs, pieces and names that the language does not have, with what is meant. */
import { type Case, error, given, warning } from './case.ts';

const A = 'generate a { prompt "x" }\n';

export const SLIPS: readonly Case[] = [
    error('syntax/character', 'generate a { prompt «“a turtle”» seed 1 }', 'generate a { prompt "a turtle" seed 1 }'),
    error('setting/elsewhere', 'generate a { «prompt = »"x" }', 'generate a { prompt "x" }'),
    error('setting/elsewhere', 'generate a { prompt "x"«, »steps 20 }'),
    error('setting/elsewhere', 'generate a {\n    prompt "x"\n    steps 20«,\n    »seed 5\n}'),
    error('setting/elsewhere', 'generate a { prompt "x" «size 512 x 768» }', 'generate a { prompt "x" size 512x768 }'),
    error('setting/elsewhere', 'generate a { prompt "x" «size 512×768» }', 'generate a { prompt "x" size 512x768 }'),
    error('setting/elsewhere', 'generate a { prompt "x" «size 512» }', 'generate a { prompt "x" size 512x512 }'),
    error(
        'setting/elsewhere',
        `${A}mosaic m { of a «grid 4» tiles via a }`,
        `${A}mosaic m { of a grid 4x4 tiles via a }`,
    ),
    error(
        'setting/elsewhere',
        'generate a { prompt "x" «sampler "Euler a"» }',
        'generate a { prompt "x" sampler euler-a }',
    ),
    error('setting/elsewhere', 'generate a { prompt "x" «sampler "fast"» }'),
    error('setting/elsewhere', 'generate a { «use "builtin:sketch"» prompt "x" }'),
    error('setting/elsewhere', 'generate a { prompt "x" «apply "ink.safetensors"» }'),
    error('setting/elsewhere', '«generate my pic» { prompt "x" }', 'generate my-pic { prompt "x" }'),
    error('setting/elsewhere', `${A}«generate my pic» extends a {}`, `${A}generate my-pic extends a {}`),
    error('setting/elsewhere', '«generate 3d» { prompt "x" }', 'generate my-3d { prompt "x" }'),
    given(
        { 'a.png': [64, 64] },
        error(
            'setting/elsewhere',
            'image i = "a.png"\ngenerate a { prompt "x" start from i «mask corners 1,2 9,2 9,9» }',
        ),
    ),
    // Each line is looked at by itself.
    error('name/reserved', 'model sketch = "builtin:sketch"\n«generate mean» { use sketch prompt "x" }\n'),
    given({}, error('file/missing', 'image i = «"https://example.org/a.png"»')),
    given({}, error('file/missing', 'image i = «"~/a.png"»')),
    given({}, error('file/missing', 'model m = «"someone/model"»')),
    warning('expect/itself', 'generate a { prompt "x" expect { «image ssim to a >= 0.9» } }'),
];
