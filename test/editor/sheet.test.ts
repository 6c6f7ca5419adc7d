/** A contact sheet of 400 pictures never keeps its page busy: no task takes 50 ms of the processor's time. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import type { ToPage } from '../../src/extension/results/messages.ts';
import type { Shown } from '../../src/extension/results/shown-run.ts';
import { EXTENSION, LONG, launch } from './editor.ts';

/** Milliseconds. */
const LIMIT = 50;
const SIDE = 20;

let server: Server;
let browser: Browser;
let page: Page;
before(async () => {
    const picture = { create: { width: 64, height: 64, channels: 3, background: '#aa5533' } } as const;
    const png = await sharp(picture).png().toBuffer();
    server = createServer(({ url = '' }, response) => {
        const file = /\/(results\.(?:js|css))$/.exec(url)?.[1];
        const [type, body] = file
            ? [file.endsWith('js') ? 'text/javascript' : 'text/css', readFileSync(join(EXTENSION, 'dist', file))]
            : url.includes('.png')
              ? ['image/png', png]
              : ['text/html', PAGE];
        response.setHeader('content-type', type).end(body);
    }).listen(0, '127.0.0.1');
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 420, height: 800 } });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
after(async () => {
    await browser.close();
    server.close();
});

/** The page without an editor around it. */
const PAGE = `<!DOCTYPE html><link rel="stylesheet" href="results.css"><body><div id="root"></div>
<script>window.acquireVsCodeApi = () => ({ postMessage() {}, getState() {}, setState() {} });</script>
<script src="results.js"></script>`;

test('a sheet of 400 pictures is shown, left, shown again, scrolled and walked without a long task', async () => {
    await show('/first');
    await whole('/first');
    const longest: [what: string, milliseconds: number][] = [];
    const take = async (what: string, act: () => Promise<unknown>) => {
        const times = await tasksOf(act);
        assert.ok(times.length > 0, `${what}: there are tasks`);
        longest.push([what, Math.max(...times)]);
    };
    await take('another run', () => show('/second'));
    await whole('/second');
    await take('a large picture', () => click('Large'));
    await page.locator('.large').waitFor();
    await take('the sheet again', () => click('Sheet'));
    await whole('/second');
    await take('scrolling', () => page.evaluate(SCROLL));
    await page.locator('[data-cell="0"]').focus();
    await take('keys', async () => {
        for (let press = 1; press < SIDE; press++) await page.keyboard.press('ArrowDown');
    });
    await page.locator(`[data-cell="${SIDE * (SIDE - 1)}"][aria-current="true"]:focus`).waitFor();
    console.log(
        `    longest task, of the processor’s time: ${longest.map(([what, ms]) => `${what} ${ms.toFixed(0)} ms`).join(', ')}`,
    );
    assert.deepEqual(
        longest.filter(([, milliseconds]) => milliseconds >= LIMIT),
        [],
    );
});

test('a picture that arrives changes no other one’s place, and draws its own row alone', async () => {
    const { pictures, ...rest } = sheetOf('/third');
    await post({ kind: 'show', shown: { ...rest, state: 'running', pictures: pictures.slice(0, 210) }, trusted: true });
    await whole('/third');
    const places = () => page.evaluate(PLACES);
    const before = await places();
    await page.evaluate(WATCH_ROWS);
    await post({ kind: 'picture', key: '/third', picture: { ...pictures[215]!, src: '/p/late.png' } });
    await page.locator('[data-cell="215"] img').waitFor({ state: 'attached' });
    assert.deepEqual(await places(), before);
    const own = `[...window.changedRows].map((row) => row.querySelector('[data-cell="215"]') !== null)`;
    assert.deepEqual(await page.evaluate(own), [true]);
});

const SCROLL = `(async () => {
    const area = document.querySelector('.sheet');
    for (let step = 1; step <= 60; step++) {
        area.scrollTop = (area.scrollHeight * step) / 60;
        await new Promise((next) => requestAnimationFrame(next));
    }
    area.scrollTop = 0;
})()`;

const PLACES = `[...document.querySelectorAll('.sheet .tile')].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join(' ');
})`;

const WATCH_ROWS = `(() => {
    window.changedRows = new Set();
    new MutationObserver((changes) => {
        for (const { target } of changes) window.changedRows.add(target.closest('tr'));
    }).observe(document.querySelector('.sheet table'), { childList: true, subtree: true, attributes: true });
})()`;

function sheetOf(key: string): Shown {
    const values = Array.from({ length: SIDE }, (_, k) => `${k + 1}`);
    const labels = values.flatMap((seed) => values.map((guidance) => ({ seed, guidance })));
    return {
        key,
        name: 'many',
        kind: 'sweep',
        state: 'complete',
        makers: [],
        mark: { star: false, note: '' },
        hasSheet: true,
        cells: labels.length,
        size: { width: 64, height: 64 },
        pictures: labels.map((own, cell) => ({
            cell,
            seed: Number(own.seed),
            src: `/p${key}/${cell}.png`,
            file: `file:///p/${cell}.png`,
            width: 64,
            height: 64,
            labels: own,
            trace: [],
        })),
        axes: [
            { name: 'seed', values },
            { name: 'guidance', values },
        ],
        columns: 'guidance',
        labels,
        details: { facts: [], text: '', timings: [], weights: [], notices: [], expectations: [], tables: [] },
        others: [],
    };
}

function post(message: ToPage): Promise<unknown> {
    return page.evaluate(
        (sent) => (globalThis as unknown as { postMessage(data: unknown): void }).postMessage(sent),
        message,
    );
}

function show(key: string): Promise<unknown> {
    return post({ kind: 'show', shown: sheetOf(key), trusted: true });
}

/** Waits until all of a run's sheet is drawn. */
async function whole(key: string): Promise<void> {
    await page.locator(`.app[data-key="${key}"]`).waitFor({ timeout: LONG });
    await page.locator('.sheet .tile').nth(399).waitFor({ state: 'attached', timeout: LONG });
}

/** Within the page: finding a button by its role would count as the page's own work. */
function click(title: string): Promise<unknown> {
    return page.evaluate(
        `[...document.querySelectorAll('.bar button')].find(({ textContent }) => textContent.trim() === '${title}').click()`,
    );
}

interface TraceEvent {
    readonly name: string;
    readonly pid: number;
    readonly tid: number;
    /** Microseconds of the processor's time. */
    readonly tdur?: number;
    readonly args: { readonly name?: string };
}

/** Milliseconds of the processor's time of each task of the page's thread, until a second after. */
async function tasksOf(act: () => Promise<unknown>): Promise<readonly number[]> {
    await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
    await act();
    await page.waitForTimeout(1000);
    const traced = JSON.parse((await browser.stopTracing()).toString()) as {
        readonly traceEvents: readonly TraceEvent[];
    };
    const threads = traced.traceEvents
        .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
        .map(({ pid, tid }) => `${pid} ${tid}`);
    return traced.traceEvents
        .filter(({ name, pid, tid }) => name.endsWith('RunTask') && threads.includes(`${pid} ${tid}`))
        .flatMap(({ tdur }) => (tdur === undefined ? [] : [tdur / 1000]));
}
