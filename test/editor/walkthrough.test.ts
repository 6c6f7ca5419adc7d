/** The first contact: a window without a folder, and the walkthrough from its first step to a picture. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { command, type Editor, notice, openEditor, results, retry, SOON, scenario } from './editor.ts';
import { showRuns } from './runs-tree.ts';

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openEditor({ withFolder: false });
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

const box = () => editor.page.locator('.quick-input-widget:visible input').first();

scenario('the walkthrough asks where to keep the experiment, and opens it beside itself', opened, async ({ page }) => {
    await openWalkthrough();
    await choose('Write an experiment', 'New experiment');
    await retry(async () => assert.match(await box().inputValue({ timeout: SOON }), /experiment\.sdspec$/));
    // The editor's dialog ignores answers while it still reads the folder.
    const ok = page.locator('.quick-input-widget:visible').getByRole('button', { name: 'OK' });
    await retry(async () => {
        if (await ok.isVisible()) await ok.click({ timeout: SOON });
        await page.locator('.tab.active', { hasText: 'experiment.sdspec' }).waitFor({ timeout: SOON });
    });
    assert.ok(existsSync(join(editor.folder, '..', 'experiment.sdspec')));
    assert.ok(await page.locator('.gettingStartedContainer').isVisible());
});

scenario('its second step makes a layer scan, which is shown as the U-Net', opened, async ({ page }) => {
    await choose('See what each layer carries', 'Run the layer scan');
    await retry(async () => {
        // The walkthrough's own page is one of these as well.
        const views = await page.locator('iframe.webview.ready').count();
        const done = Array.from({ length: views }, (_, view) =>
            results(page, view).locator('.app:has(.state.complete) .network .moved').count(),
        );
        assert.ok((await Promise.all(done)).includes(7));
    }, 90_000);
    await choose('Change and compare', 'Show the results');
    await editor.shot('walkthrough');
});

scenario('the run is listed though its spec is in no open folder', opened, async ({ page }) => {
    await showRuns(page);
    await page.locator('.pane-body .monaco-list-row', { hasText: 'layers-of · experiment.sdspec' }).waitFor();
});

scenario('where no spec is open, running says so', opened, async ({ page }) => {
    await command(page, 'View: Close All Editors');
    await openWalkthrough();
    await choose('See what each layer carries', 'Run the layer scan');
    await notice(page, 'Open a spec first');
});

async function openWalkthrough(): Promise<void> {
    const { page } = editor;
    await command(page, 'Welcome: Open Walkthrough');
    await retry(async () => {
        await box().fill('your first layer experiment', { timeout: SOON });
        const walkthrough = page.locator('.quick-input-list .monaco-list-row', {
            hasText: 'your first layer experiment',
        });
        await walkthrough.click({ timeout: SOON });
    });
    await page.locator('.gettingStartedContainer', { hasText: 'Write an experiment' }).waitFor();
}

/** Opens a step of the walkthrough and presses its button. */
async function choose(title: string, button: string): Promise<void> {
    const { page } = editor;
    await retry(async () => {
        await page.locator('.getting-started-step', { hasText: title }).first().click({ timeout: SOON });
        await page.getByRole('button', { name: button }).click({ timeout: SOON });
    });
}
