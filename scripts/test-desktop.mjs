#!/usr/bin/env node
/** `npm run test:desktop`: the suite of test/editor/suite in a desktop VS Code, which is downloaded. Needs a display. */
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';
import { build as bundle } from 'esbuild';
import { build } from './build.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const suite = join(ROOT, '.cache', 'editor-suite', 'index.cjs');

await build({ minify: true });
await bundle({
    entryPoints: [join(ROOT, 'test', 'editor', 'suite', 'index.ts')],
    outfile: suite,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode', 'mocha'],
});
const work = mkdtempSync(join(tmpdir(), 'sdspec-desktop-'));
cpSync(join(ROOT, 'test', 'editor', 'workspace'), work, { recursive: true });
await runTests({
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: suite,
    launchArgs: [work, '--disable-extensions', '--disable-workspace-trust'],
});
