#!/usr/bin/env node
/**
 * `npm run package`: the extension as VSIX files, one a platform, each with that platform's binaries only; and one for
 * browsers with no machine behind them, where the language is on and nothing runs.
 *
 *     node scripts/package.mjs [TARGET… | --all]        TARGET: linux-x64, win32-x64 … web; default: this machine's
 *
 * The files go to `out/`; sizes are printed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUT = join(ROOT, 'out');
const WEB = 'web';
const TARGETS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64', WEB];
const BROWSER_PARTS = ['server-browser', 'extension-browser'];
const PARTS = [
    'cli',
    'host',
    'server',
    'extension',
    'language-client',
    'results',
    'results-deep',
    'results-style',
    ...BROWSER_PARTS,
];
/** Bundles hold everything else. */
const NATIVE = ['onnxruntime-node', 'sharp'];
/** Needed by installation scripts only. */
const UNUSED = ['adm-zip', 'global-agent'];

const asked = argv.slice(2).filter((word) => !word.startsWith('--'));
const own = `${process.platform}-${process.arch}`;
const targets = argv.includes('--all') ? TARGETS : asked.length > 0 ? asked : [own];
const unknown = targets.filter((target) => !TARGETS.includes(target));
if (unknown.length > 0) fail(`There is no target ${unknown.join(', ')}: choose from ${TARGETS.join(', ')}.`);

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
mkdirSync(OUT, { recursive: true });
for (const target of targets) await pack(target);

async function pack(target) {
    const stage = join(ROOT, '.cache', 'package', target);
    rmSync(stage, { recursive: true, force: true });
    mkdirSync(stage, { recursive: true });
    writeManifest(stage, target);
    await (target === WEB ? fillForBrowsers(stage) : fillForMachines(stage, ...target.split('-')));
    copy(stage, 'syntaxes', 'media', 'README.md', 'LICENSE', 'CHANGELOG.md');
    const file = join(OUT, `sdspec-${manifest.version}-${target}.vsix`);
    const said = run(stage, execPath, [vsce(), 'package', '--target', target, '--out', file]);
    for (const warning of said.match(/^.*WARNING.*$/gm) ?? []) console.warn(warning.trim());
    report(target, stage, file);
}

/** The runtime with its packages, the built-in models, and both entries. */
async function fillForMachines(stage, os, cpu) {
    install(stage, os, cpu);
    prune(stage, os, cpu);
    await bundle(stage, PARTS);
    // The bundles of the runtime and the language server are ES modules; the extension itself is not.
    writeFileSync(join(stage, 'dist', 'package.json'), '{ "type": "module" }\n');
    copy(stage, 'models');
}

async function fillForBrowsers(stage) {
    await bundle(stage, BROWSER_PARTS);
}

async function bundle(stage, names) {
    const { skipped } = await build({ names, outdir: join(stage, 'dist'), minify: true });
    if (skipped.length > 0) fail(`Not written yet: ${skipped.join(', ')}.`);
}

function copy(stage, ...names) {
    for (const name of names.filter((one) => existsSync(join(ROOT, one)))) {
        cpSync(join(ROOT, name), join(stage, name), { recursive: true });
    }
}

/** What the editor reads, and the packages that can't be bundled. In a browser there are none, and no entry for Node. */
function writeManifest(stage, target) {
    const { type: _, scripts: __, devDependencies: ___, bin: ____, dependencies: _____, main, ...kept } = manifest;
    const dependencies = Object.fromEntries(NATIVE.map((name) => [name, locked(name)]));
    const own = target === WEB ? kept : { ...kept, main, dependencies };
    const ignored = [
        'package-lock.json',
        '**/*.map',
        '**/*.d.ts',
        '**/*.md',
        '!README.md',
        '!CHANGELOG.md',
        '!models/**/*.md',
        '!media/**/*.md',
        'media/icon.svg',
        // Scripts of installations and command lines, and modules in the form that is not loaded here.
        'node_modules/onnxruntime-common/dist/esm/**',
        'node_modules/onnxruntime-node/script/**',
        'node_modules/semver/bin/**',
        'node_modules/sharp/install/**',
    ];
    writeFileSync(join(stage, 'package.json'), JSON.stringify(own, null, 2));
    writeFileSync(join(stage, '.vscodeignore'), `${ignored.join('\n')}\n`);
}

