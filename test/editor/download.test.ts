/** Downloads in the editor: asked for, sized, followed, cancelled, continued, and the run that wanted the model. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { COMMIT, type Hub, openHub, REPOSITORY } from '../runtime/hub/local-hub.ts';
import { command, type Editor, notice, openEditor, results, retry, run, scenario } from './editor.ts';

const NAME = `hf:${REPOSITORY}@451f4fe`;
const UNET = 'unet/diffusion_pytorch_model.safetensors';
const SPEC = `model nano = "hf:${REPOSITORY}" revision "451f4fe"

generate turtle {
    use     nano
    prompt  "a turtle"
    size    64x64
    steps   2
    seed    1
}
`;

let hub: Hub;
let editor: Editor;
const opened = () => editor;
before(async () => {
    hub = await openHub({ stuck: { [UNET]: 1_000_000 } });
    const settings = JSON.stringify({ 'sdspec.hub.endpoint': hub.endpoint });
    const files = { 'turtle.sdspec': SPEC, '.vscode/settings.json': settings };
    editor = await openEditor({ open: 'turtle.sdspec', files });
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
    hub.close();
});

scenario(
    'a run without its model offers the download, which reports its size and can be declined',
    opened,
    async (at) => {
        const { page } = at;
        // By its command: a run that fails at once is on its way for too short a time to be seen above its name.
        await command(page, 'Run Picture');
        const failed = await notice(page, /turtle failed: .* is not on this machine/);
        assert.deepEqual(hub.requests, [], 'a run asks no one');
        await failed.locator('.monaco-button', { hasText: 'Download…' }).click();
        const dialog = await question(page);
        await dialog.getByText(`Download ${NAME}?`).waitFor();
        await dialog.getByText(/4 MB in 12 files come from 127\.0\.0\.1:\d+ into /).waitFor();
        await at.shot('docs-download');
        await dialog.locator('.monaco-button', { hasText: 'Cancel' }).click();
        await dialog.waitFor({ state: 'hidden' });
        assert.deepEqual(fetchedFiles(), [], 'nothing came before it was agreed to');
    },
);

scenario('so does the results’ page', opened, async ({ page }) => {
    await results(page).locator('.failure').getByRole('button', { name: 'Download…' }).click();
    const dialog = await question(page);
    await dialog.getByText(`Download ${NAME}?`).waitFor();
    await dialog.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
});

scenario('the declaration of a missing model offers it as a quick fix', opened, async ({ page }) => {
    await retry(async () => {
        await page.locator('.view-line', { hasText: 'model nano' }).first().click({ timeout: 3000 });
        await page.keyboard.press('Control+.');
        const fix = page.locator('.action-widget .action', { hasText: `Download ${NAME}…` });
        await fix.first().click({ timeout: 3000 });
    });
    const dialog = await question(page);
    await dialog.locator('.monaco-button', { hasText: 'Cancel' }).click();
    assert.deepEqual(fetchedFiles(), []);
});

scenario('the command offers the missing model, shows progress, and stops when it is asked to', opened, async (at) => {
    const { page } = at;
    await command(page, 'Download Model…');
    const entry = page.locator('.quick-input-list .monaco-list-row', { hasText: NAME }).first();
    await entry.filter({ hasText: 'named by turtle.sdspec, not on this machine' }).click();
    await (await question(page)).locator('.monaco-button', { hasText: 'Download 4 MB' }).click();
    const progress = await notice(page, /Downloading .*: 1 MB of 4 MB/);
    await at.shot('download-progress');
    await retry(async () => {
        await progress.hover({ timeout: 2000 });
        await progress.locator('.monaco-button', { hasText: 'Cancel' }).click({ timeout: 2000 });
    });
    await notice(page, /The download of .* was stopped/);
    assert.equal(existsSync(join(snapshot(), UNET)), false, 'no file is stored under a name that is not its own yet');
    assert.equal(parts().length, 1);
});

scenario('it continues where it ended, and then the picture is made', opened, async ({ page }) => {
    hub.behave({});
    hub.requests.length = 0;
    const stopped = await notice(page, /The download of .* was stopped/);
    await stopped.locator('.monaco-button', { hasText: 'Continue' }).click();
    await notice(page, new RegExp(`${NAME} is on this machine: \\d+ MB are there and right`));
    assert.equal(fetchedFiles().length, 1);
    assert.match(fetchedFiles()[0]!, new RegExp(`${UNET} bytes=\\d+-$`));
    assert.deepEqual(parts(), []);
    const count = hub.requests.length;
    await run(page);
    await results(page).locator('.grid img.picture').waitFor({ timeout: 60_000 });
    assert.equal(hub.requests.length, count, 'the run asked no one');
});

scenario('a name that no model can have is refused with what to write, and the box stays', opened, async ({ page }) => {
    await command(page, 'Download Model…');
    const box = page.locator('.quick-input-widget:visible input').first();
    const first = page.locator('.quick-input-list .monaco-list-row').first();
    await box.fill('hf:turtle');
    await first.filter({ hasText: '"hf:turtle" is no name of a hub model' }).waitFor();
    await first.filter({ hasText: 'Write hf:owner/name@revision' }).click();
    assert.equal(await box.isVisible(), true);
    await box.fill('hf:tiny/none');
    await first.filter({ hasText: 'hf:tiny/none@main' }).click();
    await notice(page, /There is nothing at .*tiny\/none: check owner and name/);
});

scenario('a token is asked for where one is needed, kept, and used', opened, async ({ page }) => {
    hub.behave({ token: 'hf_mine' });
    await command(page, 'Download Model…');
    const box = page.locator('.quick-input-widget:visible input').first();
    await box.fill(`hf:${REPOSITORY}@refs/pr/1`);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'refs/pr/1' }).first().click();
    const denied = await notice(page, /for a private model give a token by the command “SDSpec: Set Hub Token…”/);
    await denied.locator('.monaco-button', { hasText: 'Set Token…' }).click();
    await box.fill('hf_mine');
    assert.equal(await box.getAttribute('type'), 'password');
    await page.keyboard.press('Enter');
    await notice(page, /The token for 127\.0\.0\.1:\d+ is kept/);
    await notice(page, new RegExp(`hf:${REPOSITORY}@refs/pr/1 is on this machine`));
});

/** The question before a download. */
async function question(page: Page): Promise<Locator> {
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    return dialog;
}

/** Requests for files, which are not those for the listing. */
function fetchedFiles(): readonly string[] {
    return hub.requests.filter((request) => request.includes('/resolve/'));
}

const folder = () => join(editor.folder, '..', '.cache', 'huggingface', 'hub', 'models--tiny--nano-sd15');
const snapshot = () => join(folder(), 'snapshots', COMMIT);
const parts = () => readdirSync(join(folder(), 'blobs')).filter((name) => name.endsWith('.incomplete'));
