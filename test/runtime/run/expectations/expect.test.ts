import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Expectation } from '../../../../src/plan/run.ts';
import { judge, type Verdicts } from '../../../../src/runtime/run/expectations/expect.ts';
import type { LockEntry } from '../../../../src/runtime/run/lock/lock.ts';
import { environmentOf } from '../../../../src/runtime/run/machine.ts';
import type { RunRecord } from '../../../../src/runtime/run/record.ts';

const SHA = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const GOLDEN = { path: 'golden.png' };

const RECORD = {
    name: 'turtle',
    seconds: 12,
    versions: { platform: 'linux-x64', onnxruntime: '1.30.0' },
    device: { asked: 'auto', used: 'cpu', threads: 2, fallbacks: [], options: {} },
    pictures: [{ cell: 0, seed: 1, file: '1.png', sha256: SHA, phash: '00000000000000ff' }],
} as unknown as RunRecord;

function lockOf(environment: string): LockEntry {
    return { kind: 'output', name: 'turtle', plan: 'p', cell: 0, sha256: OTHER, phash: '0', environment };
}

async function verdict(expectation: Expectation, change: Partial<Verdicts> = {}): Promise<string> {
    const judged: Verdicts = {
        record: RECORD,
        folder: '/run',
        base: '/spec',
        lock: [],
        makeSource: async ({ plan }) => `/made/${plan.seeds[0]}.png`,
        ...change,
    };
    const [result] = await judge([expectation], judged, {
        readPicture: async (file) => ({ width: 1, height: 1, data: new Uint8Array([file.length, 0, 0]) }),
        ssim: () => 0.9,
        psnr: () => 30,
        phashDistance: () => 5,
    });
    return `${result!.verdict}: ${result!.message}`;
}

describe('expectations', () => {
    it.each<[Expectation, RegExp]>([
        [{ kind: 'sha256', sha256: SHA }, /^met/],
        [{ kind: 'sha256', sha256: OTHER }, /^missed: .*a{64}.*sdspec lock/],
        [{ kind: 'phash', phash: '00000000000000f0', within: 5 }, /^met: .*5 of 64 bits/],
        [{ kind: 'phash', phash: '00000000000000f0', within: 4 }, /^missed/],
        [{ kind: 'ssim', to: GOLDEN, atLeast: 0.9 }, /^met: SSIM to golden.png is 0.9000/],
        [{ kind: 'ssim', to: GOLDEN, atLeast: 0.95 }, /^missed/],
        [{ kind: 'psnr', to: GOLDEN, atLeast: 35 }, /^missed: PSNR/],
        [{ kind: 'time', atMostSeconds: 12 }, /^met/],
        [{ kind: 'time', atMostSeconds: 11 }, /^missed: The run took 12.0 s/],
    ])('%j', async (expectation, found) => {
        expect(await verdict(expectation)).toMatch(found);
    });

    it('a digest that was made in another environment is skipped, with the reason', async () => {
        const elsewhere = lockOf('darwin-arm64 M4 webgpu onnxruntime-1.30.0');
        const digest: Expectation = { kind: 'sha256', sha256: OTHER };
        expect(await verdict(digest, { lock: [elsewhere] })).toMatch(/^skipped: .*darwin-arm64/i);
        expect(await verdict(digest, { lock: [elsewhere, lockOf(environmentOf(RECORD))] })).toMatch(/^missed/);
    });

    it('pictures to look at side by side are named', async () => {
        const expectation: Expectation = { kind: 'ssim', to: GOLDEN, atLeast: 0.95 };
        const size = { width: 1, height: 1, data: new Uint8Array(3) };
        const comparison = { readPicture: async () => size, ssim: () => 0, psnr: () => 0, phashDistance: () => 0 };
        const judged: Verdicts = {
            record: RECORD,
            folder: '/run',
            base: '/spec',
            lock: [],
            makeSource: async () => '',
        };
        const [result] = await judge([expectation], judged, comparison);
        expect(result!.actual).toBe(join('/run', '1.png'));
        expect(result!.expected).toMatch(/spec.golden\.png$/);
    });

    it('a picture that is not there misses everything', async () => {
        expect(await verdict({ kind: 'time', atMostSeconds: 99 }, { record: { ...RECORD, pictures: [] } })).toMatch(
            /^missed/,
        );
    });
});
