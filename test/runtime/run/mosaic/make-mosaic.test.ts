import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MosaicPlan } from '../../../../src/plan/mosaic/mosaic.ts';
import type { Expectation, Run } from '../../../../src/plan/run.ts';
import { loadPicture } from '../../../../src/runtime/pictures/load.ts';
import type { RunOutcome } from '../../../../src/runtime/run/request.ts';
import { carry, specFolder } from '../carry.ts';
import { DEEP, MOSAIC, painted, tileWorkshop, writeGround } from './mosaic-parts.ts';

function run(work: MosaicPlan, expectations: readonly Expectation[] = []): Run {
    return { name: 'wall', work, expect: expectations };
}

function done(outcome: RunOutcome) {
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome;
}

/** Digests of everything that a run left besides its record. */
function contents(folder: string): Readonly<Record<string, string>> {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
        (file) => statSync(join(folder, file)).isFile() && file !== 'record.json',
    );
    return Object.fromEntries(
        files.sort().map((file) => [
            file,
            createHash('sha256')
                .update(readFileSync(join(folder, file)))
                .digest('hex'),
        ]),
    );
}

async function made(work: MosaicPlan, workshop = tileWorkshop(), expectations: readonly Expectation[] = []) {
    const base = specFolder();
    await writeGround(base);
    const { outcome, events } = await carry(base, run(work, expectations), workshop);
    return { base, events, ...done(outcome) };
}

