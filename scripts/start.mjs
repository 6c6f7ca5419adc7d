#!/usr/bin/env node
/** `npm start`: from a bare clone to a picture. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { execPath, exit } from 'node:process';
import { ROOT, setUp } from './setup.mjs';

await setUp();
const spec = join('examples', 'turtle.sdspec');
const { status } = spawnSync(execPath, [join(ROOT, 'dist', 'cli.js'), 'run', spec], { cwd: ROOT, stdio: 'inherit' });
if (status === 0) {
    console.log(`\nTo write and run specs in VS Code: code --extensionDevelopmentPath="${ROOT}" "${ROOT}" "${spec}"`);
}
exit(status ?? 1);
