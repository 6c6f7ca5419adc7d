/** Every example is read without a word from the checks, is formatted, and becomes the plans that are kept beside. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
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

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^[^.].*\w\.sdspec$/.test(path) && !path.includes('/.'))
    .sort();
const language = createNodeLanguage();

test('there are enough to learn from, and each begins with prose', () => {
    expect(specs.length).toBeGreaterThanOrEqual(12);
    for (const spec of specs) expect(readFileSync(folder + spec, 'utf8'), spec).toMatch(/^(sdspec \d+\s+)?\/[/*]/);
});

test.each(specs)('%s', async (spec) => {
    const document = await parseSpec(folder + spec, language);
    expect(problemsOf(document)).toEqual([]);
    expect(formatted(document)).toBe(readFileSync(folder + spec, 'utf8').replaceAll('\r\n', '\n'));
    const runs = listRunnables(document).map(({ name }) => {
        const { value, problems } = lowerRun(document, name, { files: nodeFiles });
        if (!value) throw new Error(JSON.stringify(problems, undefined, 2));
        return shown(value);
    });
    const kept = `./plans/${spec.replace(/\.sdspec$/, '').replaceAll('/', '-')}.snap`;
    await expect(`${JSON.stringify(runs, undefined, 2)}\n`).toMatchFileSnapshot(kept);
});

/** Pictures in full; sweeps by their axes, and their cells by digest. */
function shown({ name, work, expect: judged }: Run): unknown {
    if (work.kind !== 'sweep') return { name, digest: digest(work), work, expect: judged };
    const cells = work.cells.map(
        ({ labels, plan }) => `${Object.values(labels).join(' | ')}: ${digest(plan).slice(0, 12)}`,
    );
    return { name, digest: digest(work), work: { ...work, cells }, expect: judged };
}
