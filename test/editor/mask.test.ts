/** A mask painted on a picture of the results, by pointer and by keys, becomes a file and a clause. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import sharp from 'sharp';
import { command, type Editor, openEditor, openFile, results, retry, scenario } from './editor.ts';
import { act, button, make, openRun, showRuns } from './runs-tree.ts';

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openEditor();
    make(editor.folder, 'plain');
    await openFile(editor.page, 'first.sdspec');
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

const board = () => results(editor.page).getByRole('application', { name: /^Mask of plain/ });
/** How much of the drawing is painted. */
const painted = () =>
    results(editor.page)
        .locator('body')
        .evaluate(`(() => {
        const canvas = document.querySelector('.board canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let at = 3; at < data.length; at += 4) if (data[at] > 127) count++;
        return (4 * count) / data.length;
    })()`) as Promise<number>;

scenario('a brush paints, the eraser takes away, undo takes back', opened, async ({ page }) => {
    await showRuns(page);
    await openRun(page, 'plain');
    await act(page, 'Paint a mask…');
    await board().waitFor();
    const canvas = results(page).locator('.board canvas');
    const box = (await canvas.boundingBox())!;
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    await page.mouse.move(...at(0.2, 0.5));
    await page.mouse.down();
    await page.mouse.move(...at(0.5, 0.5), { steps: 5 });
    await page.mouse.move(...at(0.8, 0.5), { steps: 5 });
    await page.mouse.up();
    await retry(async () => assert.ok((await painted()) > 0.05));
    const brushed = await painted();
    await button(page, 'Erase').click();
    await page.mouse.move(...at(0.5, 0.4));
    await page.mouse.down();
    await page.mouse.move(...at(0.5, 0.6), { steps: 5 });
    await page.mouse.up();
    await retry(async () => assert.ok((await painted()) < brushed));
    await button(page, 'Undo').click();
    await retry(async () => assert.equal(await painted(), brushed));
    await editor.shot('docs-mask');
});

scenario('keys paint as well', opened, async ({ page }) => {
    const before = await painted();
    await board().focus();
    await page.keyboard.press('e');
    await button(page, 'Brush').and(results(page).locator('[aria-pressed=true]')).waitFor();
    for (let press = 0; press < 8; press++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    await retry(async () => assert.ok((await painted()) > before));
    await page.keyboard.press('Control+z');
    await retry(async () => assert.equal(await painted(), before));
});

scenario('the mask is kept while the page is hidden', opened, async ({ page }) => {
    const before = await painted();
    await results(page).getByRole('slider', { name: 'feather' }).fill('8');
    await command(page, 'View: Toggle Secondary Side Bar Visibility');
    await board().waitFor({ state: 'hidden' });
    await command(page, 'SDSpec: Open Results');
    await board().waitFor();
    // A softened border crosses the half where the hard one was.
    await retry(async () => assert.ok(Math.abs((await painted()) - before) < 0.05));
});

scenario('it is written beside the spec, with its clause', opened, async ({ page, folder }) => {
    await button(page, 'Use this mask').click();
    const choice = page.locator('.quick-input-list .monaco-list-row', { hasText: /^plain/ }).first();
    await choice.click();
    await page.locator('.view-line', { hasText: /mask\s+plain-42-mask\s+feather\s+8px/ }).waitFor();
    await page.locator('.view-line', { hasText: /start\s+from\s+plain-42\s+strength\s+0\.8/ }).waitFor();
    const file = join(folder, 'plain-42-mask.png');
    assert.ok(existsSync(file) && existsSync(join(folder, 'plain-42.png')));
    const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [128, 128]);
    const at = (x: number, y: number) => data[Math.round(y * 127) * 128 + Math.round(x * 127)];
    assert.deepEqual([at(0.5, 0.5), at(0.5, 0.1)], [255, 0]);
    await retry(async () => assert.equal(await page.locator('.squiggly-error').count(), 0));
});