function install(stage, os, cpu) {
    const libc = os === 'linux' ? ['--libc=glibc'] : [];
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
    run(stage, 'npm', ['install', '--omit=dev', `--os=${os}`, `--cpu=${cpu}`, ...libc, ...quiet]);
}

/** Leaves the target's binaries only. */
function prune(stage, os, cpu) {
    const modules = join(stage, 'node_modules');
    const binaries = join(modules, 'onnxruntime-node', 'bin', 'napi-v6');
    if (!existsSync(join(binaries, os, cpu))) fail(`onnxruntime-node has no binary for ${os}-${cpu}.`);
    for (const system of readdirSync(binaries)) {
        for (const machine of readdirSync(join(binaries, system))) {
            if (system !== os || machine !== cpu) rmSync(join(binaries, system, machine), { recursive: true });
        }
        if (readdirSync(join(binaries, system)).length === 0) rmSync(join(binaries, system), { recursive: true });
    }
    // The same library twice: the binding loads the one with the short name.
    const twin = join(binaries, os, cpu, `libonnxruntime.${locked('onnxruntime-node')}.dylib`);
    if (existsSync(twin)) rmSync(twin);
    const foreign = readdirSync(join(modules, '@img')).filter(
        (name) => /^sharp-/.test(name) && !name.endsWith(`${os}-${cpu}`),
    );
    for (const name of foreign) rmSync(join(modules, '@img', name), { recursive: true });
    // Packages that only installation scripts ask for go, with all that only they ask for.
    const file = join(modules, 'onnxruntime-node', 'package.json');
    const own = JSON.parse(readFileSync(file, 'utf8'));
    for (const name of UNUSED) delete own.dependencies[name];
    writeFileSync(file, JSON.stringify(own, null, 2));
    const needed = closure(modules, NATIVE);
    for (const name of readdirSync(modules)) {
        if (name !== '@img' && !needed.has(name)) rmSync(join(modules, name), { recursive: true });
    }
    rmSync(join(stage, 'package-lock.json'), { force: true });
}

/** These packages and all that they depend on. */
function closure(modules, names, found = new Set()) {
    for (const name of names) {
        const file = join(modules, name, 'package.json');
        if (found.has(name) || !existsSync(file)) continue;
        found.add(name);
        closure(modules, Object.keys(JSON.parse(readFileSync(file, 'utf8')).dependencies ?? {}), found);
    }
    return found;
}

function report(target, stage, file) {
    const parts = [
        ['onnxruntime', join(stage, 'node_modules', 'onnxruntime-node')],
        ['sharp', join(stage, 'node_modules', '@img')],
        ['models', join(stage, 'models')],
        ['bundles', join(stage, 'dist')],
    ];
    const there = parts.filter(([, path]) => existsSync(path));
    const text = there.map(([name, path]) => `${name} ${megabytes(sizeOf(path))}`).join(', ');
    console.log(`${target}: ${megabytes(statSync(file).size)} packed; unpacked: ${text}`);
}

function sizeOf(path) {
    if (!existsSync(path)) return 0;
    if (!statSync(path).isDirectory()) return statSync(path).size;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function megabytes(bytes) {
    return `${(bytes / 1e6).toFixed(1)} MB`;
}

function locked(name) {
    return JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`].version;
}

function vsce() {
    return join(ROOT, 'node_modules', '@vscode', 'vsce', 'vsce');
}

function run(cwd, program, args) {
    const windows = program === 'npm' && process.platform === 'win32';
    const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env, shell: windows });
    if (status !== 0) fail(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
    return stdout + stderr;
}

function fail(why) {
    console.error(why);
    exit(1);
}