describe('a mosaic', () => {
    it('paints each tile once, with a seed of its own', async () => {
        const workshop = tileWorkshop();
        const { record, folder, events } = await made(MOSAIC, workshop);
        expect(workshop.generated.map(({ seeds }) => seeds[0])).toEqual(Array.from({ length: 16 }, (_, i) => 100 + i));
        expect(readdirSync(join(folder, 'tiles'))).toHaveLength(16);
        expect(record).toMatchObject({ kind: 'mosaic', state: 'complete', cells: 1 });
        expect(record.pictures[0]).toMatchObject({ file: 'mosaic.png', width: 128, height: 128 });
        expect(record.mosaic).toMatchObject({ tilesPlaced: 16, tilesMade: 16 });
        expect(events.filter(({ kind }) => kind === 'tile')).toHaveLength(16);
    });

    it('is read as its picture from afar with colour 1, and shows tiles as painted with colour 0', async () => {
        const near = await made(MOSAIC);
        const { farSsim, deltaE } = near.record.mosaic!;
        expect(farSsim).toBeGreaterThan(0.9);
        expect(deltaE).toBeLessThan(0.5);
        const far = await made({ ...MOSAIC, tiles: { ...MOSAIC.tiles, colour: 0 } });
        expect(far.record.mosaic!.farSsim).toBeLessThan(0.9);
        const flat = await loadPicture(join(far.folder, 'mosaic.png'));
        const tiles = await Promise.all(
            readdirSync(join(far.folder, 'tiles')).map((file) => loadPicture(join(far.folder, 'tiles', file))),
        );
        const corner = tiles.find(({ data }) => data[0] === flat.data[0] && data[5] === flat.data[5]);
        expect(corner?.data.subarray(0, 96)).toEqual(flat.data.subarray(0, 96));
    });

    it('paints the same tiles whatever else the run makes', async () => {
        const { folder } = await made(MOSAIC);
        const few = await made({ ...MOSAIC, grid: { columns: 4, rows: 4 }, zoom: DEEP.zoom! });
        const tiles = (run: string) =>
            readdirSync(join(run, 'tiles')).map((name) => [name, readFileSync(join(run, 'tiles', name))] as const);
        expect(tiles(folder)).toHaveLength(16);
        expect(tiles(few.folder)).toEqual(tiles(folder));
    });

    it('paints the pool first, from noise and with seeds of its own, and each picture of it once', async () => {
        const workshop = tileWorkshop();
        const { record, folder } = await made({ ...MOSAIC, tiles: { ...MOSAIC.tiles, pool: 6 } }, workshop);
        const free = workshop.generated.filter(({ start }) => start === undefined);
        expect(free.map(({ seeds }) => seeds[0])).toEqual([0, 1, 2, 3, 4, 5].map((k) => 100 + 16 + 125 * 4 + k));
        expect(workshop.generated.slice(0, 6)).toEqual(free);
        expect(workshop.generated).toHaveLength(6 + 16);
        expect(record.mosaic).toMatchObject({ tilesPlaced: 16, tilesMade: 22 });
        expect(readdirSync(join(folder, 'tiles'))).toHaveLength(22);
    });

    it('shares tiles in deeper levels, never between neighbours', async () => {
        const workshop = tileWorkshop();
        const { record } = await made(DEEP, workshop);
        const { tilesPlaced, tilesMade } = record.mosaic!;
        expect(tilesPlaced).toBe(16 + 256);
        expect(tilesMade).toBe(workshop.generated.length);
        expect(tilesMade).toBeLessThan(200);
        expect(new Set(workshop.generated.map(({ seeds }) => seeds[0])).size).toBe(tilesMade);
    });

    it('opens in a browser from one folder', async () => {
        const { folder, record } = await made(DEEP);
        const { deepZoom } = record.mosaic!;
        expect(deepZoom).toMatchObject({ page: 'deepzoom/index.html', width: 512, height: 512, levels: 2 });
        const page = readFileSync(join(folder, deepZoom.page), 'utf8');
        expect(page.replace('http://schemas.microsoft.com/deepzoom/2008', '')).not.toMatch(/https?:/);
        const files = readdirSync(join(folder, 'deepzoom'));
        expect(files.sort()).toEqual([
            'index.html',
            'mosaic.dzi',
            'mosaic_files',
            'openseadragon.LICENSE.txt',
            'openseadragon.min.js',
        ]);
        const levels = readdirSync(join(folder, 'deepzoom', 'mosaic_files')).map(Number);
        expect(Math.max(...levels)).toBe(Math.log2(512));
        const whole = await loadPicture(join(folder, 'deepzoom', 'mosaic_files', '7', '0_0.jpg'));
        const flat = await loadPicture(join(folder, 'mosaic.png'));
        expect(whole.width).toBe(flat.width);
        const difference = flat.data.reduce((sum, value, i) => sum + Math.abs(value - whole.data[i]!), 0);
        // Tiles of tiles keep the colours of the tiles.
        expect(difference / flat.data.length).toBeLessThan(6);
    });

    it('zooms without a seam, and closes into a loop', async () => {
        const { folder, record } = await made(DEEP);
        expect(record.animation).toBe('zoom.webp');
        expect(record.mosaic!.zoom).toMatchObject({ count: 8 });
        expect(record.mosaic!.zoom!.seam).toBeLessThanOrEqual(1);
        expect(readdirSync(join(folder, 'zoom'))).toHaveLength(8);
        const first = await loadPicture(join(folder, 'zoom', '0001.png'));
        const second = await loadPicture(join(folder, 'zoom', '0005.png'));
        expect(Buffer.from(first.data).equals(Buffer.from(second.data))).toBe(false);
    });

    it.each([
        ['whose tiles start from their cells', DEEP],
        ['with a pool', { ...DEEP, tiles: { ...DEEP.tiles, pool: 6 } }],
    ])('%s continues where it was stopped, and is bitwise that of an uninterrupted run', async (_, deep) => {
        const whole = await made(deep);
        const base = specFolder();
        await writeGround(base);
        const stop = new AbortController();
        let begun = 0;
        const first = tileWorkshop(() => {
            if (++begun === 9) stop.abort();
        });
        const { outcome } = await carry(base, run(deep), first, {}, stop.signal);
        expect(outcome).toMatchObject({ kind: 'cancelled' });
        const second = tileWorkshop();
        const again = done((await carry(base, run(deep), second)).outcome);
        expect(second.generated.length).toBe(whole.record.mosaic!.tilesMade - 8);
        expect(contents(again.folder)).toEqual(contents(whole.folder));
    });

    it('is up to date the second time, and forgets tiles of another picture', async () => {
        const base = specFolder();
        await writeGround(base);
        await carry(base, run(MOSAIC), tileWorkshop());
        expect(done((await carry(base, run(MOSAIC), tileWorkshop())).outcome).upToDate).toBe(true);
        await writeGround(base, 32, 32, 50);
        const workshop = tileWorkshop();
        const { folder } = done((await carry(base, run(MOSAIC), workshop)).outcome);
        expect(workshop.generated).toHaveLength(16);
        expect(readdirSync(join(folder, 'tiles'))).toHaveLength(16);
    });

    it('is laid out again when its flat picture was deleted, without painting', async () => {
        const base = specFolder();
        await writeGround(base);
        const { folder } = done((await carry(base, run(MOSAIC), tileWorkshop())).outcome);
        rmSync(join(folder, 'mosaic.png'));
        const workshop = tileWorkshop();
        done((await carry(base, run(MOSAIC), workshop)).outcome);
        expect(workshop.generated).toHaveLength(0);
        expect(existsSync(join(folder, 'mosaic.png'))).toBe(true);
    });

    it('is judged by expectations as pictures are', async () => {
        const { record } = await made(MOSAIC, tileWorkshop(), [{ kind: 'phash', phash: '0'.repeat(16), within: 64 }]);
        expect(record.expectations).toMatchObject([{ verdict: 'met' }]);
    });
});

describe('what does not fit is refused before any tile is painted', () => {
    it.each([
        ['cells of another shape', 4, 64, 'grid 4x2'],
        ['cells smaller than a pixel', 64, 32, 'coarser'],
    ])('%s', async (_, columns, width, advice) => {
        const base = specFolder();
        await writeGround(base, width, 32);
        const workshop = tileWorkshop();
        const { outcome } = await carry(base, run({ ...MOSAIC, grid: { columns, rows: columns } }), workshop);
        expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'mosaic/shape' } });
        expect(outcome.kind === 'failed' && outcome.failure.message).toContain(advice);
        expect(workshop.generated).toHaveLength(0);
    });
});

it('tiles of one seed and start are always the same', () => {
    const start = { width: 8, height: 8, data: new Uint8Array(192).fill(90) };
    expect(painted(start, 5)).toEqual(painted(start, 5));
    expect(painted(start, 6)).not.toEqual(painted(start, 5));
});
