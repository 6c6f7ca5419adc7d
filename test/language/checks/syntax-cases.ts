/** Syntax, names and imports. */
import { type Case, error, g, given, hint, information, warning } from './case.ts';

export const SYNTAX: readonly Case[] = [
    error('syntax/unexpected', 'generate a {\n    prompt "a turtle"\n    use\n    «size» 128x128\n}'),
    error('name/reserved', '«image mask» = "a.png"'),
    error('syntax/character', 'generate a { prompt "a turtle" seed«:» 4 }', 'generate a { prompt "a turtle" seed 4 }'),
    error(
        'syntax/character',
        'generate a { prompt "a turtle" clip skip«:»1 steps 4 }',
        'generate a { prompt "a turtle" clip skip 1 steps 4 }',
    ),
    error(
        'syntax/character',
        'generate a {\n    prompt "a turtle"\n    seed 4«;»\n}',
        'generate a {\n    prompt "a turtle"\n    seed 4\n}',
    ),
    error('syntax/character', 'image pic = "a.png" generate a { prompt "a turtle" infuse pic«:» { mid 0.1 } }'),
    error(
        'string/unclosed',
        'generate a {\n    prompt «"a turtle»\n    seed 4\n}',
        'generate a {\n    prompt "a turtle"\n    seed 4\n}',
    ),
    warning(
        'prompt/notation',
        'generate a { prompt «"a (green:1.4) turtle, ((beach))"» }',
        'generate a { prompt "a green turtle" { "green" 1.4 }, "beach" weight 1.21 }',
    ),
    given(
        { 'a.png': [128, 128] },
        error(
            'control/layer',
            'controlnet net = "builtin:sketch-edges"\nimage pic = "a.png"\ngenerate a { prompt "x" control net by pic { skip.* 1 «up.1 0.5» } }',
        ),
    ),
    given(
        { 'a.png': [128, 128] },
        information(
            'control/none',
            'controlnet net = "builtin:sketch-edges"\nimage pic = "a.png"\ngenerate a { prompt "x" control net by pic { «skip.3 0» } }',
        ),
    ),
    information('apply/none', 'lora ink = "i.safetensors"\ngenerate a { prompt "x" apply ink { «mid 0» up.1 0 } }'),
    warning(
        'prompt/notation',
        'generate a { prompt «"a red car BREAK in the desert"» }',
        'generate a { prompt "a red car, in the desert" }',
    ),
    warning(
        'prompt/notation',
        'generate a { prompt «"a red car AND a blue boat"» }',
        'ensemble mixture {\n    // AND adds its prompts up: the same strength is guidance times 2.\n    "a red car" share 1\n    "a blue boat" share 1\n}\n\ngenerate a { prompt mixture }',
    ),
    warning(
        'prompt/notation',
        'generate a { prompt «"a [red:blue:0.5] car"» steps 20 }',
        'generate a { prompt "a red car" during 0%..50%, "a blue car" during 50%..100% steps 20 }',
    ),
    warning('prompt/notation', 'generate a { prompt «"a [red|blue] car"» }'),
    warning(
        'prompt/notation',
        'generate a { prompt «"a red car <lora:detail:0.8>"» }',
        'lora detail = "./detail.safetensors"\n\ngenerate a { prompt "a red car" apply detail weight 0.8 }',
    ),
    warning(
        'prompt/notation',
        'generate a { prompt «"a {red|blue} car"» }',
        'param choice = "red"\n\ngenerate a { prompt "a {choice} car" }\n\nsweep a-choices over a {\n    choice in ["red", "blue"]\n}',
    ),
    warning('prompt/notation', 'generate a { prompt «"a __colour__ car"» }'),
    warning(
        'prompt/notation',
        'generate a { prompt "a car" negative «"embedding:bad"» }',
        'embedding bad = "./bad.safetensors"\n\ngenerate a { prompt "a car" negative "<bad>" }',
    ),
    error(
        'prompt/notation',
        'generate a { prompt «"a {{red}} car"» }',
        'generate a { prompt "a red car" { "red" 1.1025 } }',
    ),
    warning(
        'prompt/notation',
        'generate a { prompt «"1.5::red hat::, a car"» }',
        'generate a { prompt "red hat" weight 1.5, "a car" }',
    ),
    warning(
        'prompt/notation',
        'generate a { prompt «"a car, <embed:glow>"» }',
        'embedding glow = "./glow.safetensors"\n\ngenerate a { prompt "a car, <glow>" }',
    ),
    warning('prompt/notation', 'generate a { prompt «"a car \\\\(red\\\\)"» }', 'generate a { prompt "a car (red)" }'),
    warning(
        'prompt/notation',
        'generate a { prompt «"a car, (a hat:1.3"» }',
        'generate a { prompt "a car", "a hat:1.3" weight 1.1 }',
    ),
    warning('prompt/notation', 'generate a { prompt «"a car, <segment:face> nice"» }'),
    warning('prompt/notation', 'generate a { prompt «"a car (hat:-1)"» }'),
    warning('prompt/notation', 'generate a { prompt «"a car --ar 16:9"» }'),
    warning('prompt/notation', 'generate a { prompt «"a car AND_PERP a boat"» }'),
    warning('prompt/notation', 'generate a { prompt «"a car ADDCOMM a boat"» }'),
    warning('prompt/notation', 'generate a { prompt «"[a:b:c:0.5,0.6] car"» }'),
    information('prompt/notation', 'generate a { prompt «"a car:1.3, a boat"» }'),
    information(
        'prompt/notation',
        'generate a { prompt «"(masterpiece, a car"» }',
        'generate a { prompt "masterpiece" weight 1.1, "a car" weight 1.1 }',
    ),
    information(
        'prompt/notation',
        'generate a { prompt «"(masterpiece), a car"» }',
        'generate a { prompt "masterpiece" weight 1.1, "a car" }',
    ),
    warning(
        'prompt/absent',
        'generate a { prompt "a red car" { «"rad"» 1.4 } }',
        'generate a { prompt "a red car" { "red" 1.4 } }',
    ),
    warning(
        'prompt/absent',
        'generate a { prompt "a very old house" { «"very old hose"» 1.4 } }',
        'generate a { prompt "a very old house" { "very old house" 1.4 } }',
    ),
    warning('prompt/absent', 'generate a { prompt "a red car" { «"blue"» 1.4 } }'),
    warning(
        'prompt/learned',
        'embedding pip = "builtin:sketch-pip"\ngenerate a { prompt «"a pip at home"» }',
        'embedding pip = "builtin:sketch-pip"\ngenerate a { prompt "a <pip> at home" }',
    ),
    warning('string/brace', 'generate a { prompt «"a { turtle"» }', 'generate a { prompt "a \\{ turtle" }'),
];

