/** One case or more for every code, by subject. */
import { type Case, error, given, hint, information, warning } from './case.ts';
import { LEARNING } from './learn-cases.ts';
import { PRINTS } from './print-cases.ts';
import { SLIPS } from './slip-cases.ts';
import { HABITS, MEASURES, SWEEP_VALUES } from './sweep-cases.ts';

/** A model of three levels. */
const SMALL = {
    'a.png': [64, 64],
    m: 'folder',
    'm/model_index.json': '{}',
    'm/unet/config.json': '{"block_out_channels":[32,64,96],"sample_size":16}',
} as const;
const ART = { 'a.png': [128, 128], 'b.png': [64, 128], 'mask.png': [128, 128] } as const;

/** A generate around some settings. */
function g(settings: string): string {
    return `generate a { prompt "a turtle" ${settings} }`;
}

/** The same with a picture declared before. */
function p(settings: string): string {
    return `image pic = "a.png"\ngenerate a { prompt "a turtle" ${settings} }`;
}

const SYNTAX: readonly Case[] = [
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

const NAMES: readonly Case[] = [
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

const IMPORTS: readonly Case[] = [
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

const NUMBERS: readonly Case[] = [
    error('seed/range', g('seed «-1»'), g('seed 0')),
    error('seed/range', g('seed «4294967296»'), g('seed 4294967295')),
    error('seed/order', g('seed «4..1»'), g('seed 1..4')),
    error('seed/many', g('seed «1..100000»')),
    error('steps/range', g('steps «0»'), g('steps 1')),
    error('steps/range', g('steps «2.5»'), g('steps 3')),
    error('guidance/range', g('guidance «-1»'), g('guidance 0')),
    error('guidance/rescale', g('guidance 7 rescale «2»'), g('guidance 7 rescale 1')),
    information('guidance/high', g('«guidance 30»')),
    information('guidance/zero', g('«guidance 0»')),
    warning(
        'guidance/negative',
        g('negative "blurry" «guidance 1»').replace('negative "blurry" «guidance 1»', '«negative "blurry"» guidance 1'),
    ),
    error('clip/range', g('clip skip «20»'), g('clip skip 11')),
    error('start/strength', p('start from pic strength «1.2»'), p('start from pic strength 1')),
    error('share/range', p('start from pic weight «-1» strength 0.5'), p('start from pic weight 1 strength 0.5')),
    error('share/sum', p('«start from pic weight 0 strength 0.5»')),
    error('prompt/weight', 'prompt q = "x" weight «-1»', 'prompt q = "x" weight 0'),
    error('param/number', 'param style = "ink"\ngenerate a { prompt "x" steps «style» }'),
    error('apply/layer', 'lora ink = "i.safetensors"\ngenerate a { prompt "x" apply ink { mid 1 «skip.1 0.5» } }'),
    error(
        'apply/weight',
        'lora ink = "i.safetensors"\ngenerate a { prompt "x" apply ink { mid «20» } }',
        'lora ink = "i.safetensors"\ngenerate a { prompt "x" apply ink { mid 10 } }',
    ),
    error('apply/curve', 'lora ink = "i.safetensors"\ngenerate a { prompt "x" apply ink { mid «1 -> 0» } }'),
    error(
        'apply/weight',
        'lora ink = "i.safetensors"\ngenerate a { prompt "x" apply ink weight «20» }',
        'lora ink = "i.safetensors"\ngenerate a { prompt "x" apply ink weight 10 }',
    ),
    error('infuse/decay', p('infuse pic decay «-1»'), p('infuse pic decay 0')),
    error('cache/every', g('cache deep every «0»'), g('cache deep every 1')),
    error('cache/layer', g('cache deep every 3 at «IN04»'), g('cache deep every 3 at OUT11')),
    error('cache/layer', g('cache deep every 3 at «up.3»'), g('cache deep every 3 at OUT09')),
    warning('cache/nothing', g('cache deep every «1»'), g('cache deep every 3')),
    warning('cache/nothing', g('steps 4 «cache deep every 3 during step 2..2»')),
    warning('cache/nothing', g('steps 1 «cache deep every 3»')),
    warning('cache/nothing', g('steps 4 «cache text during step 1..1»')),
    warning(
        'cache/words',
        'generate a { prompt "a house", "a door" during 50%..100% steps 10 «cache text during 40%..100%» }',
    ),
    warning('cache/guidance', g('steps 10 guidance 7 during 50%..100% «cache text during 40%..100%»')),
    information('cache/far', g('cache deep every «8»')),
    information(
        'cache/below',
        p('steps 20 infuse pic during 0%..50% { mid 0.3 } «cache deep every 3»'),
        p('steps 20 infuse pic during 0%..50% { mid 0.3 } cache deep every 3 during 50%..100%'),
    ),
    information(
        'cache/below',
        p('steps 20 infuse pic during step 1..5 { OUT04 0.3 } «cache deep every 3»'),
        p('steps 20 infuse pic during step 1..5 { OUT04 0.3 } cache deep every 3 during step 6..20'),
    ),
    information('cache/below', g('scale { down.2 0.8 } «cache deep every 3 at OUT10»')),
    given(
        { 'a.png': [128, 128], net: 'folder' },
        information('cache/below', `controlnet net = "net"\n${p('control net by pic «cache deep every 3»')}`),
    ),
    error('trace/every', g('trace every «0»'), g('trace every 1')),
    error('trace/finish', g('trace finished in «0» steps'), g('trace finished in 1 steps')),
    error('trace/finish-several', g('trace finished in «4», 8 steps')),
    warning('word/former', g('trace every 5 «completed»'), g('trace every 5 finished in 1 step')),
    warning('word/former', g('trace at 50% «finish» 4'), g('trace at 50% finished in 4 steps')),
    error('trace/range', g('trace at 20%, «120%»')),
    warning('trace/nothing', g('steps 10 «trace every 20»')),
    error('trace/gradient', p('infuse pic «trace gradient "turtle"»')),
    error('curve/order', 'weights w { mid 0@50% -> «1@20%» }'),
    error('curve/range', 'weights w { mid 0@0% -> 1@«120%» }', 'weights w { mid 0@0% -> 1@100% }'),
    warning('curve/easing', 'weights w { mid 0.5 «cosine» }'),
    error('window/order', p('infuse pic during «60%..20%»'), p('infuse pic during 20%..60%')),
    error('window/order', p('infuse pic during «step 5..2»'), p('infuse pic during step 2..5')),
    error('window/range', p('infuse pic during «step 0..2»')),
    warning('window/empty', p('steps 3 guidance 7 during «33%..34%»')),
    warning('window/empty', p('steps 3 infuse pic during «33%..34%»')),
    warning('window/empty', 'generate a { prompt "a cat", "a hat" during «33%..34%» steps 3 }'),
    information('prompt/gap', 'generate a { «prompt "a cat" during 0%..50%» steps 4 }'),
    information('prompt/gap', 'generate a { «prompt "a cat" during 0%..40%, "a dog" during 60%..100%» steps 10 }'),
    error(
        'prompt/weight',
        'generate a { prompt "a cat" weight 1 -> «12» }',
        'generate a { prompt "a cat" weight 1 -> 10 }',
    ),
    warning('window/empty', p('steps 10 start from pic strength 0.4 infuse pic during «step 5..10»')),
    error('window/range', p('infuse pic during 0%..«120%»'), p('infuse pic during 0%..100%')),
];

const SIZES: readonly Case[] = [
    error('size/multiple', g('size «130x128»'), g('size 128x128')),
    error('size/unit', g('size «30x40cm»')),
    error('size/large', g('size «8192x8192»')),
    information('size/unusual', g('size «512x512»'), g('size 128x128')),
    error('size/multiple', `${p('start from pic outpaint left «30px»')}`, p('start from pic outpaint left 32px')),
    error('size/unit', p('start from pic mask pic feather «2cm»')),
    error('clause/twice', p('start from pic outpaint left 32px, «left 8px»')),
];

const SAMPLERS: readonly Case[] = [
    error('sampler/eta', g('sampler euler eta «0.5»')),
    error('sampler/eta', g('sampler ddim eta «2»'), g('sampler ddim eta 1')),
    error('sampler/schedule', g('sampler ddim on «karras»'), g('sampler dpmpp-2m on karras')),
    warning('sampler/spacing', g('sampler euler on karras spacing «trailing»')),
    information('sampler/steps', g('«sampler lcm»')),
    information('sampler/steps', g('«sampler ddpm» steps 20')),
];

const GENERATES: readonly Case[] = [
    error(
        'extends/cycle',
        'generate a extends «b» { prompt "x" }\ngenerate b { prompt "y" }'.replace(
            'generate b {',
            'generate b extends a {',
        ),
    ),
    information('prompt/missing', 'generate «a» { seed 1 }'),
    warning('prompt/empty', 'prompt «q» { }'),
    warning(
        'without/nothing',
        'generate a {\n    prompt "x"\n    «without mask»\n}',
        'generate a {\n    prompt "x"\n}',
    ),
    warning(
        'without/nothing',
        'generate a { prompt "x" }\ngenerate b extends a {\n    «without trace»\n}',
        'generate a { prompt "x" }\ngenerate b extends a {\n}',
    ),
    error('mask/start', p('«mask pic»')),
    error('outpaint/start', g('«outpaint left 32px»')),
    error('start/no-steps', p('steps 10 «start from pic strength 0.05»'), p('steps 10 start from pic strength 0.1')),
    information('start/all', p('start from pic strength «1»')),
    warning('start/one', p('start from pic mixing «linear» strength 0.5')),
    error(
        'start/spherical',
        p('start from pic mixing «spherical» strength 0.5'),
        p('start from pic mixing linear strength 0.5'),
    ),
];

const LAYERS: readonly Case[] = [
    error('layer/order', 'weights w { «OUT03..IN04» 1 }', 'weights w { IN04..OUT03 1 }'),
    error('layer/range', 'weights w { «mid..skip.2» 1 }'),
    error('layer/glob', 'weights w { «middle.*» 1 }'),
    error('layer/cycle', 'layers «a» = @b\nlayers b = @a'),
    information('weights/overlap', 'weights w {\n    down.* 0.1\n    «down.1 0.3»\n}'),
    information('weights/same-place', 'weights w {\n    mid 0.1\n    «M00 0.3»\n}'),
    warning('weights/empty', 'weights «w» { }'),
    warning('weights/empty', g('«scale { }»')),
    warning('infuse/nothing', p('«infuse pic { mid 0 }»')),
    warning('infuse/nothing', p('infuse pic weight «0»')),
    information('infuse/strong', p('infuse pic { «mid 3» }')),
    information('infuse/rows', p('infuse pic text empty rows «cond» { mid 0.3 }')),
    warning('clause/adds-up', p('infuse pic { mid 0.2 } «infuse pic { up.1 0.2 }»')),
    warning(
        'clause/adds-up',
        'lora r = "builtin:sketch-robot"\ngenerate a { prompt "x" apply r weight 0.5 «apply r weight 0.5» }',
    ),
    error('clause/name-taken', p('infuse pic as early { mid 0.2 } infuse pic as «early» { up.1 0.2 }')),
    information(
        'clause/beside',
        'image e = "a.png"\ngenerate b { prompt "x" infuse e as early { mid 0.2 } }\ngenerate c extends b { «infuse e { mid 0.3 }» }',
    ),
    warning(
        'without/nothing',
        'image e = "a.png"\nimage f = "b.png"\ngenerate b { prompt "x" infuse e, f { mid 0.2 } }\ngenerate c extends b {\n    «without infuse e»\n}',
        'image e = "a.png"\nimage f = "b.png"\ngenerate b { prompt "x" infuse e, f { mid 0.2 } }\ngenerate c extends b {\n}',
    ),
    warning(
        'without/nothing',
        'generate b { prompt "x" expect { time <= 9s } }\ngenerate c extends b {\n    «without expect»\n}',
        'generate b { prompt "x" expect { time <= 9s } }\ngenerate c extends b {\n}',
    ),
    error(
        'made/several',
        'generate low { prompt "y" seed 1..3 }\ngenerate high extends low { start from «low» strength 0.3 }',
        'generate low { prompt "y" seed 1..3 }\ngenerate high extends low { start from low each strength 0.3 }',
    ),
    error(
        'made/several',
        'generate low { prompt "y" seed 1..3 }\ngenerate idea { prompt "x" infuse «low» { mid 0.3 } }',
        'generate low { prompt "y" seed 1..3 }\ngenerate idea { prompt "x" infuse low all { mid 0.3 } }',
    ),
    error(
        'made/seed',
        'generate low { prompt "y" seed 1..3 }\ngenerate high { prompt "x" start from low «with seed 7» }',
    ),
    error(
        'made/seed',
        'generate low { prompt "y" seed 1..3 }\ngenerate high { prompt "x" seed 1..4 start from low «each» }',
    ),
    error(
        'image/one',
        'generate low { prompt "y" seed 1..3 }\ngenerate high extends low { start from low each mask low «all» }',
    ),
    error('image/one', 'generate low { prompt "y" seed 1..3 }\nmosaic m { of low «each» grid 8x8 tiles via low }'),
    error('made/image', p('infuse pic «all» { mid 0.3 }'), p('infuse pic { mid 0.3 }')),
    error(
        'expect/picture',
        'image i = "a.png"\nimage e = edges of i\ngenerate a { prompt "x" expect { image ssim to «e» >= 0.5 } }',
    ),
    error('spec/version', 'sdspec «7»\ngenerate a { prompt "x" }', 'sdspec 1\ngenerate a { prompt "x" }'),
    error('extends/two', 'generate a { prompt "x" }\ngenerate b { prompt "y" }\ngenerate c extends a, «b» { }'),
    error('param/number', 'param w = 2\ngenerate a { prompt "x" guidance w }\ngenerate b extends a with w = «"3"» { }'),
    error('param/size', 'param big = "large"\ngenerate a { prompt "x" size «big» }'),
    error('param/sampler', 'param how = "euler-b"\ngenerate a { prompt "x" sampler «how» }'),
    error('param/schedule', 'param along = "linear"\ngenerate a { prompt "x" sampler euler on «along» }'),
    error(
        'param/weights',
        'image x = "a.png"\nparam set = "coarse"\nweights fine { mid 0.2 }\ngenerate a { prompt "x" infuse x with «set» }',
    ),
    warning(
        'with/unused',
        'param who = "owl"\nprompt p = "a {who}"\nprompt q = "x"\ngenerate a { prompt p, q with «who = "cat"» }',
    ),
    warning(
        'with/unused',
        'param who = "owl"\ngenerate base { prompt "x" }\ngenerate a extends base with «who = "cat"» { }\ngenerate b { prompt "{who}" }',
    ),
    warning(
        'with/unused',
        'param who = "owl"\ngenerate low { prompt "{who}" }\ngenerate base { prompt "x" }\ngenerate a extends base with «who = "cat"» { start from low }',
    ),
    warning(
        'with/unused',
        'param who = "owl"\nprompt p = "x"\ngenerate base { prompt p with «who = "cat"» }\ngenerate b { prompt "{who}" }',
    ),
    warning(
        'with/unused',
        'import { styled } from "./library.sdspec" with who = "cat", «how = "oil"»\ngenerate a { prompt styled }',
    ),
    warning(
        'with/unused',
        'param who = "owl"\ngenerate a { prompt "x" }\nmosaic m { of a grid 2x2 tiles via a with «who = "cat"» }\ngenerate b { prompt "{who}" }',
    ),
    error('param/length', 'param side = 100px\ngenerate a { prompt "x" size 512x512 windows «side» }'),
    error(
        'param/length',
        'param soft = 3\nimage x = "a.png"\ngenerate a { prompt "x" start from x mask x feather «soft» }',
    ),
    error(
        'param/length',
        'param tiny = 4px\ngenerate a { prompt "x" }\nmosaic m { of a grid 2x2 tiles via a tile «tiny» }',
    ),
    error('param/percent', 'param late = 20\ngenerate a { prompt "x" guidance 7 during «late»..80% }'),
    error('param/percent', 'param late = 120%\ngenerate a { prompt "x" trace at 20%, «late» }'),
    error('param/density', 'param fine = 9000dpi\ngenerate a { prompt "x" }\nprint m { of a paper 10x15cm at «fine» }'),
    error('param/size', 'param cells = 1.5x2\ngenerate a { prompt "x" }\nmosaic m { of a grid «cells» tiles via a }'),
    error('param/size', 'param sheet = 512x768\ngenerate a { prompt "x" }\nprint m { of a paper «sheet» at 240dpi }'),
    error(
        'paper/large',
        'param sheet = 300x400cm\ngenerate a { prompt "x" }\nprint m { of a paper «sheet» at 600dpi }',
    ),
    error('window/order', 'param late = 80%\ngenerate a { prompt "x" guidance 7 during «late..20%» }'),
    error('window/range', 'param early = 20%\ngenerate a { prompt "x" guidance 7 during «early..150%» }'),
    error('paper/size', 'param fine = 240dpi\ngenerate a { prompt "x" }\nprint m { of a paper «0x10cm» at fine }'),
    error('window/range', 'param first = 0\ngenerate a { prompt "x" guidance 7 during «step first» }'),
    error('tiles/overlap', 'param lap = 64px\ngenerate a { prompt "x" size 512x512 windows 64px overlap «lap» }'),
    error(
        'name/unknown',
        'generate a { prompt "x" size 512x512 windows «side» }',
        'param side = 64px\n\ngenerate a { prompt "x" size 512x512 windows side }',
    ),
    error(
        'name/unknown',
        'generate a { prompt "x" steps «count» }',
        'param count = 1\n\ngenerate a { prompt "x" steps count }',
    ),
    error('param/nested', 'param a = "red"\nparam b = «"a {a} car"»\ngenerate g { prompt "{b}" }'),
    error(
        'file/word',
        'embedding pip = "builtin:sketch-pip"\nimage x = «"<pip>.png"»\ngenerate a { prompt "x <pip>" start from x }',
    ),
    error('file/missing', 'param p = "gone"\nlora x = «"./{p}.safetensors"»\ngenerate a { prompt "x" apply x }'),
    error('prompt/cycle', 'prompt «p» = q, "x"\nprompt q = p\ngenerate a { prompt q }'),
    error('prompt/ensemble', 'ensemble e { "calm" "storm" }\ngenerate a { prompt «e», "sea" }'),
    error('prompt/ensemble', 'ensemble e { "calm" "storm" }\ngenerate a { prompt «e» during 0%..50% }'),
    error('sweep/case', 'generate a { prompt "x" }\nsweep s over a { case one { steps 4 } case «one» { steps 5 } }'),
    warning('share/one', p('infuse pic share «2»')),
    error('share/sum', 'image x = "a.png"\nimage y = "b.png"\ngenerate a { prompt "x" «infuse x share 0, y share 0» }'),
];

const ENSEMBLES: readonly Case[] = [
    error('ensemble/empty', 'ensemble «e» { }'),
    information('ensemble/one', 'ensemble «e» { "a" }'),
    error('ensemble/sum', 'ensemble «e» {\n    "a" weight 1 -> 0\n    "b" weight 1 -> 0\n}'),
    information('ensemble/same', 'ensemble e over latents {\n    "a"\n    "b"\n}\ngenerate a { prompt «e» }'),
    information(
        'ensemble/differs',
        'ensemble e over latents {\n    "a"\n    "b"\n}\ngenerate a { prompt «e» sampler euler-a }',
    ),
];

const MODELS: readonly Case[] = [
    error('model/builtin', 'model m = «"builtin:skech"»', 'model m = "builtin:sketch"'),
    error('model/companion', 'lora l = «"builtin:sketch-robo"»', 'lora l = "builtin:sketch-robot"'),
    error('model/companion', 'controlnet c = «"builtin:sketch-robot"»', 'controlnet c = "builtin:sketch-edges"'),
    error('model/companion', 'upscaler u = «"builtin:sketch-edges"»', 'upscaler u = "builtin:sketch-up"'),
    error('model/companion', 'lora l = «"builtin:sketch"»', 'lora l = "builtin:sketch-robot"'),
    error('model/builtin', 'model m = «"builtin:sketch-edges"»', 'model m = "builtin:sketch"'),
    error('model/digest', `embedding e = "builtin:sketch-pip" «sha256:${'0'.repeat(64)}»`),
    error('model/hub', 'model m = «"hf:nowhere"»'),
    warning('model/unpinned', 'model m = «"hf:owner/name"»'),
    error('model/revision', 'model m = "builtin:sketch" revision «"abc"»'),
    error('model/choices', 'model m = "builtin:sketch" predicts «v»'),
    error('model/choices', 'model m = "builtin:sketch" vae «"./vae.safetensors"»'),
    error('model/vae', 'model m = "./m.safetensors" vae «"hf:owner/vae"»'),
    error('model/zero-snr', 'model m = "./m.safetensors" predicts epsilon «zero-snr»'),
    error('model/digest', `model m = "builtin:sketch" «sha256:${'0'.repeat(64)}»`),
    error('digest/length', 'image i = "a.png" «sha256:77ab01»'),
    error('digest/kind', 'image i = "a.png" «phash:0123456789abcdef»'),
    error('digest/set', `image i = "./*.png" «sha256:${'0'.repeat(64)}»`),
    error('file/empty', 'image i = «""»'),
    error('image/cycle', 'image i = «edges of j»\nimage j = edges of i'),
    error('image/edges', 'image i = "a.png"\nimage j = edges of i low «200» high 100'),
    error('image/one', 'image set = "./*.png"\ngenerate a { prompt "x" start from set strength 0.5 mask «set» }'),
];

const EXPECTATIONS: readonly Case[] = [
    error('expect/never', p('expect { image ssim to pic >= «1.2» }'), p('expect { image ssim to pic >= 0.97 }')),
    error('expect/never', p('expect { image psnr to pic >= «120» }')),
    error('expect/never', g('expect { time <= «0s» }')),
    error('expect/never', g(`expect { image sha256:${'0'.repeat(64)} image «sha256:${'1'.repeat(64)}» }`)),
    error(
        'expect/within',
        g('expect { image phash:0123456789abcdef within «65» }'),
        g('expect { image phash:0123456789abcdef within 64 }'),
    ),
    error('expect/within', g(`expect { image sha256:${'0'.repeat(64)} within «4» }`)),
    warning('expect/empty', 'generate a {\n    prompt "x"\n    «expect { }»\n}', 'generate a {\n    prompt "x"\n}'),
    warning(
        'expect/several',
        g('seed 1..4 «expect { image phash:0123456789abcdef }»'),
        g('seed 1..4 expect each { image phash:0123456789abcdef }'),
    ),
    warning(
        'expect/several',
        `${g('seed 1')}\nsweep s over a { seed in 1..4 «expect { image phash:0123456789abcdef }» }`,
        `${g('seed 1')}\nsweep s over a { seed in 1..4 expect each { image phash:0123456789abcdef } }`,
    ),
];

const S = 'generate a { prompt "x" }\n';

const APPLIED: readonly Case[] = [
    error(
        'setting/elsewhere',
        'lora r = "builtin:sketch-robot"\ngenerate a { prompt "x" «apply r weight 0 -> 1» }',
        'lora r = "builtin:sketch-robot"\ngenerate a { prompt "x" apply r weight 1 }',
    ),
    error(
        'setting/elsewhere',
        'lora r = "builtin:sketch-robot"\ngenerate a { prompt "x" «apply r weight 1 during 0%..50%» }',
        'lora r = "builtin:sketch-robot"\ngenerate a { prompt "x" apply r weight 1 }',
    ),
];

const FORMER: readonly Case[] = [
    warning(
        'word/former',
        `${S}sweep s over a «zipped» { seed in 1..2 }`,
        `${S}sweep s over a together { seed in 1..2 }`,
    ),
    warning(
        'word/former',
        `${S}sweep s over a { scale at each mid, up.0 «by» 0.5 }`,
        `${S}sweep s over a { scale at each mid, up.0 weight 0.5 }`,
    ),
    warning(
        'word/former',
        p('start from pic «weight» 2, pic share 1 strength 0.5'),
        p('start from pic share 2, pic share 1 strength 0.5'),
    ),
    warning(
        'word/former',
        'ensemble e {\n    "a" «weight» 2\n    "b"\n}\ngenerate a { prompt e }',
        'ensemble e {\n    "a" share 2\n    "b"\n}\ngenerate a { prompt e }',
    ),
    warning(
        'word/former',
        'ensemble e {\n    one "a"\n    "b"\n}\ngenerate a { prompt e }\nsweep s over a { member one «weight» in [1, 2] }',
        'ensemble e {\n    one "a"\n    "b"\n}\ngenerate a { prompt e }\nsweep s over a { member one share in [1, 2] }',
    ),
    warning('word/former', p('infuse pic «latent» clean'), p('infuse pic noise none')),
    warning('word/former', p('infuse pic «latent» matched'), p('infuse pic noise matched')),
    warning('word/former', p('infuse pic «rows» cond'), p('infuse pic on prompt')),
    warning('word/former', p('infuse pic «text» rows on both'), p('infuse pic text as painted on both')),
    warning('word/former', p('infuse pic «normalise» match-std'), p('infuse pic normalise')),
    warning('word/former', p('infuse pic «normalise» none'), p('infuse pic')),
];

const I = 'image pic = "a.png"\ngenerate a { prompt "x" infuse pic }\n';
const SWEEPS: readonly Case[] = [
    error('sweep/empty', `${S}sweep «s» over a { }`),
    error('sweep/unknown', `${S}sweep s over a { «gidance» in [5, 7] }`, `${S}sweep s over a { guidance in [5, 7] }`),
    error('sweep/axis-twice', `${S}sweep s over a { seed in 1..2 «seed in 3..4» }`),
    error('sweep/lengths', `${S}sweep s over a «together» { seed in 1..2 steps in [10, 20, 30] }`),
    error('sweep/columns', `${S}sweep s over a { seed in 1..2 columns «steps» }`),
    error('sweep/many', `${S}sweep «s» over a { seed in 1..1000 steps in 1..100 }`),
    information('sweep/large', `${S}sweep «s» over a { seed in 1..100 steps in 1..10 }`),
    error('sweep/no-start', `${S}sweep s over a { «strength» in [0.2, 0.4] }`),
    error('sampler/eta', `${S}sweep s over a { «eta» in [0, 1] }`),
    error(
        'sweep/no-infuse',
        'image other = "a.png"\ngenerate a { prompt "x" }\nsweep s over a { infuse «other» weight in [0.1, 0.2] }',
    ),
    error(
        'sweep/no-apply',
        'lora ink = "i.safetensors"\ngenerate a { prompt "x" }\nsweep s over a { apply «ink» weight in [0, 1] }',
    ),
    error(
        'sweep/no-control',
        'controlnet net = "n"\ngenerate a { prompt "x" }\nsweep s over a { control «net» weight in [0, 1] }',
    ),
    error(
        'sweep/infuse-twice',
        'image e = "a.png"\ngenerate twice { prompt "x" infuse e { up.1 0.1 } infuse e { up.1 0.1 } }\nsweep s over twice { infuse «e» at each up.1 weight 0.2 }',
    ),
    error(
        'sweep/infuse-twice',
        'image e = "a.png"\ngenerate twice { prompt "x" infuse e { up.1 0.1 } infuse e { mid 0.1 } }\nsweep s over twice { infuse «e» layer mid in [0, 0.3] }',
    ),
    error('sweep/step', `${S}sweep s over a { guidance in 1..4 step «0» }`),
    error('sweep/order', `${S}sweep s over a { seed in «4..1» }`),
    error(
        'clause/unknown',
        'image e = "a.png"\ngenerate b { prompt "x" infuse e as early { mid 0.2 } }\nsweep s over b { «erly» weight in [0, 0.3] }',
        'image e = "a.png"\ngenerate b { prompt "x" infuse e as early { mid 0.2 } }\nsweep s over b { early weight in [0, 0.3] }',
    ),
    error(
        'clause/unknown',
        'generate a { prompt "x" negative "y" }\ngenerate b extends a { without «negativ» }',
        'generate a { prompt "x" negative "y" }\ngenerate b extends a { without negative }',
    ),
    error(
        'sweep/control',
        'image l = "a.png"\ncontrolnet c = "builtin:sketch-edges"\ngenerate b { prompt "x" control c by l as lines }\nsweep s over b { lines «decay» in [0, 0.3] }',
    ),
    error(
        'sweep/control',
        'image l = "a.png"\ncontrolnet c = "builtin:sketch-edges"\ngenerate b { prompt "x" control c by l as lines }\nsweep s over b { «lines» at each mid }',
    ),
    information('sweep/twice', `${I}sweep s over a { «infuse pic at each mid, down.*, mid» }`),
    error('seed/range', `${S}sweep s over a { seed in «[1, 1.5]» }`),
    error('param/number', 'param n = 4\ngenerate a { prompt "x" steps n }\nsweep s over a { n in [«"x"»] }'),
];

const MADE: readonly Case[] = [
    error('clause/missing', 'mosaic «m» { of a grid 4x4 }\ngenerate a { prompt "x" }'),
    error('mosaic/grid', 'generate a { prompt "x" }\nmosaic m { of a grid «4.5x4» tiles via a }'),
    error(
        'mosaic/depth',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a depth «0» }',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a depth 1 }',
    ),
    error('mosaic/many', 'generate a { prompt "x" }\nmosaic m { of a grid «512x512» tiles via a }'),
    error(
        'mosaic/square',
        'generate a { prompt "x" size 128x64 }\nmosaic m { of a grid «8x4» tiles via b depth 2 }\ngenerate b { prompt "x" size 64x64 }',
        'generate a { prompt "x" size 128x64 }\nmosaic m { of a grid 8x8 tiles via b depth 2 }\ngenerate b { prompt "x" size 64x64 }',
    ),
    error('mosaic/zoom', 'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a depth 1 zoom into «5x1» }'),
    warning(
        'mosaic/unseen',
        'generate a { prompt "x" size 128x128 }\nmosaic m { of a grid 16x16 tiles via a depth «3» }',
    ),
    error('mosaic/tile', 'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a tile «4px» }'),
    error('mosaic/tile', 'generate a { prompt "x" size 32x32 }\nmosaic m { of a grid 4x4 tiles via «a» }'),
    error(
        'mosaic/via',
        'image i = "a.png"\ngenerate a { prompt "x" }\ngenerate b { prompt "x" start from i mask i }\nmosaic m { of a grid 4x4 tiles via «b» }',
    ),
    warning('mosaic/unused', 'generate a { prompt "x" seed 1..4 }\nmosaic m { of a grid 4x4 tiles via «a» }'),
    warning(
        'mosaic/unused',
        'image i = "a.png"\ngenerate a { prompt "x" start from i strength 0.5 }\nmosaic m { of a grid 4x4 tiles via «a» }',
    ),
    warning('mosaic/unused', 'generate a { prompt "x" trace every 5 }\nmosaic m { of a grid 4x4 tiles via «a» }'),
    error(
        'mosaic/colour',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a colour «1.5» }',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a colour 1 }',
    ),
    error(
        'mosaic/vary',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a vary «2» }',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a vary 4 }',
    ),
    error(
        'mosaic/pool',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a pool «2000» }',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a pool 1024 }',
    ),
    error(
        'mosaic/frames',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a depth 1 zoom frames «1» }',
        'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a depth 1 zoom frames 2 }',
    ),
    error('start/no-steps', 'generate a { prompt "x" steps 4 }\nmosaic m { of a grid 4x4 tiles via a strength «0.2» }'),
    error('size/unit', 'generate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a tile «4cm» }'),
    given(
        { 'a.png': [200, 100] },
        error(
            'mosaic/shape',
            'image i = "a.png"\ngenerate b { prompt "x" size 64x64 }\nmosaic m { of i grid «8x8» tiles via b }',
            'image i = "a.png"\ngenerate b { prompt "x" size 64x64 }\nmosaic m { of i grid 8x4 tiles via b }',
        ),
    ),
    given(
        { 'a.png': [64, 64] },
        error(
            'mosaic/shape',
            'image i = "a.png"\ngenerate b { prompt "x" size 64x64 }\nmosaic m { of i grid «65x65» tiles via b }',
        ),
    ),
    error(
        'tiles/overlap',
        'generate a { prompt "x" }\nprint p { of a upscale via a tile 64px overlap «48px» paper 30x40cm at 240dpi }',
    ),
];

