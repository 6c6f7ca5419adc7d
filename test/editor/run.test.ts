/** Runs in the editor: from the click to the picture, stopped, killed, reloaded. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { FrameLocator, Locator } from 'playwright-core';
import type { RunRecord } from '../../src/runtime/run/record.ts';
import { blanks, watchBlanks } from './blanks.ts';
import {
    CLI,
    type Editor,
    focusText,
    LONG,
    lens,
    measured,
    notice,
    openEditor,
    results,
    retry,
    run,
    runAt,
    SOON,
    scenario,
    status,
} from './editor.ts';
import { processorTime, runtimeOf } from './processes.ts';

/** Seconds of the processor's time for a picture of 8 steps, all threads together: several times what it takes. */
const MAX_BUSY = 5;

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openEditor({ open: 'first.sdspec', settings: { 'sdspec.runtime.stopGrace': 3 } });
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

scenario(
    'a click on Run makes the picture appear beside the text, and it is the command line’s picture',
    opened,
    async ({ page }) => {
        await run(page);
        const picture = results(page).locator('.grid img.picture');
        await picture.waitFor({ timeout: LONG });
        await results(page).locator('.state.complete').waitFor();
        const record = recordOf('first');
        assert.equal(await pixelsOf(results(page), picture), record.pictures[0]?.sha256);
        await lens(page, 'up to date');
        await editor.shot('docs-first-picture');

        const elsewhere = join(editor.folder, '..', 'command-line');
        const args = ['run', join(editor.folder, 'first.sdspec'), 'first', '--out', elsewhere, '--json'];
        execFileSync(process.execPath, [CLI, ...args], { stdio: 'pipe' });
        assert.equal(record.pictures[0]?.sha256, recordIn(elsewhere, 'first').pictures[0]?.sha256);
    },
);

scenario(
    'a click is seen before anything is planned, and the picture costs little processor time, with a warm runtime',
    opened,
    async ({ page }) => {
        await setSeed('43');
        // Of a picture without a trace, whose states would be decoded as well.
        await runAt(page, 'generate plain');
        await results(page).locator('.grid img.picture[alt*="plain, seed 43"]').waitFor({ timeout: LONG });
        // What the status bar said since the button went down, in its order: lenses act then.
        await page.evaluate(`(() => {
        window.said = [];
        const bar = document.querySelector('.statusbar');
        const look = () => {
            const [words] = /SDSpec: starting|plain: [^$]*/.exec(bar.textContent) ?? [];
            if (window.times.click && words && window.said.at(-1) !== words) window.said.push(words);
            if (words) window.times.progress ??= performance.now();
        };
        new MutationObserver(look).observe(bar, { subtree: true, childList: true, characterData: true });
        document.addEventListener('pointerdown', () => {
            if (!window.times.progress) window.times.click = performance.now();
        }, { capture: true });
    })()`);
        await measured(async (attempt) => {
            const seed = 45 + attempt;
            await setSeed(String(seed));
            await page.evaluate('window.times = {}; window.said = [];');
            const before = processorTime(runtimeOf(editor.pid)!);
            // Lenses that are drawn again under the pointer lose the click: then it is the next one that counts.
            let begun = 0;
            await retry(async () => {
                // All five are there: the second is the plain picture's.
                await lens(page, 'Run', 4);
                const button = await lens(page, 'Run', 1);
                begun = Date.now();
                await button.click({ timeout: SOON });
                await page.waitForFunction('window.times.progress', null, { timeout: SOON });
            });
            const picture = results(page).locator(`.grid img.picture[alt*="plain, seed ${seed}"]`);
            await picture.waitFor({ timeout: LONG });
            const seconds = (Date.now() - begun) / 1000;
            const busy = processorTime(runtimeOf(editor.pid)!) - before;
            const { click, progress } = (await page.evaluate('window.times')) as { click: number; progress: number };
            console.log(
                `    click to progress ${(progress - click).toFixed(0)} ms, click to picture ${seconds.toFixed(2)} s, of the processor’s time ${busy.toFixed(2)} s`,
            );
            const said = (await page.evaluate('window.said')) as readonly string[];
            assert.match(said[0] ?? '', /starting/, `first of all it is said that it starts: ${said.join(' | ')}`);
            assert.ok(busy < MAX_BUSY, `${busy} s of the processor's time to the picture`);
        });
    },
);

scenario('live mode makes the picture again when a key changes a number', opened, async ({ page }) => {
    await retry(async () => {
        await page.locator('.view-line', { hasText: 'generate plain' }).first().click({ timeout: SOON });
        await page.keyboard.press('Control+Alt+L');
        await lens(page, 'Stop|Live');
    });
    const picture = (seed: number) => results(page).locator(`.grid img.picture[alt*="plain, seed ${seed},"]`);
    await results(page).locator('.grid img.picture[alt*="plain, seed"]').waitFor({ timeout: LONG });
    const alt = await results(page).locator('.grid img.picture').first().getAttribute('alt');
    const seed = Number(/seed (\d+)/.exec(alt ?? '')?.[1]);
    await page
        .locator('.view-line', { hasText: /^\s*seed/ })
        .first()
        .click({ timeout: SOON });
    await page.keyboard.press('End');
    await watchBlanks(page);
    for (const next of [seed + 1, seed + 2]) {
        await page.keyboard.press('Control+Alt+=');
        await picture(next).waitFor({ timeout: LONG });
    }
    assert.equal((await blanks(page)).blank, 0, 'a picture is in sight all the time');
    await lens(page, 'Live');
    await editor.shot('docs-live');
    await page.locator('.view-line', { hasText: 'generate plain' }).first().click({ timeout: SOON });
    await page.keyboard.press('Control+Alt+L');
});

