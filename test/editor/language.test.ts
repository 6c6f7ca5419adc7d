/** The language in the editor: problems and their mending, hover, completion, rename, format. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type Editor, focusText, lens, openEditor, retry, SOON, scenario } from './editor.ts';

const SPEC = `model sketch = "builtin:sketch"
image photo = "./photo.png"

weights deep {
    down.1  0.3
    mid     0.2
}

generate first {
    use sketch
    prompt "a red house"
    steps 5
    sead 7
    infuse photo with deep
}
`;
/** One grey pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

let editor: Editor;
const opened = () => editor;
before(async () => {
    const files = { 'spec.sdspec': SPEC, 'photo.png': Buffer.from(PIXEL, 'base64') };
    editor = await openEditor({ open: 'spec.sdspec', files });
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario('an unknown setting is reported, and a quick fix mends it', opened, async ({ page }) => {
    await lens(page, /has errors|Run/);
    await page.keyboard.press('Control+Shift+M');
    const problem = page.locator('.markers-panel .monaco-list-row', { hasText: 'sead' }).first();
    await problem.waitFor();
    await editor.shot('docs-problem');
    await page.keyboard.press('Control+Shift+M');
    await retry(async () => {
        await page.locator('.view-line', { hasText: 'sead' }).locator('span span').first().click({ timeout: SOON });
        await page.keyboard.press('Control+.');
        await page.locator('.action-widget .action', { hasText: 'seed' }).first().click({ timeout: SOON });
        await page.locator('.view-line', { hasText: /seed\s+7/ }).waitFor({ timeout: SOON });
    });
});

scenario('hover says what a layer does', opened, async ({ page }) => {
    await retry(async () => {
        await page.mouse.move(3, 3);
        await page
            .locator('.view-line span', { hasText: /^down\.1$/ })
            .first()
            .hover({ timeout: SOON });
        await page.locator('.monaco-hover:not(.hidden)', { hasText: 'down.1' }).first().waitFor({ timeout: SOON });
    });
    await editor.shot('docs-hover');
    await page.mouse.move(3, 3);
});

scenario('completion offers settings that are not there yet', opened, async ({ page }) => {
    await retry(async () => {
        await focusText(page);
        await page.locator('.view-line', { hasText: 'steps' }).first().click({ timeout: SOON });
    });
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await retry(async () => {
        await page.keyboard.press('Control+Space');
        await page
            .locator('.suggest-widget.visible .monaco-list-row', { hasText: 'guidance' })
            .first()
            .waitFor({ timeout: SOON });
    });
    await editor.shot('completion');
    await page.keyboard.press('Escape');
    await page.keyboard.type('guidance 4');
});

scenario('rename changes every use', opened, async ({ page }) => {
    await retry(async () => {
        await page.keyboard.press('Escape');
        await page.locator('.view-line', { hasText: 'weights' }).locator('span span').nth(2).click({ timeout: SOON });
        await page.keyboard.press('F2');
        await page.locator('.rename-box input').waitFor({ timeout: SOON });
    });
    await page.locator('.rename-box input').fill('strong');
    await page.keyboard.press('Enter');
    await page.locator('.view-line', { hasText: /infuse\s+photo\s+with\s+strong/ }).waitFor();
});

scenario('format aligns the clauses', opened, async ({ page }) => {
    await retry(async () => {
        await focusText(page);
        await page.keyboard.press('Control+Shift+I');
        // Not by `hasText`, for which several spaces are one.
        await retry(async () => {
            const text = await page.locator('.view-line', { hasText: /use/ }).first().textContent({ timeout: SOON });
            assert.match(text ?? '', /^\s*use\s{2,}sketch/);
        }, 1000);
    });
});
