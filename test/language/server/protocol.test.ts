/** The bundled server, driven over stdio with real messages, as an editor does it. */
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
    CodeAction,
    CompletionList,
    Hover,
    InlayHint,
    LocationLink,
    SelectionRange,
    SemanticTokens,
    TextEdit,
    WorkspaceEdit,
} from 'vscode-languageserver';
import type {
    DeclaredHubModel,
    Parameter,
    PlanResult,
    Runnable,
} from '../../../src/language/lsp/runnables/requests.ts';
import { bundleServer, Session } from './session.ts';

let server: Awaited<ReturnType<typeof bundleServer>>;
/** The head of a picture of 128x128 pixels. */
const PNG = Buffer.from('89504e470d0a1a0a0000000d494844520000008000000080080200000000000000', 'hex');

let session: Session;
let capabilities: Record<string, unknown>;

const SPEC = `import { soft } from "./weights.sdspec"
model m = "builtin:sketch"
param style = "oil"
/** The base. */
generate base {
    use m
    prompt "a {style} tower"
    seed   1..2
}
`;

beforeAll(async () => {
    server = await bundleServer();
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-workspace-'));
    writeFileSync(join(folder, 'weights.sdspec'), 'weights soft { mid 0.1 }\n');
    session = new Session(server.file, folder);
    ({ capabilities } = await session.initialize({
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
    }));
});
afterAll(() => server.remove());

test('a spec that was never saved finds its files in the first folder of the workspace', async () => {
    const uri = 'untitled:Untitled-1';
    const head = 'import { soft } from "./weights.sdspec"\nimage a = "./here.png"\nimage b = "./nowhere.png"\n';
    writeFileSync(join(session.folder, 'here.png'), PNG);
    await session.open(uri, `${head}generate it { prompt "x" infuse a, b with soft seed 1 }`);
    const found = await session.diagnostics(uri, (all) => all.some(({ code }) => code === 'file/missing'));
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('"./nowhere.png"')]);
});

test('the bundle has at most 1.15 MB', () => expect(statSync(server.file).size).toBeLessThanOrEqual(1_150_000));

test('it says what it can do', () => {
    expect(Object.keys(capabilities)).toEqual(
        expect.arrayContaining([
            'callHierarchyProvider',
            'codeActionProvider',
            'completionProvider',
            'definitionProvider',
            'documentFormattingProvider',
            'documentHighlightProvider',
            'documentLinkProvider',
            'documentOnTypeFormattingProvider',
            'documentRangeFormattingProvider',
            'documentSymbolProvider',
            'foldingRangeProvider',
            'hoverProvider',
            'inlayHintProvider',
            'referencesProvider',
            'renameProvider',
            'selectionRangeProvider',
            'semanticTokensProvider',
            'signatureHelpProvider',
            'workspaceSymbolProvider',
        ]),
    );
});

