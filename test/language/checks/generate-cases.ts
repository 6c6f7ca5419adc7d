/** Generates: their clauses, what they expect, forms of former versions, pictures that the spec makes. */
import { type Case, error, g, given, information, p, warning } from './case.ts';

const S = 'generate a { prompt "x" }\n';

export const GENERATES: readonly Case[] = [
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

export const EXPECTATIONS: readonly Case[] = [
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

export const FORMER: readonly Case[] = [
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

export const MADE: readonly Case[] = [
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
