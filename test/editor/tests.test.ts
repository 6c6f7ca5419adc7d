/** The Test Explorer runs what specs expect; the extension starts quickly. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import sharp from 'sharp';
import { command, type Editor, LONG, lens, measured, openEditor, results, retry, SOON, scenario } from './editor.ts';

const PLACES = 'param place = "on the beach"\nprompt seaside = "a house {place}"\n';
const SPEC = `import { seaside } from "./places.sdspec"
model sketch = "builtin:sketch"
param colour = "red"
param unused = "nothing"

generate quick {
    use      sketch
    prompt   seaside
    negative "{colour}"
    steps    4
    expect {
        time   <= 90s
    }
}

image grey = "./grey.png"

generate unlike extends quick {
    expect {
        image  ssim to grey >= 0.9
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
    const background = { r: 128, g: 128, b: 128 };
    const grey = await sharp({ create: { width: 128, height: 128, channels: 3, background } })
        .png()
        .toBuffer();
    editor = await openEditor({
        open: 'expecting.sdspec',
        files: { 'expecting.sdspec': SPEC, 'places.sdspec': PLACES, 'grey.png': grey },
    });
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario('expectations are tests: one is met, one is missed', opened, async ({ page }) => {
    await lens(page, 'Run');
    const tests = page.locator('.test-explorer .monaco-list-row');
    const file = tests.filter({ hasText: 'expecting.sdspec' });
    await retry(async () => {
        if (!(await file.isVisible()))
            await page.locator('.activitybar .action-label[aria-label^="Testing"]').click({ timeout: SOON });
        await file.click({ timeout: SOON });
        await page.keyboard.press('ArrowRight');
        await tests.filter({ hasText: 'quick' }).waitFor({ timeout: SOON });
    });
    await command(page, 'Test: Run All Tests');
    const row = (name: string, state: string) =>
        page.locator(`.test-explorer .monaco-list-row[aria-label*="${name} (${state})"]`);
    await row('quick', 'Passed').waitFor({ timeout: LONG });
    await row('other', 'Failed').waitFor({ timeout: LONG });
    await editor.shot('docs-tests');
});

scenario('a missed picture is shown beside the expected one', opened, async ({ page, folder }) => {
    const missed = page.locator('.test-output-peek-tree .monaco-list-row', { hasText: 'SSIM to ' }).first();
    const compare = page.getByRole('link', { name: 'Compare expected and actual picture' });
    await retry(async () => {
        await command(page, 'Test Results: Focus on Test Results View');
        await missed.click({ timeout: SOON });
        await compare.click({ timeout: SOON });
        // The editor shows pictures in two of its own views, and names the tab after them.
        await page.locator('.tab.active', { hasText: /expected ↔ actual|grey.png ↔ 0.png/ }).waitFor({ timeout: SOON });
    });
    await retry(async () => {
        const views = await page.locator('iframe.webview.ready').count();
        const shown = Array.from({ length: views }, (_, view) => results(page, view).locator('.image img').count());
        assert.equal(
            (await Promise.all(shown)).reduce((sum, count) => sum + count, 0),
            2,
        );
    });
    assert.equal(readdirSync(join(folder, '.sdspec', 'runs', 'unlike')).length, 1);
    await editor.shot('expected-actual');
    await command(page, 'View: Close Editor');
    await command(page, 'View: Hide Panel');
});

scenario(
    'a run takes other values of parameters, of this file and of those it imports from',
    opened,
    async ({ page, folder }) => {
        await page.locator('.view-line', { hasText: 'generate quick' }).first().click();
        await command(page, 'SDSpec: Run with Parameters…');
        const box = page.locator('.quick-input-widget:visible input').first();
        // Params without a say in the picture are not asked for.
        for (const [param, value] of [
            ['colour', 'blue'],
            ['place', 'in a meadow'],
        ] as const) {
            await page
                .locator('.quick-input-widget', { hasText: new RegExp(`quick: ${param} \\(\\d of 2\\)`) })
                .waitFor();
            await box.fill(value);
            await box.press('Enter');
        }
        const runs = join(folder, '.sdspec', 'runs', 'quick');
        await retry(async () => {
            const plans = readdirSync(runs).map((name) => readFileSync(join(runs, name, 'plan.json'), 'utf8'));
            assert.ok(plans.some((plan) => plan.includes('a house in a meadow') && plan.includes('blue')));
        });
    },
);

scenario('the extension starts within 150 ms', opened, ({ page }) =>
    measured(async (attempt) => {
        if (attempt > 0) await editor.reload();
        await command(page, 'Developer: Show Running Extensions');
        const row = page.locator('.monaco-list-row', { hasText: 'sdspec.sdspec' }).first();
        const milliseconds = await retry(async () => {
            const found = /Activation: (\d+)ms/.exec((await row.textContent({ timeout: SOON })) ?? '');
            assert.ok(found);
            return Number(found[1]);
        });
        console.log(`    activation ${milliseconds} ms`);
        await editor.shot('running-extensions');
        assert.ok(milliseconds < (process.env['SDSPEC_BUSY'] ? 600 : 150), `${milliseconds} ms`);
    }),
);
