/** What is said of runs, and what leaves the editor: stars, notes, the clipboard, sheets, reports, explanations. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { listRuns } from '../../src/runtime/run/runs.ts';
import { choose, type Editor, LONG, notice, openEditor, openFile, results, retry, SOON, scenario } from './editor.ts';
import { act, button, make, openRun, row, showRuns } from './runs-tree.ts';

const SPEC = `sdspec 1

generate house {
    prompt "a painting of a red house on the beach"
    steps  2
    seed   7
}

sweep houses over house {
    seed in 1..2
}

generate changed extends house {
    steps 3
}
`;

let editor: Editor;
const opened = () => editor;
const pictures = ['house', 'changed'] as const;
before(async () => {
    editor = await openEditor({ files: { 'first.sdspec': SPEC } });
    await openFile(editor.page, 'first.sdspec');
    for (const name of ['house', 'houses', 'changed']) make(editor.folder, name);
    for (const name of pictures) cpSync(pictureOf(name), join(editor.folder, `${name}.png`));
    await showRuns(editor.page);
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

/** The file of the only picture of a runnable's only run. */
function pictureOf(name: string): string {
    const [run] = listRuns(join(editor.folder, '.sdspec', 'runs'), name);
    return join(run!.folder, run!.record.pictures[0]!.file);
}

scenario('a run gets a star by its button and a note by its menu, which the tree shows', opened, async ({ page }) => {
    await openRun(page, 'house');
    const star = button(page, 'Star');
    await retry(async () => {
        if ((await star.getAttribute('aria-pressed')) !== 'true') await star.click({ timeout: SOON });
        await results(page).locator('.star[aria-pressed="true"]').waitFor({ timeout: SOON });
    });
    await retry(async () => {
        if (await results(page).locator('.note').count()) return;
        await act(page, 'Write a note…');
        const box = page.locator('.quick-input-widget:visible input').first();
        await box.fill('for the talk', { timeout: SOON });
        await box.press('Enter');
        await results(page).locator('.note', { hasText: 'for the talk' }).waitFor({ timeout: SOON });
    });
    await row(page, /★.*for the talk/)
        .first()
        .waitFor();
    await editor.shot('star-and-note');
});

scenario('a picture is copied to the clipboard as a picture', opened, async ({ page }) => {
    await openRun(page, 'house');
    await page.evaluate('navigator.clipboard.writeText("before")');
    await act(page, 'Copy picture');
    await retry(async () => {
        const side = await page.evaluate(`(async () => {
            const [item] = await navigator.clipboard.read();
            const picture = await createImageBitmap(await item.getType('image/png'));
            return [picture.width, picture.height];
        })()`);
        assert.deepEqual(side, [128, 128]);
    });
});

scenario('the sheet of a sweep is opened', opened, async ({ page }) => {
    await openRun(page, 'houses');
    await retry(async () => {
        await act(page, 'Open the sheet');
        await page.locator('.tab.active', { hasText: 'sheet.png' }).waitFor({ timeout: SOON });
    });
    await openFile(page, 'first.sdspec');
});

scenario(
    'a report of the spec is written, and the user is asked what to do with it',
    opened,
    async ({ page, folder }) => {
        const report = join(folder, '.sdspec', 'reports', 'first.html');
        await openRun(page, 'house');
        await act(page, 'Report of the spec (HTML)');
        await retry(async () => assert.ok(existsSync(report)), LONG);
        await notice(page, 'first.html is written');
        const html = readFileSync(report, 'utf8');
        for (const name of ['house', 'houses', 'changed']) assert.match(html, new RegExp(`\\b${name}\\b`));
    },
);

scenario('two pictures that are chosen in the explorer are explained', opened, async ({ page }) => {
    const file = (name: string) => page.locator('.explorer-folders-view .monaco-list-row', { hasText: `${name}.png` });
    await retry(async () => {
        if (!(await file('house').isVisible())) await page.keyboard.press('Control+Shift+E');
        await file('house').click({ timeout: SOON });
        await file('changed').click({ modifiers: ['Control'], timeout: SOON });
        assert.equal(await page.locator('.explorer-folders-view .monaco-list-row.selected').count(), 2);
    });
    await choose(page, file('changed'), 'Explain the Difference');
    await page.locator('.view-line', { hasText: '--- ' }).first().waitFor();
    await page.locator('.view-line', { hasText: /^steps/ }).waitFor();
    const lines = await page.locator('.view-line', { hasText: /^[-+]\s*[23]$/ }).allInnerTexts();
    assert.equal(lines.length, 2);
    await editor.shot('explained');
});
