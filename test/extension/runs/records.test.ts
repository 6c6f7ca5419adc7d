/** Stored runs are read once, and again when something of them changed. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runIn, runsIn } from '../../../src/extension/runs/records.ts';
import { keptOf } from '../../collected.ts';

const made = { seed: 1, width: 8, height: 8, sha256: '0'.repeat(64), phash: '0'.repeat(16), seconds: 1 };

test('a complete run is read once, and again where its record or its files changed', () => {
    const runs = mkdtempSync(join(tmpdir(), 'sdspec-records-'));
    onTestFinished(() => rmSync(runs, { recursive: true, force: true }));
    const folder = join(runs, 'a', '0123456789abcdef');
    const write = (seconds: number) => {
        const pictures = [{ ...made, cell: 0, file: '1.png', seconds }];
        const record = { format: 1, name: 'a', digest: 'd', state: 'complete', process: 1, cells: 1, pictures };
        writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
    };
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '1.png'), '');
    write(1);
    const first = runIn(folder);
    expect(first?.state).toBe('complete');
    expect(runsIn(runs)[0]).toBe(first);
    write(20);
    const second = runIn(folder);
    expect(second?.record.pictures[0]?.seconds).toBe(20);
    rmSync(join(folder, '1.png'));
    // Whatever resolution the file system's times have.
    utimesSync(folder, new Date(), new Date(Date.now() + 5000));
    expect(runIn(folder)?.state).toBe('interrupted');
    rmSync(folder, { recursive: true });
    expect(runIn(folder)).toBeUndefined();
});

test('a run that was deleted is forgotten', async () => {
    const runs = mkdtempSync(join(tmpdir(), 'sdspec-records-'));
    onTestFinished(() => rmSync(runs, { recursive: true, force: true }));
    for (const name of ['0000000000000000', '1111111111111111']) {
        mkdirSync(join(runs, 'a', name), { recursive: true });
        const record = { format: 1, name: 'a', digest: name, state: 'complete', process: 1, cells: 0, pictures: [] };
        writeFileSync(join(runs, 'a', name, 'record.json'), JSON.stringify(record));
    }
    const listed = runsIn(runs).map((run) => new WeakRef(run));
    expect(listed).toHaveLength(2);
    expect(await keptOf(listed)).toBe(2);
    rmSync(join(runs, 'a', '0000000000000000'), { recursive: true });
    expect(runsIn(runs)).toHaveLength(1);
    expect(await keptOf(listed)).toBe(1);
});
