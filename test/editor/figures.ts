/**
 * What the editor costs on this machine: `npm run test:editor -- --figures` prints the table of docs/editor.md. Times are taken
 * within the pages, so that they are not those of this script's messages.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { after, before } from 'node:test';
import { type Editor, focusText, LONG, openEditor, openFile, results, retry, runAt, SOON, scenario } from './editor.ts';
import { button, make, openRun, showRuns } from './runs-tree.ts';

const SPEC = `sdspec 1

model sketch = "builtin:sketch"

generate live {
    use      sketch
    prompt   "a painting of a red house on the beach"
    steps    8
    guidance 5
    seed     1000
}

generate slow extends live {
    steps 400
}

generate small extends live {
    size  64x64
    steps 1
}

sweep many over small {
    seed     in 1..20
    guidance in 1..20 step 1
    columns  guidance
}
`;

const STOPS = 5;
const KEYS = 40;
const RUNS = 100;

let editor: Editor;
const opened = () => editor;
before(async () => {
    console.log(`    ${cpus().length} × ${cpus()[0]?.model}`);
    editor = await openEditor({ files: { 'first.sdspec': SPEC } });
    await openFile(editor.page, 'first.sdspec');
    make(editor.folder, 'many');
});
after(() => editor.close());

/** Counts the time from a press in the window to the first frame of the page in which `selector` is there. */
async function timeTo(selector: string, press: () => Promise<unknown>): Promise<number> {
    const body = results(editor.page).locator('body');
    await body.evaluate(
        `(() => {
            window.seen = undefined;
            const look = () => {
                if (document.querySelector(${JSON.stringify(selector)})) window.seen = Date.now();
                else requestAnimationFrame(look);
            };
            look();
        })()`,
    );
    await editor.page.evaluate(`(() => {
        window.pressed = undefined;
        const note = () => { window.pressed ??= Date.now(); };
        document.addEventListener('keydown', note, { capture: true, once: true });
    })()`);
    await press();
    const seen = await retry(async () => {
        const found = (await body.evaluate('window.seen')) as number | undefined;
        assert.ok(found);
        return found;
    }, LONG);
    return seen - ((await editor.page.evaluate('window.pressed')) as number);
}

function quantiles(title: string, times: readonly number[]): void {
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    console.log(
        `    ${title}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${sorted.at(-1)} ms (${times.length})`,
    );
}

scenario('Stop is there', opened, async ({ page }) => {
    // A first run starts the runtime.
    await runAt(page, 'generate live');
    await results(page).locator('.grid img.picture').waitFor({ timeout: LONG });
    const times: number[] = [];
    for (let k = 0; k < STOPS; k++) {
        await focusText(page);
        await page.locator('.view-line', { hasText: 'generate slow' }).first().click();
        times.push(await timeTo('.app[data-key*="/slow/"] button.stop', () => page.keyboard.press('Control+Alt+R')));
        await page.keyboard.press('Control+Alt+.');
        await results(page).locator('.state', { hasText: 'stopped' }).waitFor({ timeout: LONG });
    }
    quantiles('key to Stop on the page', times);
});

scenario('live mode follows a key', opened, async ({ page }) => {
    await page.locator('.view-line', { hasText: 'generate live' }).first().click();
    await page.keyboard.press('Control+Alt+L');
    await results(page).locator('.grid img.picture[alt*="live, seed 1000,"]').waitFor({ timeout: LONG });
    await page
        .locator('.view-line', { hasText: /^\s*seed/ })
        .first()
        .click();
    await page.keyboard.press('End');
    const times: number[] = [];
    for (let k = 1; k <= KEYS; k++) {
        const picture = `.grid img.picture[alt*="live, seed ${1000 + k},"]`;
        times.push(await timeTo(picture, () => page.keyboard.press('Control+Alt+=')));
    }
    quantiles('live mode, key to picture', times);
    await page.keyboard.press('Control+Alt+L');
});

scenario('a sheet of 400 cells', opened, async ({ page }) => {
    await showRuns(page);
    const body = results(page).locator('body');
    await body.evaluate(`(() => {
        window.tasks = [];
        new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ['longtask'] });
    })()`);
    await openRun(page, 'many');
    await results(page).locator('.sheet img').nth(399).waitFor({ state: 'attached', timeout: LONG });
    const longest = async () => Math.max(0, ...((await body.evaluate('window.tasks')) as number[]));
    console.log(`    400 cells: longest task while opening ${(await longest()).toFixed(0)} ms`);
    await body.evaluate(`(async () => {
        window.tasks.length = 0;
        const area = document.querySelector('.sheet');
        for (let step = 1; step <= 60; step++) {
            area.scrollTop = (area.scrollHeight * step) / 60;
            await new Promise((next) => requestAnimationFrame(next));
        }
    })()`);
    console.log(`    400 cells: longest task while scrolling ${(await longest()).toFixed(0)} ms`);
    await button(page, 'Large').click();
});

scenario('memory over a hundred runs', opened, async ({ page, pid }) => {
    const before = memory(pid);
    await focusText(page);
    await page.locator('.view-line', { hasText: 'generate small' }).first().click();
    await page.keyboard.press('Control+Alt+L');
    await page
        .locator('.view-line', { hasText: /^\s*seed/ })
        .first()
        .click();
    await page.keyboard.press('End');
    for (let k = 1; k <= RUNS; k++) {
        const seed = 1000 + KEYS + k;
        await retry(async () => {
            await page.keyboard.press('Control+Alt+=');
            await results(page).locator(`.grid img.picture[alt*="small, seed ${seed},"]`).waitFor({ timeout: SOON });
        });
        if (k % 20 === 0) console.log(`    after ${k} runs: ${words(memory(pid))}`);
    }
    console.log(`    before: ${words(before)}`);
});

/** Resident memory in MB of what the editor's server started, by what it is. */
function memory(server: number): ReadonlyMap<string, number> {
    const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map((row) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(row)!)
        .map(([, pid, parent, rss, args]) => ({
            pid: Number(pid),
            parent: Number(parent),
            rss: Number(rss),
            args: args!,
        }));
    const parents = new Map(rows.map(({ pid, parent }) => [pid, parent]));
    const within = (pid: number): boolean => pid === server || (parents.has(pid) && within(parents.get(pid)!));
    const kinds = { runtime: 'dist/host.js', language: 'dist/server.js', extensions: 'type=extensionHost' };
    return new Map(
        Object.entries(kinds).map(([kind, word]) => [
            kind,
            Math.round(
                rows
                    .filter(({ pid, args }) => args.includes(word) && within(pid))
                    .reduce((sum, { rss }) => sum + rss, 0) / 1024,
            ),
        ]),
    );
}

function words(sizes: ReadonlyMap<string, number>): string {
    return [...sizes].map(([kind, size]) => `${kind} ${size} MB`).join(', ');
}
