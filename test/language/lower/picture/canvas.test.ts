/** What pictures are painted on: size, start, mask, outpainting. */
import { expect, test } from 'vitest';
import { plan } from '../../workbench.ts';
import { check, file } from './checked.ts';

test('size', () => check('size 64x96', 'size', { width: 64, height: 96 }));

test.each([
    [
        'start from pic strength 0.4',
        {
            pictures: [{ picture: file('a.png'), weight: 1 }],
            mixing: 'linear',
            latent: 'mean',
            fit: 'cover',
            strength: 0.4,
        },
    ],
    [
        'start from pic',
        {
            pictures: [{ picture: file('a.png'), weight: 1 }],
            mixing: 'linear',
            latent: 'mean',
            fit: 'cover',
            strength: 0.6,
        },
    ],
    [
        'start from pic weight 0.3, other mixing spherical strength 0.7',
        {
            pictures: [
                { picture: file('a.png'), weight: 0.3 },
                { picture: file('b.png'), weight: 1 },
            ],
            mixing: 'spherical',
            latent: 'mean',
            fit: 'cover',
            strength: 0.7,
        },
    ],
    [
        'start from set strength 0.5',
        {
            pictures: [
                { picture: file('set/1.png'), weight: 0.5 },
                { picture: file('set/2.png'), weight: 0.5 },
            ],
            mixing: 'linear',
            latent: 'mean',
            fit: 'cover',
            strength: 0.5,
        },
    ],
    [
        'start from lines strength 0.5',
        {
            pictures: [{ picture: { kind: 'edges', of: file('a.png'), low: 50, high: 200 }, weight: 1 }],
            mixing: 'linear',
            latent: 'mean',
            fit: 'cover',
            strength: 0.5,
        },
    ],
    [
        'start from pic strength 0.5 fit contain',
        {
            pictures: [{ picture: file('a.png'), weight: 1 }],
            mixing: 'linear',
            latent: 'mean',
            fit: 'contain',
            strength: 0.5,
        },
    ],
] as const)('%s', (settings, start) => check(settings, 'start', start));

test('a mask', () =>
    check('start from pic mask outside other feather 4px', 'mask', {
        picture: file('b.png'),
        outside: true,
        feather: 4,
    }));

test('outpainting', () =>
    check('start from pic outpaint left 32px, top 8px', 'outpaint', { left: 32, right: 0, top: 8, bottom: 0 }));

test('outpainting of what the base makes', async () => {
    const wide = await plan(
        'picture',
        'generate a { prompt "x" seed 3..4 }\ngenerate b extends a { outpaint right 64px }',
    );
    const picture = wide.start?.pictures[0]?.picture;
    expect(wide.start?.strength).toBe(1);
    expect(picture?.kind === 'made' && [picture.name, picture.plan.seeds, picture.plan.outpaint]).toEqual([
        'a',
        [3, 4],
        undefined,
    ]);
});
