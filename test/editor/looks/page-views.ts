/** The views of the results page, each with how it is reached. */
import type { Page } from 'playwright-core';
import { LONG, results, SOON } from '../editor.ts';
import { act, button, openRun, turnDetails } from '../runs-tree.ts';

/** A view of the results page, and what is left behind by it. */
export interface PageView {
    readonly open: (page: Page) => Promise<void>;
    /** What is done at each width. */
    readonly each?: (page: Page) => Promise<void>;
    /** What is done before the next view. */
    readonly leave?: (page: Page) => Promise<void>;
}

const plain = (run: string, mode: string, drawn: string): PageView => ({
    open: async (page) => {
        await openRun(page, run);
        await button(page, mode).click();
        await results(page).locator(drawn).first().waitFor();
    },
});

async function closeAdjust(page: Page): Promise<void> {
    if (await results(page).locator('.adjust').count()) await button(page, 'Close').first().click();
}

async function adjust(page: Page): Promise<void> {
    await openRun(page, 'infused');
    await button(page, 'All').click();
    if (!(await results(page).locator('.adjust').count())) await button(page, 'Adjust').click();
    await results(page).locator('.unet-picker').waitFor();
}

export const PAGE_VIEWS: Readonly<Record<string, PageView>> = {
    single: plain('infused', 'All', '.grid img.picture'),
    large: plain('infused', 'Large', '.large img.picture'),
    layers: {
        open: async (page) => {
            await openRun(page, 'layers-of');
            await button(page, 'Layers').click();
            await results(page).locator('.network image').nth(8).waitFor();
        },
    },
    'layers-effect': {
        open: async (page) => {
            await openRun(page, 'layers-of');
            await button(page, 'Layers').click();
            await button(page, 'By effect').click();
            await results(page).locator('.network image').nth(8).waitFor();
        },
        leave: (page) => button(page, 'U-Net').click(),
    },
    sheet: plain('pull', 'Sheet', '.sheet [data-cell="11"] img'),
    'one-axis': plain('seeds', 'Sheet', '.grid [data-cell="6"] img'),
    several: {
        open: async (page) => {
            await openRun(page, 'pull');
            await button(page, 'Compare').click();
            await button(page, 'Side by side').click();
            const more = results(page).getByLabel('Add a picture');
            for (let k = 1; k <= 2; k++)
                if ((await results(page).locator('.pair figure').count()) < 4)
                    await more.selectOption({ index: 2 + k });
            await results(page).locator('.pair figure').nth(3).waitFor();
        },
    },
    compare: {
        open: async (page) => {
            await openRun(page, 'infused');
            await button(page, 'Compare').click();
            await button(page, 'Slider').click();
            await results(page).locator('.layer + .layer img').waitFor();
            await results(page).locator('.differing').waitFor();
        },
    },
    difference: {
        open: async (page) => {
            await openRun(page, 'infused');
            await button(page, 'Compare').click();
            await button(page, 'Difference').click();
            await results(page).locator('.subtracted img').waitFor();
        },
    },
    steps: {
        open: async (page) => {
            await openRun(page, 'traced');
            await button(page, 'Steps').click();
            await results(page).locator('.strip button').nth(5).click();
            await results(page).locator('.strip button[aria-current="true"]').waitFor();
        },
    },
    'steps-none': plain('infused', 'Steps', '.stage p.quiet'),
    'mosaic-all': plain('tiled', 'All', '.grid .picture'),
    mosaic: plain('tiled', 'Large', '.deep[data-state=drawn]'),
    'mosaic-zoom': plain('tiled', 'Zoom', '.endless img'),
    'print-all': plain('postcard', 'All', '.grid .picture'),
    print: plain('postcard', 'Large', '.large .picture'),
    stages: plain('postcard', 'Stages', '.stages .picture'),
    learnt: {
        open: async (page) => {
            await openRun(page, 'fluffy');
            await results(page).locator('.curve svg').waitFor();
        },
    },
    failed: {
        open: async (page) => {
            await openRun(page, 'broken');
            await results(page).locator('.failure').waitFor();
        },
    },
    details: {
        open: async (page) => {
            await openRun(page, 'infused');
            await button(page, 'All').click();
            await turnDetails(page, 'visible');
            await results(page).locator('.details .unet').waitFor();
        },
        leave: (page) => turnDetails(page, 'hidden'),
    },
    'details-text': {
        open: async (page) => {
            await openRun(page, 'infused');
            await button(page, 'Large').click();
            await turnDetails(page, 'visible');
        },
        each: (page) => results(page).locator('.details h3').evaluate('(one) => one.scrollIntoView()'),
        leave: (page) => turnDetails(page, 'hidden'),
    },
    'details-scan': {
        open: async (page) => {
            await openRun(page, 'layers-of');
            await button(page, 'Layers').click();
            await turnDetails(page, 'visible');
        },
        leave: (page) => turnDetails(page, 'hidden'),
    },
    menu: {
        open: async (page) => {
            await openRun(page, 'infused');
            await button(page, 'All').click();
        },
        each: async (page) => {
            const items = results(page).getByRole('menuitem');
            if (!(await items.count())) await button(page, 'Actions').click();
            await items.first().waitFor();
        },
        leave: (page) => button(page, 'All').click(),
    },
    adjust: { open: adjust },
    'adjust-curve': {
        open: async (page) => {
            await adjust(page);
            await results(page).locator('.chip .bare', { hasText: 'mid' }).first().click();
            await results(page).locator('.curve-editor circle').nth(1).waitFor();
        },
        each: (page) => results(page).locator('.curve-editor').scrollIntoViewIfNeeded(),
    },
    'slider-hover': {
        open: adjust,
        each: async (page) => {
            const slider = results(page).getByRole('slider', { name: 'guidance' });
            await slider.scrollIntoViewIfNeeded();
            await slider.hover();
        },
        leave: closeAdjust,
    },
    mask: {
        open: async (page) => {
            await closeAdjust(page);
            await openRun(page, 'infused');
            await act(page, 'Paint a mask…');
            await results(page).locator('.board').waitFor();
            if (await button(page, 'Clear').isDisabled()) await results(page).locator('.board').press('Space');
        },
        leave: (page) => button(page, 'All').click(),
    },
    running: {
        open: async (page) => {
            await page.locator('.view-line', { hasText: 'generate slow' }).first().click({ timeout: SOON });
            await page.keyboard.press('Control+Alt+R');
            await results(page)
                .locator('.state', { hasText: /step \d/ })
                .waitFor({ timeout: LONG });
            await results(page).locator('canvas.preview').waitFor();
        },
        leave: async (page) => {
            await button(page, 'Stop').click();
            await results(page).locator('.state', { hasText: 'stopped' }).waitFor({ timeout: LONG });
        },
    },
    stopped: {
        open: async (page) => {
            await openRun(page, 'slow');
            await results(page).locator('.state', { hasText: 'stopped' }).waitFor();
        },
    },
};
