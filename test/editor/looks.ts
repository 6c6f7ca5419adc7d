/**
 * Pictures of the results page, in every theme and at three widths, to be looked at: `npm run test:editor -- --looks`. They go
 * to `.cache/screenshots` as `look-VIEW-THEME-WIDTH.png`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Page } from 'playwright-core';
import { command, type Editor, results, retry, SOON, scenario } from './editor.ts';
import { openWithElephant, RABBIT } from './elephant.ts';
import { act, button, openRun, showRuns, turnDetails } from './runs-tree.ts';

const SPEC = `${RABBIT}
generate infused extends rabbit {
    infuse elephant { down.2..up.0 0.35  mid 0.5 -> 0.1 cosine }
}

/** What does each layer carry? */
sweep layers-of over rabbit {
    infuse elephant at each down.*, mid, up.* weight 0.4
}

sweep pull over rabbit {
    seed     in 1..3
    guidance in [1, 3, 5, 8]
    columns  guidance
}
`;

const THEMES = {
    dark: ['Default Dark Modern', 'vscode-dark'],
    light: ['Default Light Modern', 'vscode-light'],
    'contrast-dark': ['Default High Contrast', 'vscode-high-contrast'],
    'contrast-light': ['Default High Contrast Light', 'vscode-high-contrast-light'],
} as const;
const WIDTHS = [300, 500, 1000];
/** Pixels beside the page: the bar of activities and borders. */
const BESIDE = 60;

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openWithElephant(SPEC, ['rabbit', 'infused', 'layers-of', 'pull']);
    await showRuns(editor.page);
});
after(() => editor.close());

const VIEWS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
    layers: async (page) => {
        await openRun(page, 'layers-of');
        await button(page, 'Layers').click();
        await results(page).locator('.network image').nth(8).waitFor();
    },
    sheet: async (page) => {
        await openRun(page, 'pull');
        await button(page, 'Sheet').click();
        await results(page).locator('.sheet img').nth(11).waitFor();
    },
    several: async (page) => {
        await openRun(page, 'pull');
        await button(page, 'Compare').click();
        await button(page, 'Side by side').click();
        const more = results(page).getByLabel('Add a picture');
        for (let k = 1; k <= 2; k++)
            if ((await results(page).locator('.pair figure').count()) < 4) await more.selectOption({ index: 2 + k });
        await results(page).locator('.pair figure').nth(3).waitFor();
    },
    compare: async (page) => {
        await openRun(page, 'infused');
        await button(page, 'Compare').click();
        await button(page, 'Slider').click();
        await results(page).locator('.layer + .layer img').waitFor();
        await results(page).locator('.differing').waitFor();
    },
    adjust: async (page) => {
        await openRun(page, 'infused');
        await button(page, 'All').click();
        await button(page, 'Adjust').click();
        await results(page).locator('.unet-picker').waitFor();
    },
    mask: async (page) => {
        if (await results(page).locator('.adjust').count()) await button(page, 'Close').first().click();
        await act(page, 'Paint a mask…');
        await results(page).locator('.board').waitFor();
        if (await button(page, 'Clear').isDisabled()) await results(page).locator('.board').press('Space');
    },
    details: async (page) => {
        await openRun(page, 'infused');
        await button(page, 'All').click();
        await turnDetails(page, 'visible');
        await results(page).locator('.details .unet').waitFor();
    },
};

/** Views whose picture with much room, in the dark theme, is one of the manual's. */
const OF_THE_MANUAL = new Set(['layers', 'several']);

for (const [view, go] of Object.entries(VIEWS)) {
    scenario(`${view}, in all themes and widths`, opened, async ({ page, folder }) => {
        await retry(() => go(page));
        await command(page, 'View: Maximize Secondary Side Bar');
        for (const [name, [theme, kind]] of Object.entries(THEMES)) {
            mkdirSync(join(folder, '.vscode'), { recursive: true });
            writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'workbench.colorTheme': theme }));
            await results(page).locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
            for (const width of WIDTHS) {
                await page.setViewportSize({ width: width + BESIDE, height: 900 });
                await page.waitForTimeout(250);
                await editor.shot(`look-${view}-${name}-${width}`);
                const isOfManual = OF_THE_MANUAL.has(view) && name === 'dark' && width === WIDTHS.at(-1);
                if (isOfManual) await editor.shot(`docs-${view}`);
            }
        }
        await page.setViewportSize({ width: 1440, height: 900 });
        await command(page, 'View: Restore Secondary Side Bar');
        if (view === 'details') await turnDetails(page, 'hidden');
        await results(page).locator('.app').waitFor({ timeout: SOON });
    });
}
