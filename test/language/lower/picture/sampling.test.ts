/** How pictures are sampled: steps, seeds, samplers, guidance, noise, and what is computed less often. */
import { expect, test } from 'vitest';
import { constant } from '../../../../src/plan/curve.ts';
import { plan } from '../../workbench.ts';
import { check, FILES } from './checked.ts';

test('steps', () => check('steps 7', 'steps', 7));
test('steps by param', () => check('steps strong', 'steps', 9));

test('clip skip', () => check('clip skip 2', 'clipSkip', 2));

test.each([
    ['seed 7', [7]],
    ['seed 1..4', [1, 2, 3, 4]],
    ['seed 7, 11..12, 3', [7, 11, 12, 3]],
    // Seeds that are given twice are made once.
    ['seed 1, 1, 1..2', [1, 2]],
] as const)('%s', (settings, seeds) => check(settings, 'seeds', seeds));

test.each([
    ['sampler euler', { name: 'euler', schedule: 'normal', eta: 0 }],
    ['sampler euler on karras', { name: 'euler', schedule: 'karras', eta: 0 }],
    ['sampler ddim eta 0.3 spacing trailing', { name: 'ddim', schedule: 'normal', eta: 0.3, spacing: 'trailing' }],
    ['sampler ddim spacing leading eta 1', { name: 'ddim', schedule: 'normal', eta: 1, spacing: 'leading' }],
] as const)('%s', (settings, sampler) => check(settings, 'sampler', sampler));

test.each([
    ['guidance 5', { scale: constant(5), rescale: 0 }],
    ['guidance 5 rescale 0.7', { scale: constant(5), rescale: 0.7 }],
    [
        'guidance 9 -> 5 cosine',
        {
            scale: {
                keys: [
                    { at: 0, value: 9 },
                    { at: 1, value: 5 },
                ],
                easing: 'cosine',
            },
            rescale: 0,
        },
    ],
    [
        'guidance 9 -> 7@20% -> 6 -> 5@80% -> 1',
        {
            scale: {
                keys: [
                    { at: 0, value: 9 },
                    { at: 0.2, value: 7 },
                    { at: 0.5, value: 6 },
                    { at: 0.8, value: 5 },
                    { at: 1, value: 1 },
                ],
                easing: 'linear',
            },
            rescale: 0,
        },
    ],
] as const)('%s', (settings, guidance) => check(settings, 'guidance', guidance));

test.each([
    ['noise philox', { kind: 'philox' }],
    [
        `noise "./n.safetensors" sha256:${'A'.repeat(64)}`,
        { kind: 'file', path: 'n.safetensors', sha256: 'a'.repeat(64) },
    ],
] as const)('%s', async (settings, noise) => {
    const files = { ...FILES, 'n.safetensors': 'x' };
    expect((await plan('picture', `generate a { ${settings} }`, { files })).noise).toEqual(noise);
});

test.each([
    ['cache deep every 3', { every: 3 }],
    ['cache deep every 2 at OUT09', { every: 2, at: 'OUT09' }],
    ['cache deep every 2 at up.3.attn.1 during 20%..100%', { every: 2, at: 'OUT10', window: { from: 0.2, to: 1 } }],
    ['cache deep every 5 during 0%..100%', { every: 5 }],
    ['cache deep every strong', { every: 9 }],
    ['cache deep every 1', undefined],
] as const)('%s', (clause, expected) => check(clause, 'deepCache', expected));

test('text that is kept, and precision', async () => {
    await check('cache text during 40%..100%', 'textCache', { window: { from: 0.4, to: 1 } });
    await check('cache text during step 5..9 cache deep every 3', 'textCache', {
        window: { firstStep: 5, lastStep: 9 },
    });
    await check('precision int8', 'precision', 'int8');
    await check('precision fp16', 'precision', 'fp16');
    await check('precision fp32', 'precision', 'fp32');
    await check('steps 5', 'precision', undefined);
});

test('the default sampler means the same whether it is written or not', async () => {
    const sampler = async (settings: string) =>
        (await plan('picture', `generate a { prompt "x" ${settings} }`)).sampler;
    expect(await sampler('sampler dpmpp-2m')).toEqual(await sampler(''));
    expect((await sampler('sampler dpmpp-2m on normal')).schedule).toBe('normal');
    expect((await sampler('sampler euler')).schedule).toBe('normal');
});
