/** What differs between two records, as sentences; where latents part. */
import { describe, expect, it } from 'vitest';
import { causesOf } from '../../../../src/runtime/run/compare/causes.ts';
import { firstDifference, latentsIn } from '../../../../src/runtime/run/compare/first-difference.ts';
import { verdictOf } from '../../../../src/runtime/run/compare/verdict.ts';
import type { RunRecord } from '../../../../src/runtime/run/record.ts';

const A: RunRecord = {
    format: 1,
    name: 'turtle',
    digest: 'a'.repeat(64),
    kind: 'picture',
    state: 'complete',
    process: 1,
    host: 'desk',
    cpu: 'AMD EPYC',
    started: '2026-01-01T00:00:00.000Z',
    seconds: 1,
    versions: { sdspec: '0.1.0', onnxruntime: '1.30.0', node: '20.19.0', platform: 'linux-x64' },
    device: { asked: 'auto', used: 'cpu', threads: 2, fallbacks: [], options: { unet: 'all/prepacked' } },
    models: [{ name: 'builtin:sketch', files: [{ path: 'unet.safetensors', sha256: '1'.repeat(64) }] }],
    inputs: [{ path: 'pip.png', sha256: '2'.repeat(64) }],
    notices: [],
    timings: {},
    cells: 1,
    pictures: [],
};

describe('causes', () => {
    it('of a record and itself are none, whatever its name, time and process', () => {
        expect(causesOf(A, { ...A, name: 'other', process: 2, started: '', seconds: 9 })).toEqual([]);
    });

    it.each<[string, Partial<RunRecord>, string]>([
        [
            'onnxruntime',
            { versions: { ...A.versions, onnxruntime: '1.29.0' } },
            'onnxruntime 1.30.0 here, 1.29.0 there.',
        ],
        ['device', { device: { ...A.device, used: 'webgpu' } }, 'It ran on cpu here, webgpu there.'],
        ['threads', { device: { ...A.device, threads: 8 } }, 'Threads: 2 here, 8 there.'],
        [
            'an option',
            { device: { ...A.device, options: { unet: 'extended/mapped' } } },
            'The session option unet is all/prepacked here, extended/mapped there.',
        ],
        [
            'the bits of values',
            { device: { ...A.device, options: { unet: 'all/device/fp16' } } },
            'The unet was computed in 32 bits here (all/prepacked), in 16 there (all/device/fp16).',
        ],
        ['processor', { cpu: 'Xeon' }, 'The processor is AMD EPYC here, Xeon there.'],
        [
            'a device that is not exact',
            { device: { ...A.device, inexact: 'The last bits of webgpu depend on the GPU and its driver.' } },
            'The last bits of webgpu depend on the GPU and its driver.',
        ],
        ['host', { host: 'gpu07' }, 'The machine is desk here, gpu07 there.'],
        [
            'an input',
            { inputs: [{ path: 'pip.png', sha256: '3'.repeat(64) }] },
            'The input pip.png is another one: sha256:222222222222… here, 333333333333… there.',
        ],
        [
            'a model',
            { models: [{ name: 'builtin:sketch', files: [{ path: 'unet.safetensors', sha256: '4'.repeat(64) }] }] },
            'The file builtin:sketch unet.safetensors is another one: sha256:111111111111… here, 444444444444… there.',
        ],
        [
            'the plan',
            { digest: 'b'.repeat(64) },
            'The plans differ (aaaaaaaaaaaaaaaa here, bbbbbbbbbbbbbbbb there): `sdspec explain` with a picture of each lists the settings.',
        ],
    ])('%s', (_, change, sentence) => {
        expect(causesOf(A, { ...A, ...change })).toEqual([sentence]);
    });

    it('that no record knows are not invented', () => {
        const { host: _, cpu: __, ...early } = A;
        expect(causesOf(A, early)).toEqual([]);
    });
});

describe('the first difference', () => {
    const latents = latentsIn('s0== a1== b2== c3==');

    it.each<[string, readonly string[], string | undefined]>([
        ['none', latents, 'their latents are the same after every step, so the decoding differs'],
        [
            'the start',
            ['x', ...latents.slice(1)],
            'their latents differ before the first step: another start, or other noise',
        ],
        ['a step', ['s0==', 'a1==', 'zz', 'zz'], 'their latents differ first after step 2 of 3'],
        ['digests cut off', ['s0', 'a1', 'bx', 'c3'], 'their latents differ first after step 2 of 3'],
        ['fewer steps', ['s0==', 'a1=='], 'they took 3 and 1 steps'],
        ['no digests', [], undefined],
    ])('%s', (_, other, sentence) => {
        expect(firstDifference(latents, other)).toBe(sentence);
    });
});

it('a verdict is by pixels where there are some, else by perceptual hashes', () => {
    expect(verdictOf(0, { psnr: 71, levels: 1 })).toBe('within tolerance');
    expect(verdictOf(3, { psnr: 30, levels: 90 })).toBe('looks the same');
    expect(verdictOf(11, { psnr: 12, levels: 200 })).toBe('different');
    expect(verdictOf(10)).toBe('looks the same');
});
