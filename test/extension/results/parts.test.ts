/** What a mosaic and a print have beside their picture, as the page gets it. */
import { expect, it } from 'vitest';
import { parseToPage } from '../../../src/extension/results/parse-messages.ts';
import { partsOf, sizeOfWork } from '../../../src/extension/results/parts.ts';
import type { MosaicPlan } from '../../../src/plan/mosaic/mosaic.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import type { PrintPlan } from '../../../src/plan/prints/print.ts';
import type { RunRecord } from '../../../src/runtime/run/record.ts';
import { aRun } from './a-run.ts';

const address = (file: string, mark: string) => `webview:${file}?v=${mark}`;
const record = (part: object) => ({ started: 'now', finished: 'then', pictures: [], ...part }) as unknown as RunRecord;

const MOSAIC = {
    tilesPlaced: 272,
    tilesMade: 190,
    secondsPerTile: 0.512,
    farSsim: 0.934,
    deltaE: 0.123,
    neighbours: { pairs: 42, least: 9, twins: 0 },
    deepZoom: { folder: 'deepzoom', page: 'deepzoom/index.html', width: 512, height: 512, tile: 256, levels: 2 },
};

it('a mosaic has measures, a pyramid, and its zoom where it has one', () => {
    const parts = partsOf('/run', record({ kind: 'mosaic', mosaic: MOSAIC }), address);
    expect(parts).toEqual({
        kind: 'mosaic',
        measures: [
            ['tiles', '190 painted, 272 places'],
            ['per tile', '0.51 s'],
            ['far SSIM', '0.93'],
            ['colours off by', '0.12 CIEDE2000'],
            ['closest neighbours', '9 of 64 bits'],
            ['deep zoom', '512×512, 2 levels'],
        ],
        pyramid: {
            width: 512,
            height: 512,
            tile: 256,
            first: 'webview:/run/deepzoom/mosaic_files/0/0_0.jpg?v=then',
        },
    });
    const zoom = { frames: 'zoom', count: 8, animation: 'zoom.webp', seam: 0.4 };
    const zooming = partsOf('/run', record({ kind: 'mosaic', mosaic: { ...MOSAIC, zoom } }), address);
    expect(zooming).toMatchObject({ zoom: 'webview:/run/zoom.webp?v=then' });
    expect(zooming?.measures.at(-1)).toEqual(['seam of the zoom', '0.40 of 255']);
});

it('a print has its stages in their order, from the first picture to the paper', () => {
    const size = { width: 8, height: 6 };
    const print = {
        stages: [
            { kind: 'start', file: 'start.png', ...size },
            { kind: 'painted', file: 'painted.png', ...size },
            { kind: 'subject', file: 'subject.png', ...size },
        ],
        steps: [
            { kind: 'refine', file: 'step-1.png', ...size, sha256: '', seconds: 3 },
            { kind: 'upscaler', file: 'step-2.png', ...size, sha256: '', seconds: 2 },
        ],
        enlargement: { needed: 7.5, reached: 8 },
        files: ['print.png', 'print.tif'],
    };
    const pictures = [{ cell: 0, file: 'print.png', width: 80, height: 60 }];
    const parts = partsOf('/run', record({ kind: 'print', print, pictures }), address);
    if (parts?.kind !== 'print') throw new Error('no print');
    expect(parts.stages.map(({ title, seconds }) => [title, seconds])).toEqual([
        ['start picture', undefined],
        ['painted', undefined],
        ['what is printed', undefined],
        ['refined', 3],
        ['enlarged', 2],
        ['on paper', undefined],
    ]);
    expect(parts.stages.at(-1)).toMatchObject({ src: 'webview:/run/print.png?v=then', width: 80 });
    expect(parts.measures).toEqual([
        ['enlarged', '8 times of 7.5 needed'],
        ['files', 'print.png, print.tif'],
    ]);
});

it('other works, and what is not finished, have none', () => {
    for (const kind of ['picture', 'sweep', 'learn', 'mosaic', 'print']) {
        expect(partsOf('/run', record({ kind }), address)).toBeUndefined();
    }
});

it('the page takes parts that are whole', () => {
    const parts = partsOf('/run', record({ kind: 'mosaic', mosaic: MOSAIC }), address)!;
    const show = (given: unknown) =>
        parseToPage({ kind: 'show', shown: { ...aRun('/a'), parts: given }, trusted: true });
    expect(show(parts)).toBeDefined();
    expect(show({ kind: 'print', measures: [], stages: [{ src: 'a' }] })).toBeDefined();
    for (const bad of [{ ...parts, pyramid: {} }, { kind: 'print', measures: [] }, { kind: 'mosaic' }, 'parts']) {
        expect(show(bad)).toBeUndefined();
    }
});

it('the size of a picture is known before it is made', () => {
    const via = { size: { width: 64, height: 64 } } as PicturePlan;
    const tiles = { via, size: { width: 32, height: 32 } };
    const mosaic = { kind: 'mosaic', grid: { columns: 4, rows: 2 }, tiles } as MosaicPlan;
    expect(sizeOfWork(mosaic, undefined)).toEqual({ width: 128, height: 64 });
    const wide = { ...mosaic, grid: { columns: 512, rows: 512 } };
    expect(sizeOfWork(wide, undefined)).toEqual({ width: 8192, height: 8192 });
    const paper = { width: 2.54, height: 5.08, dpi: 100, bleed: 0.254, fit: 'cover', marks: false };
    expect(sizeOfWork({ kind: 'print', paper } as PrintPlan, undefined)).toEqual({ width: 120, height: 220 });
});
