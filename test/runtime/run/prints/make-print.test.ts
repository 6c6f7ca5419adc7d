/** Prints: the whole way from a picture to the files, what is kept of interrupted ones, and what is refused. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PictureSource } from '../../../../src/plan/plan.ts';
import type { PrintPlan } from '../../../../src/plan/prints/print.ts';
import type { Run } from '../../../../src/plan/run.ts';
import { openUpscaler, type Upscaler } from '../../../../src/runtime/engine/upscaler.ts';
import { pixelsSha256 } from '../../../../src/runtime/pictures/compare.ts';
import { loadPicture } from '../../../../src/runtime/pictures/load.ts';
import { encodePng } from '../../../../src/runtime/pictures/save.ts';
import type { RunOutcome } from '../../../../src/runtime/run/request.ts';
import { carry, specFolder } from '../carry.ts';
import { fakeWorkshop, PLAN } from '../fake-workshop.ts';

const UPSCALER = join(import.meta.dirname, '../../../goldens/upscalers/compact-x2.safetensors');
const PIC: PictureSource = { kind: 'file', path: 'pic.png' };

const PRINT: PrintPlan = {
    kind: 'print',
    of: PIC,
    steps: [
        { kind: 'upscaler', file: { path: 'up.safetensors' }, tile: 16, overlap: 8 },
        { kind: 'refine', via: PLAN, strength: 0.5, by: 1, tile: 64, overlap: 16 },
    ],
    paper: { width: 2.54, height: 2.54, dpi: 96, bleed: 0.254, fit: 'cover', marks: true },
};

async function base(): Promise<string> {
    const folder = specFolder();
    const data = Uint8Array.from({ length: 40 * 32 * 3 }, (_, i) => 128 + 100 * Math.sin(i / 40));
    writeFileSync(join(folder, 'pic.png'), await encodePng({ width: 40, height: 32, data }));
    copyFileSync(UPSCALER, join(folder, 'up.safetensors'));
    return folder;
}

const runOf = (work: PrintPlan): Run => ({ name: 'poster', work, expect: [] });

/** A workshop with a real upscaler; `beforeTile` may end the run. */
function workshop(beforeTile: (tile: number) => void = () => {}) {
    const counted = { tiles: 0 };
    const openCounted = async (place: string): Promise<Upscaler> => {
        const upscaler = await openUpscaler(place, { device: 'cpu', threads: 1 });
        return {
            ...upscaler,
            config: upscaler.config,
            device: upscaler.device,
            enlarge: (pixels, options = {}) =>
                upscaler.enlarge(pixels, {
                    ...options,
                    async beforeTile(tile, tiles) {
                        beforeTile(tile);
                        await options.beforeTile?.(tile, tiles);
                    },
                    async keepTile(tile, made) {
                        counted.tiles++;
                        await options.keepTile?.(tile, made);
                    },
                }),
        };
    };
    return { counted, workshop: fakeWorkshop(undefined, { openUpscaler: openCounted }) };
}

function done(outcome: RunOutcome) {
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome;
}

test('a print has its steps, its paper and its files, and is then up to date', async () => {
    const folder = await base();
    const { workshop: shop, counted } = workshop();
    const { outcome, events } = await carry(folder, runOf(PRINT), shop);
    const { record, folder: at } = done(outcome);
    expect(record.kind).toBe('print');
    expect(record.print?.steps.map(({ kind, file, width, height }) => [kind, file, width, height])).toEqual([
        ['upscaler', 'step-1.png', 80, 64],
        ['refine', 'step-2.png', 80, 64],
    ]);
    expect(record.print?.stages).toEqual([{ kind: 'subject', file: 'subject.png', width: 40, height: 32 }]);
    expect(record.print?.enlargement).toEqual({ needed: 3.63, reached: 2 });
    expect(record.print?.files).toEqual(['print.png', 'print.tif', 'print.pdf']);
    expect(record.pictures).toMatchObject([{ cell: 0, file: 'print.png', width: 116, height: 116 }]);
    expect(record.pictures[0]?.sha256).toBe(pixelsSha256(await loadPicture(join(at, 'print.png'))));
    expect(record.inputs.map(({ path }) => path)).toEqual(['pic.png', 'up.safetensors']);
    expect(record.notices.join()).toContain(
        'The paper needs 116x116 pixels, 3.63 times the picture; the steps make 2 times.',
    );
    expect(readdirSync(at).sort()).toEqual(
        [
            'plan.json',
            'print.pdf',
            'print.png',
            'print.tif',
            'record.json',
            'step-1.png',
            'step-2.png',
            'subject.png',
        ].sort(),
    );
    expect(events.filter(({ kind }) => kind === 'step').length).toBeGreaterThan(6);
    expect(shop.generated).toHaveLength(1);
    expect(shop.generated[0]).toMatchObject({
        size: { width: 80, height: 64 },
        windows: { side: 64, overlap: 16 },
        start: { strength: 0.5 },
    });
    expect(counted.tiles).toBe(12);
    expect(done((await carry(folder, runOf(PRINT), workshop().workshop)).outcome).upToDate).toBe(true);
});

