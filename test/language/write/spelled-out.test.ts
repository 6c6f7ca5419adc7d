/** Specs spelled out: every runnable of every example becomes one file that runs to the same digest. */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
    createNodeLanguage,
    listRunnables,
    lowerRun,
    nodeFiles,
    parseSpec,
    problemsOf,
    spell,
} from '../../../src/language/index-node.ts';
import { formatted } from '../../../src/language/lsp/format/formatter.ts';
import { digest } from '../../../src/plan/digest.ts';

const folder = fileURLToPath(new URL('../../../examples/', import.meta.url));
const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^[^.].*\w\.sdspec$/.test(path) && !path.includes('/.'))
    .sort();

describe('every example runs to the same digest when it is spelled out', () => {
    test.each(specs)('%s', async (spec) => {
        const language = createNodeLanguage();
        const document = await parseSpec(folder + spec, language);
        for (const { name, node } of listRunnables(document)) {
            const { value } = lowerRun(document, name, { files: nodeFiles });
            const text = spell(node, { files: nodeFiles });
            const uri = pathToFileURL(`${dirname(folder + spec)}/spelled-out.sdspec`).toString();
            const again = await language.parseText(text!, uri);
            const errors = problemsOf(again).filter(({ severity }) => severity === 'error');
            expect(errors.map(({ message }) => `${name}: ${message}\n${text}`)).toEqual([]);
            const { value: same } = lowerRun(again, name, { files: nodeFiles });
            expect(digest(same!.work), `${name}\n${text}`).toBe(digest(value!.work));
            expect(formatted(again)).toContain(name);
        }
    });
});
