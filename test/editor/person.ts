/** What a person does in the editor: points, clicks, types, waits. */
import { AssertionError } from 'node:assert/strict';
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** How many times longer than usual things may take: on a busy machine several times. */
export const SLOWNESS = process.env['SDSPEC_BUSY'] ? 3 : 1;
/** Milliseconds within which an idle editor does what it was asked to. */
export const SOON = 3000 * SLOWNESS;
/** Milliseconds within which something is made or begins again. */
export const LONG = 60_000 * SLOWNESS;

/** Tries again until it works or the time is over: editors move things while one points at them. */
export async function retry<Value>(attempt: () => Promise<Value>, milliseconds = 30_000): Promise<Value> {
    for (const end = Date.now() + milliseconds * SLOWNESS; ; ) {
        try {
            return await attempt();
        } catch (error) {
            if (Date.now() > end) throw error;
            await new Promise((resolve) => setTimeout(resolve, 150));
        }
    }
}

/** Measures up to three times: what else this machine does can only make a time longer. */
export async function measured(measure: (attempt: number) => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
        try {
            return await measure(attempt);
        } catch (error) {
            if (attempt === 2 || !(error instanceof AssertionError)) throw error;
        }
    }
}

export const text = (page: Page): Locator => page.locator('.editor-instance .view-lines').first();

/** Puts the focus into the text, wherever it is scrolled to: lenses that are asked for are dropped when an editor loses it. */
export async function focusText(page: Page): Promise<void> {
    const sight = page.locator('.editor-instance .editor-scrollable').first();
    await sight.click({ position: { x: 420, y: 8 }, timeout: SOON });
}

/** A lens by its whole text, drawn. `index` of several with that text. */
export function lens(page: Page, words: string | RegExp, index = 0): Promise<Locator> {
    const exact = typeof words === 'string' ? new RegExp(`^\\s*${words}\\s*$`) : words;
    return retry(async () => {
        const found = page.locator('.codelens-decoration > :is(a, span)', { hasText: exact }).nth(index);
        try {
            await found.waitFor({ timeout: SOON });
        } catch (error) {
            await focusText(page);
            throw error;
        }
        return found;
    });
}

/** Clicks Run. Right after a text was opened its lenses still move, and a click can miss: then again, as a person would. */
export function run(page: Page, index = 0): Promise<void> {
    return retry(async () => {
        await (await lens(page, 'Run', index)).click({ timeout: SOON });
        const begun = page.locator('.codelens-decoration', { hasText: /Stop|starting|up to date/ }).first();
        await begun.waitFor({ timeout: SOON });
    });
}

/** Puts the cursor onto a line and runs what is declared there, by its key. */
export async function runAt(page: Page, line: string): Promise<void> {
    const running = status(
        page,
        /(: (step|starting|waiting|opening|reading|denoising|preparing)|SDSpec: starting)/,
    ).first();
    await retry(async () => {
        const box = await page.locator('.view-line', { hasText: line }).first().boundingBox({ timeout: SOON });
        await page.mouse.click(box!.x + 20, box!.y + box!.height / 2);
        await page.keyboard.press('Control+Alt+R');
        await running.waitFor({ timeout: SOON });
    });
}

export async function command(page: Page, title: string): Promise<void> {
    const box = page.locator('.quick-input-widget:visible input[type=text], .quick-input-widget:visible input').first();
    await retry(async () => {
        // A list that is open already lacks what came since: commands of an extension that begins, for one.
        if (await box.isVisible()) await page.keyboard.press('Escape');
        await page.keyboard.press('F1');
        await box.fill(`>${title}`, { timeout: SOON });
        await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click({ timeout: SOON });
    });
}

/** Chooses from the menu of something. */
export async function choose(page: Page, target: Locator, entry: string): Promise<void> {
    await retry(async () => {
        await page.keyboard.press('Escape');
        await target.click({ button: 'right', timeout: SOON });
        const item = page.locator('.monaco-menu .action-label', { hasText: entry }).first();
        await item.hover({ timeout: SOON });
        // A menu ignores clicks for a moment, otherwise the one that opened it would choose at once.
        await page.waitForTimeout(250);
        await item.click({ timeout: SOON });
        await item.waitFor({ state: 'hidden', timeout: SOON });
    });
}

export async function openFile(page: Page, name: string): Promise<void> {
    const box = page.locator('.quick-input-widget:visible input').first();
    await retry(async () => {
        if (await box.isVisible()) await page.keyboard.press('Escape');
        await page.keyboard.press('Control+P');
        await box.fill(name, { timeout: SOON });
        const file = page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
        await file.click({ timeout: SOON });
        await page.locator('.tab.active', { hasText: name }).waitFor({ timeout: SOON });
    });
}

/** The results page in the side bar: a page within VS Code's own frame around it. */
export function results(page: Page, which = 0): FrameLocator {
    return page.locator('iframe.webview.ready').nth(which).contentFrame().locator('iframe#active-frame').contentFrame();
}

export const status = (page: Page, words: string | RegExp): Locator =>
    page.locator('.statusbar-item', { hasText: words });

/** A notification; the editor's test driver keeps them in the notification centre, which is opened here. */
export async function notice(page: Page, words: string | RegExp): Promise<Locator> {
    const found = page.locator('.notifications-center .notification-list-item', { hasText: words }).first();
    return retry(async () => {
        if (!(await page.locator('.notifications-center.visible').count())) {
            await page.locator('[id="status.notifications"] a').click({ timeout: SOON });
            // The bell's tooltip would cover what the centre shows.
            await page.mouse.move(2, 2);
        }
        await found.waitFor({ timeout: SOON });
        return found;
    });
}
