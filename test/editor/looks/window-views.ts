/** What is looked at beside the results page: the tree of runs, the walkthrough, hovers in the text. */
import type { Page } from 'playwright-core';
import { command, focusText, retry, SOON } from '../editor.ts';
import { showRuns } from '../runs-tree.ts';

/** A part of the window, and how it gets a width. */
export interface WindowView {
    readonly open: (page: Page) => Promise<void>;
    /** By default the window itself becomes as wide. */
    readonly widen?: (page: Page, width: number) => Promise<void>;
    readonly leave?: (page: Page) => Promise<void>;
}

/** The step of the walkthrough with this title. */
const walkthrough = (title: string): WindowView => ({
    open: async (page) => {
        await command(page, 'View: Close All Editors');
        if (await page.locator('.sidebar').isVisible()) await command(page, 'View: Toggle Primary Side Bar Visibility');
        await command(page, 'Welcome: Open Walkthrough');
        await retry(async () => {
            const box = page.locator('.quick-input-widget:visible input').first();
            await box.fill('your first layer experiment', { timeout: SOON });
            const found = page.locator('.quick-input-list .monaco-list-row', { hasText: 'your first layer' });
            await found.click({ timeout: SOON });
        });
        await page.locator('.getting-started-step', { hasText: title }).first().click();
        await page.waitForTimeout(1000);
    },
    widen: async (page, width) => {
        await page.setViewportSize({ width: width + 60, height: 900 });
        // Its page is loaded again for another theme.
        await page.waitForTimeout(1000);
    },
});

async function dragSideBar(page: Page, width: number): Promise<void> {
    const box = (await page.locator('.part.sidebar').boundingBox())!;
    await page.mouse.move(box.x + box.width, 500);
    await page.mouse.down();
    await page.mouse.move(box.x + width, 500, { steps: 4 });
    await page.mouse.up();
    await page.mouse.move(box.x + width + 60, 600);
}

/** The hover of a word in the text. */
const hover = (words: RegExp, word: string): WindowView => ({
    open: async (page) => {
        if (await page.locator('.sidebar').isVisible()) await command(page, 'View: Toggle Primary Side Bar Visibility');
        await focusText(page);
    },
    widen: async (page, width) => {
        await page.setViewportSize({ width: width + 60, height: 900 });
        await page.mouse.move(2, 2);
        await retry(async () => {
            const line = page.locator('.view-line', { hasText: words }).first();
            await line.locator('span > span', { hasText: word }).first().hover({ timeout: SOON });
            await page.locator('.monaco-hover:not(.hidden) .hover-contents').first().waitFor({ timeout: SOON });
        });
        await page.waitForTimeout(400);
    },
    leave: (page) => page.keyboard.press('Escape'),
});

export const WINDOW_VIEWS: Readonly<Record<string, WindowView>> = {
    runs: {
        open: async (page) => {
            await showRuns(page);
            await page.setViewportSize({ width: 1440, height: 900 });
        },
        widen: dragSideBar,
        leave: (page) => dragSideBar(page, 300),
    },
    'hover-layer': hover(/infuse\s+elephant\s+\{\s+mid/, 'mid'),
    'hover-setting': hover(/^\s*guidance/, 'guidance'),
    'walkthrough-write': walkthrough('Write an experiment'),
    'walkthrough-layers': walkthrough('See what each layer carries'),
    'walkthrough-compare': walkthrough('Change and compare'),
};
