/**
 * `npm run mosaic:goals`: how a mosaic of 16x16 turtles is read from afar and from near, by the dial `colour`.
 *
 * Paints the tiles of the mosaic `turtles` in examples/mosaic.sdspec once (a run that was stopped continues), lays them out
 * with each setting of the dial, and prints the table of docs/mosaics.md. Every tenth tile is painted beside a plain
 * picture of the same settings, so that the cost of a tile is a ratio that does not depend on what else the machine does.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeLanguage, lowerRun, nodeFiles } from '../../src/language/index-node.ts';
import { digest } from '../../src/plan/digest.ts';
import { levelSize, type MosaicPlan, tilePlan, tileSeed } from '../../src/plan/mosaic/mosaic.ts';
import type { PicturePlan } from '../../src/plan/plan.ts';
import { openJudge } from '../../src/runtime/engine/judge.ts';
import { openModel } from '../../src/runtime/engine/model.ts';
import { generate } from '../../src/runtime/generate.ts';
import { blank } from '../../src/runtime/mosaic/flat.ts';
import { type Ground, groundCell, groundOf } from '../../src/runtime/mosaic/ground.ts';
import { inColoursOf } from '../../src/runtime/mosaic/levels.ts';
import { measuring } from '../../src/runtime/mosaic/measures.ts';
import { tileStore } from '../../src/runtime/mosaic/tile-store.ts';
import { loadPicture } from '../../src/runtime/pictures/load.ts';
import { draw, type Rgb } from '../../src/runtime/pictures/picture.ts';
import { resize } from '../../src/runtime/pictures/resize.ts';
import { encodePng } from '../../src/runtime/pictures/save.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DIALS = [0, 0.3, 0.5, 0.7, 0.85, 0.9, 0.95, 1];
const SUBJECT = 'turtle';

const language = await createNodeLanguage();
const spec = await language.parseFile(join(ROOT, 'examples', 'mosaic.sdspec'));
const work = lowerRun(spec, 'turtles', { files: nodeFiles }).value?.work;
if (work?.kind !== 'mosaic' || work.of.kind !== 'made') throw new Error('The example is not what it was.');
const mosaic: MosaicPlan = { ...work, depth: 1 };
/** What is painted for other settings is no use. */
const OUT = join(ROOT, '.cache', 'mosaic-goals', digest(mosaic).slice(0, 16));
const model = await openModel(join(ROOT, 'models', 'sketch'), { device: 'cpu' });
const judge = await openJudge();
mkdirSync(OUT, { recursive: true });

async function made(plan: PicturePlan, start?: Rgb): Promise<Rgb> {
    const context = {
        openModel: async () => model,
        picture: async () => start!,
        emit: () => {},
        previews: false,
    };
    for await (const { picture } of generate(plan, context)) return picture;
    throw new Error('No picture was made.');
}

const places = Array.from({ length: mosaic.grid.columns * mosaic.grid.rows }, (_, i) => ({
    column: i % mosaic.grid.columns,
    row: Math.floor(i / mosaic.grid.columns),
}));

/** The tiles as painted, in reading order, and the seconds of a tile and of a plain picture of the same settings. */
async function painted(ground: Ground): Promise<readonly Rgb[]> {
    const store = tileStore(join(OUT, 'tiles'), {
        make: (start, seed) => made(tilePlan(mosaic, seed), start),
        read: loadPicture,
        png: (tile) => encodePng(tile),
    });
    const { width, height } = mosaic.tiles.via.size;
    const tiles: Rgb[] = [];
    let [plain, beside] = [0, 0];
    for (const place of places) {
        const before = store.made;
        tiles.push(await store.tile(resize(groundCell(ground, place), width, height), tileSeed(mosaic, place)));
        const { count, seconds } = store.made;
        if (count === before.count || count === 1 || count % 10 !== 0) continue;
        const started = performance.now();
        await made(mosaic.tiles.via);
        plain += (performance.now() - started) / 1000;
        beside += seconds - before.seconds;
    }
    const { count, seconds } = store.made;
    if (count > 0)
        console.log(`${count} tiles in ${seconds.toFixed(0)} s: ${(seconds / count).toFixed(2)} s per tile.`);
    if (plain > 0) console.log(`A tile takes ${(beside / plain).toFixed(2)} times as long as a plain picture.`);
    return tiles;
}

async function line(colour: number, tiles: readonly Rgb[], ground: Ground): Promise<string> {
    const measures = measuring(mosaic.grid, ground);
    const { width, height } = levelSize(mosaic.grid, mosaic.tiles.size, 1);
    const flat = blank(width, height);
    let hits = 0;
    for (const [i, place] of places.entries()) {
        const placed = inColoursOf(tiles[i]!, groundCell(ground, place), colour);
        measures.add(placed, place.column, place.row);
        draw(flat, placed, place.column * placed.width, place.row * placed.height);
        if ((await judge.verdict(placed, 'subject')) === SUBJECT) hits++;
    }
    writeFileSync(join(OUT, `colour-${colour}.png`), await encodePng(flat));
    const { farSsim = Number.NaN, deltaE, neighbours } = measures.result(flat);
    const subject = Math.round((100 * hits) / places.length);
    const cells = [colour, farSsim.toFixed(2), deltaE.toFixed(2), `${subject} %`, neighbours.least, neighbours.twins];
    return `| ${cells.join(' | ')} |`;
}

const ground = groundOf(await made(work.of.plan), mosaic);
writeFileSync(join(OUT, 'picture.png'), await encodePng(ground.picture));
const tiles = await painted(ground);
console.log(
    `\n| \`colour\` | far SSIM | mean CIEDE2000 | ${SUBJECT}s by the classifier | closest neighbours (of 64 bits) | within 6 bits |`,
);
console.log('|---:|---:|---:|---:|---:|---:|');
for (const colour of DIALS) console.log(await line(colour, tiles, ground));
await model.close();
