/** `npm run parity -- DIR [group…]`: compares every stage with a golden set and prints one row a group. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CaseResult, loadGoldens, type ParityGroup } from './golden.ts';

const GROUPS = [
    'tokenizer',
    'text_encoder',
    'unet',
    'controlnet',
    'vae',
    'rng',
    'schedulers',
    'pipelines',
    'experiments',
    'sdxl',
] as const;

const [directory = 'test/goldens', ...chosen] = process.argv.slice(2);
const root = resolve(directory);
let failed = 0;

console.log('group          cases  passed  worst error / atol');
for (const name of GROUPS) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    if (!existsSync(join(root, 'goldens', `${name}.json`))) {
        console.log(`${name.padEnd(14)} no goldens in this set`);
        continue;
    }
    const file = join(import.meta.dirname, 'groups', `${name}.ts`);
    if (!existsSync(file)) {
        console.log(`${name.padEnd(14)} not built yet`);
        continue;
    }
    const { run } = (await import(pathToFileURL(file).href)) as { run: ParityGroup };
    const all: CaseResult[] = [];
    for await (const result of run(root, loadGoldens(root, name))) all.push(result);
    const results = all.filter((result) => !result.skipped);
    const bad = results.filter((result) => !result.passed);
    const worst = Math.max(0, ...results.map((r) => (r.atol > 0 ? r.error / r.atol : r.error === 0 ? 0 : Infinity)));
    const row = [name.padEnd(14), String(results.length).padStart(5), String(results.length - bad.length).padStart(7)];
    console.log(`${row.join(' ')}  ${worst.toPrecision(3)}`);
    for (const result of bad) {
        const figures = `error ${result.error.toPrecision(3)}, atol ${result.atol}`;
        console.log(`  failed: ${result.id} (${figures}${result.note ? `; ${result.note}` : ''})`);
    }
    const skipped = new Map<string, number>();
    for (const { skipped: left, note = '' } of all) if (left) skipped.set(note, (skipped.get(note) ?? 0) + 1);
    for (const [note, count] of skipped) console.log(`  not run: ${count} cases (${note})`);
    failed += bad.length;
}
process.exitCode = failed > 0 ? 1 : 0;