test('an interrupted upscaler continues with the next tile, and the result is bitwise that of one go', async () => {
    const whole = await base();
    const reference = done((await carry(whole, runOf(PRINT), workshop().workshop)).outcome);
    for (const stop of [0, 1, 5, 11]) {
        const folder = await base();
        const broken = workshop((tile) => {
            if (tile === stop) throw new Error('pulled the plug');
        });
        const { outcome } = await carry(folder, runOf(PRINT), broken.workshop);
        expect(outcome.kind).toBe('failed');
        expect(broken.counted.tiles).toBe(stop);
        const again = workshop();
        const { record } = done((await carry(folder, runOf(PRINT), again.workshop)).outcome);
        expect(again.counted.tiles).toBe(12 - stop);
        expect(record.print?.steps.map(({ sha256 }) => sha256)).toEqual(
            reference.record.print?.steps.map(({ sha256 }) => sha256),
        );
        expect(record.pictures[0]?.sha256).toBe(reference.record.pictures[0]?.sha256);
    }
});

test('a finished step is kept; a damaged one is made again', async () => {
    const folder = await base();
    const broken = fakeWorkshop(
        () => {
            throw new Error('pulled the plug');
        },
        { openUpscaler: workshop().workshop.openUpscaler },
    );
    const failed = (await carry(folder, runOf(PRINT), broken)).outcome;
    expect(failed.kind).toBe('failed');
    const again = workshop();
    const { folder: at } = done((await carry(folder, runOf(PRINT), again.workshop)).outcome);
    expect(again.counted.tiles).toBe(0);
    expect(existsSync(join(at, 'step-1-tiles'))).toBe(false);

    const record = JSON.parse(readFileSync(join(at, 'record.json'), 'utf8'));
    writeFileSync(join(at, 'record.json'), JSON.stringify({ ...record, state: 'running', process: 0 }));
    writeFileSync(join(at, 'step-1.png'), 'damaged');
    const third = workshop();
    done((await carry(folder, runOf(PRINT), third.workshop)).outcome);
    expect(third.counted.tiles).toBe(12);
});

test('an unknown upscaler and a paper that is too large are refused before any work', async () => {
    const folder = await base();
    mkdirSync(join(folder, 'x'));
    const header = '{"a.b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(join(folder, 'up.safetensors'), Buffer.concat([size, Buffer.from(header), Buffer.alloc(4)]));
    const made = fakeWorkshop(undefined, { openUpscaler: (place) => openUpscaler(place, { device: 'cpu' }) });
    const unknown = (await carry(folder, runOf(PRINT), made)).outcome;
    expect(unknown).toMatchObject({ kind: 'failed', failure: { code: 'model/unsupported' } });
    expect(JSON.stringify(unknown)).toContain('Its tensors are \\"a.b\\".');
    const large = { ...PRINT, steps: [], paper: { ...PRINT.paper, width: 900, height: 900, dpi: 300 } };
    const refused = (await carry(folder, runOf(large), made)).outcome;
    expect(refused).toMatchObject({ kind: 'failed', failure: { code: 'run/size' } });
    expect(made.generated).toEqual([]);
});
