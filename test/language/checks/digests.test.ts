/** Digests on command: pinned files are the ones on the disk. */
import { expect, test } from 'vitest';
import { checkDigests } from '../../../src/language/index.ts';
import { fixed, parse, slice } from '../workbench.ts';

const DISK: Readonly<Record<string, string>> = { 'memory:/a.png': 'a'.repeat(64), 'memory:/b.png': 'b'.repeat(64) };

test('a pinned file that is another one is reported, and can be pinned again', async () => {
    const text = `image x = "a.png" sha256:${'A'.repeat(64)}\nimage y = "./b.png" sha256:${'0'.repeat(64)}\nimage z = "c.png" sha256:${'0'.repeat(64)}\nmodel m = "builtin:sketch"\nimage w = "b.png"`;
    const document = await parse(text);
    const [problem, ...more] = await checkDigests(document.parseResult.value, async (uri) => DISK[uri]);
    expect(more).toEqual([]);
    expect(problem?.code).toBe('digest/mismatch');
    expect(slice(text, problem!.where)).toBe(`sha256:${'0'.repeat(64)}`);
    expect(fixed(text, problem!.fix!)).toContain(`image y = "./b.png" sha256:${'b'.repeat(64)}`);
});
