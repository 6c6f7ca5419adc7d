import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LockEntry, mergeLock, readLock, updateLock, writeLock } from '../../../../src/runtime/run/lock/lock.ts';
import { specFolder } from '../carry.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const HERE = 'linux-x64 Some-CPU cpu onnxruntime-1.30.0 unet=all/prepacked';
const MODEL: LockEntry = { kind: 'model', name: './my weights', file: 'unet/a b%.safetensors', sha256: A };
const INPUT: LockEntry = { kind: 'input', path: 'assets/my portrait.png', sha256: B };

function output(plan: string, cell: number, environment = HERE, sha256 = A): LockEntry {
    return { kind: 'output', name: 'turtle', plan, cell, sha256, phash: '00ff00ff00ff00ff', environment };
}

const LEARNT: LockEntry = {
    kind: 'learnt',
    spec: 'my a.sdspec',
    name: 'pip',
    plan: 'c3',
    sha256: A,
    environment: HERE,
};

describe('sdspec.lock', () => {
    it('keeps what was written, sorted', async () => {
        const base = specFolder();
        await writeLock(base, [output('a1', 1), MODEL, output('a1', 0), LEARNT, INPUT]);
        expect(readLock(base)).toEqual([INPUT, LEARNT, MODEL, output('a1', 0), output('a1', 1)]);
    });

    it('that is not there is empty, and lines that can not be read are left out', async () => {
        const base = specFolder();
        expect(readLock(base)).toEqual([]);
        writeFileSync(join(base, 'sdspec.lock'), `# head\r\n<<<<<<< ours\r\ninput a.png sha256:${A}\r\noutput x\r\n`);
        expect(readLock(base)).toEqual([{ kind: 'input', path: 'a.png', sha256: A }]);
    });

    it('replaces what it said of the same things, keeps other environments, and forgets outputs of older plans', () => {
        const elsewhere = output('a1', 0, 'darwin-arm64 M4 webgpu onnxruntime-1.30.0');
        const before = [MODEL, INPUT, output('a1', 0), elsewhere];
        expect(mergeLock(before, [output('a1', 0, HERE, B)])).toEqual([
            MODEL,
            INPUT,
            elsewhere,
            output('a1', 0, HERE, B),
        ]);
        expect(mergeLock(before, [output('a2', 0)])).toEqual([MODEL, INPUT, output('a2', 0)]);
        const again = { ...LEARNT, plan: 'd4', sha256: B };
        expect(mergeLock([MODEL, LEARNT], [again])).toEqual([MODEL, again]);
        expect(mergeLock([LEARNT], [{ ...again, spec: 'b.sdspec' }])).toEqual([LEARNT, { ...again, spec: 'b.sdspec' }]);
    });

    it('keeps the lines of two specs whose runnables have one name', async () => {
        const base = specFolder();
        const [first, second] = [
            { ...output('a1', 0), spec: 'a.sdspec' },
            { ...output('b2', 0), spec: 'my b.sdspec' },
        ];
        await updateLock(base, (lock) => mergeLock(lock, [first]));
        await updateLock(base, (lock) => mergeLock(lock, [second]));
        expect(readLock(base)).toEqual([first, second]);
        // A line of an earlier version names no spec.
        expect(mergeLock([output('a1', 0), output('c3', 0)], [first])).toEqual([output('c3', 0), first]);
    });

    it('loses no line when several change it at once', async () => {
        const base = specFolder();
        const entries = Array.from({ length: 12 }, (_, k) => ({ ...output('a1', k), spec: `${k}.sdspec` }));
        await Promise.all(entries.map((entry) => updateLock(base, (lock) => mergeLock(lock, [entry]))));
        expect(readLock(base)).toHaveLength(12);
        expect(existsSync(join(base, 'sdspec.lock.writing'))).toBe(false);
    });

    it.skipIf(process.platform === 'win32')(
        'keeps a link to a lock, and writes to nothing else that a link leads to',
        async () => {
            const [base, other] = [specFolder(), specFolder()];
            await writeLock(other, [MODEL]);
            symlinkSync(join(other, 'sdspec.lock'), join(base, 'sdspec.lock'));
            await writeLock(base, [INPUT]);
            expect(lstatSync(join(base, 'sdspec.lock')).isSymbolicLink()).toBe(true);
            expect(readLock(other)).toEqual([INPUT]);
            writeFileSync(join(other, 'sdspec.lock'), 'the notes of the user');
            await expect(writeLock(base, [INPUT])).rejects.toThrow('is a link, and what it leads to is no lock');
            expect(readFileSync(join(other, 'sdspec.lock'), 'utf8')).toBe('the notes of the user');
        },
    );

    it('takes over the claim of a process that is gone', async () => {
        const base = specFolder();
        writeFileSync(join(base, 'sdspec.lock.writing'), '999999999');
        expect(await updateLock(base, () => [INPUT])).toEqual([INPUT]);
    });
});
