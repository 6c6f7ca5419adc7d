/** A claim is held by one process at a time, and by none that is gone. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { withClaim } from '../../src/runtime/claim.ts';

const TSX = pathToFileURL(join(process.cwd(), 'node_modules/tsx/dist/loader.mjs')).href;
const CHILD = join(import.meta.dirname, 'claiming-child.ts');

/** No process has this number. */
const GONE = '999999999';

const options = { waitMs: 0, busy: (owner: number) => new Error(`busy ${owner}`) };

function folder(): string {
    const made = mkdtempSync(join(tmpdir(), 'sdspec-claim-'));
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    return made;
}

it('several processes lose nothing, also where a claim was left behind', async () => {
    const base = folder();
    writeFileSync(join(base, 'number'), '0');
    writeFileSync(join(base, 'claim'), GONE);
    const children = Array.from({ length: 5 }, () =>
        spawn(process.execPath, ['--import', TSX, CHILD, base, '20'], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0, 0, 0]);
    expect(readFileSync(join(base, 'number'), 'utf8')).toBe('100');
    expect(readdirSync(base)).toEqual(['number']);
});

it('is refused while this process holds it, and free afterwards, also after an error', async () => {
    const file = join(folder(), 'claim');
    await withClaim(file, options, async () => {
        await expect(withClaim(file, options, () => 1)).rejects.toThrow(`busy ${process.pid}`);
    });
    await expect(
        withClaim(file, options, () => {
            throw new Error('work failed');
        }),
    ).rejects.toThrow('work failed');
    expect(existsSync(file)).toBe(false);
});

it('of an earlier process with the same number counts for nothing', async () => {
    const file = join(folder(), 'claim');
    writeFileSync(file, String(process.pid));
    expect(await withClaim(file, options, () => 'done')).toBe('done');
});

it.for(['nothing', 'a file', 'a pipe without end'])(
    'that is a link to %s is removed, and what it leads to is left alone',
    async (kind, { skip }) => {
        skip(process.platform === 'win32', 'links need a right of their own on Windows');
        const [file, target] = [join(folder(), 'claim'), join(folder(), 'target')];
        if (kind === 'a file') writeFileSync(target, String(process.ppid));
        if (kind === 'a pipe without end') execFileSync('mkfifo', [target]);
        symlinkSync(target, file);
        expect(await withClaim(file, options, () => 'done')).toBe('done');
        expect([existsSync(file), existsSync(target)]).toEqual([false, kind !== 'nothing']);
    },
);
