/** The long run: `npm run fuzz -- [MINUTES] [SEED]`, ten minutes with a new seed unless set otherwise. */
import { fuzz } from './fuzz.ts';

const minutes = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const begin = performance.now();
const result = await fuzz(seed, Number.POSITIVE_INFINITY, begin + minutes * 60_000);
const seconds = (performance.now() - begin) / 1000;
console.log(
    `seed ${seed}: ${result.edits} edits, ${result.builds} builds in ${seconds.toFixed(0)} s, the slowest ${result.slowest.toFixed(0)} ms`,
);
for (const { what, text } of result.failures) console.error(`${what}\n--- text ---\n${text}\n`);
process.exit(result.failures.length > 0 ? 1 : 0);