const FILES: readonly Case[] = [
    given({}, error('file/missing', 'image i = «"nowhere.png"»')),
    given({}, error('file/missing', 'image i = «"./none/*.png"»')),
    given({}, error('file/missing', 'image i = «"builtin:sketch-robot"»')),
    given({}, error('file/share', 'image i = «"//host/share/a.png"»')),
    given({}, error('file/share', 'image i = «"file://host/share/*.png"»')),
    given({}, error('file/share', 'lora l = «"\\\\\\\\host\\\\a.safetensors"»')),
    given({ art: 'folder' }, error('file/kind', 'image i = «"art"»')),
    given({}, error('file/backslash', 'image i = «".\\new\\turtle.png"»', 'image i = "./new/turtle.png"')),
    given(
        {},
        error('file/backslash', 'model m = «"C:\\Users\\me\\x.safetensors"»', 'model m = "C:/Users/me/x.safetensors"'),
    ),
    given(
        { 'x.safetensors': 'head {"conditioner.embedders.1.model.ln_final.bias":[1280]}' },
        error('file/family', 'model m = «"x.safetensors"»'),
    ),
    given(
        { 'x.safetensors': 'head {"lora_controlnet":[0]}' },
        error('file/family', 'controlnet c = «"x.safetensors"»'),
    ),
    given(
        { 'x.safetensors': 'head {"down_blocks.0.conv.oft_blocks":[4]}' },
        error('file/family', 'lora l = «"x.safetensors"»'),
    ),
    given(
        {
            'x.safetensors':
                'head {"lora_unet_conv_in.lora_up.weight":[320,4],"lora_unet_conv_in.lora_down.weight":[4,4,3,3],"bundle_emb.pip.string_to_param.*":[2,768]}',
        },
        information(
            'lora/words',
            'lora l = «"x.safetensors"»\ngenerate a { prompt "a" apply l }',
            'lora l = "x.safetensors"\nembedding pip = "x.safetensors"\ngenerate a { prompt "a" apply l }',
        ),
    ),
    given(
        { 'x.safetensors': 'head {"model.diffusion_model.input_blocks.0.0.weight":[320,4,3,3]}' },
        error('model/part', 'model m = «"x.safetensors"»'),
    ),
    given(
        {
            'x.safetensors':
                'head {"model.diffusion_model.input_blocks.0.0.weight":[320,4,3,3],"first_stage_model.post_quant_conv.bias":[4],"cond_stage_model.transformer.text_model.embeddings.token_embedding.weight":[824,64]}',
        },
        warning('model/tokenizer', 'model m = «"x.safetensors"»'),
    ),
    given({ 'a.png': 'no picture' }, error('image/unreadable', 'image i = «"a.png"»')),
    given({ 'a.png': [20000, 20000] }, error('image/large', 'image i = «"a.png"»')),
    given({ m: 'folder' }, error('model/folder', 'model m = «"m"»')),
    given({ 'm.ckpt': 'x' }, error('model/format', 'model m = «"m.ckpt"»')),
    given(
        ART,
        warning(
            'mask/shape',
            'image x = "a.png"\nimage y = "b.png"\ngenerate a { prompt "x" start from x strength 0.5 mask «y» }',
        ),
    ),
    given(
        { 'm.safetensors': 'x' },
        information('size/default', 'model m = "m.safetensors"\ngenerate «a» { prompt "x" use m }'),
    ),
    given(
        SMALL,
        error(
            'layer/model',
            'model m = "m"\nimage i = "a.png"\ngenerate a { prompt "x" use m «infuse i { down.3 0.2 }» }',
        ),
    ),
    given(
        SMALL,
        error(
            'model/foreign',
            'model m = "m"\nlora l = "builtin:sketch-robot"\ngenerate a { prompt "x" use m «apply l» }',
        ),
    ),
    given(
        SMALL,
        error(
            'model/foreign',
            'model m = "m"\nembedding pip = "builtin:sketch-pip"\ngenerate a { use m «prompt "a <pip>"» }',
        ),
    ),
    given(
        SMALL,
        error(
            'model/foreign',
            'model m = "m"\nembedding pip = "builtin:sketch-pip"\nprompt p = "a <pip>"\nensemble e { "x" prompt p }\ngenerate a { use m «prompt e» }',
        ),
    ),
    given(
        SMALL,
        error(
            'model/foreign',
            'model m = "m"\nmodel s = "builtin:sketch"\nlora l = "builtin:sketch-robot"\ngenerate a { prompt "x" use s apply l }\nsweep w over a { use in [s, «m»] }',
        ),
    ),
    given(
        SMALL,
        error(
            'model/foreign',
            'model m = "m"\nembedding pip = "builtin:sketch-pip"\ngenerate a { prompt "x" use m }\nsweep w over a { prompt in ["x", «"a <pip>"»] }',
        ),
    ),
    given({}, warning('prompt/long', `generate a { «prompt "${'turtle '.repeat(80)}"» }`)),
    given(
        { vocabulary: 'photo of a turtle' },
        hint('prompt/unlearnt', 'generate a { «prompt "photo of a lighthouse"» }'),
    ),
];

export const CASES: readonly Case[] = [
    ...SYNTAX,
    ...NAMES,
    ...IMPORTS,
    ...NUMBERS,
    ...SIZES,
    ...SAMPLERS,
    ...GENERATES,
    ...LAYERS,
    ...APPLIED,
    ...FORMER,
    ...ENSEMBLES,
    ...MODELS,
    ...EXPECTATIONS,
    ...SWEEPS,
    ...MADE,
    ...FILES,
    ...LEARNING,
    ...PRINTS,
    ...SWEEP_VALUES,
    ...MEASURES,
    ...HABITS,
    ...SLIPS,
];
