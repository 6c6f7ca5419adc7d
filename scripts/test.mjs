#!/usr/bin/env node
/** `npm test`: lint, types and all tests; arguments go to vitest: `npm test -- test/plan`. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { ROOT, setUp } from './setup.mjs';

await setUp();
const chosen = argv.slice(2);
const checks = [
    ['Lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']],
    ['Types', ['node_modules/typescript/bin/tsc', '--noEmit']],
    ['Types of the results page', ['node_modules/typescript/bin/tsc', '-p', 'src/extension/results/page']],
    ['Tests', ['node_modules/vitest/vitest.mjs', 'run', ...chosen]],
].filter(([, [script]]) => existsSync(join(ROOT, script)));

const failed = [];
for (const [name, args] of chosen.length > 0 ? checks.slice(-1) : checks) {
    const begun = performance.now();
    console.log(`\n── ${name}`);
    const { status } = spawnSync(execPath, args, { cwd: ROOT, stdio: 'inherit' });
    console.log(`${status === 0 ? 'ok' : 'FAILED'} in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    if (status !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
exit(failed.length === 0 ? 0 : 1);
