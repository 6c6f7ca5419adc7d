/** Patterns of files: what fits, through links, and never round in circles. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesLike } from '../../../src/language/host/glob-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'sdspec-glob-'));
mkdirSync(join(folder, 'photos', 'old'), { recursive: true });
for (const name of ['a.png', 'b.png', 'c.jpg', '.hidden.png', 'old/d.png'])
    writeFileSync(join(folder, 'photos', name), '');
mkdirSync(join(folder, 'here'));

test.each([
    ['./photos/*.png', ['photos/a.png', 'photos/b.png']],
    ['photos/?.*', ['photos/a.png', 'photos/b.png', 'photos/c.jpg']],
    ['photos/.*.png', ['photos/.hidden.png']],
    ['**/*.png', ['photos/a.png', 'photos/b.png', 'photos/old/d.png']],
    ['nowhere/*.png', []],
    ['photos/old/../*.jpg', ['photos/old/../c.jpg']],
])('%s', (pattern, expected) => expect(filesLike(folder, pattern)).toEqual(expected));

test('links to files and folders are followed, but not by **', (context) => {
    context.skip(process.platform === 'win32', 'Windows makes links for administrators only');
    const here = join(folder, 'here');
    symlinkSync('../photos', join(here, 'linked'));
    symlinkSync('../photos/a.png', join(here, 'one.png'));
    symlinkSync('nowhere.png', join(here, 'broken.png'));
    symlinkSync('round.png', join(here, 'round.png'));
    symlinkSync('.', join(here, 'again'));
    expect(filesLike(here, '*.png')).toEqual(['one.png']);
    expect(filesLike(here, 'linked/*.png')).toEqual(['linked/a.png', 'linked/b.png']);
    expect(filesLike(here, '**/*.png')).toEqual(['one.png']);
});