describe('a document', () => {
    const uri = () => session.uri('a.sdspec');
    const textDocument = () => ({ uri: uri() });
    const at = (line: number, character: number) => ({ textDocument: textDocument(), position: { line, character } });

    test('has problems as soon as it is open', async () => {
        await session.open(uri(), SPEC.replace('use m', 'use n'));
        const found = await session.diagnostics(uri(), (all) => all.some(({ code }) => code === 'name/unknown'));
        expect(found.find(({ code }) => code === 'name/unknown')?.range.start).toEqual({ line: 5, character: 8 });
    });
    test('has none once they are mended', async () => {
        await session.change(uri(), 2, SPEC);
        await session.diagnostics(uri(), (all) => all.every(({ severity }) => severity !== 1));
    });
    test('completion', async () => {
        const { items } = await session.request<CompletionList>('textDocument/completion', at(5, 8));
        expect(items.map(({ label }) => label)).toEqual(['m']);
    });
    test('hover', async () => {
        const hover = await session.request<Hover>('textDocument/hover', at(4, 10));
        expect(JSON.stringify(hover.contents)).toContain('The base.');
    });
    test('rename within a string', async () => {
        const edit = await session.request<WorkspaceEdit>('textDocument/rename', { ...at(6, 15), newName: 'look' });
        expect(edit.changes?.[uri()]?.map(({ range }) => range.start.line).toSorted()).toEqual([2, 6]);
    });
    test('a layer cannot be renamed', async () => {
        const other = session.uri('weights.sdspec');
        await session.open(other, 'weights soft { mid 0.1 }\n');
        await session.diagnostics(other);
        const params = { textDocument: { uri: other }, position: { line: 0, character: 16 } };
        await expect(session.request('textDocument/prepareRename', params)).rejects.toThrow('built-in library');
    });
    test('formatting', async () => {
        const edits = await session.request<TextEdit[]>('textDocument/formatting', {
            textDocument: textDocument(),
            options: { tabSize: 4, insertSpaces: true },
        });
        expect(edits.map(({ newText }) => newText)).toContain('    ');
    });
    test('definition in another file', async () => {
        const [link] = await session.request<LocationLink[]>('textDocument/definition', at(0, 10));
        expect(JSON.stringify(link)).toContain('weights.sdspec');
    });
    test('colours, hints and selections', async () => {
        const colours = await session.request<SemanticTokens>('textDocument/semanticTokens/full', {
            textDocument: textDocument(),
        });
        expect(colours.data.length).toBeGreaterThan(0);
        const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
        const hints = await session.request<InlayHint[]>('textDocument/inlayHint', {
            textDocument: textDocument(),
            range,
        });
        expect(hints.map(({ label }) => label)).toContain('2 pictures');
        const params = { textDocument: textDocument(), positions: [{ line: 6, character: 12 }] };
        const [selection] = await session.request<SelectionRange[]>('textDocument/selectionRange', params);
        expect(selection?.parent).toBeDefined();
    });
    test('a quick fix', async () => {
        await session.change(uri(), 3, SPEC.replace('seed ', 'sead '));
        const diagnostics = await session.diagnostics(uri(), (all) =>
            all.some(({ message }) => String(message).includes('sead')),
        );
        const range = { start: { line: 7, character: 4 }, end: { line: 7, character: 8 } };
        const found = await session.request<CodeAction[]>('textDocument/codeAction', {
            textDocument: textDocument(),
            range,
            context: { diagnostics },
        });
        expect(found.map(({ title }) => title).join()).toContain('seed');
        await session.change(uri(), 4, SPEC);
    });
    test('runnables and plans of the text in the editor', async () => {
        const runnables = await session.request<Runnable[]>('sdspec/runnables', { uri: uri() });
        expect(runnables).toMatchObject([{ name: 'base', kind: 'generate', pictures: 2, doc: 'The base.' }]);
        const plan = await session.request<PlanResult>('sdspec/plan', {
            uri: uri(),
            name: 'base',
            params: { style: 'ink' },
        });
        expect(JSON.stringify(plan.run?.work)).toContain('a ink tower');
    });
    test('a picture of many steps has a draft of few, where one is asked for', async () => {
        const opened = 'untitled:draft.sdspec';
        const head = 'model m = "builtin:sketch"\ngenerate it { use m prompt "a house" seed 1 trace every 2';
        await session.open(opened, `${head} steps 20 }`);
        const asked = { uri: opened, name: 'it' };
        const { run, draft } = await session.request<PlanResult>('sdspec/plan', { ...asked, draft: true });
        expect(draft).toMatchObject({ kind: 'picture', steps: 4, seeds: [1] });
        expect(draft?.trace).toBeUndefined();
        expect(run?.work).toMatchObject({ steps: 20 });
        expect((await session.request<PlanResult>('sdspec/plan', asked)).draft).toBeUndefined();
        await session.change(opened, 2, `${head} steps 6 }`);
        expect((await session.request<PlanResult>('sdspec/plan', { ...asked, draft: true })).draft).toBeUndefined();
    });
    test('params are those that have a say, by their names here, from whichever file', async () => {
        const moods = `model m = "builtin:sketch"
param mood = "calm"
param far = 3
param force = 5
generate base {
    use      m
    prompt   "a {mood} sea"
    guidance force
}
`;
        writeFileSync(join(session.folder, 'moods.sdspec'), moods);
        const borrower = session.uri('borrower.sdspec');
        const text = `import { base, mood as temper } from "./moods.sdspec"
param style = "oil"
param idle = "nowhere"
generate g extends base {
    negative "{style}"
}
`;
        await session.open(borrower, text);
        await session.diagnostics(borrower, (all) => all.every(({ severity }) => severity !== 1));
        const asked = { uri: borrower, name: 'g' };
        const found = await session.request<Parameter[]>('sdspec/parameters', asked);
        expect(found.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
            { name: 'force', value: 5 },
            { name: 'style', value: 'oil' },
            { name: 'temper', value: 'calm' },
        ]);
        const plan = await session.request<PlanResult>('sdspec/plan', { ...asked, params: { temper: 'wild' } });
        expect(JSON.stringify(plan.run?.work)).toContain('a wild sea');
        expect(await session.request('sdspec/parameters', { uri: borrower, name: 'nobody' })).toEqual([]);
    });
    test('answers are of the text that was sent last, also at once after it', async () => {
        const opened = session.uri('opened.sdspec');
        const text = 'model m = "hf:owner/name"\ngenerate first { use m seed 3 }\n';
        void session.open(opened, text);
        const [runnables, plan, models] = await Promise.all([
            session.request<Runnable[]>('sdspec/runnables', { uri: opened }),
            session.request<PlanResult>('sdspec/plan', { uri: opened, name: 'first' }),
            session.request<DeclaredHubModel[]>('sdspec/hubModels', { uri: opened }),
        ]);
        expect(runnables).toMatchObject([{ name: 'first' }]);
        expect(plan.run?.name).toBe('first');
        expect(models).toMatchObject([{ model: { repository: 'owner/name' }, range: { end: { character: 25 } } }]);
        for (let version = 2; version < 12; version++) {
            void session.change(opened, version, `${'\n'.repeat(version)}${text}`);
            const edit = await session.request<TextEdit>('sdspec/seedEdit', { uri: opened, name: 'first', seed: 7 });
            const start = { line: version + 1, character: 28 };
            expect(edit).toEqual({ range: { start, end: { ...start, character: 29 } }, newText: '7' });
        }
        expect(await session.request('sdspec/seedEdit', { uri: opened, name: 'second', seed: 7 })).toBeNull();
        const nowhere = { uri: session.uri('nowhere.sdspec') };
        expect(await session.request('sdspec/runnables', nowhere)).toEqual([]);
    });
    test('names of a text, and the model of a piece of one', async () => {
        const text = 'model m = "x" // generate b {}\ngenerate a {}\n';
        expect(await session.request('sdspec/names', { text })).toEqual([
            { name: 'm', declares: 'model "x"' },
            { name: 'a' },
        ]);
        expect(await session.request('sdspec/hubModelIn', { text: '"hf:owner/name" revision "abc"' })).toMatchObject({
            repository: 'owner/name',
            revision: 'abc',
        });
        expect(await session.request('sdspec/hubModelIn', { text: '"owner/name"' })).toBeNull();
    });
    test('the library can be read', async () => {
        const { text } = await session.request<{ text: string }>('sdspec/libraryDocument', {
            uri: 'builtin:///layers.sdspec',
        });
        expect(text).toContain('layer OUT05');
        const content = await session.request<{ text: string }>('workspace/textDocumentContent', {
            uri: 'builtin:///layers.sdspec',
        });
        expect(content.text).toBe(text);
    });
});

