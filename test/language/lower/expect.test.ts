/** Measures and expectations of sweeps: names, references with all of their seeds, and a digest that they leave alone. */
import { expect, test } from 'vitest';
import { digest } from '../../../src/plan/digest.ts';
import { run } from '../workbench.ts';

const FILES = { 'a.png': [128, 128] } as const;
const HEAD = `image pic = "a.png"
generate plain { prompt "a turtle" seed 1..3 }
generate a extends plain { infuse pic weight 0.1 }
`;
const of = (items: string) => run(`${HEAD}sweep s over a { infuse pic weight in [0, 1] ${items} }`, { files: FILES });

test('a sweep measures what its clauses name, and what it expects of measures', async () => {
    const { measure, expect: expected } = await of(
        'measure ssim to plain, phash to pic measure moved from plain measure towards pic from plain measure subject "turtle" mean over seed expect each { psnr to plain >= 10 image ssim to pic >= 0.2 subject "turtle" <= 0.9 }',
    );
    expect(measure!.measures.map(({ name }) => name)).toEqual([
        'ssim to plain',
        'phash to pic',
        'moved from plain',
        'towards pic from plain',
        'subject turtle',
        'psnr to plain',
    ]);
    expect(measure!.mean).toBe('seed');
    expect(measure!.measures[0]).toMatchObject({ to: { kind: 'made', name: 'plain', plan: { seeds: [1, 2, 3] } } });
    expect(measure!.measures[1]).toMatchObject({ to: { kind: 'file', path: 'a.png' } });
    expect(expected).toEqual([
        { kind: 'measure', measure: 'psnr to plain', atLeast: 10, each: true },
        { kind: 'ssim', to: { path: 'a.png' }, atLeast: 0.2, each: true },
        { kind: 'measure', measure: 'subject turtle', atMost: 0.9, each: true },
    ]);
});

test('measures change no digest: what is measured later makes no picture again', async () => {
    expect(digest((await of('measure ssim to plain')).work)).toBe(digest((await of('')).work));
    expect((await of('')).measure).toBeUndefined();
});

test('a mean is over an axis by its first word', async () => {
    expect((await of('measure ssim to plain mean over infuse')).measure!.mean).toBe('infuse pic weight');
});
