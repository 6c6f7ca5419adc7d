#!/usr/bin/env node
/**
 * Bundles the command line, the runtime's process, the language server and the extension into `dist`:
 *
 *     node scripts/build.mjs [--minify] [NAME…]        NAME: cli, host, server …; default all
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** CommonJS packages inside an ES module ask for `require`. */
const REQUIRE =
    "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";
const NODE = { platform: 'node', target: 'node20', format: 'esm', banner: { js: REQUIRE } };
const BROWSER = { platform: 'browser', target: 'es2022', format: 'iife' };

/** Native packages stay outside of bundles; `vscode` is there only inside the editor. */
const EXTERNAL = ['onnxruntime-node', 'sharp', 'vscode'];

/**
 * Langium and the language server depend on different releases of the protocol's packages (jsonrpc 10 and 9): the server's
 * bundles have those of the language server alone.
 */
const ONE_PROTOCOL = {
    name: 'one-protocol',
    setup({ onResolve, resolve }) {
        onResolve(
            { filter: /^vscode-(languageserver-(types|protocol)|jsonrpc)(\/|$)/ },
            ({ path, kind, pluginData }) => {
                if (pluginData === ONE_PROTOCOL) return undefined;
                const resolveDir = join(ROOT, 'node_modules', 'vscode-languageserver');
                return resolve(path, { kind, resolveDir, pluginData: ONE_PROTOCOL });
            },
        );
    },
};

/**
 * The client of the language server is more than half of the extension's code, and is needed once the editor continues: a bundle of
 * its own is not read while the editor waits for the activation.
 */
const CLIENT_APART = {
    name: 'client-apart',
    setup({ onResolve }) {
        onResolve({ filter: /^vscode-languageclient\/node$/ }, () => ({
            path: './language-client.cjs',
            external: true,
        }));
    },
};

/** The licence of a package, as a comment. */
function notice(name) {
    const file = join(ROOT, 'node_modules', name, 'LICENSE.txt');
    return existsSync(file) ? `/*! ${name}\n${readFileSync(file, 'utf8')}*/` : '';
}

/** The viewer that mosaics carry along, as it was published, and its licence. */
function copyViewer(folder) {
    const viewer = join(ROOT, 'node_modules', 'openseadragon');
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(viewer, 'build', 'openseadragon', 'openseadragon.min.js'), join(folder, 'openseadragon.min.js'));
    copyFileSync(join(viewer, 'LICENSE.txt'), join(folder, 'LICENSE.txt'));
}

/** Every bundle: its name, where it begins, where it goes. */
const BUNDLES = [
    { name: 'cli', from: 'src/cli/entry.ts', to: 'cli.js', ...NODE },
    { name: 'host', from: 'src/runtime/process/host.ts', to: 'host.js', ...NODE },
    { name: 'server', from: 'src/language/server.ts', to: 'server.js', ...NODE, plugins: [ONE_PROTOCOL] },
    {
        name: 'server-browser',
        from: 'src/language/server-browser.ts',
        to: 'server-browser.js',
        ...BROWSER,
        plugins: [ONE_PROTOCOL],
    },
    {
        name: 'extension',
        from: 'src/extension/extension.ts',
        to: 'extension.cjs',
        ...NODE,
        format: 'cjs',
        banner: {},
        plugins: [CLIENT_APART],
    },
    {
        name: 'language-client',
        from: 'src/extension/language-client.ts',
        to: 'language-client.cjs',
        ...NODE,
        format: 'cjs',
        banner: {},
    },
    {
        name: 'extension-browser',
        from: 'src/extension/extension-browser.ts',
        to: 'extension-browser.js',
        ...BROWSER,
        format: 'cjs',
    },
    {
        name: 'results',
        from: 'src/extension/results/page/main.tsx',
        to: 'results.js',
        ...BROWSER,
        jsx: 'automatic',
        jsxImportSource: 'preact',
    },
    {
        name: 'results-deep',
        from: 'src/extension/results/page/deep/deep-view.ts',
        to: 'results-deep.js',
        ...BROWSER,
        globalName: 'sdspecDeep',
        // The licence of OpenSeadragon asks to be handed on with it.
        banner: { js: notice('openseadragon') },
    },
    { name: 'results-style', from: 'src/extension/results/page/page.css', to: 'results.css', ...BROWSER },
];

/**
 * Builds the named bundles, all by default, and `more` that run in Node (`{ name, from, to }`). Bundles whose first file
 * is not there are left out and named in the result.
 * @returns {Promise<{ built: string[], skipped: string[] }>}
 */
export async function build({ names = [], more = [], outdir = join(ROOT, 'dist'), minify = false } = {}) {
    const { build: bundle } = await import('esbuild');
    const chosen = BUNDLES.filter(({ name }) => names.length === 0 || names.includes(name));
    const wanted = [...chosen, ...more.map((one) => ({ ...NODE, ...one }))];
    const [built, skipped] = [[], []];
    // A build that is stopped leaves no half-written bundle: all are written aside, then renamed.
    const aside = join(outdir, `.building-${process.pid}`);
    try {
        await bundleAll();
        if (chosen.some(({ name }) => name === 'host')) copyViewer(join(aside, 'openseadragon'));
        moveAll(aside, outdir);
    } finally {
        rmSync(aside, { recursive: true, force: true });
    }
    return { built: built.sort(), skipped: skipped.sort() };

    async function bundleAll() {
        await Promise.all(
            wanted.map(async ({ name, from, to, ...options }) => {
                if (!existsSync(join(ROOT, from))) return skipped.push(name);
                await bundle({
                    ...options,
                    absWorkingDir: ROOT,
                    entryPoints: [from],
                    outfile: join(aside, to),
                    bundle: true,
                    minify,
                    sourcemap: minify ? false : 'linked',
                    sourcesContent: false,
                    external: EXTERNAL,
                    legalComments: 'none',
                    logLevel: 'warning',
                    loader: { '.sdspec': 'text' },
                });
                built.push(name);
            }),
        );
    }
}

/** Moves every file of a folder to the same place in another one; each appears there as a whole. */
function moveAll(from, to) {
    mkdirSync(to, { recursive: true });
    for (const entry of existsSync(from) ? readdirSync(from, { withFileTypes: true }) : []) {
        if (entry.isDirectory()) moveAll(join(from, entry.name), join(to, entry.name));
        else renameSync(join(from, entry.name), join(to, entry.name));
    }
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
    const names = argv.slice(2).filter((arg) => !arg.startsWith('--'));
    const unknown = names.filter((name) => !BUNDLES.some((one) => one.name === name));
    if (unknown.length > 0) {
        console.error(
            `There is no bundle ${unknown.join(', ')}: choose from ${BUNDLES.map((b) => b.name).join(', ')}.`,
        );
        process.exit(2);
    }
    try {
        const begun = performance.now();
        const { built, skipped } = await build({ names, minify: argv.includes('--minify') });
        for (const name of skipped) console.log(`Skipped ${name}: it is not written yet.`);
        console.log(`Built ${built.join(', ')} in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
    } catch {
        // esbuild has printed what is wrong.
        process.exit(1);
    }
}
