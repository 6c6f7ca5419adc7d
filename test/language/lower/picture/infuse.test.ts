/** Infusions, and factors on layers. */
import { expect, test } from 'vitest';
import { constant } from '../../../../src/plan/curve.ts';
import { plan } from '../../workbench.ts';
import { check, FILES, file, HEAD, words } from './checked.ts';

test('scales leave out what changes nothing', () =>
    check('scale { OUT04 0.75  mid 1  skip.* 0  skip.1 1 }', 'scales', [
        { site: 'skip.0', weight: constant(0) },
        { site: 'skip.2', weight: constant(0) },
        { site: 'skip.3', weight: constant(0) },
        { site: 'OUT04', weight: constant(0.75) },
    ]));

const TRUNK = ['down.0', 'down.1', 'down.2', 'down.3', 'mid', 'up.0', 'up.1', 'up.2', 'up.3'] as const;

test('an infusion that names nothing', () =>
    check('infuse pic', 'infusions', [
        {
            pictures: [{ picture: file('a.png'), weight: 1 }],
            sites: TRUNK.map((site) => ({ site, weight: constant(0.1) })),
            weight: constant(1),
            decay: 1,
            window: { from: 0, to: 1 },
            latent: 'clean',
            text: { kind: 'prompt' },
            rows: 'both',
            normalise: 'none',
        },
    ]));

test('an infusion that names everything', () =>
    check(
        'infuse set share 2, pic with deep weight 0.5 -> 0 decay 0.99 during 0%..60% latent matched text caption "a {style}" rows cond normalise match-std { mid 0.4 }',
        'infusions',
        [
            {
                pictures: [
                    { picture: file('set/1.png'), weight: 1 },
                    { picture: file('set/2.png'), weight: 1 },
                    { picture: file('a.png'), weight: 1 },
                ],
                sites: [
                    { site: 'mid', weight: constant(0.4) },
                    {
                        site: 'up.0',
                        weight: {
                            keys: [
                                { at: 0, value: 0.3 },
                                { at: 1, value: 0.1 },
                            ],
                            easing: 'cosine',
                        },
                    },
                    {
                        site: 'up.1',
                        weight: {
                            keys: [
                                { at: 0, value: 0.3 },
                                { at: 1, value: 0.1 },
                            ],
                            easing: 'cosine',
                        },
                    },
                    { site: 'skip.2', weight: constant(-0.05) },
                ],
                weight: {
                    keys: [
                        { at: 0, value: 0.5 },
                        { at: 1, value: 0 },
                    ],
                    easing: 'linear',
                },
                decay: 0.99,
                window: { from: 0, to: 0.6 },
                latent: 'matched',
                text: { kind: 'caption', caption: words('a ink') },
                rows: 'cond',
                normalise: 'match-std',
            },
        ],
    ));

test.each([
    ['mid 0.1 mid 0.2', ['mid 0.2']],
    ['down.* 0.1 down.1 0', ['down.0 0.1', 'down.2 0.1', 'down.3 0.1']],
    ['OUT05 0.1 IN04 0.2 skip[3] 0.3 mid 0.4', ['mid 0.4', 'IN04 0.2', 'OUT05 0.1', 'skip[3] 0.3']],
    ['MID 0.1 up_blocks.1.attentions.1 0.2', ['M00 0.1', 'OUT04 0.2']],
    ['skip.1..skip.3 0.1', ['skip.1 0.1', 'skip.2 0.1', 'skip.3 0.1']],
    ['down.2..up.1 0.1', ['down.2 0.1', 'down.3 0.1', 'mid 0.1', 'up.0 0.1', 'up.1 0.1']],
] as const)('layers %s', async (lines, expected) => {
    const made = await plan('picture', `${HEAD}generate a { infuse pic { ${lines} } }`, { files: FILES });
    expect(made.infusions[0]?.sites.map(({ site, weight }) => `${site} ${weight.keys[0]?.value}`)).toEqual(expected);
});