scenario('a click on Stop is seen with the next frame', opened, async ({ page }) => {
    await runAt(page, 'generate slow');
    await results(page)
        .locator('.state', { hasText: /step \d/ })
        .waitFor({ timeout: LONG });
    const words = await results(page)
        .locator('body')
        .evaluate(`(async () => {
        document.querySelector('header .stop').click();
        await new Promise(requestAnimationFrame);
        return document.querySelector('header .state').textContent;
    })()`);
    assert.equal(words, 'stopping');
    await results(page).locator('.state', { hasText: 'stopped' }).waitFor({ timeout: LONG });
});

scenario('Stop ends a run gently', opened, async ({ page }) => {
    await runAt(page, 'generate slow');
    await lens(page, /step \d+\/400/);
    await editor.shot('docs-running');
    const stop = await lens(page, 'Stop');
    await retry(async () => {
        if (await stop.isVisible()) await stop.click({ timeout: SOON });
        await results(page).locator('.state', { hasText: 'stopped' }).waitFor({ timeout: SOON });
    });
    assert.equal(recordOf('slow').state, 'cancelled');
});

scenario(
    'a runtime that is killed is reported with its reason; the pictures stay, and the next run starts it again',
    opened,
    async ({ page }) => {
        await runAt(page, 'generate slow');
        await lens(page, /step \d+\/400/);
        process.kill(runtimeOf(editor.pid)!, 'SIGKILL');
        const message = await notice(page, /runtime was killed/);
        await status(page, 'runtime stopped').waitFor();
        await results(page).locator('.failure', { hasText: 'runtime was killed' }).waitFor();
        await editor.shot('killed');
        await message.locator('.monaco-button', { hasText: 'Restart' }).click();
        await status(page, 'runtime stopped').waitFor({ state: 'hidden' });
        await retry(async () => {
            await (await lens(page, 'Open', 0)).click({ timeout: SOON });
            await results(page).locator('.grid img.picture').waitFor({ timeout: SOON });
        });
        await setSeed('44');
        await runAt(page, 'generate first');
        await results(page).locator('.grid img.picture[alt*="seed 44"]').waitFor({ timeout: LONG });
    },
);

scenario('a run that a reload cut off is reported; what was seen is seen again', opened, async ({ page }) => {
    await runAt(page, 'generate slow');
    await lens(page, /step \d+\/400/);
    await editor.reload();
    await notice(page, /slow was cut off/);
    await results(page).locator('.state.interrupted').waitFor();
});

/** Writes another seed into the first runnable, without saving. */
async function setSeed(seed: string): Promise<void> {
    const { page } = editor;
    const line = (value: string) => page.locator('.view-line', { hasText: new RegExp(`^\\s*seed\\s+${value}\\s*$`) });
    await retry(async () => {
        await focusText(page);
        await line('\\d+').first().click({ timeout: SOON });
        await page.keyboard.press('End');
        await page.keyboard.press('Control+Shift+ArrowLeft');
        await page.keyboard.type(seed);
        await line(seed).waitFor({ timeout: SOON });
    });
}

function recordOf(name: string): RunRecord {
    return recordIn(join(editor.folder, '.sdspec', 'runs'), name);
}

function recordIn(runs: string, name: string): RunRecord {
    const [folder] = readdirSync(join(runs, name));
    return JSON.parse(readFileSync(join(runs, name, folder!, 'record.json'), 'utf8'));
}

/** sha256 of a picture's RGB bytes as the page shows them. */
async function pixelsOf(_frame: FrameLocator, picture: Locator): Promise<string> {
    const bytes = await picture.evaluate(async (element) => {
        const { src } = element as unknown as { src: string };
        const scope = globalThis as unknown as {
            Image: new () => {
                crossOrigin: string;
                src: string;
                naturalWidth: number;
                naturalHeight: number;
                decode(): Promise<void>;
            };
            OffscreenCanvas: new (
                w: number,
                h: number,
            ) => {
                getContext(kind: string): {
                    drawImage(...a: unknown[]): void;
                    getImageData(...a: number[]): { data: Uint8ClampedArray };
                };
            };
        };
        const image = new scope.Image();
        image.crossOrigin = 'anonymous';
        image.src = src;
        await image.decode();
        const context = new scope.OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, image.naturalWidth, image.naturalHeight);
        return [...data].filter((_, index) => index % 4 !== 3);
    });
    return createHash('sha256').update(Uint8Array.from(bytes)).digest('hex');
}
