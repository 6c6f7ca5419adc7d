/** Topologies: what the places of Stable Diffusion's U-Nets are, and of SDXL's with three levels. */
import { expect, test } from 'vitest';
import { editPoints, receiverOfSkip, siteGlob, siteOf, siteRange, stageOf } from '../../src/plan/sites.ts';
import { SD, topology } from '../../src/plan/topology.ts';

const SDXL = topology({ levels: 3, layersPerBlock: 2, attention: [false, true, true] });

test('Stable Diffusion has 25 blocks and 13 stages and skip groups', () => {
    expect(SD.blocks).toHaveLength(25);
    expect(SD.points).toHaveLength(37);
    expect(SD.stages).toHaveLength(13);
    expect(SD.aliases.get('IN10')).toEqual(['down.3.res.0', 'down_blocks.3.resnets.0']);
    expect(SD.aliases.get('OUT00')).toEqual(['up.0.res.0', 'up_blocks.0.resnets.0']);
    expect(SD.aliases.get('OUT03')).toEqual(['up.1.attn.0', 'up_blocks.1.attentions.0']);
});

test('SDXL has 9 + 1 + 9 blocks and ten sites', () => {
    expect(SDXL.blocks.join(' ')).toBe(
        'IN00 IN01 IN02 IN03 IN04 IN05 IN06 IN07 IN08 M00 OUT00 OUT01 OUT02 OUT03 OUT04 OUT05 OUT06 OUT07 OUT08',
    );
    expect(SDXL.stages.join(' ')).toBe('down.0 down.1 down.2 mid up.0 up.1 up.2 skip.0 skip.1 skip.2');
    expect(SDXL.points).toHaveLength(28);
});

test.each([
    ['down.0', ['IN03']],
    ['down.1', ['IN06']],
    ['down.2', ['IN08']],
    ['mid', ['M00']],
    ['up.0', ['OUT02']],
    ['up.2', ['OUT08']],
    ['skip.0', ['skip[0]', 'skip[1]', 'skip[2]', 'skip[3]']],
    ['skip.1', ['skip[4]', 'skip[5]', 'skip[6]']],
    ['skip.2', ['skip[7]', 'skip[8]']],
    ['IN07', ['IN07']],
] as const)('in SDXL %s is changed at %j', (site, points) => expect(editPoints(site, SDXL)).toEqual(points));

test('names of SDXL are those of its files', () => {
    expect(siteOf('down_blocks.2.attentions.1', SDXL)).toBe('IN08');
    expect(siteOf('down_blocks.0.resnets.0', SDXL)).toBe('IN01');
    expect(siteOf('up_blocks.0.attentions.1', SDXL)).toBe('OUT01');
    expect(siteOf('up_blocks.2.resnets.2', SDXL)).toBe('OUT08');
    for (const name of ['down.3', 'IN09', 'OUT09', 'skip[9]', 'skip.3', 'down_blocks.2.downsamplers.0']) {
        expect(siteOf(name, SDXL)).toBeUndefined();
        expect(siteGlob('*', SDXL)).not.toContain(name);
    }
    expect(siteRange('down.1', 'up.1', SDXL)).toEqual(['down.1', 'down.2', 'mid', 'up.0', 'up.1']);
    expect(receiverOfSkip(8, SDXL)).toBe('OUT00');
    expect(receiverOfSkip(0, SDXL)).toBe('OUT08');
});

test('every block and every skip belongs to one stage', () => {
    for (const net of [SD, SDXL]) {
        for (const block of net.blocks) expect(net.stages).toContain(stageOf(block, net));
        for (const point of net.points) expect(stageOf(point, net)?.startsWith('skip')).toBe(point.startsWith('skip'));
        for (const stage of net.stages) expect(stageOf(stage, net)).toBe(stage);
    }
    expect(stageOf('IN00')).toBe('down.0');
    expect(stageOf('IN07')).toBe('down.2');
    expect(stageOf('skip[11]')).toBe('skip.3');
    expect(stageOf('IN08', SDXL)).toBe('down.2');
    expect(stageOf('skip[7]', SDXL)).toBe('skip.2');
});

test('one layer per block gives half-sized levels', () => {
    const small = topology({ levels: 3, layersPerBlock: 1, attention: [true, true, false] });
    expect(small.blocks).toHaveLength(13);
    expect(editPoints('down.2', small)).toEqual(['IN05']);
    expect(editPoints('skip.0', small)).toEqual(['skip[0]', 'skip[1]', 'skip[2]']);
});
