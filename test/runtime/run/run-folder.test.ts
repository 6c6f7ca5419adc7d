/** Run folders that are not as they were left, and links that lead to them. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { carry, done, failed, files, specFolder } from './carry.ts';
import { fakeWorkshop, PLAN, runOf } from './fake-workshop.ts';

describe('a run folder that is not as it was left', () => {
    it('has pictures made again that are damaged or replaced, and only those', async () => {
        const base = specFolder();
        const run = runOf({ ...PLAN, seeds: [1, 2, 3] });
        const first = done((await carry(base, run, fakeWorkshop())).outcome);
        const bytes = readFileSync(join(first.folder, '1.png'));
        const other = readFileSync(join(first.folder, '3.png'));
        writeFileSync(join(first.folder, '1.png'), bytes.subarray(0, bytes.length - 20));
        writeFileSync(join(first.folder, '2.png'), other);
        const workshop = fakeWorkshop();
        const again = done((await carry(base, run, workshop)).outcome);
        expect(again.upToDate).toBe(false);
        expect(workshop.generated.flatMap(({ seeds }) => seeds)).toEqual([1, 2]);
        expect(again.record.pictures.map(({ sha256 }) => sha256)).toEqual(
            first.record.pictures.map(({ sha256 }) => sha256),
        );
        expect(readFileSync(join(first.folder, '1.png'))).toEqual(bytes);
        // What was put there is the user's, and is kept.
        expect(readFileSync(join(first.folder, '2.replaced-1.png'))).toEqual(other);
        expect(again.record.notices).toContainEqual(expect.stringContaining('kept as 2.replaced-1.png'));
    });

    it.skipIf(process.platform === 'win32')('is refused where a link leads to it', async () => {
        const run = runOf(PLAN);
        for (const link of ['.sdspec', join('.sdspec', 'runs'), join('.sdspec', 'runs', 'turtle')]) {
            const [base, elsewhere] = [specFolder(), specFolder()];
            mkdirSync(join(base, link, '..'), { recursive: true });
            symlinkSync(elsewhere, join(base, link));
            const { failure } = failed((await carry(base, run, fakeWorkshop())).outcome);
            expect(failure.code).toBe('output/link');
            expect(failure.message).toContain(`${link} is a link`);
            expect(readdirSync(elsewhere)).toEqual([]);
        }
    });

    it.skipIf(process.platform === 'win32')('may be reached by a link that --out names', async () => {
        const [base, target] = [specFolder(), specFolder()];
        const out = join(base, 'out');
        symlinkSync(target, out);
        done((await carry(base, runOf(PLAN), fakeWorkshop(), { out })).outcome);
        expect(files(target)).toContain(join('turtle'));
    });
});
