/** Specs spelled out: every runnable of every example becomes one file that runs to the same digest. */
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
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
import { EXAMPLE_SPECS, EXAMPLES } from '../../examples/specs.ts';

describe('every example runs to the same digest when it is spelled out', () => {
    test.each(EXAMPLE_SPECS)('%s', async (spec) => {
        const language = createNodeLanguage();
        const document = await parseSpec(EXAMPLES + spec, language);
        for (const { name, node } of listRunnables(document)) {
            const { value } = lowerRun(document, name, { files: nodeFiles });
            const text = spell(node, { files: nodeFiles });
            const uri = pathToFileURL(`${dirname(EXAMPLES + spec)}/spelled-out.sdspec`).toString();
            const again = await language.parseText(text!, uri);
            const errors = problemsOf(again).filter(({ severity }) => severity === 'error');
            expect(errors.map(({ message }) => `${name}: ${message}\n${text}`)).toEqual([]);
            const { value: same } = lowerRun(again, name, { files: nodeFiles });
            expect(digest(same!.work), `${name}\n${text}`).toBe(digest(value!.work));
            expect(formatted(again)).toContain(name);
        }
    });
});
