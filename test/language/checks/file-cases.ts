/** Models and other files, and what is applied of them. */
import { ART, type Case, error, given, hint, information, SMALL, warning } from './case.ts';

export const MODELS: readonly Case[] = [
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

export const APPLIED: readonly Case[] = [
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

export const FILES: readonly Case[] = [
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
