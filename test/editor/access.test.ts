/** The results are accessible: by keyboard alone, by roles and names, and readable in every theme. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Page } from 'playwright-core';
import { command, type Editor, openEditor, openFile, results, retry, SOON, scenario } from './editor.ts';
import { act, button, make, openRun, showRuns, turnDetails } from './runs-tree.ts';

let editor: Editor;
const opened = () => editor;
before(async () => {
    editor = await openEditor();
    await openFile(editor.page, 'first.sdspec');
    make(editor.folder, 'first', (text) => text.replace('guidance  5', 'guidance  9'));
    make(editor.folder, 'first');
    make(editor.folder, 'pull');
    await showRuns(editor.page);
    await openRun(editor.page, 'first');
});
after(async () => {
    assert.deepEqual(editor.strangers, [], 'nothing asked for another host');
    await editor.close();
});

/** The ways of looking, and how each is come to: until what it shows is there. */
const WAYS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
    All: (page) => come(page, 'All', '.grid img'),
    Large: (page) => come(page, 'Large', '.large img'),
    'Side by side': async (page) => {
        await come(page, 'Compare', '.compare');
        // The other run's pictures come after its words.
        await come(page, 'Side by side', '.pair .half + .half img');
    },
    Slider: (page) => come(page, 'Slider', 'input.split'),
    Difference: (page) => come(page, 'Difference', '.subtracted img'),
    Steps: (page) => come(page, 'Steps', '.scrubber input'),
    Details: async (page) => {
        await come(page, 'All', '.grid img');
        await turnDetails(page, 'visible');
    },
    Adjust: async (page) => {
        await come(page, 'All', '.grid img');
        await come(page, 'Adjust', '.adjust .numbers');
    },
    Mask: async (page) => {
        if (await results(page).locator('.adjust').count()) await come(page, 'Adjust', '.grid img');
        await act(page, 'Paint a mask…');
        await results(page).locator('.board').waitFor();
    },
    Sheet: async (page) => {
        await openRun(page, 'pull');
        await come(page, 'Sheet', '.sheet img');
    },
};

async function come(page: Page, way: string, shows: string): Promise<void> {
    await button(page, way).click();
    await results(page).locator(shows).first().waitFor();
}

scenario('every control is reached by Tab, in every way of looking, and has a name', opened, async ({ page }) => {
    await openRun(page, 'first');
    for (const [way, go] of Object.entries(WAYS)) {
        await go(page);
        const { missed, reached } = await walk(page);
        assert.deepEqual(missed, [], `${way}: not reached by Tab`);
        assert.ok(reached >= 7, `${way}: ${reached} controls`);
        const snapshot = await results(page).locator('body').ariaSnapshot();
        assert.deepEqual(unnamed(snapshot), [], `${way}:\n${snapshot}`);
    }
    await openRun(page, 'first');
    await turnDetails(page, 'hidden');
});

scenario('roles and names say what the page shows', opened, async ({ page }) => {
    const frame = results(page);
    const check = (...lines: readonly RegExp[]) =>
        retry(async () => {
            const snapshot = await frame.locator('body').ariaSnapshot({ timeout: SOON });
            for (const line of lines) assert.match(snapshot, line);
        }, SOON);
    await openRun(page, 'first');
    await button(page, 'All').click();
    await check(
        /- heading "first first\.sdspec" \[level=2\]/,
        /- toolbar "Ways of looking":/,
        /- button "All" \[pressed\]/,
        /- button "Actions"/,
        /- grid "Pictures of first":/,
        /- gridcell .*\[selected\]:?/,
        /- img "first, seed 42, 128 by 128 pixels"/,
    );
    await button(page, 'Steps').click();
    await check(/- slider ".*after step/, /- button "after step \d+"/, /- img "first after step \d+, as it is"/);
    await button(page, 'Compare').click();
    await check(/- toolbar "How to compare":/, /- combobox "with/);
    await openRun(page, 'pull');
    await check(/- grid "Contact sheet of pull":/, /- columnheader "4"/, /- rowheader "2"/);
});

scenario('the page is worked by keys alone', opened, async ({ page }) => {
    const frame = results(page);
    await openRun(page, 'first');
    await button(page, 'All').click();
    await command(page, 'SDSpec: Open Results');
    // The command brings the focus here; keys pressed before it is done would go astray.
    await retry(async () => assert.ok(await frame.locator('body').evaluate('document.hasFocus()')));
    await frame.locator('[role=gridcell]').first().focus();
    const key = (name: string) => page.keyboard.press(name);
    await key('Enter');
    await frame.locator('.app[data-mode=large]').waitFor();
    await frame.locator('.zoom').focus();
    await key('+');
    await frame.locator('.zoom[data-scale="1.250"]').waitFor();
    await key('0');
    await frame.locator('.zoom[data-scale="1.000"]').waitFor();
    await key('c');
    await frame.locator('.app[data-mode=compare]').waitFor();
    await key('s');
    await frame.locator('.app[data-mode=steps]').waitFor();
    await frame.locator('.zoom:focus').waitFor();
    await key('d');
    await frame.locator('.details').waitFor();
    await key('d');
    await key('Escape');
    await frame.locator('.app[data-mode=grid]').waitFor();
    // However fast they come, and where nothing has the focus.
    for (const name of ['Enter', 'c', 's']) await key(name);
    await frame.locator('.app[data-mode=steps]').waitFor();
    await frame.locator('h2').click();
    await key('c');
    await frame.locator('.app[data-mode=compare]').waitFor();
    await key('Escape');
    await frame.locator('.app[data-mode=grid]').waitFor();
    // The menu: opened, walked and left by keys, the focus back where it was.
    await button(page, 'Actions').focus();
    await key('Enter');
    await frame.getByRole('menuitem', { name: 'Copy seed' }).and(frame.locator(':focus')).waitFor();
    await key('ArrowDown');
    await frame.getByRole('menuitem', { name: 'Copy settings as spec text' }).and(frame.locator(':focus')).waitFor();
    await key('End');
    await frame.getByRole('menuitem', { name: 'Open in editor' }).and(frame.locator(':focus')).waitFor();
    await key('Escape');
    await button(page, 'Actions').and(frame.locator(':focus')).waitFor();
});

const THEMES = {
    'Default High Contrast': 'vscode-high-contrast',
    'Default High Contrast Light': 'vscode-high-contrast-light',
    'Default Light Modern': 'vscode-light',
};
for (const [theme, kind] of Object.entries(THEMES)) {
    scenario(`every word is readable in ${theme}`, opened, async ({ page, folder }) => {
        mkdirSync(join(folder, '.vscode'), { recursive: true });
        writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'workbench.colorTheme': theme }));
        await results(page).locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
        for (const [way, go] of Object.entries(WAYS)) {
            await openRun(page, 'first');
            await go(page);
            await page.mouse.move(3, 3);
            await retry(async () => assert.deepEqual(await pale(page), [], way), SOON);
            if (way === 'Details') await turnDetails(page, 'hidden');
        }
        await openRun(page, 'first');
        await come(page, 'All', '.grid img');
        await button(page, 'Actions').click();
        await results(page).getByRole('menuitem').first().and(results(page).locator(':focus')).waitFor();
        await retry(async () => assert.deepEqual(await pale(page), [], 'the menu'), SOON);
        const [menu, panel] = [await box(page, '[role=menu]'), await box(page, 'body')];
        assert.ok(menu.x >= panel.x && menu.x + menu.width <= panel.x + panel.width, 'the whole menu is in sight');
        await editor.shot(`theme-${theme.toLowerCase().replace(/ /g, '-')}`);
        await act(page, 'Copy seed');
    });
}

