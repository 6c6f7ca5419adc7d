/** Layers and what acts at them; ensembles. */
import { type Case, error, g, information, p, warning } from './case.ts';

export const LAYERS: readonly Case[] = [
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

export const ENSEMBLES: readonly Case[] = [
    error('ensemble/empty', 'ensemble «e» { }'),
    information('ensemble/one', 'ensemble «e» { "a" }'),
    error('ensemble/sum', 'ensemble «e» {\n    "a" weight 1 -> 0\n    "b" weight 1 -> 0\n}'),
    information('ensemble/same', 'ensemble e over latents {\n    "a"\n    "b"\n}\ngenerate a { prompt «e» }'),
    information(
        'ensemble/differs',
        'ensemble e over latents {\n    "a"\n    "b"\n}\ngenerate a { prompt «e» sampler euler-a }',
    ),
];
