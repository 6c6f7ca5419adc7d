/** Layers picked on the drawing and numbers moved by sliders: the text changes with them, and undo takes it back. */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { type Editor, focusText, lens, openEditor, openFile, ROOT, results, retry, SOON, scenario } from './editor.ts';
import { button, make } from './runs-tree.ts';

const SPEC = `sdspec 1

image elephant = "./elephant.png"

generate rabbit {
    prompt "photo of a grey rabbit in a meadow"
    steps  8
    seed   5
}

generate infused extends rabbit {
    infuse elephant { mid 0.4  up.0 0.2 }
}
`;

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openEditor({ files: { 'first.sdspec': SPEC } });
    cpSync(join(ROOT, 'examples', 'assets', 'elephant.png'), join(editor.folder, 'elephant.png'));
    make(editor.folder, 'infused');
    await openFile(editor.page, 'first.sdspec');
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

const line = (words: RegExp) => editor.page.locator('.view-line', { hasText: words });
const site = (name: string) => results(editor.page).locator(`.unet-picker [data-site="${name}"]`);

scenario('Layers… opens the U-Net beside the run, and its text', opened, async ({ page }) => {
    await retry(async () => {
        await (await lens(page, 'Layers…', 1)).click({ timeout: SOON });
        await results(page).locator('.unet-picker').waitFor({ timeout: SOON });
    });
    const frame = results(page);
    await frame.locator('.app[data-key*="/infused/"]').waitFor();
    await frame.getByRole('slider', { name: 'mid', exact: true }).waitFor();
    await editor.shot('docs-adjust');
});

scenario('keys on a layer write its weight, and undo takes it back', opened, async ({ page }) => {
    await site('mid').focus();
    await site('mid').press('ArrowUp');
    await line(/infuse\s+elephant\s+\{\s*mid\s+0\.45\s+up\.0\s+0\.2\s*\}/).waitFor();
    await retry(async () => {
        await focusText(page);
        await page.keyboard.press('Control+Z');
        await line(/mid\s+0\.4\s+up\.0/).waitFor({ timeout: SOON });
    });
});

scenario('a drag writes a weight as one step of undo; a click gives a layer its first', opened, async ({ page }) => {
    const box = (await site('up.0').boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let up = 4; up <= 40; up += 4) await page.mouse.move(x, y - up);
    await page.mouse.up();
    await line(/infuse\s+elephant\s+\{\s*mid\s+0\.4\s+up\.0\s+0\.4\s*\}/).waitFor();
    await focusText(page);
    await page.keyboard.press('Control+Z');
    await line(/mid\s+0\.4\s+up\.0\s+0\.2/).waitFor();
    await site('down.1').click();
    await line(/mid\s+0\.4\s+up\.0\s+0\.2\s+down\.1\s+0\.3/).waitFor();
});

scenario('a curve over the steps is written, point by point', opened, async ({ page }) => {
    await site('mid').focus();
    await button(page, 'Change over the steps').click();
    await line(/mid\s+0\.4\s+->\s+0/).waitFor();
    const weight = results(page).getByLabel('Weight, point 2 of 2 of mid');
    await weight.fill('0.1');
    await weight.press('Enter');
    await line(/mid\s+0\.4\s+->\s+0\.1/).waitFor();
    await editor.shot('adjust-curve');
});

scenario('a slider writes its number, or the clause that was not there', opened, async ({ page }) => {
    const frame = results(page);
    const guidance = frame.getByRole('slider', { name: 'guidance, not written yet' });
    await guidance.focus();
    await guidance.press('ArrowRight');
    await line(/^\s*guidance\s+7\.6/).waitFor();
    const steps = frame.getByLabel('steps, not written yet, as a number');
    await steps.fill('9');
    await steps.press('Enter');
    await line(/^\s*steps\s+9/).waitFor();
    assert.equal(await page.locator('.squiggly-error').count(), 0);
});

scenario('a generate that was never run is adjusted too', opened, async ({ page }) => {
    await retry(async () => {
        await (await lens(page, 'Layers…', 0)).click({ timeout: SOON });
        await results(page).locator('.nothing').waitFor({ timeout: SOON });
    });
    await button(page, 'Add').click();
    await line(/^\s*infuse\s+elephant\s*$/).waitFor();
    await button(page, 'Close').click();
    await results(page).locator('.adjust').waitFor({ state: 'detached' });
});
