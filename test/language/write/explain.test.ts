/** What differs between two pictures: settings, ingredients by their contents, and what the language can't say. */
import { expect, it } from 'vitest';
import { explainDifference } from '../../../src/language/write/explain.ts';
import { constant } from '../../../src/plan/curve.ts';
import type { Origin } from '../../../src/plan/origin.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { readParameters } from '../../../src/runtime/pictures/metadata/automatic1111.ts';
import { PLAN } from '../../runtime/run/fake-workshop.ts';
import { languageWith } from '../workbench.ts';

const language = languageWith();
const made = (plan: PicturePlan): Origin => ({ tool: 'sdspec', texts: {}, sdspec: { plan } });
const infused = (path: string, weight: number): PicturePlan => ({
    ...PLAN,
    infusions: [
        {
            pictures: [{ picture: { kind: 'file', path }, weight: 1 }],
            sites: [{ site: 'mid', weight: constant(weight) }],
            weight: constant(1),
            decay: 1,
            window: { from: 0, to: 1 },
            latent: 'clean',
            text: { kind: 'prompt' },
            rows: 'both',
            normalise: 'none',
        },
    ],
});

it('of one picture there is no difference', async () => {
    expect(await explainDifference(language, made(PLAN), made(PLAN))).toEqual([]);
});

it('settings that differ are named with both texts, and no others', async () => {
    const other = { ...PLAN, seeds: [8], guidance: { scale: constant(9), rescale: 0 } };
    expect(await explainDifference(language, made(PLAN), made(other))).toEqual([
        { setting: 'guidance', a: '7.5', b: '9' },
        { setting: 'seed', a: '7', b: '8' },
    ]);
});

it('what only one of them has is said to be missing in the other', async () => {
    const other = { ...PLAN, negative: { phrases: [{ text: 'blurry', weight: 1 }] } };
    expect(await explainDifference(language, made(PLAN), made(other))).toEqual([
        { setting: 'negative', b: '"blurry"' },
    ]);
});

it('an ingredient is compared by what it is, not by its name', async () => {
    const model = (path: string): PicturePlan => ({ ...PLAN, model: { kind: 'file', path } });
    expect(await explainDifference(language, made(model('a/m.safetensors')), made(model('b/m.safetensors')))).toEqual([
        { setting: 'use', a: '"./a/m.safetensors"', b: '"./b/m.safetensors"' },
    ]);
    const [difference, ...more] = await explainDifference(
        language,
        made(infused('a.png', 0.3)),
        made(infused('a.png', 0.5)),
    );
    expect(more).toEqual([]);
    expect(difference?.setting).toBe('infuse');
    expect([difference?.a, difference?.b]).toEqual([
        expect.stringMatching(/a\.png".*mid 0\.3/),
        expect.stringMatching(/a\.png".*mid 0\.5/),
    ]);
});

it('what has a block is compared by its contents: ensembles, and pictures that the spec makes', async () => {
    const ensemble = (share: number): PicturePlan => ({
        ...PLAN,
        conditioning: {
            kind: 'ensemble',
            over: 'predictions',
            members: ['a cat', 'a dog'].map((text, k) => ({
                prompt: { phrases: [{ text, weight: 1 }] },
                weight: { keys: [{ at: 0, value: k === 0 ? share : 1 }], easing: 'linear' },
            })),
        },
    });
    const [difference, ...more] = await explainDifference(language, made(ensemble(2)), made(ensemble(3)));
    expect([difference?.setting, more]).toEqual(['prompt', []]);
    expect(difference?.a).toMatch(/"a cat" share 2.*"a dog"/);

    const redone = (seed: number) => {
        const picture = { kind: 'made', name: 'first', plan: { ...PLAN, seeds: [seed] } } as const;
        const pictures = [0.4, 0.6].map((weight) => ({ picture, weight }));
        return made({ ...PLAN, start: { pictures, mixing: 'linear', latent: 'mean', fit: 'cover', strength: 0.5 } });
    };
    const starts = await explainDifference(language, redone(8), redone(9));
    expect(starts.map(({ setting }) => setting)).toEqual(['start']);
    expect([starts[0]?.a, starts[0]?.b]).toEqual([
        expect.stringContaining('seed 8'),
        expect.stringContaining('seed 9'),
    ]);
    // Commas are written as people write them.
    expect(starts[0]?.a).not.toContain(' ,');
});

it('pictures of other tools are compared with those of sdspec', async () => {
    const text =
        'a turtle\nNegative prompt: blurry\nSteps: 4, Sampler: DDIM, CFG scale: 7.5, Seed: 7, Size: 16x8, Hires upscale: 2';
    const origin = readParameters(text, {});
    if (!origin) throw new Error('The text was not read.');
    const differences = await explainDifference(language, made(PLAN), origin);
    const settings = differences.map(({ setting }) => setting);
    expect(settings).toContain('negative');
    expect(settings).not.toContain('steps');
    expect(settings).not.toContain('seed');
    expect(differences.filter(({ setting }) => setting === 'note').some(({ b }) => /hires/i.test(b ?? ''))).toBe(true);
});
