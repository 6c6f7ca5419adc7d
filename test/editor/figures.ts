/**
 * What the editor costs on this machine: `npm run test:editor -- --figures` prints the table of docs/editor.md.
 */
import { cpus, loadavg } from 'node:os';
import { after, before } from 'node:test';
import { blanks, watchBlanks } from './blanks.ts';
import { type Editor, focusText, LONG, openEditor, openFile, results, runAt, scenario } from './editor.ts';
import { note, noteTimes, printGoals, timesTo } from './goals.ts';
import { held, memory } from './memory.ts';
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

const STOPS = 12;
const KEYS = 40;
const RUNS = 100;

let editor: Editor;
/** The seed in the text, which scenarios change one by one. */
let seed = 1000;
const opened = () => editor;
before(async () => {
    console.log(`    ${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)} at the start`);
    editor = await openEditor({ files: { 'first.sdspec': SPEC } });
    await openFile(editor.page, 'first.sdspec');
});
after(async () => {
    await editor.close();
    console.log(`    load ${loadavg()[0]?.toFixed(1)} at the end`);
    printGoals();
});

scenario('a sheet of 400 cells', opened, async ({ page, folder }) => {
    make(folder, 'many');
    await showRuns(page);
    // A page that shows nothing yet begins with the newest run.
    await openRun(page, 'many');
    const last = results(page).locator('.sheet img').nth(399);
    await last.waitFor({ state: 'attached', timeout: LONG });
    const body = results(page).locator('body');
    await body.evaluate(`(() => {
        window.tasks = [];
        // What the window around it does counts as that of an ancestor.
        const own = ({ name }) => !name.includes('ancestor');
        new PerformanceObserver((list) => window.tasks.push(...list.getEntries().filter(own).map(({ duration }) => duration))).observe({ entryTypes: ['longtask'] });
    })()`);
    const report = async (what: string) => {
        await page.waitForTimeout(400);
        const tasks = (await body.evaluate('window.tasks.splice(0)')) as number[];
        const measured = tasks.length === 0 ? 'none' : `${tasks.length}: ${tasks.map(Math.round).join(', ')} ms`;
        note(`400 cells, tasks over 50 ms, ${what}`, measured, 'none', tasks.length === 0);
    };
    // Within the page: finding a button by its role would count as the page's own work.
    const click = (title: string) =>
        body.evaluate(
            `[...document.querySelectorAll('.bar button')].find(({ textContent }) => textContent.trim() === '${title}').click()`,
        );
    await click('Large');
    await results(page).locator('.large').waitFor();
    await report('from the sheet to a large picture');
    await click('Sheet');
    await page.waitForTimeout(1500);
    await last.waitFor({ state: 'attached', timeout: LONG });
    await report('back to the sheet');
    await body.evaluate(`(async () => {
        const area = document.querySelector('.sheet');
        for (let step = 1; step <= 60; step++) {
            area.scrollTop = (area.scrollHeight * step) / 60;
            await new Promise((next) => requestAnimationFrame(next));
        }
    })()`);
    await report('scrolling through it');
    await results(page).locator('.sheet [data-cell="0"]').focus();
    for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowDown');
    await report('walking down by keys');
    await openRun(page, 'many');
    await last.waitFor({ state: 'attached', timeout: LONG });
    await report('shown again from its folder');
});

