/** What the Runs tree knows of stored runs: the words that are searched, and what changed from run to run. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { StoredRun } from '../../../src/extension/runs/records.ts';
import { RunTexts } from '../../../src/extension/views/run-texts.ts';
import { Language, lowerRun } from '../../../src/language/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'sdspec-texts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const language = new Language();
let count = 0;

/** A run as it is on disk. */
async function stored(text: string, name: string): Promise<StoredRun> {
    const run = lowerRun(await language.parseText(text), name).value;
    const own = join(folder, `${count++}`);
    mkdirSync(own);
    writeFileSync(join(own, 'plan.json'), JSON.stringify(run));
    return { folder: own, record: { name } } as StoredRun;
}

const head = 'generate a {\n    prompt "a rabbit"\n    seed 5\n    guidance ';
const texts = new RunTexts();

it('says what changed from one run to the next', async () => {
    const [one, two] = [await stored(`${head}5\n}`, 'a'), await stored(`${head}9\n    steps 12\n}`, 'a')];
    expect(await texts.changesOf(two, one)).toBe('steps 25 → 12, guidance 5 → 9');
    expect(await texts.changesOf(one, one)).toBe('');
});

it('says which values of a sweep changed, and not what its first cell makes of them', async () => {
    const sweep = (values: string) => `${head}5\n}\nsweep s over a { guidance in [${values}] }`;
    const [one, two] = [await stored(sweep('5, 7'), 's'), await stored(sweep('3, 5'), 's')];
    expect(await texts.changesOf(two, one)).toBe('guidance 5, 7 → 3, 5');
});

it('finds runs by prompts and settings', async () => {
    const words = await texts.wordsOf(await stored(`${head}7.5\n}`, 'a'));
    for (const part of ['rabbit', 'guidance 7.5', 'seed 5']) expect(words).toContain(part);
});

it('keeps the texts of some runs only, and reads the others again', async () => {
    const first = await stored(`${head}5\n}`, 'a');
    const several = new RunTexts();
    expect(await several.wordsOf(first)).toContain('rabbit');
    const plan = readFileSync(join(first.folder, 'plan.json'));
    const fill = async (from: number, to: number) => {
        for (let k = from; k < to; k++) {
            const own = join(folder, `many-${k}`);
            mkdirSync(own, { recursive: true });
            writeFileSync(join(own, 'plan.json'), plan);
            await several.wordsOf({ folder: own, record: { name: 'a' } } as StoredRun);
        }
    };
    rmSync(join(first.folder, 'plan.json'));
    await fill(0, 199);
    expect(await several.wordsOf(first)).toContain('rabbit');
    await fill(199, 200);
    expect(await several.wordsOf(first)).toBe('');
});
