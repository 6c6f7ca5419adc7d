/** Figures of the editor beside their goals: taken within the pages, so that they are not those of this script's messages. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { LONG, results, retry } from './editor.ts';

/** What is watched for: on the results page, or in the window around it. */
export interface Watched {
    readonly place: 'page' | 'window';
    /** A selector, and text that one of the elements has. */
    readonly selector: string;
    readonly text?: string;
}

/** Milliseconds from a press of a key or a button to the first frame in which each of these is there. */
export async function timesTo(
    page: Page,
    all: readonly Watched[],
    press: () => Promise<unknown>,
): Promise<readonly number[]> {
    const places = {
        page: (script: string) => results(page).locator('body').evaluate(script),
        window: (script: string) => page.evaluate(script),
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
    for (const place of ['page', 'window'] as const) {
        await places[place](`(() => {
            window.pressed = undefined;
            const note = () => { window.pressed ??= Date.now(); };
            for (const kind of ['keydown', 'pointerdown']) document.addEventListener(kind, note, { capture: true, once: true });
        })()`);
    }
    await press();
    return retry(async () => {
        const pressed = Number((await places.page('window.pressed')) ?? (await places.window('window.pressed')));
        const found = [];
        for (const { place, selector } of all) {
            const at = (await places[place](`window.seen[${JSON.stringify(selector)}]`)) as number | undefined;
            assert.ok(at, selector);
            found.push(at - pressed);
        }
        return found;
    }, LONG);
}

/** A share of the times: 0.5 is the median. */
export function quantile(times: readonly number[], share: number): number {
    const sorted = times.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

interface Row {
    readonly figure: string;
    readonly measured: string;
    readonly goal: string;
}

const rows: Row[] = [];

/** Notes a figure for the table, and whether its goal is met. */
export function note(figure: string, measured: string, goal: string, met?: boolean): void {
    console.log(`    ${figure}: ${measured}`);
    rows.push({ figure, measured, goal: met === undefined ? goal : `${goal}: ${met ? 'met' : 'MISSED'}` });
}

/** Notes the median and the 95th percentile of some times; `share` is the one that has the goal. */
export function noteTimes(figure: string, times: readonly number[], goal?: readonly [share: number, ms: number]): void {
    const [median, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
    const measured = `median ${median} ms, p95 ${p95} ms, longest ${Math.max(...times)} ms (${times.length})`;
    const [share, most] = goal ?? [];
    if (share === undefined || most === undefined) note(figure, measured, '');
    else note(figure, measured, `${share === 0.5 ? 'median' : 'p95'} ≤ ${most} ms`, quantile(times, share) <= most);
}

/** Prints the table of all figures. */
export function printGoals(): void {
    const wide = (key: keyof Row) => Math.max(...rows.map((row) => row[key].length), key.length);
    const line = (row: Row) =>
        `| ${(['figure', 'measured', 'goal'] as const).map((key) => row[key].padEnd(wide(key))).join(' | ')} |`;
    console.log(line({ figure: 'figure', measured: 'measured', goal: 'goal' }));
    console.log(line({ figure: '', measured: '', goal: '' }).replace(/ /g, '-'));
    for (const row of rows) console.log(line(row));
}