describe('files', () => {
    test('missing files are reported when no one types', async () => {
        const uri = session.uri('files.sdspec');
        await session.open(uri, 'image p = "./gone.png"\ngenerate g { start from p }\n');
        const found = await session.diagnostics(uri, (all) => all.some(({ code }) => String(code).startsWith('file/')));
        expect(found.some(({ message }) => String(message).includes('gone.png'))).toBe(true);
    });
    test('an untitled buffer works', async () => {
        const uri = 'untitled:Untitled-1';
        await session.open(uri, 'generate g { sead 1 }\n');
        await session.diagnostics(uri, (all) => all.some(({ message }) => String(message).includes('sead')));
        const runnables = await session.request<Runnable[]>('sdspec/runnables', { uri });
        expect(runnables).toMatchObject([{ name: 'g' }]);
    });
    test('imports from outside of the workspace are read', async () => {
        const outside = mkdtempSync(join(tmpdir(), 'sdspec-outside-'));
        mkdirSync(join(outside, 'in'));
        writeFileSync(join(outside, 'in', 'far.sdspec'), 'model far = "builtin:sketch"\n');
        const uri = pathToFileURL(join(outside, 'near.sdspec')).href;
        await session.open(uri, 'import { far } from "./in/far.sdspec"\ngenerate g { use far }\n');
        await session.diagnostics(uri, (all) => all.every(({ severity }) => severity !== 1));
    });
});

test('it ends when it is asked to, with nothing on its error stream', async () => {
    expect(await session.end()).toBe(0);
    expect(session.errors).toBe('');
});

/** Writes the processor time of a process to its error stream when it ends. */
const CLOCK = `data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();console.error((user+system)/1000)})`;

test('initialize takes at most 0.4 s, cold', async () => {
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
        const cold = new Session(server.file, session.folder, ['--import', CLOCK]);
        await cold.initialize();
        await cold.end();
        times.push(Number(cold.errors));
    }
    // Processor time of the whole process, the least of some runs: other work on the machine only ever adds.
    expect(Math.min(...times)).toBeLessThan(400);
});
