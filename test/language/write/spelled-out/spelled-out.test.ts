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
} from '../../../../src/language/index-node.ts';
import { formatted } from '../../../../src/language/lsp/format/formatter.ts';
import { digest } from '../../../../src/plan/digest.ts';
import { EXAMPLE_SPECS, EXAMPLES } from '../../../examples/specs.ts';

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

test('the digest of each picture of a set is in a comment', async () => {
    const language = createNodeLanguage();
    const uri = pathToFileURL(`${EXAMPLES}idea.sdspec`).toString();
    const text = 'image all = "./assets/elephants/*.png"\ngenerate a { prompt "x" infuse all { up.1 0.2 } }';
    const document = await language.parseText(text, uri);
    const [{ node }] = listRunnables(document) as [ReturnType<typeof listRunnables>[number]];
    const spelled = spell(node, { files: nodeFiles }, (path) => `of ${path}`)!;
    const comments = [...spelled.matchAll(/^\/\/ (.*elephants\/.*\.png) sha256:of (.*)$/gm)];
    expect(comments.length).toBeGreaterThan(1);
    for (const [, path, digested] of comments) expect(digested).toBe(path);
    const again = await language.parseText(spelled, uri.replace('idea', 'again'));
    expect(problemsOf(again).filter(({ severity }) => severity === 'error')).toEqual([]);
});
