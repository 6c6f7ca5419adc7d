/** What is done with a picture from the results, and with runs from the queue. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Page } from 'playwright-core';
import type { RunRecord } from '../../src/runtime/run/record.ts';
import {
    type Editor,
    lens,
    openEditor,
    openFile,
    ROOT,
    results,
    retry,
    runAt,
    SOON,
    scenario,
    status,
} from './editor.ts';
import { act, make, openRun, showRuns } from './runs-tree.ts';

let editor: Editor;
const opened = () => editor;
before(async () => {
    // Long enough to stay in front of the queue while one looks at it.
    const text = readFileSync(join(ROOT, 'test', 'editor', 'workspace', 'first.sdspec'), 'utf8');
    editor = await openEditor({ files: { 'first.sdspec': text.replace('400', '1000') } });
    await openFile(editor.page, 'first.sdspec');
    make(editor.folder, 'first', (text) => text.replace('42', '77'));
    make(editor.folder, 'plain', (text) => text.replace('42', '78'));
    make(editor.folder, 'four');
    await showRuns(editor.page);
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario('the seed of a picture is pinned in place of the one in the text', opened, async ({ page, folder }) => {
    await openRun(page, 'first');
    await act(page, 'Pin seed into spec');
    await page.locator('.view-line', { hasText: /seed\s+77/ }).waitFor();
    assert.equal(await page.locator('.view-line', { hasText: /seed\s+42/ }).count(), 0);
    // It is an edit like any other: not saved, and undone by a key.
    assert.match(readFileSync(join(folder, 'first.sdspec'), 'utf8'), /seed\s+42/);
    await page.locator('.tab.active.dirty', { hasText: 'first.sdspec' }).waitFor();
});

scenario('where there is no seed, it becomes a clause of its own; several become one', opened, async ({ page }) => {
    await openRun(page, 'plain');
    await act(page, 'Pin seed into spec');
    await page.locator('.view-line', { hasText: /^\s+seed\s+78$/ }).waitFor();
    await openRun(page, 'four');
    await results(page).locator('[data-cell="2"]').click();
    await act(page, 'Pin seed into spec');
    await page.locator('.view-line', { hasText: /^\s+seed\s+3$/ }).waitFor();
    assert.equal(await page.locator('.view-line', { hasText: '1..4' }).count(), 0);
    assert.equal(await page.locator('.squiggly-error').count(), 0);
    await editor.shot('pinned');
});

scenario(
    'a picture is saved beside its spec, under a name that says its seed, byte for byte',
    opened,
    async ({ page, folder }) => {
        await openRun(page, 'first');
        const target = join(folder, 'first-77.png');
        assert.ok(!existsSync(target));
        const original = readFileSync(join(runFolder('first'), recordOf('first').pictures[0]!.file));
        const saved = () => assert.ok(existsSync(target) && readFileSync(target).equals(original));
        // The editor's own dialog takes an answer for none where it comes while the dialog is still busy.
        await retry(async () => {
            await act(page, 'Save as…');
            const box = page.locator('.quick-input-widget:visible input').first();
            await retry(async () => assert.match(await box.inputValue({ timeout: SOON }), /first-77\.png$/), 3000);
            const ok = page.locator('.quick-input-widget .monaco-button', { hasText: /Save|OK/ }).first();
            await ok.click({ timeout: SOON });
            await retry(async () => saved(), 3000);
        });
    },
);

scenario('a picture is revealed: here in the explorer, as a browser has no file manager', opened, async ({ page }) => {
    const file = recordOf('first').pictures[0]!.file;
    await act(page, 'Reveal in file manager');
    const shown = page.locator('.explorer-folders-view .monaco-list-row.selected, .explorer-folders-view .focused');
    await shown.filter({ hasText: file }).first().waitFor();
    await editor.shot('revealed');
});

scenario('a run that waits is brought forward in the queue', opened, async ({ page }) => {
    await runAt(page, 'generate slow');
    await lens(page, /step \d+\/1000/);
    await wait(page, 'generate four', 2);
    await wait(page, 'sweep pull', 3);
    const rows = page.locator('.quick-input-list .monaco-list-row');
    await retry(async () => {
        if (!(await rows.filter({ hasText: 'pull' }).first().isVisible()))
            await status(page, /slow: /)
                .first()
                .click({ timeout: SOON });
        await retry(async () => assert.deepEqual(await names(page), ['slow', 'four', 'pull']), 1000);
    });
    const last = rows.filter({ hasText: 'pull' });
    await retry(async () => {
        await last.hover({ timeout: SOON });
        await last.locator('.quick-input-list-entry-action-bar [aria-label="Run next"]').click({ timeout: SOON });
    });
    await retry(async () => assert.deepEqual(await names(page), ['slow', 'pull', 'four']));
    await editor.shot('queue');
    const first = rows.filter({ hasText: 'slow' });
    await retry(async () => {
        if (await first.count()) {
            await first.hover({ timeout: SOON });
            await first.locator('[aria-label="Stop"]').click({ timeout: SOON });
        }
        await first.waitFor({ state: 'detached', timeout: SOON });
    });
    await page.keyboard.press('Escape');
    await retry(async () => {
        const [pull, four] = [recordOf('pull'), recordOf('four')];
        assert.deepEqual([pull.state, four.state], ['complete', 'complete']);
        assert.ok(pull.started < four.started, `pull at ${pull.started}, four at ${four.started}`);
    }, 60_000);
});

/** Runs what is declared on a line while something else runs, and waits until it waits as well. */
async function wait(page: Page, line: string, active: number): Promise<void> {
    await retry(async () => {
        const box = await page.locator('.view-line', { hasText: line }).first().boundingBox({ timeout: SOON });
        await page.mouse.click(box!.x + 20, box!.y + box!.height / 2);
        await page.keyboard.press('Control+Alt+R');
        await status(page, `(+${active - 1})`)
            .first()
            .waitFor({ timeout: SOON });
    });
}

/** The runs of the queue, in the order of the list. */
async function names(page: Page): Promise<readonly string[]> {
    const labels = await page.locator('.quick-input-list .monaco-list-row .label-name').allInnerTexts();
    return labels
        .map((label) => label.trim())
        .filter((label) => !/^(Open Results|Restart Runtime|Show Log)$/.test(label));
}

/** The folder of a runnable's newest run. */
function runFolder(name: string): string {
    const runs = join(editor.folder, '.sdspec', 'runs', name);
    const all = readdirSync(runs).map((digest) => join(runs, digest));
    return all.toSorted((a, b) => (read(a).started < read(b).started ? 1 : -1))[0]!;
}

const recordOf = (name: string): RunRecord => read(runFolder(name));

function read(folder: string): RunRecord {
    return JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8'));
}
