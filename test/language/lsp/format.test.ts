/** The formatter is law: one form for every spec, comments kept where they are, the second time nothing changes. */
import { readdirSync, readFileSync } from 'node:fs';
import type { LangiumDocument } from 'langium';
import { describe, expect, test } from 'vitest';
import { formatted } from '../../../src/language/lsp/format/formatter.ts';
import { applied, Editor } from './editor.ts';

const editor = await Editor.start({});

/** Without the first line, which the formatter writes. */
const format = async (text: string) => (await whole(text)).replace(/^sdspec 1(\r?\n){2}/, '');
const whole = async (text: string) => formatted(await editor.open(text));

/** Checks that a text takes a form, and keeps it. */
const check = (name: string, text: string, expected: string) =>
    test(name, async () => {
        const once = await format(text);
        expect(once).toBe(expected);
        expect(await format(once)).toBe(expected);
    });

test('a whole spec gets the version as its first line, once', async () => {
    const spec = '// Turtles.\n\nprompt p = "a turtle"\n';
    expect(await whole(spec)).toBe(`sdspec 1\n\n${spec}`);
    expect(await whole(`sdspec 1\n\n${spec}`)).toBe(`sdspec 1\n\n${spec}`);
    expect(await whole('\n\n  prompt p = "a turtle"\r\n')).toBe('sdspec 1\r\n\r\nprompt p = "a turtle"\r\n');
    for (const text of ['', '// nothing yet\n', 'prompt p = \n']) expect(await whole(text)).not.toContain('sdspec 1');
});

describe('lines', () => {
    check('one clause a line', 'generate a { use m seed 1 }', 'generate a {\n    use  m\n    seed 1\n}\n');
    check('a single clause may stay on its line', 'generate a   {seed   1}', 'generate a { seed 1 }\n');
    check(
        'a clause over lines is joined',
        'generate a {\n  outpaint left 8px,\n right\n 8px\n}',
        'generate a {\n    outpaint left 8px, right 8px\n}\n',
    );
    check(
        'what `with` sets stays with its prompt',
        'generate a { prompt film  with  a="x",b = 2 , "a cat"  during  0%..late }',
        'generate a { prompt film with a = "x", b = 2, "a cat" during 0%..late }\n',
    );
    check(
        'and with the generate of tiles',
        'mosaic m {\nof e\ngrid n\ntiles via a  with big=64x64,side = 12px strength 0.5 tile  side\n}',
        'mosaic m {\n    of    e\n    grid  n\n    tiles via a with big = 64x64, side = 12px strength 0.5 tile side\n}\n',
    );
    check(
        'layer weights may stay on their line',
        'generate a {\nuse m\ninfuse p { mid 1 up.0 2 }\n}',
        'generate a {\n    use    m\n    infuse p { mid 1  up.0 2 }\n}\n',
    );
    check(
        'windows of phrases are a column',
        'prompt p {\n"a cat" during 0%..50%\n"a big dog"   during step 4 .. 9\n"a hat" weight 1->2\n}',
        'prompt p {\n    "a cat"     during 0%..50%\n    "a big dog" during step 4..9\n    "a hat"     weight 1 -> 2\n}\n',
    );
    check(
        'lists keep their form',
        'sweep s over a {\nstyle in [ "a","b" ]\nsize in [\n8x8,\n16x16\n]\n}',
        'sweep s over a {\n    style in ["a", "b"]\n    size  in [\n        8x8,\n        16x16\n    ]\n}\n',
    );
    check(
        'a learn',
        'learn pip { word like "a"   vectors 2 from   p,q "x" ,"y" flip rate .5 warmup 3 }'.replace('.5', '0.5'),
        'learn pip {\n    word like "a" vectors 2\n    from p, q "x", "y"\n    flip\n    rate 0.5 warmup 3\n}\n',
    );
    check(
        'imports and what follows them have columns of their own',
        'import { one, two as other-name } from "./a.sdspec"\nimport { three } from "./b.sdspec"\nimage e = "e.png"\n',
        'import { one, two as other-name } from "./a.sdspec"\nimport { three }                  from "./b.sdspec"\nimage e = "e.png"\n',
    );
    check('an empty block', 'generate a {\n\n}', 'generate a {}\n');
    check('an empty file', '  \n\n', '');
    check('no line break at the end', 'param a = 1', 'param a = 1\n');
    check('windows line ends', 'param a=1\r\n\r\n\r\nparam b=2\r\n', 'param a = 1\r\n\r\nparam b = 2\r\n');
});

describe('spaces', () => {
    check('ranges', 'generate a { seed 1 .. 4 }', 'generate a { seed 1..4 }\n');
    check(
        'curves',
        'weights w { mid 0 @ 0% -> 0.7@40%->1@100%   cosine }',
        'weights w { mid 0@0% -> 0.7@40% -> 1@100% cosine }\n',
    );
    check('sets', 'layers l = @ a ,mid ,  up.0 .. up.1', 'layers l = @a, mid, up.0..up.1\n');
    check(
        'templates',
        'prompt p = "a {style}  and <moon> b"   weight   2',
        'prompt p = "a {style}  and <moon> b" weight 2\n',
    );
    check('blocks of words', 'prompt p = """\n  a {b}\n   c"""', 'prompt p = """\n  a {b}\n   c"""\n');
    check('imports', 'import {a,b   as c} from "./x.sdspec"', 'import { a, b as c } from "./x.sdspec"\n');
});

