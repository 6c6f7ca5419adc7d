#!/usr/bin/env node
/** Makes a clone ready: installs packages and builds, each only where something changed. Node's own modules only. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit, platform, versions } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs and builds what is missing or out of date, and says so; a second run is silent and quick. */
export async function setUp() {
    requireNode();
    install();
    await buildIfChanged();
}

function requireNode() {
    const [major, minor] = versions.node.split('.').map(Number);
    if (major > 20 || (major === 20 && minor >= 19)) return;
    console.error(`sdspec needs Node 20.19 or newer; this is ${versions.node}. Get a newer one at https://nodejs.org.`);
    exit(1);
}

/** `npm ci`, when node_modules is not what package-lock.json says. */
function install() {
    const marker = join(ROOT, 'node_modules', '.sdspec-installed');
    const wanted = hash(readFileSync(join(ROOT, 'package-lock.json')), platform, process.arch);
    if (read(marker) === wanted) return;
    if (!isInstalled()) {
        console.log('Installing packages (npm ci) …');
        const { status, error } = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
        if (status !== 0) {
            console.error(`npm ci failed${error ? `: ${error.message}` : ''}. Is the npm registry reachable?`);
            exit(1);
        }
    }
    writeFileSync(marker, wanted);
}

/** Whether someone ran `npm install` or `npm ci` already: npm's own note of what it installed agrees with the lock. */
function isInstalled() {
    const note = read(join(ROOT, 'node_modules', '.package-lock.json'));
    if (note === undefined) return false;
    const there = JSON.parse(note).packages ?? {};
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    return Object.entries(packages).every(
        ([path, { version, optional }]) => path === '' || (there[path] ? there[path].version === version : optional),
    );
}

/** Runs npm without a shell where npm's own script can be found, which is nearly everywhere. */
export function npm(args) {
    const script = [
        env.npm_execpath,
        join(dirname(execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
        join(dirname(execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ].find((path) => path && /npm-cli\.c?js$/.test(path) && existsSync(path));
    const options = { cwd: ROOT, stdio: 'inherit' };
    if (script) return spawnSync(execPath, [script, ...args], options);
    // On Windows npm is a batch file, which only a shell can start; the arguments are our own words.
    return spawnSync(['npm', ...args].join(' '), { ...options, shell: true });
}

/** Builds when a source was changed, added or removed since the last build. */
async function buildIfChanged() {
    const marker = join(ROOT, 'dist', '.built');
    const sources = ['src', 'scripts/build.mjs', 'package-lock.json'].flatMap(filesOf).sort();
    const state = hash(sources.map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`).join('\n'));
    if (isBuilt(marker, state)) return;
    const { build } = await import('./build.mjs');
    const begun = performance.now();
    try {
        const { built } = await build();
        console.log(`Built ${built.join(', ')} in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
    } catch {
        console.error('The build failed; the reason is above.');
        exit(1);
    }
    mkdirSync(dirname(marker), { recursive: true });
    writeFileSync(`${marker}.part`, [state, ...digestsOf(join(ROOT, 'dist'))].join('\n'));
    renameSync(`${marker}.part`, marker);
}

/** Whether the last build was of these sources, and left what is there now: a bundle that was cut off is built again. */
function isBuilt(marker, state) {
    const text = read(marker);
    return text?.startsWith(state) === true && text === [state, ...digestsOf(join(ROOT, 'dist'))].join('\n');
}

/** One line for each bundle: its name and its digest. */
function digestsOf(folder) {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(c?js|css)$/.test(name)) : [];
    return names.sort().map((name) => `${name} ${hash(readFileSync(join(folder, name)))}`);
}

function filesOf(path) {
    const full = join(ROOT, path);
    if (!existsSync(full)) return [];
    if (!statSync(full).isDirectory()) return [full];
    return readdirSync(full).flatMap((name) => filesOf(join(path, name)));
}

function read(path) {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function hash(...parts) {
    const sum = createHash('sha256');
    for (const part of parts) sum.update(part);
    return sum.digest('hex');
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) await setUp();
