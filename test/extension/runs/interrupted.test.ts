/** Runs that a closed window cut off are reported once, however long they took. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { leftBehind, nameOf } from '../../../src/extension/runs/interrupted.ts';
import { runIn, type StoredRun } from '../../../src/extension/runs/records.ts';

const HOUR = 3_600_000;
const GONE = 2 ** 30;

interface Case {
    readonly state?: string;
    readonly process?: number;
    /** Hours ago. */
    readonly started?: number;
    readonly written?: number;
}

function run({ state = 'running', process = GONE, started = 0, written = 0 }: Case): StoredRun {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-cut-off-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(folder, { recursive: true });
    const began = new Date(Date.now() - started * HOUR).toISOString();
    const record = { format: 1, name: 'a', digest: 'd', state, process, started: began, cells: 9, pictures: [] };
    writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
    const then = new Date(Date.now() - written * HOUR);
    utimesSync(join(folder, 'record.json'), then, then);
    return runIn(folder)!;
}

function tell(one: StoredRun, told: readonly string[] = []): string {
    const { ended, going } = leftBehind([one], told);
    return ended.includes(one) ? 'ended' : going.includes(one) ? 'going' : 'nothing';
}

describe('a run whose record was not closed', () => {
    it.each<[string, Case, string]>([
        ['is reported', {}, 'ended'],
        ['that took long is reported', { started: 30, written: 0.1 }, 'ended'],
        ['that was cut off last evening is reported', { started: 16, written: 15 }, 'ended'],
        ['that is there for weeks is not', { started: 500, written: 499 }, 'nothing'],
        ['whose process ends its step is watched', { process: process.pid }, 'going'],
        ['that was stopped is nothing to report', { state: 'cancelled' }, 'nothing'],
        ['that failed is nothing to report', { state: 'failed' }, 'nothing'],
    ])('%s', (_, one, expected) => {
        expect(tell(run(one))).toBe(expected);
    });

    it('is reported once, and again when it is cut off again', () => {
        const [first, again] = [run({ started: 2 }), run({ started: 1 })];
        expect(tell(first, [nameOf(first)])).toBe('nothing');
        expect(tell(again, [nameOf(first)])).toBe('ended');
    });
});
