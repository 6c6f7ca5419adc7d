/** Paths of specs lead to files of this machine, whatever they look like. */
import { URI } from 'langium';
import { expect, it } from 'vitest';
import { folderOfSpec, isShare, setOpenFolders, uriOf } from '../../../src/language/linking/paths.ts';
import { specFolder } from '../../../src/language/linking/spec-folder.ts';

const FROM = URI.parse('file:///home/me');

it.each([
    ['./a.png', 'file:///home/me/a.png'],
    ['/a.png', 'file:///a.png'],
    ['//host/share/a.png', 'file:///host/share/a.png'],
    ['\\\\host\\share\\a.png', 'file:///host/share/a.png'],
    ['////a', 'file:///a'],
    ['file://host/share/a.png', 'file:///share/a.png'],
    ['file:///a.png', 'file:///a.png'],
    ['file:////host/share/a.png', 'file:///host/share/a.png'],
    ['FILE:\\\\host\\share\\a.png', 'file:///share/a.png'],
    ['file:///%2fhost/a.png', 'file:///host/a.png'],
    ['vscode://a', 'vscode://a/'],
    ['https://example.org/a.png', 'https://example.org/a.png'],
])('%s is %s', (path, uri) => {
    expect(uriOf(path, FROM).toString()).toBe(uri);
});

it('shares are known', () => {
    const shares = ['//h/a', '\\\\h\\a', 'file://h/a', 'FILE://h/a', 'file:////h/a', 'file:\\\\h\\a', 'file:///%2fh/a'];
    expect(shares.filter((path) => !isShare(path))).toEqual([]);
    expect(['/a', './/a', 'file:///a', 'a//b', 'C:/a'].map(isShare)).toEqual([false, false, false, false, false]);
});

it.each([
    ['file:///home/me/a.sdspec', '/home/me'],
    ['untitled:Untitled-1', '/work/first'],
    ['untitled:/home/me/new.sdspec', '/home/me'],
])('the paths of %s start in %s, in checks as in runs', (spec, folder) => {
    const open = ['/work/first', '/work/second'];
    const uri = URI.parse(spec);
    expect(specFolder(uri, () => uri.path.replace(/\/[^/]*$/, ''), open)).toBe(folder);
    setOpenFolders(open.map(URI.file));
    expect(folderOfSpec(uri).toString()).toBe(`file://${folder}`);
    setOpenFolders([]);
});