describe('columns', () => {
    check(
        'clauses of a block',
        'generate a {\nuse m\nguidance 7.5\nexpect { time <= 9s image ssim to g >= 0.9 }\n}',
        'generate a {\n    use      m\n    guidance 7.5\n    expect {\n        time  <= 9s\n        image ssim to g >= 0.9\n    }\n}\n',
    );
    check(
        'declarations that follow each other',
        'model sketch = "builtin:sketch"\nimage a="./a.png"\n\nparam long-name = 1\n',
        'model sketch = "builtin:sketch"\nimage a      = "./a.png"\n\nparam long-name = 1\n',
    );
    check(
        'members of an ensemble',
        'ensemble e {\ncalm "a sea" weight 1 -> 0\nstorm "a storm, lightning" weight 2\nprompt p weight 1\n}',
        'ensemble e {\n    calm   "a sea"              weight 1 -> 0\n    storm  "a storm, lightning" weight 2\n    prompt p                    weight 1\n}\n',
    );
    check(
        'a long cell does not push the others',
        'prompt p {\n"one phrase that is much longer than all the others of this block" weight 2\n"short" weight 1\n"tiny" weight 3\n}',
        'prompt p {\n    "one phrase that is much longer than all the others of this block" weight 2\n    "short" weight 1\n    "tiny"  weight 3\n}\n',
    );
});

describe('comments', () => {
    check(
        'stay where they are',
        '// head\n\n\n/** doc */\ngenerate a { // why\n// own\nseed 1 // one\nguidance 7.5 // two\n\n\n/* block */ steps 3\n}\n// tail',
        '// head\n\n/** doc */\ngenerate a {  // why\n    // own\n    seed     1    // one\n    guidance 7.5  // two\n\n    /* block */ steps 3\n}\n\n// tail\n',
    );
    check(
        'within a clause',
        'generate a {\noutpaint left 8px, // first\nright 8px\n}',
        'generate a {\n    outpaint left 8px,  // first\n        right 8px\n}\n',
    );
    check(
        'stars of doc comments',
        '   /** one\n * two\n   * three\n      */\nparam a = 1',
        '/** one\n * two\n * three\n */\nparam a = 1\n',
    );
    check('white space at their ends', 'param a = 1 // x   \n', 'param a = 1  // x\n');
    check(
        'a doc comment holds to what it is about',
        '/** a */\n\n\ngenerate a {\nuse m\nseed 1\n}',
        '/** a */\ngenerate a {\n    use  m\n    seed 1\n}\n',
    );
    check(
        'tall declarations are set apart',
        'param a = 1\n// b\ngenerate b {\nuse m\nseed 1\n}\nparam c = 2',
        'param a = 1\n\n// b\ngenerate b {\n    use  m\n    seed 1\n}\n\nparam c = 2\n',
    );
});

describe('broken text', () => {
    check(
        'only what is whole is formatted',
        'param   a = 1\n\ngenerate ?? {\n  seed   1\n\nparam   b = 2\n',
        'param   a = 1\n\ngenerate ?? {\n  seed   1\n\nparam   b = 2\n',
    );
    check('an unknown clause stays', 'generate a {\nsead   1\nuse m\n}', 'generate a {\n    sead 1\n    use  m\n}\n');
});

describe('parts', () => {
    const params = (document: LangiumDocument) => ({
        textDocument: { uri: document.uri.toString() },
        options: { tabSize: 4, insertSpaces: true },
    });
    test('only the lines of a range', async () => {
        const document = await editor.open('param   a = 1\nparam   b = 2\n');
        const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 13 } };
        const edits = await editor.lsp.Formatter!.formatDocumentRange(document, { ...params(document), range });
        expect(applied(document, edits)).toBe('param   a = 1\nparam b = 2\n');
    });
    test('a closing brace formats its block', async () => {
        const document = await editor.open('param   a = 1\ngenerate a {\nseed   1\nuse m\n}\nparam   b = 2\n');
        const position = { line: 4, character: 1 };
        const edits = await editor.lsp.Formatter!.formatDocumentOnType(document, {
            ...params(document),
            position,
            ch: '}',
        });
        expect(applied(document, edits)).toBe(
            'param   a = 1\ngenerate a {\n    seed 1\n    use  m\n}\nparam   b = 2\n',
        );
    });
});

test('a thousand lines in at most 50 ms', async () => {
    const block =
        'generate NAME {\n  use m\nseed   1..4 // c\n  guidance 7.5 -> 3\ninfuse p { mid 0.1 up.0..up.2 0.3 }\n prompt { "a" weight 2\n"b" }\n\n\n}\n';
    const text = Array.from({ length: 100 }, (_, i) => block.replace('NAME', `g${i}`)).join('');
    const document = await editor.open(text);
    for (let warm = 0; warm < 5; warm++) formatted(document);
    const times = Array.from({ length: 15 }, () => {
        const begin = process.cpuUsage();
        formatted(document);
        const { user, system } = process.cpuUsage(begin);
        return (user + system) / 1000;
    });
    expect(text.split('\n').length).toBeGreaterThan(1000);
    // Processor time, the least of several runs: other work on the machine only ever adds.
    expect(Math.min(...times)).toBeLessThan(50);
});

describe('examples', () => {
    const folder = new URL('../../../examples/', import.meta.url);
    const names = readdirSync(folder).filter((file) => /.\.sdspec$/.test(file));
    test('there are some', () => expect(names.length).toBeGreaterThan(10));
    for (const name of names) {
        test(name, async () => {
            const text = readFileSync(new URL(name, folder), 'utf8');
            expect(await whole(text)).toBe(text);
        });
    }
});
