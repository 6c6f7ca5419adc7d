/** A window of several folders: every spec's runs are beside it, and the results show them all. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Page } from 'playwright-core';
import { type Editor, openEditor, openFile, results, retry, run, SOON, scenario } from './editor.ts';
import { showRuns } from './runs-tree.ts';

const spec = (name: string) => `model sketch = "builtin:sketch"
generate ${name} {
    use      sketch
    prompt   "a red house"
    steps    3
}
`;

let editor: Editor;
const opened = () => editor;
before(async () => {
    const files = { 'one/a.sdspec': spec('house'), 'two/b.sdspec': spec('barn'), 'two/deep/c.sdspec': spec('hut') };
    editor = await openEditor({ roots: ['one', 'two'], files });
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario('a run of the second root writes there', opened, async ({ page, folder }) => {
    await openFile(page, 'b.sdspec');
    await run(page);
    await pictureOf(page, 'barn');
    assert.deepEqual(readdirSync(join(folder, 'two', '.sdspec', 'runs')), ['barn']);
    assert.ok(!existsSync(join(folder, 'one', '.sdspec')), 'nothing in the first root');
    assert.ok(!existsSync(join(folder, '.sdspec')), 'nothing above the roots');
});

scenario('a spec deeper within, opened later, is shown by the page that is open already', opened, async ({ page }) => {
    await openFile(page, 'c.sdspec');
    await run(page);
    await pictureOf(page, 'hut');
    await editor.shot('roots');
});

scenario('the Runs tree lists the runs of all roots', opened, async ({ page }) => {
    await openFile(page, 'a.sdspec');
    await run(page);
    await pictureOf(page, 'house');
    await showRuns(page);
    const headings = page.locator('.pane-body .monaco-list-row', { hasText: '.sdspec' });
    await retry(async () => {
        const texts = (await headings.allInnerTexts()).map((text) => text.split(' · ')[0]).toSorted();
        assert.deepEqual(texts, ['barn', 'house', 'hut']);
    });
});

/** The picture is in the page, and its bytes came. */
async function pictureOf(page: Page, name: string): Promise<void> {
    const picture = results(page).locator(`.grid img.picture[alt^="${name}, "]`);
    await retry(async () => {
        const width = await picture.evaluate(
            (img) => (img as unknown as { naturalWidth: number }).naturalWidth,
            undefined,
            { timeout: SOON },
        );
        assert.ok(Number(width) > 0, `${name} has ${width} pixels`);
    }, 60_000);
}
