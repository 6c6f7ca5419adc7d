/** Where sdspec itself is installed. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package that this code belongs to, bundled or not. */
export function packageRoot(): string {
    let folder = dirname(fileURLToPath(import.meta.url));
    for (;;) {
        const file = join(folder, 'package.json');
        if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'sdspec') return folder;
        const above = dirname(folder);
        if (above === folder) throw new Error('The folder of sdspec was not found.');
        folder = above;
    }
}
