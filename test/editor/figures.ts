/**
 * What the editor costs on this machine: `npm run test:editor -- --figures` prints the table of docs/editor.md. Times are taken
 * within the pages, so that they are not those of this script's messages.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { after, before } from 'node:test';
import {
    type Editor,
    focusText,
    LONG,
    NODE,
    openEditor,
    openFile,
    results,
    retry,
    runAt,
    SOON,
    scenario,
} from './editor.ts';
import { processesOf } from './processes.ts';
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

/** What is watched for: on the results page, or in the window around it. */
interface Watched {
    readonly place: 'page' | 'window';
    /** A selector, and text that one of the elements has. */
    readonly selector: string;
    readonly text?: string;
}

/** Milliseconds from a press in the window to the first frame in which each of these is there. */
async function timesTo(all: readonly Watched[], press: () => Promise<unknown>): Promise<readonly number[]> {
    const places = {
        page: (script: string) => results(editor.page).locator('body').evaluate(script),
        window: (script: string) => editor.page.evaluate(script),
    };
    for (const place of ['page', 'window'] as const) {
        const own = all.filter((one) => one.place === place);
        await places[place](`(() => {
            const wanted = ${JSON.stringify(own)};
            const seen = (window.seen = {});
            const here = ({ selector, text }) => [...document.querySelectorAll(selector)].some((one) => !text || one.textContent.includes(text));
            const look = () => {
                if (window.seen !== seen) return;
                for (const one of wanted) if (!seen[one.selector] && here(one)) seen[one.selector] = Date.now();
                if (wanted.some((one) => !seen[one.selector])) requestAnimationFrame(look);
            };
            look();
        })()`);
    }
    await editor.page.evaluate(`(() => {
        window.pressed = undefined;
        const note = () => { window.pressed ??= Date.now(); };
        document.addEventListener('keydown', note, { capture: true, once: true });
    })()`);
    await press();
    return retry(async () => {
        const pressed = (await editor.page.evaluate('window.pressed')) as number;
        const found = [];
        for (const { place, selector } of all) {
            const at = (await places[place](`window.seen[${JSON.stringify(selector)}]`)) as number | undefined;
            assert.ok(at, selector);
            found.push(at - pressed);
        }
        return found;
    }, LONG);
}

function quantiles(title: string, times: readonly number[]): void {
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    console.log(
        `    ${title}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${sorted.at(-1)} ms (${times.length})`,
    );
}

scenario('a sheet of 400 cells', opened, async ({ page }) => {
    await showRuns(page);
    // A page that shows nothing yet begins with the newest run.
    await openRun(page, 'many');
    await results(page).locator('.sheet img').nth(399).waitFor({ state: 'attached', timeout: LONG });
    const body = results(page).locator('body');
    await body.evaluate(`(() => {
        window.tasks = [];
        new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ['longtask'] });
    })()`);
    const report = async (what: string) => {
        const tasks = (await body.evaluate('window.tasks.splice(0)')) as number[];
        console.log(
            `    400 cells, ${what}: ${tasks.length} tasks over 50 ms${tasks.length ? `, ${tasks.map(Math.round).join(', ')} ms` : ''}`,
        );
    };
    await button(page, 'Large').click();
    await results(page).locator('.large').waitFor();
    await report('from the sheet to a large picture');
    await button(page, 'Sheet').click();
    await results(page).locator('.sheet img').nth(399).waitFor({ state: 'attached', timeout: LONG });
    await report('back to the sheet');
    await body.evaluate(`(async () => {
        const area = document.querySelector('.sheet');
        for (let step = 1; step <= 60; step++) {
            area.scrollTop = (area.scrollHeight * step) / 60;
            await new Promise((next) => requestAnimationFrame(next));
        }
    })()`);
    await report('scrolling through it');
});

