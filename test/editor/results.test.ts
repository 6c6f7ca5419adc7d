/** The results page: looking, comparing, scrubbing, remembering. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { choose, command, type Editor, LONG, openEditor, openFile, results, retry, SOON, scenario } from './editor.ts';
import { act, button, make, openRun, row, showRuns, turnDetails } from './runs-tree.ts';

let editor: Editor;
const opened = () => editor;
before(async () => {
    // Without a file to open: an address that names one opens that after a reload, and nothing else.
    editor = await openEditor();
    await openFile(editor.page, 'first.sdspec');
    make(editor.folder, 'first');
    make(editor.folder, 'first', (text) => text.replace('guidance  5', 'guidance  9'));
    make(editor.folder, 'pull');
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario('the Runs tree lists runs by runnable, with thumbnails, and opens them', opened, async ({ page }) => {
    await showRuns(page);
    await row(page, 'first · first.sdspec').waitFor();
    await row(page, 'pull · first.sdspec').waitFor();
    const thumbnails = page.locator('.pane-body .monaco-list-row .custom-view-tree-node-item-icon[style*="url"]');
    await retry(async () => assert.equal(await thumbnails.count(), 3));
    await openRun(page, 'first', 0);
    await results(page).locator('.grid img.picture').waitFor();
});

scenario('the step scrubber walks through the trace, with one-step completions', opened, async ({ page }) => {
    await command(page, 'SDSpec: Results: Show Steps');
    const frame = results(page);
    const scrubber = frame.locator('.scrubber input');
    await scrubber.waitFor();
    const sources = async () =>
        frame.locator('.pair img').evaluateAll((all) => all.map((one) => one.getAttribute('src')));
    const early = await sources();
    assert.equal(early.length, 2);
    await scrubber.focus();
    await scrubber.press('End');
    await frame.locator('.scrubber', { hasText: 'after step 12' }).waitFor();
    assert.notDeepEqual(await sources(), early);
    await frame.locator('.strip button').nth(1).click();
    await frame.locator('.scrubber', { hasText: 'after step 6' }).waitFor();
    await editor.shot('docs-steps');
});

scenario('two runs are compared side by side, with a slider and by their difference', opened, async ({ page }) => {
    const frame = results(page);
    await button(page, 'Compare').click();
    await frame.locator('.pair img').nth(1).waitFor();
    await button(page, 'Slider').click();
    const slider = frame.locator('input.split');
    await slider.focus();
    await slider.press('Home');
    const border = frame.locator('.border');
    const left = async () => (await border.boundingBox())!.x;
    const start = await left();
    for (let press = 0; press < 60; press++) await slider.press('ArrowRight');
    assert.ok((await left()) > start + 50, 'the border follows the slider');
    await editor.shot('docs-compare');
    await button(page, 'Difference').click();
    await frame.locator('.subtracted img').waitFor();
    await editor.shot('difference');
});

scenario('a picture that is dragged carries its file', opened, async ({ page }) => {
    await openRun(page, 'first', 0);
    await button(page, 'All').click();
    const carried = await results(page)
        .locator('body')
        .evaluate(
            `(() => {
                const dataTransfer = new DataTransfer();
                const picture = document.querySelector('.grid img');
                picture.dispatchEvent(new DragEvent('dragstart', { dataTransfer, bubbles: true }));
                return dataTransfer.getData('text/uri-list');
            })()`,
        );
    assert.match(String(carried), /^file:\/\/.*\/\.sdspec\/runs\/first\/[0-9a-f]+\/.*\.png$/);
});

scenario('further pictures are added side by side, and left out again', opened, async ({ page }) => {
    await openRun(page, 'pull', 0);
    const frame = results(page);
    await button(page, 'Compare').click();
    await button(page, 'Side by side').click();
    await frame.locator('.pair figure').nth(1).waitFor();
    const other = frame.getByLabel('Add a picture');
    await other.selectOption({ label: 'seed 2 · guidance 4' });
    await other.selectOption({ label: 'seed 2 · guidance 8' });
    await frame.locator('.pair figure').nth(3).waitFor();
    await frame.locator('.pair figcaption', { hasText: 'seed 2 · guidance 8' }).waitFor();
    await button(page, 'Leave out pull, seed 2 · guidance 4').click();
    await frame.locator('.pair figure').nth(3).waitFor({ state: 'detached' });
    await button(page, 'Sheet').click();
});

scenario('a sweep is a labelled contact sheet that keys walk through', opened, async ({ page }) => {
    await openRun(page, 'pull', 0);
    const frame = results(page);
    await frame.locator('.sheet').waitFor();
    const heads = await frame.locator('.sheet th[scope=col]').allInnerTexts();
    assert.deepEqual(
        heads.map((text) => text.replace(/\s+/g, ' ').trim()),
        ['seed \\ guidance', '1', '4', '8'],
    );
    assert.equal(await frame.locator('.sheet img').count(), 6);
    await frame.locator('[data-cell="0"]').focus();
    await frame.locator('[data-cell="0"]').press('ArrowRight');
    await frame.locator('[data-cell="1"]').press('ArrowDown');
    await frame.locator('[data-cell="4"][aria-current="true"]').waitFor();
    await editor.shot('docs-sheet');
    await frame.locator('[data-cell="4"]').press('Enter');
    await frame.locator('.large img[alt*="seed 2"][alt*="guidance 4"]').waitFor();
    await frame.locator('.zoom').press('Escape');
    await frame.locator('.sheet').waitFor();
});

scenario('details show the plan, and actions copy the seed', opened, async ({ page }) => {
    await openRun(page, 'first', 0);
    const frame = results(page);
    await turnDetails(page, 'visible');
    await frame.locator('.details pre', { hasText: 'generate first' }).waitFor();
    await editor.shot('details');
    await turnDetails(page, 'hidden');
    await act(page, 'Copy seed');
    await retry(async () => assert.equal(await page.evaluate('navigator.clipboard.readText()'), '42'));
});

scenario('resolved specs and differences are read-only documents', opened, async ({ page }) => {
    await choose(page, row(page, /\d:\d\d/).first(), 'Show Resolved Spec');
    await page.locator('.tab', { hasText: '(resolved).sdspec' }).waitFor();
    await page.locator('.view-line', { hasText: 'sampler' }).first().waitFor();
});

scenario(
    'commands are for the page that one came to last, and bring it back where it is hidden',
    opened,
    async (at) => {
        const { page } = at;
        const seed = async (value: string) => {
            await command(page, 'SDSpec: Results: Copy Seed');
            await retry(async () => assert.equal(await page.evaluate('navigator.clipboard.readText()'), value), SOON);
        };
        await openRun(page, 'first');
        await command(page, 'SDSpec: Open Results in Editor');
        await results(page, 1).locator('img.picture').first().waitFor();
        await openRun(page, 'pull');
        await seed('42');
        await results(page).locator('[data-cell="0"]').click();
        await seed('1');
        await command(page, 'View: Close All Editors');
        await command(page, 'View: Hide Secondary Side Bar');
        await page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
        await command(page, 'SDSpec: Results: Show Picture Large');
        await results(page).locator('.app[data-mode=large]').waitFor();
        await button(page, 'Sheet').click();
    },
);

scenario('results open in an editor of their own, which a reload brings back', opened, async ({ page }) => {
    await command(page, 'SDSpec: Open Results in Editor');
    await page.locator('.tab', { hasText: 'Results:' }).waitFor();
    await results(page, 1).locator('img.picture').first().waitFor();
    await editor.shot('panel');
    await editor.reload();
    await page.locator('.tab', { hasText: 'Results:' }).waitFor({ timeout: LONG });
    await results(page, 1).locator('img.picture').first().waitFor({ timeout: LONG });
});

scenario('a picture is large, zoomed by keys, and the zoom is kept over a reload', opened, async ({ page }) => {
    await command(page, 'View: Close All Editors');
    await openRun(page, 'first', 0);
    await button(page, 'Large').click();
    const area = results(page).locator('.zoom');
    await area.focus();
    for (const key of ['+', '+', '+', 'ArrowLeft']) await area.press(key);
    const zoomed = results(page).locator('.zoom[data-scale="1.953"]');
    await zoomed.waitFor();
    await editor.reload();
    await zoomed.waitFor({ timeout: LONG });
    await command(page, 'SDSpec: Results: Fit Picture');
    await results(page).locator('.zoom[data-scale="1.000"]').waitFor();
});
