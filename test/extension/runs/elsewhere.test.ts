/** Runs of other machines: what the editor notices where the file system reports nothing. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pollElsewhere } from '../../../src/extension/runs/elsewhere.ts';

const folder = mkdtempSync(join(tmpdir(), 'sdspec-elsewhere-'));

function record(pictures: number, state: string): void {
    mkdirSync(folder, { recursive: true });
    const made = Array.from({ length: pictures }, (_, cell) => {
        const file = `${cell}.png`;
        writeFileSync(join(folder, file), '');
        return {
            cell,
            seed: cell,
            file,
            width: 8,
            height: 8,
            sha256: 'a'.repeat(64),
            phash: '0'.repeat(16),
            seconds: 1,
        };
    });
    const head = { format: 1, name: 'turtle', digest: '1', process: 2 ** 30, host: 'another-machine', cells: 3 };
    writeFileSync(join(folder, 'record.json'), JSON.stringify({ ...head, state, pictures: made }));
}

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
});

it('a picture more and another state are noticed, and nothing else', () => {
    const changed = vi.fn();
    const polling = pollElsewhere(() => [folder, folder], changed);
    const calls = () => {
        vi.advanceTimersByTime(5000);
        return changed.mock.calls.length;
    };
    record(1, 'running');
    expect(calls()).toBe(0);
    expect(calls()).toBe(0);
    record(2, 'running');
    expect(calls()).toBe(1);
    record(3, 'complete');
    expect(calls()).toBe(2);
    expect(calls()).toBe(2);
    polling.dispose();
    record(1, 'failed');
    expect(calls()).toBe(2);
});
