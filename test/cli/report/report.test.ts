/** `report`: one page that needs nothing else, and figures as CSV. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chartOf } from '../../../src/cli/report/charts.ts';
import { figuresCsv } from '../../../src/cli/report/csv.ts';
import { prose, table } from '../../../src/cli/report/html.ts';
import { lossChart, meanLosses } from '../../../src/cli/report/loss.ts';
import type { RunRecord } from '../../../src/runtime/run/record.ts';
import { builtSdspec, folderWith } from '../sdspec.ts';

const sdspec = builtSdspec();

const SPEC = `// How much guidance?
// Two seeds each.

model sketch = "builtin:sketch"

/**
 * The *reference*, with <b>no</b> markup.
 *
 * - one
 * - two
 */
generate base {
    use     sketch
    prompt  "plain"
    size    64x64
    steps   4
    seed    1, 2
}

sweep table over base {
    guidance in [1, 4, 8]
    seed     in [1, 2]
    columns  guidance
    measure  ssim to base
}
`;

it('is one page without a network, with prose, pictures, tables, curves and the text in colour', async () => {
    const cwd = folderWith({ 'study.sdspec': SPEC });
    const { code, stdout } = await sdspec(['report', 'study.sdspec', '--title', 'A & B'], { cwd, fake: true });
    expect([code, stdout]).toEqual([0, 'study.html\nstudy-base.csv\nstudy-table.csv\n']);
    const html = readFileSync(join(cwd, 'study.html'), 'utf8');
    expect(html).toContain('<title>A &#38; B</title>');
    expect(html).toContain('<p>How much guidance? Two seeds each.</p>');
    expect(html).toContain('<p>The <em>reference</em>, with &#60;b&#62;no&#60;/b&#62; markup.</p>');
    expect(html).toContain('<ul><li>one</li><li>two</li></ul>');
    expect(html.match(/<img src="data:image\/png;base64,/g)).toHaveLength(3);
    expect(html).toContain('<span class="keyword">generate</span>');
    expect(html).toContain('<span class="string">&#34;plain&#34;</span>');
    expect(html).toContain('aria-label="ssim to base over guidance"');
    expect(html).toMatch(/<dt>guidance<\/dt><dd>1, 4, 8<\/dd>/);
    expect(html).toContain('onnxruntime');
    // Nothing is loaded: no script, no style sheet, no picture by an address.
    expect(html).not.toMatch(/<script|<link|<iframe|@import|url\(|src="(?!data:)/);
    const csv = readFileSync(join(cwd, 'study-table.csv'), 'utf8').split('\r\n');
    expect(csv[0]).toBe('picture,guidance,seed,ssim to base,file,sha256');
    expect(csv).toHaveLength(8);
    expect(readdirSync(cwd).sort()).toEqual([
        '.sdspec',
        'study-base.csv',
        'study-table.csv',
        'study.html',
        'study.sdspec',
    ]);
});

it('writes over nothing without --force, neither pages nor figures', async () => {
    const cwd = folderWith({ 'study.sdspec': SPEC, 'study-table.csv': 'mine' });
    const call = (...args: string[]) => sdspec(['report', 'study.sdspec', ...args], { cwd, fake: true });
    const refused = await call();
    expect([refused.code, refused.stderr]).toEqual([
        2,
        'sdspec: study-table.csv is there already: name another with --to, or write over it with --force.\n',
    ]);
    // Before anything is made.
    expect(readdirSync(cwd).sort()).toEqual(['study-table.csv', 'study.sdspec']);
    expect(readFileSync(join(cwd, 'study-table.csv'), 'utf8')).toBe('mine');
    const forced = await call('--force');
    expect([forced.code, forced.stdout]).toEqual([0, 'study.html\nstudy-base.csv\nstudy-table.csv\n']);
    expect(readFileSync(join(cwd, 'study-table.csv'), 'utf8')).toMatch(/^picture,guidance,seed/);
    const twice = await call();
    expect([twice.code, twice.stderr]).toEqual([
        2,
        expect.stringContaining('study.html, study-base.csv, study-table.csv are there already'),
    ]);
});

describe('pieces', () => {
    it('of prose are escaped, but for a little markdown', () => {
        expect(prose('a `<x>` **b**\nc\n\n[d](https://e.org/f) [g](javascript:h)')).toBe(
            '<p>a <code>&#60;x&#62;</code> <strong>b</strong> c</p>\n<p><a href="https://e.org/f">d</a> [g](javascript:h)</p>',
        );
    });

    it('of tables set numbers to the right', () => {
        expect(
            table(
                ['a', 'b'],
                [
                    ['x', '1.5'],
                    ['y', '2e-7'],
                ],
            ),
        ).toContain('<td>x</td><td class="number">1.5</td>');
    });

    it('of CSV are quoted where they must be', () => {
        const picture = { cell: 0, seed: 7, file: 'a,b.png', width: 8, height: 8, sha256: 'f', phash: '0', seconds: 1 };
        const record = { pictures: [{ ...picture, labels: { style: 'say "hi"' } }] } as unknown as RunRecord;
        expect(figuresCsv(record)).toBe('picture,style,seed,file,sha256\r\n1,"say ""hi""",7,"a,b.png",f\r\n');
        expect(figuresCsv({ pictures: [] } as unknown as RunRecord)).toBeUndefined();
    });

    it('of losses are means over 50 steps, of which each line has ten', () => {
        const curve = Array.from({ length: 20 }, (_, k) => ({ step: 10 * (k + 1), loss: k < 10 ? 1 : 0 }));
        const means = meanLosses(curve);
        expect(means.slice(8, 16).map(({ y }) => y)).toEqual([1, 1, 0.8, 0.6, 0.4, 0.2, 0, 0]);
        expect(means[9]?.x).toBe(100);
        const svg = lossChart(`step,loss\n${curve.map(({ step, loss }) => `${step},${loss}`).join('\n')}\n`);
        expect(svg).toContain('aria-label="Mean loss of 50 steps over step"');
        expect(lossChart('step,loss\n')).toBe('');
    });

    it('of curves span their values, at round numbers', () => {
        const points = [0, 1, 2].map((x) => ({ x, y: 0.11 + 0.1 * x }));
        const ticks = points.map(({ x }) => ({ x, label: `t${x}` }));
        const svg = chartOf({ title: 'm', across: 'a', ticks, lines: [{ name: 'one', points }], marks: true });
        expect([...svg.matchAll(/text-anchor="end">([\d.]+)</g)].map(([, value]) => value)).toEqual([
            '0.1',
            '0.15',
            '0.2',
            '0.25',
            '0.3',
            '0.35',
        ]);
        expect(svg.match(/<circle/g)).toHaveLength(3);
        expect(chartOf({ title: 'm', across: 'a', ticks: [], lines: [], marks: true })).toBe('');
    });
});
