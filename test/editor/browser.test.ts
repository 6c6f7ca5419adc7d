/** The editor in a browser with no machine behind it: the extension's browser entry, in the worker that hosts it there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { command, EXTENSION, focusText, HOST, LONG, launch, restored, retry, SLOWNESS, SOON } from './editor.ts';

const BUILD = join(HOST, 'node_modules', 'code-server', 'lib', 'vscode');
const TYPES: Readonly<Record<string, string>> = {
    '.css': 'text/css',
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.json': 'application/json',
    '.svg': 'image/svg+xml',
};

let server: Server;
let browser: Browser;
let page: Page;
const asked: string[] = [];
const said: string[] = [];

before(async () => {
    server = createServer(({ url, headers }, response) => {
        const path = decodeURIComponent(new URL(url ?? '/', 'http://localhost').pathname);
        asked.push(path);
        const body = path === '/' ? frame(headers.host!) : fileAt(path);
        if (body === undefined) response.statusCode = 404;
        response.setHeader('content-type', TYPES[path === '/' ? '.html' : extname(path)] ?? 'text/plain');
        response.setHeader('access-control-allow-origin', '*');
        response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launch();
    page = await browser.newPage();
    page.setDefaultTimeout(20_000 * SLOWNESS);
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?ew=true`);
    await restored(page);
});
after(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
});

test('the language is on: a mistake is reported and its mending offered', async () => {
    await command(page, 'File: New Untitled Text File');
    await command(page, 'Change Language Mode');
    const box = page.locator('.quick-input-widget:visible input').first();
    await retry(async () => {
        await box.fill('sdspec', { timeout: SOON });
        await page
            .locator('.quick-input-list .monaco-list-row', { hasText: 'SDSpec' })
            .first()
            .click({ timeout: SOON });
    });
    await focusText(page);
    await page.keyboard.type('generate a { sead 3 }');
    await page.locator('.squiggly-error').first().waitFor({ timeout: LONG });
    assert.ok(asked.includes('/extension/dist/extension-browser.js'), 'the entry for browsers was loaded');
    assert.ok(asked.includes('/extension/dist/server-browser.js'), 'the language server was loaded');
    assert.deepEqual(
        said.filter((text) => /sdspec/.test(text) && /fail|error/i.test(text)),
        [],
    );
    await retry(async () => {
        await page.keyboard.press('Control+.');
        await page.locator('.action-widget .action', { hasText: 'seed' }).first().click({ timeout: SOON });
        await page.locator('.view-line', { hasText: 'seed 3' }).waitFor({ timeout: SOON });
    });
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
});

test('nothing is offered that needs a machine', async () => {
    await focusText(page);
    assert.equal(await page.locator('.codelens-decoration', { hasText: 'Run' }).count(), 0);
    const buttons = page.locator('.editor-actions .action-label:is([aria-label*="Run"], [aria-label*="Results"])');
    assert.equal(await buttons.count(), 0, 'the title bar has no buttons of the extension');
    const places = page.locator('.part:is(.activitybar, .sidebar, .auxiliarybar) .action-label[aria-label*="SDSpec"]');
    assert.equal(await places.count(), 0, 'neither runs nor results have a place');
    for (const words of ['SDSpec: Run', 'SDSpec: New', 'SDSpec: Show']) assert.deepEqual(await commandsLike(words), []);
    assert.ok(!asked.some((path) => /host\.js|extension\.cjs|onnx/.test(path)), asked.join(' '));
});

/** The extension's commands that the palette lists for these words. */
async function commandsLike(words: string): Promise<readonly string[]> {
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    const box = page.locator('.quick-input-widget:visible input').first();
    const rows = page.locator('.quick-input-list .monaco-list-row');
    const other = rows.first().filter({ hasText: 'Change Language Mode' });
    // A list takes a moment to follow what is typed: it is the list of these words once that of others has come and gone.
    await box.fill('>Change Language Mode');
    await other.waitFor();
    await box.fill(`>${words}`);
    await other.waitFor({ state: 'detached' });
    const found = await rows.allInnerTexts();
    await page.keyboard.press('Escape');
    return found.filter((text) => text.startsWith('SDSpec'));
}

/** The workbench's frame: a window without a folder, with the extension under development. */
function frame(authority: string): string {
    const configuration = {
        userDataPath: '/user',
        isEnabledFileDownloads: true,
        isEnabledFileUploads: true,
        isEnabledCoderGettingStarted: false,
        enableWorkspaceTrust: false,
        webviewEndpoint: '/build/out/vs/workbench/contrib/webview/browser/pre',
        configurationDefaults: { 'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true },
        developmentOptions: {
            enableSmokeTestDriver: true,
            extensions: [{ scheme: 'http', authority, path: '/extension' }],
        },
    };
    const values: Readonly<Record<string, string>> = {
        WORKBENCH_WEB_CONFIGURATION: JSON.stringify(configuration).replace(/"/g, '&quot;'),
        WORKBENCH_WEB_BASE_URL: '/build',
        WORKBENCH_NLS_FALLBACK_URL: '/build/out/nls.messages.js',
        WORKBENCH_NLS_URL: '/build/out/nls.messages.js',
    };
    const html = readFileSync(join(BUILD, 'out/vs/code/browser/workbench/workbench.html'), 'utf8');
    return html.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
}

function fileAt(path: string): string | Buffer | undefined {
    const [, place, rest] = /^\/(build|extension)\/(.*)$/.exec(path) ?? [];
    const file = join(place === 'build' ? BUILD : EXTENSION, rest ?? '');
    if (!place || !existsSync(file) || statSync(file).isDirectory()) return undefined;
    const bytes = readFileSync(file);
    if (!path.endsWith('/browser/workbench/workbench.js')) return bytes;
    // This build always looks for a machine behind it, and keeps the user's files there: here there is none.
    return bytes
        .toString()
        .replace(',remoteAuthority:location.host}', '}')
        .replace(/\.vscodeRemote(\}\),"User"\))/, '.vscodeUserData$1');
}