scenario('Stop is there, and is seen to stop', opened, async ({ page }) => {
    // A first run starts the runtime.
    await runAt(page, 'generate live');
    await results(page).locator('.grid img.picture[alt*="live"]').waitFor({ timeout: LONG });
    const starts: number[][] = [[], []];
    const stops: number[][] = [[], []];
    for (let k = 0; k < STOPS; k++) {
        await focusText(page);
        await page.locator('.view-line', { hasText: 'generate slow' }).first().click();
        const begun = await timesTo(
            page,
            [
                { place: 'page', selector: '.starting[data-name="slow"] .stop, .app[data-key*="/slow/"] .stop' },
                { place: 'window', selector: '.codelens-decoration a', text: 'Stop' },
            ],
            () => page.keyboard.press('Control+Alt+R'),
        );
        for (const [index, time] of begun.entries()) starts[index]!.push(time);
        const running = results(page).locator('.state', { hasText: /step \d/ });
        await running.waitFor({ timeout: LONG });
        // By a click on the page, and by the key in the text, in turn.
        const byClick = k % 2 === 0;
        const [stopped] = await timesTo(page, [{ place: 'page', selector: '.state', text: 'stopping' }], () =>
            byClick ? button(page, 'Stop').click() : page.keyboard.press('Control+Alt+.'),
        );
        stops[byClick ? 0 : 1]!.push(stopped!);
        await results(page).locator('.state', { hasText: 'stopped' }).waitFor({ timeout: LONG });
        await page
            .locator('.codelens-decoration a', { hasText: /^\s*Stop\s*$/ })
            .first()
            .waitFor({ state: 'hidden', timeout: LONG });
    }
    noteTimes('key to Stop on the page', starts[0]!, [0.5, 200]);
    noteTimes('key to Stop above the name (VS Code waits 250 ms before it asks)', starts[1]!);
    noteTimes('click on Stop to “stopping” on the page', stops[0]!, [0.5, 200]);
    noteTimes('key for Stop to “stopping” on the page', stops[1]!, [0.5, 200]);
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
    await watchBlanks(page);
    const [drafts, pictures]: [number[], number[]] = [[], []];
    for (let k = 1; k <= KEYS; k++) {
        const picture = `.grid img.picture[alt*="live, seed ${++seed},"]`;
        const [draft, whole] = await timesTo(
            page,
            [
                { place: 'page', selector: `.grid canvas[data-draft]:not([data-former]), ${picture}` },
                { place: 'page', selector: picture },
            ],
            () => page.keyboard.press('Control+Alt+='),
        );
        drafts.push(draft!);
        pictures.push(whole!);
    }
    noteTimes('live mode, key to the draft in 4 steps, decoded', drafts, [0.95, 1200]);
    noteTimes('live mode, key to the picture of all 8 steps', pictures);
    const { blank, frames } = await blanks(page);
    note('live mode, frames without a picture', `${blank} of ${frames}`, 'none', blank === 0);
    await page.keyboard.press('Control+Alt+L');
});

scenario('memory over a hundred runs', opened, async ({ page, pid }) => {
    await focusText(page);
    await page.locator('.view-line', { hasText: 'generate small' }).first().click();
    await page.keyboard.press('Control+Alt+L');
    await results(page).locator(`.grid img.picture[alt*="small, seed ${seed},"]`).waitFor({ timeout: LONG });
    await page
        .locator('.view-line', { hasText: /^\s*seed/ })
        .first()
        .click();
    await page.keyboard.press('End');
    const sizes: ReadonlyMap<string, number>[] = [];
    for (let k = 1; k <= RUNS; k++) {
        seed++;
        await page.keyboard.press('Control+Alt+=');
        await results(page).locator(`.grid img.picture[alt*="small, seed ${seed},"]`).waitFor({ timeout: LONG });
        if (k % 20 !== 0) continue;
        // First what is held: its collection comes before the resident size is read.
        const kept = await held(pid);
        const size = new Map([...memory(pid), ...kept]);
        sizes.push(size);
        console.log(`    after ${k} runs: ${[...size].map(([what, mb]) => `${what} ${mb.toFixed(1)} MB`).join(', ')}`);
    }
    for (const [what, first] of sizes[0]!) {
        const end = sizes.at(-1)!.get(what) ?? 0;
        const grown = `${first.toFixed(1)} → ${end.toFixed(1)} MB`;
        note(`memory, ${what}, from run 20 to run ${RUNS}`, grown, 'grows by at most 5 %', end <= 1.05 * first);
    }
});