scenario('Stop is there', opened, async ({ page }) => {
    // A first run starts the runtime.
    await runAt(page, 'generate live');
    await results(page).locator('.grid img.picture[alt*="live"]').waitFor({ timeout: LONG });
    const names = ['key to Stop on the page', 'key to Stop above the name', 'Stop to “stopping”'] as const;
    const times: number[][] = names.map(() => []);
    for (let k = 0; k < STOPS; k++) {
        await focusText(page);
        await page.locator('.view-line', { hasText: 'generate slow' }).first().click();
        const begun = await timesTo(
            [
                { place: 'page', selector: '.starting[data-name="slow"] .stop, .app[data-key*="/slow/"] .stop' },
                { place: 'window', selector: '.codelens-decoration a', text: 'Stop' },
            ],
            () => page.keyboard.press('Control+Alt+R'),
        );
        await results(page)
            .locator('.state', { hasText: /step \d/ })
            .waitFor({ timeout: LONG });
        const stopped = await timesTo([{ place: 'page', selector: '.state', text: 'stop' }], () =>
            page.keyboard.press('Control+Alt+.'),
        );
        for (const [index, time] of [...begun, ...stopped].entries()) times[index]!.push(time);
        await results(page).locator('.state', { hasText: 'stopped' }).waitFor({ timeout: LONG });
        await page
            .locator('.codelens-decoration a', { hasText: /^\s*Stop\s*$/ })
            .first()
            .waitFor({ state: 'hidden', timeout: LONG });
    }
    names.forEach((name, index) => void quantiles(name, times[index]!));
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
    const [drafts, pictures]: [number[], number[]] = [[], []];
    for (let k = 1; k <= KEYS; k++) {
        const picture = `.grid img.picture[alt*="live, seed ${1000 + k},"]`;
        const [draft, whole] = await timesTo(
            [
                { place: 'page', selector: `.grid canvas[data-draft], ${picture}` },
                { place: 'page', selector: picture },
            ],
            () => page.keyboard.press('Control+Alt+='),
        );
        drafts.push(draft!);
        pictures.push(whole!);
    }
    quantiles('live mode, key to picture (a draft of fewer steps first)', drafts);
    quantiles('live mode, key to the picture of all steps', pictures);
    await page.keyboard.press('Control+Alt+L');
});

scenario('memory over a hundred runs', opened, async ({ page, pid }) => {
    console.log(`    before: ${words(memory(pid))}${await heapWords(pid)}`);
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
        await page.keyboard.press('Control+Alt+=');
        await results(page).locator(`.grid img.picture[alt*="small, seed ${seed},"]`).waitFor({ timeout: LONG });
        if (k % 20 === 0) console.log(`    after ${k} runs: ${words(memory(pid))}${await heapWords(pid)}`);
    }
});

/** Resident memory in MB of what the editor's server started, by what it is. */
function memory(server: number): ReadonlyMap<string, number> {
    const kinds = { runtime: 'dist/host.js', language: 'dist/server.js', extensions: 'type=extensionHost' };
    return new Map(
        Object.entries(kinds).map(([kind, word]) => [
            kind,
            Math.round(processesOf(server, word).reduce((sum, { rss }) => sum + rss, 0) / 1024),
        ]),
    );
}

function words(sizes: ReadonlyMap<string, number>): string {
    return [...sizes].map(([kind, size]) => `${kind} ${size} MB`).join(', ');
}

/** The heap of the extensions' process after a collection: what is really held. Empty where it can't be asked. */
async function heapWords(server: number): Promise<string> {
    const [host] = processesOf(server, 'type=extensionHost');
    const heap = host && (await collectedHeap(host.pid).catch(() => undefined));
    return heap === undefined ? '' : ` (its heap after a collection: ${(heap / 2 ** 20).toFixed(1)} MB)`;
}

/** Opens the process's inspector, which stays open, collects what is not used and returns the bytes in use. */
async function collectedHeap(pid: number): Promise<number> {
    process.kill(pid, 'SIGUSR1');
    // The editor's own Node has the socket that older ones lack.
    const asked = () => execFileSync(NODE, ['--input-type=module', '--eval', ASK_HEAP], { encoding: 'utf8' });
    return Number(await retry(async () => asked(), SOON));
}

const ASK_HEAP = `
const [{ webSocketDebuggerUrl }] = await (await fetch('http://127.0.0.1:9229/json')).json();
const socket = new WebSocket(webSocketDebuggerUrl);
await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
const ask = (id, method) => new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.id === id) resolve(answer.result);
    });
    socket.send(JSON.stringify({ id, method }));
});
await ask(1, 'HeapProfiler.collectGarbage');
console.log((await ask(2, 'Runtime.getHeapUsage')).usedSize);
socket.close();
`;
