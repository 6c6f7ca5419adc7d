/** The Test Explorer runs what specs expect; the extension starts quickly. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { command, type Editor, lens, openEditor, retry, scenario } from './editor.ts';

const SPEC = `model sketch = "builtin:sketch"
param colour = "red"

generate quick {
    use      sketch
    prompt   "a {colour} house on the beach"
    steps    4
    expect {
        time   <= 90s
    }
}

generate other extends quick {
    seed     5
    expect {
        image  phash:0000000000000000 within 1
    }
}
`;

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openEditor({ open: 'expecting.sdspec', files: { 'expecting.sdspec': SPEC } });
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario('expectations are tests: one is met, one is missed', opened, async ({ page }) => {
    await lens(page, 'Run');
    await page.locator('.activitybar .action-label[aria-label^="Testing"]').click();
    const tests = page.locator('.test-explorer .monaco-list-row');
    await tests.filter({ hasText: 'expecting.sdspec' }).click();
    await page.keyboard.press('ArrowRight');
    await tests.filter({ hasText: 'quick' }).waitFor();
    await command(page, 'Test: Run All Tests');
    const row = (name: string, state: string) =>
        page.locator(`.test-explorer .monaco-list-row[aria-label*="${name} (${state})"]`);
    await row('quick', 'Passed').waitFor({ timeout: 60_000 });
    await row('other', 'Failed').waitFor({ timeout: 60_000 });
    await editor.shot('docs-tests');
});

scenario('a run takes other values of parameters', opened, async ({ page, folder }) => {
    await page.locator('.view-line', { hasText: 'generate quick' }).first().click();
    await command(page, 'SDSpec: Run with Parameters…');
    const box = page.locator('.quick-input-widget:visible input').first();
    await page.locator('.quick-input-widget', { hasText: 'quick: colour' }).waitFor();
    await box.fill('blue');
    await box.press('Enter');
    const runs = join(folder, '.sdspec', 'runs', 'quick');
    await retry(async () => {
        const plans = readdirSync(runs).map((name) => readFileSync(join(runs, name, 'plan.json'), 'utf8'));
        assert.ok(plans.some((plan) => plan.includes('a blue house on the beach')));
    });
});

scenario('the extension starts within 150 ms', opened, async ({ page }) => {
    await command(page, 'Developer: Show Running Extensions');
    const row = page.locator('.monaco-list-row', { hasText: 'sdspec.sdspec' }).first();
    const milliseconds = await retry(async () => {
        const found = /Activation: (\d+)ms/.exec((await row.textContent({ timeout: 3000 })) ?? '');
        assert.ok(found);
        return Number(found[1]);
    });
    console.log(`    activation ${milliseconds} ms`);
    await editor.shot('running-extensions');
    assert.ok(milliseconds < (process.env['SDSPEC_BUSY'] ? 600 : 150), `${milliseconds} ms`);
});
