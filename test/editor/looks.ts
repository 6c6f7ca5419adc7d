/**
 * Pictures of what the extension shows, in every theme and at three widths, to be looked at: `npm run test:editor -- --looks`.
 * They go to `.cache/screenshots` as `look-VIEW-THEME-WIDTH.png`. Names after it choose views: `-- --looks steps print`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { CLI, command, type Editor, launch, results, retry, scenario } from './editor.ts';
import { openWithElephant } from './elephant.ts';
import { PAGE_VIEWS } from './looks/page-views.ts';
import { MADE, SPEC } from './looks/spec.ts';
import { WINDOW_VIEWS, type WindowView } from './looks/window-views.ts';
import { make, showRuns } from './runs-tree.ts';

const THEMES = {
    dark: ['Default Dark Modern', 'vscode-dark'],
    light: ['Default Light Modern', 'vscode-light'],
    'contrast-dark': ['Default High Contrast', 'vscode-high-contrast'],
    'contrast-light': ['Default High Contrast Light', 'vscode-high-contrast-light'],
} as const;
const WIDTHS = [300, 500, 1000];
/** Pixels beside the page: the bar of activities and borders. */
const BESIDE = 60;
/** Views whose picture with much room, in the dark theme, is one of the manual's. */
const OF_THE_MANUAL = new Set(['layers', 'several']);

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openWithElephant(SPEC, MADE);
    try {
        make(editor.folder, 'broken');
    } catch {
        // Its failure is what is looked at.
    }
    await showRuns(editor.page);
});
after(() => editor.close());

/** Takes pictures in all themes and widths. */
async function walk(
    view: string,
    { page, folder }: Editor,
    widen: (page: Page, width: number) => Promise<void>,
): Promise<void> {
    for (const [name, [theme, kind]] of Object.entries(THEMES)) {
        mkdirSync(join(folder, '.vscode'), { recursive: true });
        writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'workbench.colorTheme': theme }));
        const css = kind.replace('vscode-', '').replace(/^(dark|light)$/, 'vs-$1');
        const workbench = { 'vs-dark': 'vs-dark', 'vs-light': 'vs', 'high-contrast': 'hc-black' }[css] ?? 'hc-light';
        await page.locator(`.monaco-workbench.${workbench}`).waitFor();
        for (const width of WIDTHS) {
            await widen(page, width);
            await page.waitForTimeout(250);
            await editor.shot(`look-${view}-${name}-${width}`);
            const isOfManual = OF_THE_MANUAL.has(view) && name === 'dark' && width === WIDTHS.at(-1);
            if (isOfManual) await editor.shot(`docs-${view}`);
        }
    }
}

const asWide = (page: Page, width: number) => page.setViewportSize({ width: width + BESIDE, height: 900 });

const isWalkthrough = ([name]: readonly [string, unknown]) => name.startsWith('walkthrough');
for (const one of Object.entries(WINDOW_VIEWS)) if (!isWalkthrough(one)) lookAtWindow(...one);

for (const [view, { open, each, leave }] of Object.entries(PAGE_VIEWS)) {
    scenario(`${view}, in all themes and widths`, opened, async (editor) => {
        const { page } = editor;
        await showRuns(page);
        await retry(() => open(page));
        await command(page, 'View: Maximize Secondary Side Bar');
        await walk(view, editor, async (page, width) => {
            await asWide(page, width);
            await each?.(page);
        });
        await page.setViewportSize({ width: 1440, height: 900 });
        if (each) await page.keyboard.press('Escape');
        await command(page, 'View: Restore Secondary Side Bar');
        await results(page).locator('.app').waitFor();
        await leave?.(page);
    });
}

// They close all texts.
for (const one of Object.entries(WINDOW_VIEWS)) if (isWalkthrough(one)) lookAtWindow(...one);

function lookAtWindow(view: string, { open, widen = asWide, leave }: WindowView): void {
    scenario(`${view}, in all themes and widths`, opened, async (editor) => {
        const { page } = editor;
        if (await page.locator('.part.auxiliarybar').isVisible())
            await command(page, 'View: Toggle Secondary Side Bar Visibility');
        await retry(() => open(page));
        await walk(view, editor, widen);
        await page.setViewportSize({ width: 1440, height: 900 });
        await leave?.(page);
    });
}

scenario('report, in both schemes and all widths', opened, async ({ folder }) => {
    const file = join(folder, 'report.html');
    const names = ['infused', 'layers-of', 'pull', 'traced'];
    execFileSync(process.execPath, [CLI, 'report', join(folder, 'first.sdspec'), ...names, '--to', file]);
    const browser = await launch();
    for (const colorScheme of ['dark', 'light'] as const) {
        for (const width of WIDTHS) {
            const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
            await page.goto(pathToFileURL(file).href);
            const path = join(process.env['SDSPEC_SHOTS'] ?? folder, `look-report-${colorScheme}-${width}.png`);
            await page.screenshot({ path, fullPage: true });
            await page.close();
        }
    }
    await browser.close();
});
