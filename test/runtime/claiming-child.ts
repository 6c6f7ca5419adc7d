/** Adds to the number in a file many times, each time under a claim: `claiming-child.ts FOLDER TIMES`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withClaim } from '../../src/runtime/claim.ts';

const [folder, times] = process.argv.slice(2) as [string, string];
const file = join(folder, 'number');
for (let i = 0; i < Number(times); i++) {
    await withClaim(join(folder, 'claim'), { waitMs: 60_000, busy: () => new Error('busy') }, async () => {
        const number = Number(readFileSync(file, 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, 1));
        writeFileSync(file, String(number + 1));
    });
}
