/** Typing: whole specs, at the speed of fast and of slow people, Enter at once: the text is the text that was typed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Page } from 'playwright-core';
import { type Editor, openEditor, openFile, ROOT, restored, retry, scenario, text } from './editor.ts';

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
    const pages = await Promise.all(TYPED.map(async (_, index) => (index === 0 ? page : anotherPage(page))));
    await Promise.all(
        TYPED.map(async ([pause, name], index) => {
            const file = `${name}-${pause}.sdspec`;
            await typeFile(pages[index]!, file, sourceOf(name), pause);
            const written = await retry(async () => {
                await pages[index]!.keyboard.press('Control+S');
                await pages[index]!.locator('.tab.active:not(.dirty)', { hasText: file }).waitFor({ timeout: 2000 });
                return readFileSync(join(folder, file), 'utf8');
            });
            assert.equal(written, sourceOf(name), `${name} at ${pause} ms per key`);
        }),
    );
});

/** Another window on the same folder. */
async function anotherPage(page: Page): Promise<Page> {
    const other = await page.context().newPage();
    await other.goto(page.url(), { waitUntil: 'domcontentloaded' });
    await restored(other);
    return other;
}

async function typeFile(page: Page, file: string, source: string, pause: number): Promise<void> {
    await openFile(page, file);
    await retry(() => text(page).click({ timeout: 3000 }));
    // Indentation is the editor's own.
    for (const line of source.trimEnd().split('\n')) {
        await page.keyboard.type(line.trim(), { delay: pause });
        await page.keyboard.press('Enter', { delay: pause });
    }
}