export const NAMES: readonly Case[] = [
    error(
        'name/unknown',
        'model sketch = "builtin:sketch"\ngenerate a { prompt "x" use «skech» }',
        'model sketch = "builtin:sketch"\ngenerate a { prompt "x" use sketch }',
    ),
    error(
        'name/unknown',
        'generate a { prompt "a {«style»} turtle" }',
        'param style = "style"\n\ngenerate a { prompt "a {style} turtle" }',
    ),
    error(
        'name/unknown',
        '// mine\ngenerate a {\n    use «sketch»\n    prompt "x"\n}',
        'model sketch = "builtin:sketch"\n\n// mine\ngenerate a {\n    use sketch\n    prompt "x"\n}',
    ),
    error(
        'name/unknown',
        'generate a { prompt "x" infuse «cowboy» at mid }',
        'image cowboy = "./cowboy.png"\n\ngenerate a { prompt "x" infuse cowboy at mid }',
    ),
    error('name/kind', 'lora ink = "ink.safetensors"\ngenerate a { prompt "x" use «ink» }'),
    error('name/taken', 'prompt a = "x"\ngenerate «a» { prompt "y" }'),
    error('name/taken', 'ensemble e {\n    x "a"\n    «x» "b"\n}\ngenerate a { prompt e }'),
    hint(
        'name/unused',
        'prompt p = "x"\nprompt «q» = "y"\ngenerate a { prompt p }',
        'prompt p = "x"\ngenerate a { prompt p }',
    ),
    error('layer/unknown', 'weights w { «down.4» 1 }'),
    error('layer/unknown', 'weights w { «donw.1» 1 }', 'weights w { down.1 1 }'),
    error('layer/unknown', 'layers deep = mid\nweights w { «deep» 1 }', 'layers deep = mid\nweights w { @deep 1 }'),
    error('library/only', '«layer IN99»'),
    error('setting/unknown', 'generate a { prompt "x" «sead» 4 }', 'generate a { prompt "x" seed 4 }'),
    error('setting/unknown', 'generate a { prompt "x" «resolution» 64 }', 'generate a { prompt "x" size 64 }'),
    error(
        'setting/unknown',
        'generate a { prompt "x" guidance 7 «rescal» 0.7 }',
        'generate a { prompt "x" guidance 7 rescale 0.7 }',
    ),
    error('declaration/unknown', '«generat» a { prompt "x" }', 'generate a { prompt "x" }'),
    error(
        'clause/twice',
        'generate a {\n    prompt "x"\n    seed 1\n    «seed 2»\n}',
        'generate a {\n    prompt "x"\n    seed 1\n}',
    ),
    error('clause/twice', g('sampler euler on karras on «exponential»')),
    error('clause/twice', g('«trace every 5 at 50%»')),
];

export const IMPORTS: readonly Case[] = [
    error('import/missing', 'import { a } from «"./nowhere.sdspec"»'),
    error('import/extension', 'import { a } from «"./notes.txt"»'),
    warning(
        'import/nothing',
        '«import { } from "./library.sdspec"»\ngenerate a { prompt "x" }',
        'generate a { prompt "x" }',
    ),
    error('import/unknown', 'import { «turtel» } from "./library.sdspec"', 'import { turtle } from "./library.sdspec"'),
    error('import/cycle', 'import { b } from «"./circle.sdspec"»\nprompt b2 = "x"'),
    warning('import/twice', 'import { turtle } from "./library.sdspec"\nimport { frog } from «"./library.sdspec"»'),
];