const box = async (page: Page, selector: string) => (await results(page).locator(selector).boundingBox())!;

/** Presses Tab until the page is left; returns the controls that were not reached on the way. */
async function walk(page: Page): Promise<{ readonly missed: readonly string[]; readonly reached: number }> {
    const body = results(page).locator('body');
    await body.evaluate(`(() => {
        window.reached = new Set();
        document.addEventListener('focusin', ({ target }) => window.reached.add(target));
        const first = document.querySelector('button');
        first.focus();
        window.reached.add(first);
    })()`);
    for (let press = 0; press < 60; press++) {
        await page.keyboard.press('Tab');
        if (!(await body.evaluate('document.hasFocus()'))) break;
    }
    return body.evaluate(`(() => {
        const controls = [...document.querySelectorAll('button, select, input, [tabindex="0"]')].filter(
            (one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility(),
        );
        const missed = controls.filter((one) => !window.reached.has(one)).map((one) => one.outerHTML.slice(0, 120));
        return { missed, reached: controls.length - missed.length };
    })()`);
}

/** Lines of an accessibility tree whose control or picture has no name. */
function unnamed(snapshot: string): readonly string[] {
    const roles = /^\s*- (button|combobox|slider|gridcell|img|grid|toolbar|menuitem|progressbar|group)(?! ")\b/;
    return snapshot.split('\n').filter((line) => roles.test(line));
}

/** Words whose contrast to their background is less than 4.5 to 1, as WCAG 2 counts. */
async function pale(page: Page): Promise<readonly string[]> {
    return results(page)
        .locator('body')
        .evaluate(`(() => {
                const numbers = (colour) => {
                    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
                    const context = canvas.getContext('2d', { willReadFrequently: true });
                    context.fillStyle = colour;
                    context.fillRect(0, 0, 1, 1);
                    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
                    return [r, g, b, a / 255];
                };
                const over = ([r, g, b, a], under) =>
                    [r, g, b].map((value, index) => value * a + under[index] * (1 - a)).concat(1);
                const ground = (element) => {
                    if (!element) return [255, 255, 255, 1];
                    const own = numbers(getComputedStyle(element).backgroundColor);
                    return own[3] === 1 ? own : over(own, ground(element.parentElement));
                };
                const light = (colour) => {
                    const [r, g, b] = colour.map((value) => value / 255);
                    const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
                    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
                };
                const found = [];
                for (const element of document.body.querySelectorAll('*')) {
                    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
                    if (!own || !element.checkVisibility() || element.closest('.unseen, script, style, option, :disabled, svg')) continue;
                    const behind = ground(element);
                    const style = getComputedStyle(element);
                    const [a, b] = [light(over(numbers(style.color), behind)), light(behind)].sort((x, y) => y - x);
                    const ratio = (a + 0.05) / (b + 0.05);
                    if (ratio < 4.5) found.push(element.textContent.trim().slice(0, 40) + ': ' + ratio.toFixed(2));
                }
                return found;
            })()`);
}
