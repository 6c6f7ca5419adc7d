/** Sweeps that vary nothing or can't run, and clauses in the notation of other tools. */
import { type Case, error, given, information, warning } from './case.ts';

const FILES = { 'a.png': [64, 64] } as const;
const FROM = 'image pic = "a.png"\ngenerate a { prompt "x" steps 10 start from pic strength 0.5 }\n';

const S = 'generate a { prompt "x" }\n';
const I = 'image pic = "a.png"\ngenerate a { prompt "x" infuse pic }\n';

export const SWEEP_VALUES: readonly Case[] = [
    warning(
        'sweep/nothing',
        'param style = "photo"\ngenerate a { prompt "x" }\nsweep s over a { «style» in ["photo", "drawing"] }',
    ),
    warning('sweep/nothing', 'generate a { prompt "x" guidance 1 }\nsweep s over a { «negative» in ["a", "b"] }'),
    warning('sweep/nothing', 'generate a { prompt "x" }\nsweep s over a { «negative» in ["a", "b"] guidance in [1] }'),
    warning('sweep/nothing', 'generate a { prompt "x" }\nsweep s over a { sampler in [euler, ddim] «eta» in [0, 1] }'),
    given(FILES, warning('sweep/nothing', `${FROM}sweep s over a { strength in «[0.1, 0.15, 0.5]» }`)),
    given(FILES, error('start/no-steps', `${FROM}sweep s over a { strength in «0..1 step 0.1» }`)),
    given(FILES, error('start/no-steps', `${FROM}sweep s over a { steps in «[1, 10]» }`)),
    warning(
        'sweep/value-twice',
        'generate a { prompt "x" }\nsweep s over a { guidance in [5, «5», 7] }',
        'generate a { prompt "x" }\nsweep s over a { guidance in [5, 7] }',
    ),
    warning('sweep/value-twice', 'generate a { prompt "x" }\nsweep s over a { sampler in [euler, ddim, «euler»] }'),
    given(
        FILES,
        error(
            'image/cycle',
            'image pic = "a.png"\ngenerate a { prompt "x" infuse pic { mid 0.1 } }\nsweep s over a { infuse pic from in [pic, «a»] }',
        ),
    ),
    given(
        FILES,
        warning(
            'word/former',
            'image pic = "a.png"\ngenerate a { prompt "x" infuse pic { mid 0.1 } }\nsweep s over a { infuse pic «layer» mid in [0, 0.5] }',
            'image pic = "a.png"\ngenerate a { prompt "x" infuse pic { mid 0.1 } }\nsweep s over a { infuse pic { mid in [0, 0.5] } }',
        ),
    ),
    given(
        FILES,
        error(
            'sweep/control',
            'controlnet net = "builtin:sketch-edges"\nimage pic = "a.png"\ngenerate a { prompt "x" control net by pic as lines }\nsweep s over a { lines { «mid» in [0, 0.5] } }',
        ),
    ),
    warning('seed/twice', 'generate a { prompt "x" seed 1, «1», 2 }'),
    warning('seed/twice', 'generate a { prompt "x" seed 1, «1..2» }'),
];

const OVER = 'generate plain { prompt "x" seed 1..2 }\ngenerate a { prompt "x" guidance 3 seed 1..2 }\n';

export const MEASURES: readonly Case[] = [
    error('measure/from', `${OVER}sweep s over a { guidance in [1, 5] measure «moved» }`),
    error(
        'measure/subject',
        `${OVER}sweep s over a { guidance in [1, 5] measure subject «"turtel"» }`,
        `${OVER}sweep s over a { guidance in [1, 5] measure subject "turtle" }`,
    ),
    warning(
        'measure/model',
        'model own = "hf:o/m" revision "451f4fe3f6d2af1d9e2c7c1c53e2b5a5d6f7a8b9"\ngenerate a { use own prompt "x" }\nsweep s over a { guidance in [1, 5] measure «subject "turtle"» }',
    ),
    warning('measure/twice', `${OVER}sweep s over a { guidance in [1, 5] measure ssim to plain, «ssim to plain» }`),
    error('mean/axis', `${OVER}sweep s over a { guidance in [1, 5] measure ssim to plain mean over «steps» }`),
    warning(
        'mean/nothing',
        `${OVER}sweep s over a {\n    guidance in [1, 5]\n    «mean over seed»\n}`,
        `${OVER}sweep s over a {\n    guidance in [1, 5]\n}`,
    ),
    error(
        'expect/measure',
        `${OVER}sweep s over a { guidance in [1, 5] expect { «ssim to plain >= 0.5» } }`,
        `${OVER}sweep s over a { guidance in [1, 5] expect each { ssim to plain >= 0.5 } }`,
    ),
    error('expect/measure', 'generate a { prompt "x" expect { «subject "turtle" >= 0.5» } }'),
    error(
        'expect/each',
        'generate a { prompt "x" size 64x64 }\nprint p { of a upscale via a by 1 paper 5x5cm at 72dpi expect «each» { time <= 90s } }',
        'generate a { prompt "x" size 64x64 }\nprint p { of a upscale via a by 1 paper 5x5cm at 72dpi expect  { time <= 90s } }',
    ),
    error(
        'expect/never',
        `${OVER}sweep s over a { guidance in [1, 5] expect each { image «sha256:${'0'.repeat(64)}» } }`,
    ),
];

