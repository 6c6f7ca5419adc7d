/** Typing: whole specs, at the speed of fast and of slow people, Enter at once: the text is the text that was typed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Page } from 'playwright-core';
import { type Editor, openEditor, openFile, ROOT, retry, scenario, text } from './editor.ts';

/** Milliseconds per key, and the example that is typed with them. */
const TYPED = [
    [60, 'layers'],
    [110, 'inherit'],
    [250, 'turtle'],
] as const;
/** Without comments, which take no part in it. */
const sourceOf = (name: string) => {
    const source = readFileSync(join(ROOT, 'examples', `${name}.sdspec`), 'utf8');
    return source.replace(/^(\/\/.*\n)+\n*/, '').replace(/^\/\*\*.*\n/gm, '');
};
const SETTINGS = { 'editor.autoClosingBrackets': 'never', 'editor.autoClosingQuotes': 'never' };

let editor: Editor;
const opened = () => editor;
before(async () => {
    const files = Object.fromEntries(TYPED.map(([pause, name]) => [`${name}-${pause}.sdspec`, '']));
    editor = await openEditor({ files, settings: SETTINGS });
});
after(() => editor.close());

scenario('examples are typed at 60, 110 and 250 ms per key', opened, async ({ page, folder }) => {
    for (const [pause, name] of TYPED) {
        const file = `${name}-${pause}.sdspec`;
        await typeFile(page, file, sourceOf(name), pause);
        const written = await retry(async () => {
            await page.keyboard.press('Control+S');
            await page.locator('.tab.active:not(.dirty)', { hasText: file }).waitFor({ timeout: 2000 });
            return readFileSync(join(folder, file), 'utf8');
        });
        assert.equal(written, sourceOf(name), `${name} at ${pause} ms per key`);
    }
});

async function typeFile(page: Page, file: string, source: string, pause: number): Promise<void> {
    await openFile(page, file);
    await retry(() => text(page).click({ timeout: 3000 }));
    // Indentation is the editor's own.
    for (const line of source.trimEnd().split('\n')) {
        await page.keyboard.type(line.trim(), { delay: pause });
        await page.keyboard.press('Enter', { delay: pause });
    }
}
