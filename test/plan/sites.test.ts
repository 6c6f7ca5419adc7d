/** Sites: names, aliases, ranges, globs, and the places that they stand for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
    ALIASES,
    BLOCKS,
    editPoints,
    receiverOfSkip,
    type Site,
    STAGES,
    siteGlob,
    siteNames,
    siteOf,
    siteRange,
} from '../../src/plan/sites.ts';

test.each([
    ['mid', 'mid'],
    ['MID', 'M00'],
    ['mid_block', 'M00'],
    ['conv_in', 'IN00'],
    ['down.0.attn.0', 'IN01'],
    ['down_blocks.0.attentions.1', 'IN02'],
    ['down_blocks.0.downsamplers.0', 'IN03'],
    ['down.1.attn.0', 'IN04'],
    ['down.3.res.0', 'IN10'],
    ['down_blocks.3.resnets.1', 'IN11'],
    ['up.0.res.0', 'OUT00'],
    ['up_blocks.1.attentions.1', 'OUT04'],
    ['up.3.attn.2', 'OUT11'],
    ['skip[0]', 'skip[0]'],
    ['skip[11]', 'skip[11]'],
    ['skip[12]', undefined],
    ['down.4', undefined],
    ['IN12', undefined],
    ['in00', undefined],
    ['', undefined],
] as const)('%j is %j', (name, site) => expect(siteOf(name)).toBe(site));

test('every name leads to one site, canonical names to themselves', () => {
    const names = siteNames();
    expect(new Set(names).size).toBe(names.length);
    for (const site of [...STAGES, ...BLOCKS]) expect(siteOf(site)).toBe(site);
    for (const block of BLOCKS) for (const alias of ALIASES[block]) expect(siteOf(alias)).toBe(block);
});

test('there are 13 stages and 25 blocks', () => {
    expect([STAGES.length, BLOCKS.length]).toEqual([13, 25]);
});

test.each<[Site, Site, readonly Site[] | undefined]>([
    ['IN04', 'IN06', ['IN04', 'IN05', 'IN06']],
    ['IN11', 'OUT00', ['IN11', 'M00', 'OUT00']],
    ['down.3', 'up.0', ['down.3', 'mid', 'up.0']],
    ['skip.1', 'skip.3', ['skip.1', 'skip.2', 'skip.3']],
    ['mid', 'mid', ['mid']],
    ['up.0', 'down.0', undefined],
    ['mid', 'skip.0', undefined],
    ['down.0', 'IN04', undefined],
    ['skip[1]', 'skip[3]', ['skip[1]', 'skip[2]', 'skip[3]']],
])('%s..%s', (first, last, sites) => expect(siteRange(first, last)).toEqual(sites));

test.each([
    ['down.*', 4],
    ['up.*', 4],
    ['skip.*', 4],
    ['IN*', 12],
    ['OUT*', 12],
    ['*', 9],
    ['mid.*', 0],
    ['down*', 0],
    ['d*', 0],
] as const)('%s fits %i sites', (pattern, count) => expect(siteGlob(pattern)).toHaveLength(count));

test.each<[Site, readonly string[]]>([
    ['down.0', ['IN03']],
    ['down.3', ['IN11']],
    ['mid', ['M00']],
    ['up.3', ['OUT11']],
    ['skip.0', ['skip[0]', 'skip[1]', 'skip[2]', 'skip[3]']],
    ['skip.3', ['skip[10]', 'skip[11]']],
    ['OUT04', ['OUT04']],
    ['skip[5]', ['skip[5]']],
])('%s is changed at %j', (site, points) => expect(editPoints(site)).toEqual(points));

test('the skip groups are all twelve skip tensors, each once', () => {
    const points = siteGlob('skip.*').flatMap((site) => editPoints(site));
    expect(points).toEqual(Array.from({ length: 12 }, (_, k) => `skip[${k}]`));
});

test.each([
    [0, 'OUT11'],
    [8, 'OUT03'],
    [11, 'OUT00'],
] as const)('skip %i is received by %s', (k, block) => expect(receiverOfSkip(k)).toBe(block));

test('a range holds both of its ends, in order, without gaps', () => {
    const family = fc.constantFrom<readonly Site[]>(
        BLOCKS,
        STAGES.filter((site) => !site.startsWith('skip')),
        STAGES.filter((site) => site.startsWith('skip')),
    );
    fc.assert(
        fc.property(family, fc.nat(), fc.nat(), (sites, a, b) => {
            const [first, last] = [a % sites.length, b % sites.length].sort((x, y) => x - y) as [number, number];
            const range = siteRange(sites[first]!, sites[last]!);
            expect(range).toEqual(sites.slice(first, last + 1));
            if (first !== last) expect(siteRange(sites[last]!, sites[first]!)).toBeUndefined();
        }),
    );
});