export const HABITS: readonly Case[] = [
    error('param/place', 'param p = "x"\n«model m = "./{p}.safetensors"»\ngenerate a { use m prompt "x" }'),
    error('param/place', 'param p = 20%\ngenerate a { prompt "x" guidance «9@p ->» 5 }'),
    error('param/place', 'param p = 20%\ngenerate a { prompt "x" guidance 9 «-> 5@p» }'),
    error(
        'param/place',
        'param p = 2x2\ngenerate a { prompt "x" }\nmosaic m { of a grid 4x4 tiles via a depth 2 «zoom into p» }',
    ),
    error('param/place', 'param p = 3\nimage e = "a.png"\ngenerate a { prompt "x" start from e «mask corners p» }'),
    information('prompt/brackets', 'generate a { prompt «"photo of a (red) cat in the snow"» }'),
    error(
        'setting/elsewhere',
        'generate a { prompt "x" «sampler DPM++ 2M Karras» seed 1 }',
        'generate a { prompt "x" sampler dpmpp-2m on karras seed 1 }',
    ),
    error(
        'setting/elsewhere',
        'generate a { prompt "x" «sampler dpm++2m» }',
        'generate a { prompt "x" sampler dpmpp-2m }',
    ),
    error(
        'setting/elsewhere',
        'generate a { prompt "x" «sampler k_euler_a» }',
        'generate a { prompt "x" sampler euler-a }',
    ),
    error(
        'setting/elsewhere',
        'image e = "e.png"\ngenerate a { prompt "x" infuse e «weight 30%» }',
        'image e = "e.png"\ngenerate a { prompt "x" infuse e weight 0.3 }',
    ),
    error(
        'setting/elsewhere',
        'image e = "e.png"\ngenerate a { prompt "x" infuse e «during 0..60%» }',
        'image e = "e.png"\ngenerate a { prompt "x" infuse e during 0%..60% }',
    ),
    error('name/quotes', '«generate "My turtle"» { prompt "x" seed 1 }', 'generate my-turtle { prompt "x" seed 1 }'),
    error(
        'name/quotes',
        'generate a { prompt "x" }\nsweep s over a {\n    «case "quick"» { steps 4 }\n    case slow { steps 20 }\n}',
        'generate a { prompt "x" }\nsweep s over a {\n    case quick { steps 4 }\n    case slow { steps 20 }\n}',
    ),
    error('name/quotes', '«generate "model"» { prompt "x" }'),
    error('setting/elsewhere', 'generate a { prompt "x" «seed random» }', 'generate a { prompt "x" seed 42 }'),
    error(
        'setting/elsewhere',
        'generate a { prompt "x" «sampler dpmpp-2m-karras» }',
        'generate a { prompt "x" sampler dpmpp-2m on karras }',
    ),
    error(
        'syntax/character',
        'generate a {\n    prompt "x"\n«    steps: »5\n}',
        'generate a {\n    prompt "x"\n    steps 5\n}',
    ),
    error(
        'syntax/character',
        'generate a { prompt "x" negative «\'a red house\'» }',
        'generate a { prompt "x" negative "a red house" }',
    ),
    error(
        'declaration/unknown',
        'generate a { prompt "x" }\n«swceep» s over a { seed in 1..3 }',
        'generate a { prompt "x" }\nsweep s over a { seed in 1..3 }',
    ),
    error('layer/unknown', 'generate a { prompt "x" scale { «skip[12]» 0.3 } }'),
    error('layer/unknown', 'generate a { prompt "x" scale { «up.5» 0.3 } }'),
    error('layer/unknown', 'generate a { prompt "x" scale { «OUT12» 0.3 } }'),
    given(
        { 'art/elephant.png': [64, 64] },
        error(
            'file/missing',
            'image e = «"art/elefant.png"»\ngenerate a { prompt "x" start from e }',
            'image e = "art/elephant.png"\ngenerate a { prompt "x" start from e }',
        ),
    ),
    error('setting/elsewhere', 'generate a { prompt "x" «cfg scale 7» }', 'generate a { prompt "x" guidance 7 }'),
    error(
        'setting/elsewhere',
        'generate a { prompt "x" «negative prompt» "ugly" }',
        'generate a { prompt "x" negative "ugly" }',
    ),
    error('setting/elsewhere', 'generate a { prompt "x" «denoise 0.8» }'),
    error(
        'setting/elsewhere',
        'generate a {\n    prompt "x"\n    «width 128\n    height 64»\n}',
        'generate a {\n    prompt "x"\n    size 128x64\n}',
    ),
    error('setting/elsewhere', 'generate a { prompt "x" «width 128» }'),
    error('setting/elsewhere', 'generate a { prompt "x" «scheduler karras» }'),
    error(
        'setting/elsewhere',
        'lora robot = "builtin:sketch-robot"\ngenerate a { prompt "x" «lora robot 0.8» }',
        'lora robot = "builtin:sketch-robot"\ngenerate a { prompt "x" apply robot weight 0.8 }',
    ),
    error('setting/elsewhere', 'generate a { prompt "x" «guidance 7,5» }', 'generate a { prompt "x" guidance 7.5 }'),
    error('setting/elsewhere', 'generate a { prompt "x" guidance «.5» }', 'generate a { prompt "x" guidance 0.5 }'),
    error('setting/elsewhere', 'generate a { prompt "x" «start from "a.png"» }'),
    error('name/reserved', 'generate a { prompt "x" }\n\n«sweep weights» over a {\n    seed in 1..4\n}\n'),
    error('comment/unclosed', 'generate a { prompt "x" }\n«/* not closed\n»'),
    error('string/unclosed', 'generate a { prompt «"""not closed\n    seed 4\n}\n»'),
    error('setting/value', 'image i = "a.png"\ngenerate a { prompt "x" start from i strength 0.5 mask i «feather» 4 }'),
    error('number/large', 'generate a { prompt "x" guidance «1e400» }'),
];

export const SWEEPS: readonly Case[] = [
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
