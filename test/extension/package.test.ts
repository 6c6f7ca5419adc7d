/** The package for browsers: the language's two bundles, and nothing that needs a machine. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const STAGE = join(ROOT, '.cache', 'package', 'web');

it('holds the entry for browsers, and is less than a megabyte', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/package.mjs', 'web'], {
        cwd: ROOT,
        encoding: 'utf8',
    });
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^web: 0\.\d MB packed/m);
    const manifest = JSON.parse(readFileSync(join(STAGE, 'package.json'), 'utf8'));
    expect(manifest).not.toHaveProperty('main');
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest.browser).toBe('./dist/extension-browser.js');
    expect(readdirSync(join(STAGE, 'dist')).sort()).toEqual(['extension-browser.js', 'server-browser.js']);
    expect(readdirSync(STAGE)).not.toContain('models');
}, 120_000);
