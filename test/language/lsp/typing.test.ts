/** Typing: at the end of every line of the examples, Enter is Enter: no list is open that would change what was typed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextDocument } from 'langium';
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { type CompletionItem, CompletionTriggerKind, InsertTextFormat } from 'vscode-languageserver';
import { opensBy, TRIGGERS } from '../../../src/language/lsp/completion/triggers.ts';
import { EXAMPLE_SPECS, EXAMPLES } from '../../examples/specs.ts';
import { Editor } from './editor.ts';

const editor = await Editor.start();

/** Completion hands its exceptions to the console, and goes without what it wanted. */
let errors: MockInstance<typeof console.error>;
beforeEach(() => {
    errors = vi.spyOn(console, 'error');
});
afterEach(() => {
    expect(errors).not.toHaveBeenCalled();
    errors.mockRestore();
});

/** What the editor would show at the end of the text, had its last character just been typed. */
async function listAfter(text: string, path: string): Promise<readonly CompletionItem[]> {
    const document = await editor.open(text, path);
    const last = text.at(-1) ?? '';
    const isTrigger = TRIGGERS.includes(last);
    // A list opens by a trigger, or by itself while a word is being written; numbers are no words.
    if (!isTrigger && (!/\w/.test(last) || /(?<![\w.-])[\d.]+$/.test(text))) return [];
    const list = await editor.lsp.CompletionProvider!.getCompletion(document, {
        textDocument: { uri: document.uri.toString() },
        position: TextDocument.create('', '', 0, text).positionAt(text.length),
        context: isTrigger
            ? { triggerKind: CompletionTriggerKind.TriggerCharacter, triggerCharacter: last }
            : { triggerKind: CompletionTriggerKind.Invoked },
    });
    return list?.items ?? [];
}

/** Whether an editor would show the item for a word: its letters are in the item's, in their order, from the first on. */
function matches({ label, filterText = label }: CompletionItem, word: string): boolean {
    let from = 0;
    for (const letter of word.toLowerCase()) {
        const found = filterText.toLowerCase().indexOf(letter, from);
        if (found < 0 || (from === 0 && found > 0)) return false;
        from = found + 1;
    }
    return true;
}

/** What Enter would write in the place of the word: the first of the best matches, unless it is the word itself. */
function accepted(items: readonly CompletionItem[], word: string): string | undefined {
    const fit = items.filter((item) => matches(item, word));
    if (
        fit.some(
            ({ label, insertText = label, insertTextFormat }) =>
                insertText.trim() === word && insertTextFormat !== InsertTextFormat.Snippet,
        )
    ) {
        return undefined;
    }
    return fit[0]?.label;
}

it.each(EXAMPLE_SPECS)('%s is typed line by line', { timeout: 120_000 }, async (name) => {
    const lines = readFileSync(join(EXAMPLES, name), 'utf8').split('\n');
    const wrong: string[] = [];
    for (const [k, line] of lines.entries()) {
        if (line.trim() === '' || /^\s*(\/\/|\/?\*)/.test(line)) continue;
        const code = line.replace(/\s*\/\/(?!.*").*$/, '');
        const text = [...lines.slice(0, k), code].join('\n');
        const word = /[\w-]*$/.exec(code)![0];
        const change = accepted(await listAfter(text, join(EXAMPLES, name.replace(/[^/]+$/, 'typed-$&'))), word);
        if (change !== undefined) wrong.push(`${code.trim()}⏎ would write ${change}`);
    }
    expect(wrong).toEqual([]);
});

it.each([
    ['"', 'prompt night = """', true, false],
    ['"', '    prompt "', true, true],
    ['"', '    prompt "a house"', false, false],
    ['.', '    guidance 7.', false, false],
    ['.', '    during 0%..', false, false],
    ['.', '    up.', false, true],
    ['.', '    IN04..', false, false],
    ['.', 'image a = "./b.', true, false],
    ['.', 'image a = ".', true, true],
    ['/', 'image a = "./', true, true],
    [':', 'model a = "builtin:', true, true],
    ['@', 'layers l = @', false, true],
    ['<', 'prompt "a <', true, true],
    ['<', 'expect { time <', false, false],
] as const)('%s in %s', (character, line, isInString, opens) => {
    expect(opensBy(character, line, isInString)).toBe(opens);
});

it('layers are completed after the point of a stage', async () => {
    const labels = async (text: string) => (await editor.completions(text)).map(({ label }) => label);
    const head = 'image e = "e.png"\ngenerate a {\n    infuse e { ';
    const up = await labels(`${head}up.| }\n}`);
    expect(up).toEqual(expect.arrayContaining(['up.*', 'up.0', 'up.1', 'up.2', 'up.3']));
    expect(up.every((label) => label.startsWith('up.'))).toBe(true);
    expect(await labels(`${head}down.|`)).toContain('down.1');
});

it('templates are offered where a declaration can, and only there', async () => {
    const labels = async (text: string) => (await editor.completions(text)).map(({ label }) => label);
    expect(await labels('|')).toContain('first picture');
    expect(await labels('generate a {\n    use |\n}')).not.toContain('first picture');
    expect(await labels('generate a {\n    |\n}')).not.toContain('layer scan');
});

it('templates are specs without problems', async () => {
    const [first] = (await editor.completions('|')).filter(({ label }) => label === 'first picture');
    const text = (first?.insertText ?? '').replace(/\$\{\d+:([^}]*)\}|\$0/g, '$1');
    const document = await editor.open(text);
    expect(text).toContain('model sketch');
    expect(document.diagnostics?.filter(({ severity = 1 }) => severity <= 2)).toEqual([]);
});
