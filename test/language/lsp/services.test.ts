/** The other services of the editor: each on a small text. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CodeAction, InlayHint } from 'vscode-languageserver';
import { nodeFiles } from '../../../src/language/host/files-node.ts';
import { resolvePin } from '../../../src/language/lsp/actions/pin.ts';
import { sha256OfFile } from '../../../src/language/lsp/digest-node.ts';
import { selectionRanges } from '../../../src/language/lsp/navigation/selection.ts';
import { answerPlan, libraryText, runnablesOf } from '../../../src/language/lsp/runnables/runnables.ts';
import { applied, Editor, MODELS } from './editor.ts';

const editor = await Editor.start({ models: MODELS, files: nodeFiles, sha256: sha256OfFile });
const folder = mkdtempSync(join(tmpdir(), 'sdspec-services-'));
writeFileSync(join(folder, 'a.bin'), 'abc');
const path = join(folder, 'spec.sdspec');

const SPEC = `model m = "builtin:sketch"
/** The base. */
generate base { use m prompt "a tower" steps 10 seed 1..2 }
generate top extends base {
    guidance 5
}
sweep s over top { guidance in [1, 2] }
`;

describe('navigation', () => {
    const locate = async (text: string) => {
        const { document, params } = await editor.at(text);
        const links = await editor.lsp.DefinitionProvider!.getDefinition(document, params);
        return links?.[0];
    };
    test('definition of a base', async () => {
        expect((await locate(SPEC.replace('extends base', 'extends ba|se')))?.targetSelectionRange.start).toEqual({
            line: 2,
            character: 9,
        });
    });
    test('definition of a layer is in the library', async () => {
        const found = await locate('weights w { OUT0|5 1 }');
        expect(found?.targetUri).toBe('builtin:/layers.sdspec');
        expect(libraryText(found!.targetUri)?.text.split('\n')[found!.targetSelectionRange.start.line]).toContain(
            'layer OUT05',
        );
    });
    test('references', async () => {
        const { document, params } = await editor.at(SPEC.replace('generate base', 'generate ba|se'));
        const found = await editor.lsp.ReferencesProvider!.findReferences(document, {
            ...params,
            context: { includeDeclaration: true },
        });
        expect(found.map(({ range }) => range.start.line)).toEqual([2, 3]);
    });
    test('highlights', async () => {
        const { document, params } = await editor.at(SPEC.replace('model m', 'model |m'));
        expect(await editor.lsp.DocumentHighlightProvider!.getDocumentHighlight(document, params)).toHaveLength(2);
    });
    test('call hierarchy', async () => {
        const { document, params } = await editor.at(SPEC.replace('generate top', 'generate to|p'));
        const [item] = (await editor.lsp.CallHierarchyProvider!.prepareCallHierarchy(document, params))!;
        const incoming = await editor.lsp.CallHierarchyProvider!.incomingCalls({ item: item! });
        const outgoing = await editor.lsp.CallHierarchyProvider!.outgoingCalls({ item: item! });
        expect(incoming?.map(({ from }) => from.name)).toEqual(['s']);
        expect(outgoing?.map(({ to }) => to.name)).toEqual(['base']);
    });
});

describe('structure', () => {
    test('outline', async () => {
        const { document, params } = await editor.at(`${SPEC}ensemble e { calm "a" storm "b" }|`);
        const symbols = await editor.lsp.DocumentSymbolProvider!.getSymbols(document, params);
        expect(symbols.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
            'm: model',
            'base: generate',
            'top: generate extends base',
            's: sweep over top',
            'e: ensemble',
        ]);
        expect(symbols.at(-1)?.children?.map(({ name }) => name)).toEqual(['calm', 'storm']);
    });
    test('workspace symbols leave out the library', async () => {
        const symbols = await editor.services.shared.lsp.WorkspaceSymbolProvider!.getSymbols({ query: 'mid' });
        expect(symbols).toEqual([]);
    });
    test('folding', async () => {
        const text =
            '// one\n// two\nimport { a } from "./a.sdspec"\nimport { b } from "./b.sdspec"\n// #region x\ngenerate g {\n    expect {\n        time <= 1s\n    }\n}\n// #endregion|';
        const { document, params } = await editor.at(text);
        const ranges = await editor.lsp.FoldingRangeProvider!.getFoldingRanges(document, params);
        const told = ranges
            .map(({ startLine, endLine, kind }) => `${startLine}-${endLine} ${kind ?? 'block'}`)
            .toSorted();
        expect(told).toEqual(['0-1 comment', '2-3 imports', '4-10 region', '5-8 block', '6-7 block']);
    });
    test('selection grows from a word to the file', async () => {
        const { document, params } = await editor.at('generate g {\n    prompt "a to|wer" weight 2\n}\n');
        const [innermost] = selectionRanges(document, [params.position]);
        const texts: string[] = [];
        for (let at = innermost; at; at = at.parent!) texts.push(document.textDocument.getText(at.range));
        expect(texts.slice(0, 4)).toEqual(['a tower', '"a tower"', '"a tower" weight 2', 'prompt "a tower" weight 2']);
        expect(texts.at(-1)).toBe(document.textDocument.getText());
    });
    test('colours', async () => {
        const { document, params } = await editor.at(`${SPEC}|`);
        const { data } = await editor.lsp.SemanticTokenProvider!.semanticHighlight(document, params);
        // Four names and three uses of them.
        expect(data.length / 5).toBe(7);
    });
});

describe('links', () => {
    test('files that are there, and the hub', async () => {
        const { document, params } = await editor.at(
            'lora a = "./a.bin"\nlora b = "./b.bin"\nmodel h = "hf:o/n" revision "abc"|',
            path,
        );
        const links = await editor.lsp.DocumentLinkProvider!.getDocumentLinks(document, params);
        expect(links.map(({ target }) => target)).toEqual([
            expect.stringMatching(/a\.bin$/),
            'https://huggingface.co/o/n/tree/abc',
        ]);
    });
});

describe('inlay hints', () => {
    const hints = async (text: string) => {
        const { document, params } = await editor.at(`${text}|`);
        const range = { start: { line: 0, character: 0 }, end: params.position };
        const found = (await editor.lsp.InlayHintProvider!.getInlayHints(document, { ...params, range })) ?? [];
        return found.map(({ label, position }: InlayHint) => `${position.line}: ${label}`);
    };
    test('pictures, passes, what is inherited', async () => {
        expect(await hints(SPEC)).toEqual(
            expect.arrayContaining([
                '2: 2 pictures',
                '2: 40 passes',
                '3: inherits use, prompt, steps, seed',
                '6: 4 pictures',
            ]),
        );
    });
    test('passes of a print count the windows of its picture, where its size is known', async () => {
        const picture = 'generate g {\n    prompt "a"\n    size 128x128\n    steps 10\n    seed 1\n}\n';
        const print = (of: string) =>
            `print p {\n    of ${of}\n    upscale via g by 2 strength 0.5 tile 128px overlap 32px\n    paper 10x15cm at 96dpi\n}\n`;
        expect(await hints(picture + print('g'))).toContain('6: 90 passes');
        const unknown = await hints(`image i = "./missing.png"\n${picture}${print('i')}`);
        expect(unknown.filter((hint) => hint.endsWith('passes'))).toEqual(['1: 20 passes']);
    });
    test('layers', async () => {
        expect(await hints('layers l = up.0..up.1, IN*, mid')).toEqual(['0: = up.0 up.1', '0: = 12 layers']);
    });
    test('tokens', async () => {
        expect(await hints('model m = "builtin:sketch"\ngenerate g { use m prompt "a, b" }')).toContain('1: 3 tokens');
    });
    test('each sort can be turned off', async () => {
        const { ConfigurationProvider } = editor.services.shared.workspace;
        ConfigurationProvider.updateConfiguration({ settings: { sdspec: { inlayHints: { layers: false } } } });
        expect(await hints('layers l = up.0..up.1')).toEqual([]);
        ConfigurationProvider.updateConfiguration({ settings: { sdspec: {} } });
    });
});

describe('signatures', () => {
    const active = async (text: string) => {
        const { document, params } = await editor.at(text);
        const help = await editor.lsp.SignatureHelp!.provideSignatureHelp(document, params);
        const signature = help?.signatures[0];
        const part = signature?.parameters?.[help?.activeParameter ?? 0]?.label;
        return Array.isArray(part) ? signature!.label.slice(part[0], part[1]) : undefined;
    };
    const check = (text: string, part: string | undefined) =>
        test(text, async () => expect(await active(text)).toBe(part));
    check('generate g {\n    sampler |', 'sampler SAMPLER');
    check('generate g {\n    sampler euler on |', 'on SCHEDULE');
    check('generate g { infuse p weight 0.3 decay | }', 'decay 1');
    check('generate g {\n    seed|', undefined);
    check('// sampler |', undefined);
});

describe('code actions', () => {
    const actions = async (text: string) => {
        const { document, params } = await editor.at(text, path);
        const range = { start: params.position, end: params.position };
        const found = await editor.lsp.CodeActionProvider!.getCodeActions(document, {
            ...params,
            range,
            context: { diagnostics: [] },
        });
        return { document, found: (found ?? []) as readonly CodeAction[] };
    };
    const check = (name: string, text: string, title: string, expected: string) =>
        test(name, async () => {
            const { document, found } = await actions(text);
            const action = found.find((one) => one.title.includes(title));
            expect(applied(document, action?.edit?.changes?.[document.uri.toString()] ?? [])).toBe(expected);
        });
    check(
        'a misspelt name',
        'model sketch = "builtin:sketch"\ngenerate g {\n    use sk|etsh\n}',
        'sketch',
        'model sketch = "builtin:sketch"\ngenerate g {\n    use sketch\n}',
    );
    check(
        'extract a prompt',
        '/** doc */\ngenerate g {\n    prompt "a" wei|ght 2, "b"\n}',
        'Extract to a prompt',
        'prompt words {\n    "a" weight 2\n    "b"\n}\n\n/** doc */\ngenerate g {\n    prompt words\n}',
    );
    check(
        'inline a prompt',
        'prompt w = "a {s}"\nparam s = "x"\ngenerate g {\n    prompt |w\n}',
        'Inline w',
        'prompt w = "a {s}"\nparam s = "x"\ngenerate g {\n    prompt "a {s}"\n}',
    );
    check(
        'extract weights',
        'image p = "./p.png"\ngenerate g {\n    infuse p we|ight 1 { mid 1 up.0 2 }\n}',
        'Extract to weights',
        'image p = "./p.png"\nweights weighting {\n    mid 1\n    up.0 2\n}\n\ngenerate g {\n    infuse p weight 1 with weighting\n}',
    );
    check(
        'inline weights',
        'weights w { mid 1 }\nimage p = "./p.png"\ngenerate g {\n    infuse p with |w decay 0.9\n}',
        'Inline w',
        'weights w { mid 1 }\nimage p = "./p.png"\ngenerate g {\n    infuse p decay 0.9 {\n        mid 1\n    }\n}',
    );
    test('pin a digest, read when it is chosen', async () => {
        const { document, found } = await actions('lora a = "./a.|bin"\n');
        const action = await resolvePin(found.find(({ title }) => title.startsWith('Pin'))!, editor.services.sdspec);
        const text = applied(document, action.edit?.changes?.[document.uri.toString()] ?? []);
        // FIPS 180-2, the digest of "abc".
        expect(text).toBe(
            'lora a = "./a.bin" sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n',
        );
    });
});

describe("sdspec's own requests", () => {
    test('runnables', async () => {
        const document = await editor.open(SPEC);
        const found = runnablesOf(document, editor.services.sdspec);
        expect(found.map(({ name, kind, pictures, errors }) => [name, kind, pictures, errors])).toEqual([
            ['base', 'generate', 2, 0],
            ['top', 'generate', 2, 0],
            ['s', 'sweep', 4, 0],
        ]);
        expect(found[0]).toMatchObject({
            doc: 'The base.',
            expects: false,
            nameRange: { start: { line: 2, character: 9 } },
        });
        expect(found[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
        expect(found[1]?.digest).not.toBe(found[0]?.digest);
    });
    test('a plan, with params', async () => {
        const document = await editor.open('param s = "oil"\ngenerate g { prompt "a {s}" }');
        const plan = answerPlan(document, { uri: '', name: 'g', params: { s: 'ink' } }, editor.services.sdspec);
        expect(plan.run?.work).toMatchObject({ conditioning: { prompt: { phrases: [{ text: 'a ink' }] } } });
        expect(answerPlan(document, { uri: '', name: 'h' }, editor.services.sdspec).problems[0]?.code).toBe(
            'run/unknown',
        );
    });
    test('a broken spec has problems and no plan', async () => {
        const document = await editor.open('generate g { use nothing }');
        const plan = answerPlan(document, { uri: '', name: 'g' }, editor.services.sdspec);
        expect(plan.run).toBeUndefined();
        expect(plan.problems.length).toBeGreaterThan(0);
    });
});
