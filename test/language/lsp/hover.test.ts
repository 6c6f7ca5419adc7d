/** Hover says what a thing is, what it resolves to and where that was written. */
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Editor } from './editor.ts';

const editor = await Editor.start();
const folder = mkdtempSync(join(tmpdir(), 'sdspec-hover-'));
writeFileSync(join(folder, 'tall.png'), png(30, 60));
copyFileSync(join(folder, 'tall.png'), join(folder, 'other.png'));

const HEAD = `model m = "builtin:sketch"
image portrait = "./tall.png"
image all = "./*.png"
image gone = "./gone.png"
image lines = edges of portrait
param style = "oil"
/** What the deep levels carry. */
weights deep { mid 0.1 -> 0.5 cosine down.1..down.2 0.2 }
ensemble pair { a "x" weight 1 -> 0  b "y" }
/** The base picture. */
generate base { use m prompt "a red {style} tower" steps 20 seed 1..4 infuse portrait with deep decay 0.9 during 0%..50% }
`;

/** Checks that the hover at `|` holds some words, and that others (with a `!`) are missing. */
const check = (text: string, ...expected: readonly string[]) =>
    test(text, async () => {
        const found = await editor.hover(HEAD + text, join(folder, 'spec.sdspec'));
        for (const words of expected) {
            if (words.startsWith('!')) expect(found).not.toContain(words.slice(1));
            else expect(found).toContain(words);
        }
    });

const nothing = (text: string) =>
    test(`${text}: nothing`, async () => expect(await editor.hover(HEAD + text)).toBeUndefined());

describe('declarations', () => {
    check('controlnet n = "builtin:|sketch-edges"', 'follow edges', 'Comes with sdspec', '!no such file');
    check('embedding pip = "builtin:sketch-pip"\ngenerate x { prompt "a <pi|p>" }', 'a pink elephant', 'write `<pip>`');
    check('lora ro|bot = "builtin:sketch-robot"', 'write `robot`', '!no such file');
    check(
        'generate x extends ba|se { }',
        'The base picture.',
        '| steps | 20 | here |',
        '| guidance | 7.5 | *default* |',
        '4 pictures',
    );
    check('generate |x extends base { steps 5 }', '| steps | 5 | here |', '| seed | 1..4 | `base` |');
    check('generate x { prompt words wi|th style = "ink" }', 'Sets params for this prompt');
    check(
        'generate x { infuse portrait with de|ep }',
        'What the deep levels carry.',
        '0.1 -> 0.5 cosine `▂▂',
        '`down.2` | 0.2',
    );
    check('generate x { prompt pai|r }', 'The mean of predictions.', '| a | 1 -> 0');
    check('layers |l = mid, up.*', '`mid` `up.0` `up.1`');
    check(
        'learn |pip { word like "animal" vectors 2 from portrait "a <pip>" }',
        '`<pip>`, 2 vectors that begin as "animal"',
        '| steps | 400 of 4 pictures |',
        'rows through the U-Net, forward and back',
    );
    check(
        'learn tin { lora rank 8 at OUT03 from portrait "a" }\ngenerate g { prompt "x" apply t|in }',
        'a LoRA of rank 8',
        '`OUT03`',
    );
    check('generate f|ast { prompt "x" steps 4 cache deep every 3 }', '| cache | deep every 3 | here |', '4 of them');
    check('generate f|ast { prompt "x" precision int8 }', '| precision | int8 | here |');
    check('generate fast { prompt "x" cache te|xt during 40%..100% }', 'T-GATE');
    check('generate fast { prompt "x" cache de|ep every 3 }', 'DeepCache');
    check('learn x { word li|ke "animal" from portrait "a <x>" }', 'one token');
    check('sweep |s over base { guidance in [1, 2] }', '- guidance: 1, 2', '8 pictures');
    check('generate x { sampler eul|er }', 'Euler', '`karras`');
    check('generate x { sampler euler on kar|ras }', 'Karras et al. 2022');
});

describe('layers', () => {
    check(
        'weights w { OUT0|1 1 }\ngenerate late { prompt "x" steps 4 infuse portrait during step 9..12 { OUT01 0.3 } }',
        '`late` infuses it with 0.3, in no step',
    );
    check(
        'weights w { mi|d 1 }',
        'bottleneck',
        '2x2, 192 channels (of `m`)',
        'evidence: weak',
        '`base` infuses it with 0.1 -> 0.5 cosine',
    );
    check(
        'weights w { OUT0|5 1 }',
        '`up.1.attn.2`',
        '`up_blocks.1.attentions.2`',
        '91 M parameters',
        'Receives the skip of `IN06`',
        'Plug-and-Play',
    );
    check('weights w { down.1.attn|.0 1 }', '**IN04**', 'Its skip goes to `OUT07`');
    check('weights w { skip.|3 1 }', '`skip[10]`', '`IN11` → `OUT00`', '!M parameters');
    check('weights w { down.|* 1 }', '`down.0` `down.1` `down.2` `down.3`');
    check('generate x { size 64x128 scale { mi|d 0 } }', '1x2');
    check('generate x { scale { up.|1 0 } }', '8x8, 160 channels (of `the built-in model`)');
    check('generate x { use gone scale { up.|1 0 } }', 'of Stable Diffusion 1.5');
});

