/** Cases of the checks of prints, of frames, and of pictures in windows. */
import { type Case, error, given, warning } from './case.ts';

/** A print of a picture, its steps and paper. */
function print(steps: string, paper = 'paper 10x10cm at 50dpi'): string {
    return `generate a { prompt "x" }\nupscaler up = "builtin:sketch-up"\nprint p { of a upscale up ${steps} ${paper} }`;
}

/** A print of a picture on disk, or of the same picture with a part painted over. */
function printOf(what: 'pic' | 'framed', paper: string): string {
    return `${frame('mask corners 9,9 60,9 60,60 9,60').replace('generate a', 'generate framed')}\nupscaler up = "builtin:sketch-up"\nprint p { of ${what} upscale up ${paper} }`;
}

/** A generate that starts from a picture of 128x128. */
function frame(settings: string): string {
    return `image pic = "a.png"\ngenerate a { prompt "x" start from pic ${settings} }`;
}

export const PRINTS: readonly Case[] = [
    error('clause/missing', 'generate a { prompt "x" }\nprint «p» { of a }'),
    error('size/unit', 'generate a { prompt "x" }\nprint p { of a upscale via a paper «30x40» at 240dpi }'),
    error('size/unit', print('upscale via a tile «2cm»')),
    error('size/multiple', print('upscale via a tile «100px»'), print('upscale via a tile 104px').replace(/[«»]/g, '')),
    error('upscale/by', print('upscale via a by «9»'), print('upscale via a by 8')),
    error('upscale/fixed', print('upscale up by «2»')),
    error('upscale/via', `image pic = "a.png"\ngenerate b { prompt "x" start from pic }\n${print('upscale via «b»')}`),
    error('clause/twice', print('upscale via a by 2 by «3»')),
    error('paper/bleed', print('', 'paper 10x10cm at 50dpi bleed «9cm»')),
    error('paper/bleed', print('', 'paper 10x10cm at 50dpi bleed «9px»')),
    error('paper/dpi', print('', 'paper 10x10cm at «0dpi»')),
    error('paper/size', print('', 'paper «0x10cm» at 50dpi')),
    error('paper/large', print('', 'paper «900x900cm» at 300dpi')),
    given({}, warning('paper/coarse', print('', 'paper «30x40cm» at 240dpi'))),
    given({ 'a.png': [512, 512] }, warning('paper/coarse', printOf('pic', 'paper «30x40cm» at 240dpi'))),
    given({ 'a.png': [512, 512] }, warning('paper/coarse', printOf('framed', 'paper «30x40cm» at 240dpi'))),
    error('print/inside', 'generate a { prompt "x" }\nprint p { of a «inside» paper 1x1cm at 50dpi }'),
    given({}, error('file/missing', print('', 'paper 10x10cm at 50dpi cmyk «"press.icc"»'))),
    given({ 'a.png': [128, 128] }, error('mask/corners', frame('mask corners 9,9 60,9 60,60 «200,60»'))),
    error('mask/corners', frame('«mask corners 9,9 60,60 60,9 9,60»')),
    error('mask/corners', frame('«mask corners 9,9 9,60 60,60 60,9»')),
    error('mask/corners', frame('«mask corners -9,9 60,9 60,60 9,60»')),
    error('mask/margin', frame('mask pic margin «9px»')),
    error('mask/frame', frame('«mask pic only» outpaint left 32px')),
    error(
        'size/multiple',
        'generate a { prompt "x" size 256x128 windows «100px» }',
        'generate a { prompt "x" size 256x128 windows 104px }',
    ),
    error('tiles/overlap', 'generate a { prompt "x" size 256x128 windows 128px overlap «96px» }'),
    error(
        'trace/windows',
        'generate a { prompt "a turtle" size 256x128 windows 128px «trace every 5 attention "turtle"» }',
    ),
];
