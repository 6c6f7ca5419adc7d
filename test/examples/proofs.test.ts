/** The page of proofs: every test that it names exists, and what the reference must say is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');

/** Rows of the tables: a promise, and `file` with the titles of tests in it. */
const ROWS = read('docs/proofs.md')
    .split('\n')
    .filter((line) => /^\|.*\|$/.test(line) && line.includes('`test/'));

test.each(ROWS)('%s', (row) => {
    const proof = row
        .split(/(?<!\\)\|/)
        .at(-2)!
        .replaceAll('\\|', '|');
    const named = [...proof.matchAll(/`(test\/[\w./-]+)`((?:,? *“[^”]+”)*)/g)];
    expect(named.length, proof).toBeGreaterThan(0);
    for (const [, file, titles] of named) {
        expect(existsSync(join(ROOT, file!)), file).toBe(true);
        // Titles are compared without the quotes and escapes of their source.
        const source = read(file!).replace(/\\(?=['"`])/g, '');
        for (const [, title] of titles!.matchAll(/“([^”]+)”/g)) expect(source, `${file}: ${title}`).toContain(title);
    }
});

test('there are rows', () => expect(ROWS.length).toBeGreaterThan(50));

test.each([
    ['pictures', 'Several phrases are joined by commas, as one text.'],
    ['values', 'p % of n steps that are run is the point after round(p · n) of them'],
    [
        'values',
        'A window runs from one point to another, so that `0%..50%` and `50%..100%` share no step and lose none',
    ],
    ['pictures', 'shares are relative, and are brought to sum 1'],
    ['pictures', 'It covers all, and what is too much is cut off evenly (default).'],
    ['pictures', 'Grey from one half on counts as white.'],
    ['ingredients', 'Seed by seed: each picture takes the one that is made with its own seed.'],
    ['ingredients', 'a negative one pulls away'],
    ['defaults', '`scale at each` | weight 0: the layer is left out'],
    ['defaults', '`dpmpp-2m on karras`, which is what `sampler dpmpp-2m` means too'],
    ['defaults', 'each 0.1, so that the picture stays whole'],
    ['pictures', '1 is what other tools call "Clip skip 2"'],
    ['pictures', '0% is the noise that it starts from, 100% the last state'],
    ['pictures', '1 runs all of them, from noise over a faint trace of it'],
    ['pictures', 'Multiplies the weight once more at every step, from the second on'],
    ['pictures', 'diffusers reads every value below 1 as 1'],
    ['pictures', 'it takes all settings of another but `expect`'],
    ['pictures', "A draw before the picture's own noise, in the order of diffusers"],
    ['values', '`*` is all stages, without the skips'],
    ['values', "in `expect` and in the lock's outputs of a picture's pixels"],
] as const)('the reference says, on %s: %s', (page, sentence) => {
    expect(read(`docs/language/${page}.md`).replace(/\s+/g, ' ')).toContain(sentence);
});