describe('pictures', () => {
    check('generate x { start from port|rait }', 'tall.png|height=192', '30 x 60 pixels');
    check('generate x { infuse al|l }', '2 pictures', 'other.png');
    check('generate x { infuse gon|e }', 'There is no such file.');
    check('generate x { start from line|s }', '30 x 60 pixels');
    check('image x = "./ta|ll.png"', 'tall.png|height=192');
    check('image x = "./no|ne.png"', 'There is no none.png');
});

describe('clauses, curves and words', () => {
    check('generate x { st|eps 5 }', 'Number of denoising steps.', 'Here: 5.');
    check('generate x extends base { st|eps 5 }', 'Replaces the one of `base`.');
    check('generate x { noise phil|ox }', 'NVIDIA');
    check('generate x extends base { guidance 9 -|> 5 }', '9 -> 5 `█');
    check('generate x { infuse portrait weight 0.|5 hold }', '0.5');
    check('generate x { prompt "an {sty|le} tower" }', 'param style = "oil"');
    check('model h = "hf:own|er/name"', 'huggingface.co/owner/name');
    nothing('generate x {|  }');
    nothing('// com|ment');
});

test('words show their tokens', async () => {
    const found = await editor.hover(`${HEAD}generate x { use m prompt "a red to|wer" }`);
    expect(found).toMatch(/^\d+ tokens of 75: `a`/);
});

/** The smallest thing that has a PNG's head. */
function png(width: number, height: number): Uint8Array {
    const bytes = new Uint8Array(64);
    bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
    const view = new DataView(bytes.buffer);
    view.setUint32(16, width);
    view.setUint32(20, height);
    return bytes;
}

describe('what the own scans measured', () => {
    const runs = join(folder, '.sdspec', 'runs', 'layers-of');
    const scanOf = (moved: number) => [
        { cell: 1, label: 'up.1', row: { seed: '1' }, moved, ssim: 0.8, towards: 0.1 },
        { cell: 2, label: 'mid', row: { seed: '1' }, moved: 0.9, ssim: 0.5, towards: -0.2 },
        { cell: 4, label: 'up.1', row: { seed: '2' }, moved, ssim: 0.9, towards: 0.14 },
    ];
    const write = (name: string, record: object | string) => {
        mkdirSync(join(runs, name), { recursive: true });
        writeFileSync(join(runs, name, 'record.json'), typeof record === 'string' ? record : JSON.stringify(record));
    };
    write('a', { started: '2026-01-01', scan: scanOf(0.1) });
    write('b', { started: '2026-01-02', scan: scanOf(0.41) });
    write('c', { started: '2026-01-03' });
    write('d', '{"scan": [{"label": 7}]}');
    write('e', '{"scan": ');
    const scan = 'sweep layers-of over base { infuse portrait at each up.*, mid }\n';
    const path = join(folder, 'spec.sdspec');

    test('is in the hover of a layer, of the newest scan, as means over its rows', async () => {
        const found = await editor.hover(`${HEAD}${scan}layers l = up.|1`, path);
        expect(found).toContain(
            'In your scans:\n- `layers-of`: moved 0.41, SSIM 0.85, 12 % towards `portrait` (2 of 2 by effect)',
        );
        expect(await editor.hover(`${HEAD}${scan}layers l = mi|d`, path)).toContain(
            '20 % away from `portrait` (1 of 2',
        );
        expect(await editor.hover(`${HEAD}${scan}layers l = up.|2`, path)).not.toContain('In your scans');
        expect(await editor.hover(`${HEAD}layers l = up.|1`, path)).not.toContain('In your scans');
    });

    test('orders the layers of a completion, and is written beside them', async () => {
        const items = await editor.completions(`${HEAD}${scan}weights w { | }`, path);
        const first = items.toSorted((a, b) => (a.sortText! < b.sortText! ? -1 : 1)).slice(0, 3);
        expect(first.map(({ label, labelDetails }) => [label, labelDetails?.description])).toEqual([
            ['mid', 'moved 0.90 in layers-of'],
            ['up.1', 'moved 0.41 in layers-of'],
            ['down.0', undefined],
        ]);
    });
});
