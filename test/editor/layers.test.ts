/** A layer scan, from its run to the U-Net that it is shown as, its measures, and what hover says of them. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type Editor, focusText, results, retry, SOON, scenario } from './editor.ts';
import { openWithElephant, RABBIT } from './elephant.ts';
import { act, button, openRun, showRuns, turnDetails } from './runs-tree.ts';

const SPEC = `${RABBIT}
/** What does each layer carry? */
sweep layers-of over rabbit {
    infuse elephant at each down.0..down.1, mid, up.1..up.3 weight 0.4
}
`;

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openWithElephant(SPEC, ['layers-of']);
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario('a layer scan is shown as the U-Net, which arrow keys walk', opened, async ({ page }) => {
    await showRuns(page);
    await openRun(page, 'layers-of');
    const frame = results(page);
    await frame.locator('.network image').nth(6).waitFor();
    assert.equal(await frame.locator('.network .layer-tile').count(), 7);
    await frame.locator('.network .ghost', { hasText: 'down.2' }).waitFor();
    await frame.locator('.network [data-cell="1"]').focus();
    await frame.locator('.network [data-cell="1"]').press('ArrowDown');
    await frame.locator('.network [data-cell="2"][aria-current="true"]').waitFor();
    await editor.shot('layers');
    await frame.locator('.network [data-cell="2"]').press('Enter');
    await frame.locator('.large img[alt*="down.1"]').waitFor();
    await turnDetails(page, 'visible');
    await frame.locator('.unet [class~="positive"] text', { hasText: 'down.1' }).waitFor();
    await frame.locator('.zoom').press('Escape');
    await frame.locator('.network').waitFor();
    await turnDetails(page, 'hidden');
});

scenario('its measures are sorted, and copied as Markdown', opened, async ({ page }) => {
    const frame = results(page);
    const layers = () => frame.locator('.measure-table tbody th').allInnerTexts();
    await button(page, 'layer').click();
    await retry(async () =>
        assert.deepEqual(
            (await layers()).map((text) => text.trim()),
            ['down.0', 'down.1', 'mid', 'up.1', 'up.2', 'up.3'],
        ),
    );
    await button(page, 'Copy as Markdown').click();
    await retry(async () => {
        const copied = (await page.evaluate('navigator.clipboard.readText()')) as string;
        assert.match(copied, /^\| layer \| moved \| SSIM to plain \| towards the bias \|\n\|---\|/);
        assert.equal(copied.trim().split('\n').length, 8);
    }, SOON);
});

scenario('hover of a layer says what the scan measured', opened, async ({ page }) => {
    await retry(async () => {
        await page.mouse.move(3, 3);
        await page.locator('.view-line span', { hasText: /^mid$/ }).first().hover({ timeout: SOON });
        await page
            .locator('.monaco-hover:not(.hidden)', { hasText: 'In your scans' })
            .first()
            .waitFor({ timeout: SOON });
    });
    await editor.shot('layer-hover');
    await page.mouse.move(3, 3);
});

scenario('a picture of it is made the bias picture of the generate, which can be undone', opened, async ({ page }) => {
    await act(page, 'Use as bias picture');
    await page.locator('.view-line', { hasText: /infuse\s+layers-of-5/ }).waitFor();
    await page.locator('.view-line', { hasText: /image\s+layers-of-5\s+=\s+"\.\/layers-of-5\.png"/ }).waitFor();
    await retry(async () => {
        await focusText(page);
        await page.keyboard.press('Control+Z');
        await page
            .locator('.view-line', { hasText: /infuse\s+layers-of-5/ })
            .waitFor({ state: 'detached', timeout: SOON });
    });
});
