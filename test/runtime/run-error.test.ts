/** What is thrown, as a failure with a sentence. */
import { expect, it } from 'vitest';
import { failureOf } from '../../src/runtime/run-error.ts';

it.each([
    ['ENOSPC', 'output/full', 'No space is left'],
    ['EMFILE', 'runtime/handles', 'Too many files are open'],
    ['EACCES', 'output/unwritable', "can't be written or read (EACCES). Change its permissions"],
])('%s of the file system is %s', (code, kind, says) => {
    const thrown = Object.assign(new Error(code), { code, path: '/a/b.png' });
    expect(failureOf(thrown)).toEqual({ code: kind, message: expect.stringContaining(says) });
    expect(failureOf(thrown).message).toContain('/a/b.png');
});
