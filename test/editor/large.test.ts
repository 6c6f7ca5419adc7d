/** A picture too large to be drawn whole: it opens without the page standing still, and obeys the same keys. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { command, type Editor, openEditor, results, retry, scenario } from './editor.ts';
import { openRun, showRuns } from './runs-tree.ts';
import { writeStoredRun } from './stored-run.ts';

const SIDE = 8192;
const BUSY = Boolean(process.env['SDSPEC_BUSY']);

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openEditor();
    const banner = { width: 5003, height: 2051 };
    writeStoredRun(editor.folder, 'poster', [
        { png: await quarters(SIDE, SIDE), width: SIDE, height: SIDE },
        { png: await quarters(banner.width, banner.height), ...banner },
    ]);
    const { page } = editor;
    await showRuns(page);
    await openRun(page, 'poster');
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario('among others it is shown small, and the viewer is not loaded yet', opened, async ({ page }) => {
    const frame = results(page);
    await frame.locator('.grid canvas.picture[data-drawn]').nth(1).waitFor();
    assert.equal(await frame.locator('script[src*="results-deep"]').count(), 0);
});

scenario('a picture of 8192x8192 opens without freezing the page', opened, async ({ page }) => {
    const frame = results(page);
    await watch(frame.locator('body'));
    const begun = Date.now();
    await frame.getByRole('button', { name: 'Large', exact: true }).click();
    await frame.locator('.deep[data-state=drawn]').waitFor();
    const seconds = (Date.now() - begun) / 1000;
    const { task, gap } = await watched(frame.locator('body'));
    console.log(
        `    first view after ${seconds.toFixed(2)} s, longest task ${task} ms, longest wait for a frame ${gap} ms`,
    );
    assert.ok(task < (BUSY ? 400 : 100), `a task of ${task} ms`);
    assert.ok(seconds < (BUSY ? 20 : 5), `${seconds} s to the first view`);
    await editor.shot('large-fit');
});

scenario('what is in sight is the picture, at every zoom', opened, async ({ page }) => {
    const area = results(page).locator('.zoom');
    // Quarters of different colour: the upper left red, the lower right blue.
    await seen(page, 0.25, 0.25, RED);
    await seen(page, 0.75, 0.75, BLUE);
    await area.focus();
    for (let press = 0; press < 12; press++) await area.press('+');
    await area.press('ArrowRight');
    await area.press('ArrowDown');
    await retry(async () => assert.equal(await area.getAttribute('data-scale'), (1.25 ** 12).toFixed(3)));
    // Moved by 40 pixels towards the lower right: its corner is all that is left in the middle.
    await seen(page, 0.9, 0.9, BLUE);
    await editor.shot('large-zoomed');
});

scenario('tiles at the borders are whole, whatever the size', opened, async ({ page }) => {
    await results(page).locator('.zoom').press('0');
    await command(page, 'SDSpec: Results: Next Picture');
    await results(page).locator('.verdict', { hasText: '5003×2051' }).waitFor();
    const aspect = 2051 / 5003;
    await seen(page, 0.02, 0.04, RED, aspect);
    await seen(page, 0.98, 0.96, BLUE, aspect);
    await seen(page, 0.98, 0.04, GREEN, aspect);
    await seen(page, 0.02, 0.96, GREEN, aspect);
    await command(page, 'SDSpec: Results: Previous Picture');
    await results(page).locator('.verdict', { hasText: '8192×8192' }).waitFor();
});

scenario('wheel, dragging and the commands move it as they move any picture', opened, async ({ page }) => {
    const area = results(page).locator('.zoom');
    const scale = async () => Number(await area.getAttribute('data-scale'));
    await area.press('0');
    assert.equal(await scale(), 1);
    const box = (await area.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -300);
    await retry(async () => assert.ok(Math.abs((await scale()) - Math.E) < 0.01));
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 - 150, box.y + box.height / 2 - 150, { steps: 5 });
    await page.mouse.up();
    await seen(page, 0.5, 0.5, BLUE);
    await command(page, 'SDSpec: Results: Fit Picture');
    await retry(async () => assert.equal(await scale(), 1));
    await seen(page, 0.25, 0.25, RED);
});

scenario('it can be enlarged until its pixels are squares, and is left as a small one is', opened, async ({ page }) => {
    const frame = results(page);
    const area = frame.locator('.zoom');
    await area.focus();
    for (let press = 0; press < 30; press++) await area.press('+');
    assert.equal(await area.getAttribute('data-scale'), '256.000');
    await page.waitForTimeout(300);
    await editor.shot('large-pixels');
    await area.press('Escape');
    await frame.locator('.grid').waitFor();
    assert.equal(await frame.locator('.deep').count(), 0);
});

const RED = [200, 40, 40];
const BLUE = [40, 60, 200];
const GREEN = [60, 150, 70];

/** The colour at a place, given as shares of where a picture of this aspect fits, comes near to one. */
async function seen(page: Page, right: number, down: number, colour: readonly number[], aspect = 1): Promise<void> {
    await retry(async () => {
        const box = (await results(page).locator('.deep[data-state=drawn]').boundingBox())!;
        const wide = Math.min(box.width, box.height / aspect);
        const x = box.x + box.width / 2 + (right - 0.5) * wide;
        const y = box.y + box.height / 2 + (down - 0.5) * wide * aspect;
        const clip = { x: Math.round(x) - 2, y: Math.round(y) - 2, width: 4, height: 4 };
        const { channels } = await sharp(await page.screenshot({ clip })).stats();
        const mean = channels.slice(0, 3).map((one) => one.mean);
        const off = Math.max(...mean.map((value, index) => Math.abs(value - colour[index]!)));
        assert.ok(off < 30, `${mean.map(Math.round)} in place of ${colour}`);
    }, 10_000);
}

/** Four quarters of colour with noise that no row repeats, so that it is as long to decode as a painting. */
function quarters(width: number, height: number): Promise<Buffer> {
    const side = SIDE / 8;
    const pixels = new Uint8Array(side * side * 3);
    let state = 1;
    for (let at = 0; at < pixels.length; at++) {
        const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
        const quarter = x < side / 2 === y < side / 2 ? (x < side / 2 ? RED : BLUE) : GREEN;
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        pixels[at] = quarter[at % 3]! + (state >>> 24) / 16 - 8;
    }
    const raw = { width: side, height: side, channels: 3 } as const;
    return sharp(pixels, { raw })
        .resize(width, height, { kernel: 'cubic', fit: 'fill' })
        .png({ compressionLevel: 3 })
        .toBuffer();
}

/** Begins to note how long the page's tasks take, and how long it waits for frames. */
async function watch(body: Locator): Promise<void> {
    await body.evaluate(`(() => {
        const seen = (window.seen = { task: 0, gap: 0, on: true });
        const note = (list) => list.getEntries().forEach(({ duration }) => (seen.task = Math.max(seen.task, duration)));
        new PerformanceObserver(note).observe({ entryTypes: ['longtask'] });
        let last = performance.now();
        requestAnimationFrame(function next(now) {
            seen.gap = Math.max(seen.gap, now - last);
            last = now;
            if (seen.on) requestAnimationFrame(next);
        });
    })()`);
}

async function watched(body: Locator): Promise<{ readonly task: number; readonly gap: number }> {
    return body.evaluate(`(async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        window.seen.on = false;
        return { task: Math.round(window.seen.task), gap: Math.round(window.seen.gap) };
    })()`);
}
