/** Rename: across files, aliases and strings; refused for the library. */
import type { LangiumDocument } from 'langium';
import { describe, expect, test } from 'vitest';
import { applied, Editor } from './editor.ts';

const editor = await Editor.start({});

const LIBRARY_FILE = `/** The style. */
param style = "oil"
embedding moon = "./moon.safetensors"
layers shapes = mid
generate base { prompt "a {style} <moon> tower" }
`;
const USER_FILE = `import { base as ground, style } from "./base.sdspec"
generate top extends ground { prompt "more {style}" }
sweep all over ground { style in ["a", "b"] }
`;

async function renamed(mark: (base: string, user: string) => readonly [string, string], newName: string) {
    const folder = `/rename-${Math.random().toString(36).slice(2)}`;
    const [base, user] = mark(LIBRARY_FILE, USER_FILE);
    const open = (text: string, name: string) => editor.open(text.replace('|', ''), `${folder}/${name}`);
    const documents: readonly LangiumDocument[] = [await open(base, 'base.sdspec'), await open(user, 'user.sdspec')];
    const index = base.includes('|') ? 0 : 1;
    const text = index === 0 ? base : user;
    const before = text.slice(0, text.indexOf('|')).split('\n');
    const document = documents[index]!;
    const params = {
        textDocument: { uri: document.uri.toString() },
        position: { line: before.length - 1, character: before.at(-1)!.length },
    };
    await editor.lsp.RenameProvider!.prepareRename(document, params);
    const edit = await editor.lsp.RenameProvider!.rename(document, { ...params, newName });
    return documents.map((one) => applied(one, edit?.changes?.[one.uri.toString()] ?? []));
}

const inBase = (from: string, to: string) => (base: string, user: string) => [base.replace(from, to), user] as const;
const inUser = (from: string, to: string) => (base: string, user: string) => [base, user.replace(from, to)] as const;

describe('names', () => {
    test('a param, from its declaration: in strings, imports and axes', async () => {
        const [base, user] = await renamed(inBase('param style', 'param st|yle'), 'look');
        expect(base).toBe(LIBRARY_FILE.replaceAll(' style ', ' look ').replaceAll('{style}', '{look}'));
        expect(user).toBe(USER_FILE.replaceAll('style', 'look'));
    });
    test('a param, from within a string of another file', async () => {
        const [base, user] = await renamed(inUser('{style}', '{st|yle}'), 'look');
        expect(base).toContain('param look = "oil"');
        expect(user).toContain('"more {look}"');
    });
    test('a learned token within a string', async () => {
        const [base] = await renamed(inBase('<moon>', '<mo|on>'), 'sun');
        expect(base).toContain('embedding sun =');
        expect(base).toContain('"a {style} <sun> tower"');
    });
    test('a declaration leaves aliases alone', async () => {
        const [base, user] = await renamed(inBase('generate base', 'generate ba|se'), 'root');
        expect(base).toContain('generate root {');
        expect(user).toBe(USER_FILE.replace('{ base as', '{ root as'));
    });
    test('an alias stays in its file', async () => {
        const [base, user] = await renamed(inUser('extends ground', 'extends gro|und'), 'earth');
        expect(base).toBe(LIBRARY_FILE);
        expect(user).toBe(USER_FILE.replaceAll('ground', 'earth'));
    });
    test('an alias, from where it is given', async () => {
        const [, user] = await renamed(inUser('as ground', 'as gro|und'), 'earth');
        expect(user).toBe(USER_FILE.replaceAll('ground', 'earth'));
    });
});

describe('refusals', () => {
    const refused = (name: string, mark: Parameters<typeof renamed>[0], newName: string, reason: string) =>
        test(name, () => expect(renamed(mark, newName)).rejects.toThrow(reason));
    refused('the library', inBase('= mid', '= m|id'), 'middle', 'belongs to the built-in library');
    refused('a word of the language', inBase('param style', 'param st|yle'), 'generate', 'word of the language');
    refused('no name', inBase('param style', 'param st|yle'), 'a b', 'is no name');
    refused('a name that is taken', inBase('param style', 'param st|yle'), 'moon', 'already a embedding "moon"');
    refused('a name that is imported', inUser('extends ground', 'extends gro|und'), 'style', 'already imported');
});
