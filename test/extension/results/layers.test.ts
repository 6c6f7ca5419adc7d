/** The layer view: every picture of a scan at its layer of the U-Net, keys that walk it, and its measures as text. */
import { describe, expect, it } from 'vitest';
import {
    byEffect,
    type Drawing,
    neighbour,
    network,
    textScale,
} from '../../../src/extension/results/page/layers/network.ts';
import {
    layersOf,
    rowsOf,
    scanCsv,
    scanMarkdown,
    sortedEntries,
} from '../../../src/extension/results/page/layers/scan.ts';
import { scanOf } from '../../../src/extension/results/scans.ts';
import type { ScanEntry, ShownScan } from '../../../src/extension/results/shown-run.ts';
import type { Work } from '../../../src/plan/run.ts';
import { BLOCKS, STAGES } from '../../../src/plan/sites.ts';

const layers = (names: readonly string[]) => ['plain', ...names].map((label, cell) => ({ cell, label }));
const at = ({ tiles }: Drawing, label: string) => tiles.find((one) => one.label === label)!;

describe('the U-Net', () => {
    const drawing = network(layers(STAGES));

    it('has the encoder on the left, the decoder on the right, the middle at the bottom, skips between', () => {
        for (const level of [0, 1, 2, 3]) {
            const [down, skip, up] = [`down.${level}`, `skip.${level}`, `up.${3 - level}`].map((name) =>
                at(drawing, name),
            );
            expect(down!.x).toBeLessThan(skip!.x);
            expect(skip!.x).toBeLessThan(up!.x);
            expect([skip!.y, up!.y]).toEqual([down!.y, down!.y]);
        }
        expect(at(drawing, 'mid').y).toBeGreaterThan(at(drawing, 'down.3').y);
        expect(at(drawing, 'down.3').y).toBeGreaterThan(at(drawing, 'down.0').y);
    });

    it.each([false, true])('never lays one picture over another, narrow: %s', (narrow) => {
        for (const names of [STAGES, BLOCKS, [...STAGES, ...BLOCKS], ['mid'], ['skip[3]', 'OUT05']]) {
            const { tiles, tile, width, height } = network(layers(names), { narrow, aspect: 1.5 });
            expect(tiles).toHaveLength(names.length + 1);
            for (const [k, a] of tiles.entries()) {
                expect(a.x >= 0 && a.y >= 0 && a.x + tile.width <= width && a.y + tile.height <= height).toBe(true);
                for (const b of tiles.slice(k + 1)) {
                    const apart = Math.abs(a.x - b.x) >= tile.width || Math.abs(a.y - b.y) >= tile.height;
                    expect(apart, `${a.label} and ${b.label}`).toBe(true);
                }
            }
        }
    });

    it('shows the stages that a scan leaves out as boxes', () => {
        const { ghosts } = network(layers(['mid', 'up.1']));
        expect(ghosts.map(({ name }) => name).sort()).toEqual(
            STAGES.filter((site) => !site.startsWith('skip') && site !== 'mid' && site !== 'up.1').sort(),
        );
    });

    it('writes larger where it is shown smaller, as far as there is room below a picture', () => {
        const { width, height } = drawing;
        const at = (scale: number) => textScale(drawing, { width: scale * width, height: scale * height });
        expect(at(1)).toBe(1);
        expect(at(2)).toBe(1);
        expect(at(0.75)).toBeGreaterThan(1.2);
        expect(at(0.1)).toBe(at(0.2));
        // Not measured yet.
        expect(textScale(drawing, { width: 0, height: 0 })).toBe(1);
    });

    it('is walked by arrow keys', () => {
        const walk = (label: string, key: string) => {
            const to = neighbour(drawing, at(drawing, label).cell, key);
            return drawing.tiles.find(({ cell }) => cell === to)?.label;
        };
        expect(walk('down.0', 'ArrowDown')).toBe('down.1');
        expect(walk('down.0', 'ArrowRight')).toBe('skip.0');
        expect(walk('skip.0', 'ArrowRight')).toBe('up.3');
        expect(walk('mid', 'ArrowUp')).toBe('skip.3');
        expect(walk('down.0', 'ArrowUp')).toBeUndefined();
    });
});

const entry = (cell: number, label: string, moved: number, more: Partial<ScanEntry> = {}): ScanEntry => ({
    cell,
    label,
    moved,
    ssim: 1 - moved,
    more: [],
    ...more,
});
const scan: ShownScan = {
    axis: 'infuse',
    names: ['subject "a, b"'],
    entries: [entry(1, 'down.0', 0.2, { towards: 0.123, more: [0.5] }), entry(2, 'mid', 0.8, { more: [null] })],
};
const labels = ['plain', 'down.0', 'mid', 'plain', 'down.0', 'mid'].map((layer, k) => ({
    infuse: layer,
    seed: k < 3 ? '1' : '2',
}));

describe('the measures', () => {
    const [row] = rowsOf({ labels }, scan);

    it('are by row, with the share of the largest effect', () => {
        expect(rowsOf({ labels }, scan).map(({ title }) => title)).toEqual(['seed 1', 'seed 2']);
        expect(layersOf(row!, scan).map(({ label, share }) => [label, share])).toEqual([
            ['plain', undefined],
            ['down.0', 0.25],
            ['mid', 1],
        ]);
    });

    it('are sorted by a column, what is missing last', () => {
        const cells = (column: number, rising: boolean) =>
            sortedEntries(scan, row!, { column, rising }).map(({ label }) => label);
        expect(cells(0, false)).toEqual(['mid', 'down.0']);
        expect(cells(-1, true)).toEqual(['down.0', 'mid']);
        expect(cells(3, false)).toEqual(['down.0', 'mid']);
    });

    it('are copied as Markdown and CSV', () => {
        expect(scanMarkdown(scan, scan.entries)).toBe(
            [
                '| layer | moved | SSIM to plain | towards the bias | subject "a, b" |',
                '|---|---:|---:|---:|---:|',
                '| down.0 | 0.200 | 0.800 | 12.3 % | 0.500 |',
                '| mid | 0.800 | 0.200 | – | – |',
                '',
            ].join('\n'),
        );
        expect(scanCsv(scan, scan.entries).split('\r\n')[0]).toBe(
            'layer,moved,SSIM to plain,towards the bias,"subject ""a, b"""',
        );
        expect(scanCsv(scan, scan.entries).split('\r\n')[2]).toMatch(/^mid,0\.8,0\.1\d+,,$/);
    });

    it('order the pictures by effect, the plain one first', () => {
        const { tiles } = byEffect(layersOf(row!, scan));
        expect(tiles.map(({ label }) => label)).toEqual(['plain', 'mid', 'down.0']);
    });
});

it('a sweep is a layer scan where an axis has layers and a plain picture', () => {
    const sweep = (part: object) =>
        ({
            kind: 'sweep',
            axes: [{ name: 'infuse', values: ['plain', 'mid'] }],
            cells: [],
            animate: false,
            ...part,
        }) as Work;
    const baseline = { axis: 'infuse', value: 'plain' };
    expect(scanOf(sweep({ baseline }), undefined)).toEqual({ axis: 'infuse', names: [], entries: [] });
    expect(scanOf(sweep({}), undefined)).toBeUndefined();
    expect(scanOf(sweep({ baseline, axes: [{ name: 'infuse', values: ['plain', 'x'] }] }), undefined)).toBeUndefined();
});
