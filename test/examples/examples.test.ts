/** Every example is read without a word from the checks, is formatted, and becomes the plans that are kept beside. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
    createNodeLanguage,
    listRunnables,
    lowerRun,
    nodeFiles,
    parseSpec,
    problemsOf,
} from '../../src/language/index-node.ts';
import { formatted } from '../../src/language/lsp/format/formatter.ts';
import { digest } from '../../src/plan/digest.ts';
import type { Run } from '../../src/plan/run.ts';
import { EXAMPLE_SPECS, EXAMPLES } from './specs.ts';

const language = createNodeLanguage();

test('there are enough to learn from, and each begins with prose', () => {
    expect(EXAMPLE_SPECS.length).toBeGreaterThanOrEqual(12);
    for (const spec of EXAMPLE_SPECS)
        expect(readFileSync(EXAMPLES + spec, 'utf8'), spec).toMatch(/^(sdspec \d+\s+)?\/[/*]/);
});

test.each(EXAMPLE_SPECS)('%s', async (spec) => {
    const document = await parseSpec(EXAMPLES + spec, language);
    expect(problemsOf(document)).toEqual([]);
    expect(formatted(document)).toBe(readFileSync(EXAMPLES + spec, 'utf8').replaceAll('\r\n', '\n'));
    const runs = listRunnables(document).map(({ name }) => {
        const { value, problems } = lowerRun(document, name, { files: nodeFiles });
        if (!value) throw new Error(JSON.stringify(problems, undefined, 2));
        return shown(value);
    });
    const kept = `./plans/${spec.replace(/\.sdspec$/, '').replaceAll('/', '-')}.snap`;
    await expect(`${JSON.stringify(runs, byDigest, 2)}\n`).toMatchFileSnapshot(kept);
});

test('the specs of training/ are read without a word, formatted, and become plans', async () => {
    const training = `${EXAMPLES}../training/`;
    const specs = readdirSync(training).filter((name) => /\w\.sdspec$/.test(name));
    expect(specs).not.toEqual([]);
    // They learn from pictures that `world.py` draws first.
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-training-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const set of ['robots', 'others', 'pips']) {
        mkdirSync(join(folder, 'data', set), { recursive: true });
        for (const picture of ['01', '02', '03', '04', '05', '06']) {
            copyFileSync(`${EXAMPLES}assets/robots/${picture}.png`, join(folder, 'data', set, `${picture}.png`));
            writeFileSync(
                join(folder, 'data', set, `${picture}.txt`),
                `photo of ${set === 'pips' ? '<pip>' : 'a robot'}\n`,
            );
        }
    }
    for (const spec of specs) {
        copyFileSync(training + spec, join(folder, spec));
        const document = await parseSpec(join(folder, spec), language);
        expect(problemsOf(document), spec).toEqual([]);
        expect(formatted(document)).toBe(readFileSync(training + spec, 'utf8').replaceAll('\r\n', '\n'));
        for (const { name } of listRunnables(document))
            expect(lowerRun(document, name, { files: nodeFiles }).problems, name).toEqual([]);
    }
});

/** Of long lists within a run, such as the pictures that are learnt from, the first in full and the others by digest. */
function byDigest(key: string, value: unknown): unknown {
    if (key === '' || !Array.isArray(value) || value.length <= 8 || typeof value[0] !== 'object') return value;
    return [value[0], ...value.slice(1).map((one) => digest(one).slice(0, 12))];
}

/** Pictures in full; sweeps by their axes, and their cells by digest. */
function shown({ name, work, expect: judged }: Run): unknown {
    if (work.kind !== 'sweep') return { name, digest: digest(work), work, expect: judged };
    const cells = work.cells.map(
        ({ labels, plan }) => `${Object.values(labels).join(' | ')}: ${digest(plan).slice(0, 12)}`,
    );
    return { name, digest: digest(work), work: { ...work, cells }, expect: judged };
}
