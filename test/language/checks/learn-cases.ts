/** Cases of the checks of learning. */
import { type Case, error, given, hint, information, warning } from './case.ts';

const PICTURES = { 'a.png': [128, 128], 'b.png': [128, 128], 'c.png': [128, 128] } as const;
/** An inpainting model, and a model of three levels. */
const INPAINTING = {
    ...PICTURES,
    m: 'folder',
    'm/model_index.json': '{}',
    'm/unet/config.json': '{"in_channels":9,"sample_size":16}',
} as const;
const SMALL = {
    ...PICTURES,
    m: 'folder',
    'm/model_index.json': '{}',
    'm/unet/config.json': '{"block_out_channels":[32,64,96],"sample_size":16}',
} as const;

/** A word learnt from pictures, with more clauses. */
function w(settings = '', head = 'learn pip'): string {
    return `image pics = "?.png"\n${head} { word like "animal" from pics "a <pip>" ${settings} }`;
}

/** A LoRA. */
function l(settings = '', lora = 'lora rank 4'): string {
    return `image pics = "?.png"\nlearn tin { ${lora} from pics "a robot" beside pics "a cat" ${settings} }`;
}

/** A ControlNet. */
function c(settings = '', controlnet = 'controlnet edges'): string {
    return `image one = "a.png"\nimage pics = "?.png"\nlearn net { ${controlnet} from pics "a cat" ${settings} }`;
}

const cases: readonly Case[] = [
    error('learn/what', 'image pics = "?.png"\nlearn «pip» { from pics "a robot" }'),
    error('learn/what', l('«weights»'), l('')),
    error('clause/missing', 'learn «pip» { word like "animal" }'),
    error(
        'learn/word',
        'image pics = "?.png"\nlearn pip { word like "animal" from pics "a <pip>", «"an animal"» }',
        'image pics = "?.png"\nlearn pip { word like "animal" from pics "a <pip>", "an <pip>" }',
    ),
    error('learn/word', 'generate g { prompt "a cat" }\nlearn pip { word like "animal" «from g» }'),
    error('learn/captions', 'image pics = "?.png"\nlearn tin { lora «from pics» }'),
    error('learn/circle', 'generate g { prompt "a <pip>" }\nlearn «pip» { word like "animal" from g }'),
    error('learn/no-word', `${l()}\ngenerate a { prompt "a <«tin»>" }`),
    error('learn/other-word', `embedding toy = "builtin:sketch-pip"\n${l('trace every 10 "a <«toy»>"')}`),
    error(
        'learn/apply',
        `${w()}\ngenerate a { prompt "a <pip>" «apply pip» }`,
        `${w()}\ngenerate a { prompt "a <pip>"  }`,
    ),
    error('learn/apply', `${c()}\ngenerate a { prompt "x" «apply net» }`),
    error('learn/no-word', `${c()}\ngenerate a { prompt "a <«net»>" }`),
    error('learn/control', `image one = "a.png"\n${l()}\ngenerate a { prompt "x" control «tin» by one }`),
    error('learn/trace', c('«trace every 10 "a cat"»')),
    error('learn/trace', `image one = "a.png"\n${l('trace every 10 "a" by «one»')}`),
    error('image/edges', c('', 'controlnet edges low «200» high 100')),
    warning('learn/beside', c('«beside pics "a cat"»'), c('')),
    error('learn/skip', l('', 'lora at «skip.0»')),
    error('learn/layers', l('', 'lora at «OUT00..OUT02»')),
    error('learn/layers', l('', 'lora at «transformer of IN00»')),
    error('learn/steps', w('steps «0»'), w('steps 1')),
    error('learn/seed', w('«seed 1..4»')),
    error('learn/batch', w('batch «0»'), w('batch 1')),
    error('learn/rate-range', w('rate «2»'), w('rate 1')),
    error('learn/warmup', w('rate 0.001 warmup «-1»'), w('rate 0.001 warmup 0')),
    error('learn/decay', w('rate 0.001 decay «2»'), w('rate 0.001 decay 1')),
    error('learn/clip', w('rate 0.001 clip «-1»'), w('rate 0.001 clip 0')),
    information('learn/rate', w('rate «0.1»')),
    error(
        'learn/beside-weight',
        l().replace('"a cat"', '"a cat" weight «-1»'),
        l().replace('"a cat"', '"a cat" weight 0'),
    ),
    error(
        'learn/vectors',
        w().replace('"animal"', '"animal" vectors «20»'),
        w().replace('"animal"', '"animal" vectors 16'),
    ),
    error('learn/rank', l('', 'lora rank «0»'), l('', 'lora rank 1')),
    error('learn/alpha', l('', 'lora alpha «0»'), l('', 'lora alpha 0.000001')),
    error('learn/like-missing', 'image pics = "?.png"\nlearn pip { «word» from pics "a <pip>" }'),
    warning('learn/beside', w('«beside pics "a cat"»'), w('')),
    hint('learn/beside', 'image pics = "?.png"\nlearn tin { «lora rank 4» from pics "a robot" }'),
    warning('learn/warmup-long', w('steps 100 rate 0.001 warmup «100»')),
    warning('trace/nothing', w('steps 100 «trace every 200 "a <pip>"»')),
    error('expect/learn', `image gold = "a.png"\n${w('expect { «image ssim to gold >= 0.9» }')}`),
    error('expect/loss', 'generate a { prompt "x" expect { «loss <= 0.1» } }'),
    error('learn/weights', l('beside pics "a dog" weight 1 beside pics "x" weight «2»')),
    error('learn/model', `model m = "m"\n${w('«use m»')}`),
    error('learn/like', w().replace('"animal"', '«"purple spotted animal"»')),
    warning('learn/few', 'image a = "a.png"\nlearn pip { word like "animal" from «a» "a <pip>" }'),
    warning('learn/small', 'image pics = "?.png"\nlearn pip { word like "animal" from «pics» "a <pip>" size 256x256 }'),
    error('model/foreign', `model m = "m"\n${w()}\ngenerate a { use m «prompt "a <pip>"» }`),
    error('name/unknown', 'generate a { prompt "x" apply «tin» }'),
    error('setting/unknown', w('«learning_rate» 0.1'), w('rate 0.1')),
];

export const LEARNING: readonly Case[] = cases.map((one) =>
    given(one.code === 'learn/model' ? INPAINTING : one.code === 'model/foreign' ? SMALL : PICTURES, one),
);
