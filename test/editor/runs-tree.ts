/** Runs made by the command line, and the Runs tree that opens them. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { CLI, results, retry, SOON } from './editor.ts';

/** Makes the pictures of a runnable of `first.sdspec` in a folder; `change` changes the text for that run alone. */
export function make(folder: string, name: string, change: (text: string) => string = (text) => text): void {
    const file = join(folder, 'first.sdspec');
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, change(original));
    execFileSync(process.execPath, [CLI, 'run', file, name], { stdio: 'pipe' });
    writeFileSync(file, original);
}

/** Shows the Runs tree, whether or not it is in sight already. */
export async function showRuns(page: Page): Promise<void> {
    const title = page.locator('.sidebar .composite.title', { hasText: 'SDSpec' });
    await retry(async () => {
        if (await title.isVisible()) return;
        await page.locator('.activitybar .action-label[aria-label^="SDSpec"]').click({ timeout: SOON });
        await title.waitFor({ timeout: SOON });
    });
}

export const row = (page: Page, words: string | RegExp): Locator =>
    page.locator('.pane-body .monaco-list-row', { hasText: words });

/** Opens the n-th run below a heading of the tree, and waits until it is the one that the page shows. */
export async function openRun(page: Page, heading: string, n = 0): Promise<void> {
    await retry(async () => {
        const rows = page.locator('.pane-body .monaco-list-row');
        const texts = await rows.allInnerTexts();
        const at = texts.findIndex((text) => text.startsWith(`${heading} · `));
        if (at < 0) throw new Error(`${heading} is not in the tree: ${texts.join(' | ')}`);
        // Rows end with the first digits of the run's digest, which names its folder.
        const digest = /[0-9a-f]{8}$/.exec(texts[at + 1 + n]?.trim() ?? '')?.[0];
        if (!digest) throw new Error(`${heading} has no run ${n} in the tree: ${texts.join(' | ')}`);
        await rows.nth(at + 1 + n).click({ timeout: SOON });
        await results(page).locator(`.app[data-key*="/${heading}/${digest}"]`).waitFor({ timeout: SOON });
    });
}

/** A button of the results page. */
export const button = (page: Page, name: string): Locator => results(page).getByRole('button', { name, exact: true });

/** Shows or hides the details, whichever they are now. */
export async function turnDetails(page: Page, wanted: 'visible' | 'hidden'): Promise<void> {
    const pressed = String(wanted === 'visible');
    const toggle = button(page, 'Details');
    if ((await toggle.getAttribute('aria-pressed')) !== pressed) await toggle.click();
    await results(page).locator('.details').waitFor({ state: wanted });
}

/** Chooses from the page's ⋯ menu. */
export async function act(page: Page, name: string): Promise<void> {
    await retry(async () => {
        const item = results(page).getByRole('menuitem', { name, exact: true });
        if (!(await item.count())) await button(page, 'Actions').click({ timeout: SOON });
        await item.click({ timeout: SOON });
    });
}
