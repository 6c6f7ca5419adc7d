/**
 * `npm run mosaic:goals`: how a mosaic of 16x16 turtles is read from afar and from near, by the dial `colour`.
 *
 * Paints the tiles of the mosaic `turtles` in examples/mosaic.sdspec once (a run that was stopped continues), lays them out
 * with each setting of the dial, and prints the table of docs/mosaics.md. Costs are printed as CPU time of all cores, which
 * depends little on what else the machine does.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeLanguage, lowerRun, nodeFiles } from '../../src/language/index-node.ts';
import { digest } from '../../src/plan/digest.ts';
import { levelSize, type MosaicPlan, poolSeed, tilePlan } from '../../src/plan/mosaic/mosaic.ts';
import type { PicturePlan } from '../../src/plan/plan.ts';
import { withSeeds } from '../../src/plan/sources.ts';
import { openJudge } from '../../src/runtime/engine/judge.ts';
import { openModel } from '../../src/runtime/engine/model.ts';
import { generate } from '../../src/runtime/generate.ts';
import { blank } from '../../src/runtime/mosaic/flat.ts';
import { type Ground, groundCell, groundOf } from '../../src/runtime/mosaic/ground.ts';
import { measuring } from '../../src/runtime/mosaic/measures.ts';
import { inColoursOf } from '../../src/runtime/mosaic/placing.ts';
import { poolOf } from '../../src/runtime/mosaic/pool.ts';
import { tileStarts } from '../../src/runtime/mosaic/starts.ts';
import { tileStore, type WantedTile } from '../../src/runtime/mosaic/tile-store.ts';
import { loadPicture } from '../../src/runtime/pictures/load.ts';
import { draw, type Rgb } from '../../src/runtime/pictures/picture.ts';
import { encodePng } from '../../src/runtime/pictures/save.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DIALS = [0, 0.5, 0.8, 0.92, 1];
const SUBJECT = 'turtle';

const language = await createNodeLanguage();
const spec = await language.parseFile(join(ROOT, 'examples', 'mosaic.sdspec'));
const work = lowerRun(spec, 'turtles', { files: nodeFiles }).value?.work;
if (work?.kind !== 'mosaic' || work.of.kind !== 'made') throw new Error('The example is not what it was.');
const example: MosaicPlan = { ...work, depth: 1 };
/** What is painted for other settings is no use. */
const OUT = join(ROOT, '.cache', 'mosaic-goals', digest(example).slice(0, 16));
const model = await openModel(join(ROOT, 'models', 'sketch'), { device: 'cpu' });
const judge = await openJudge();
mkdirSync(OUT, { recursive: true });

/** The pictures of a plan's seeds; with `starts` each from one of its own. */
async function* pictures(plan: PicturePlan, starts: readonly Rgb[] = []): AsyncGenerator<Rgb, void> {
    const context = {
        openModel: async () => model,
        picture: () => Promise.reject(new Error('No picture is read.')),
        emit: () => {},
        previews: false,
        ...(starts.length > 0 ? { starts } : {}),
    };
    for await (const { picture } of generate(plan, context)) yield picture;
}

async function one(plan: PicturePlan): Promise<Rgb> {
    for await (const picture of pictures(plan)) return picture;
    throw new Error('No picture was made.');
}

const { columns, rows } = example.grid;
const places = Array.from({ length: columns * rows }, (_, i) => ({
    column: i % columns,
    row: Math.floor(i / columns),
}));

/** Tiles that go through the U-Net together, as in a run. */
const TOGETHER = 4;

/** Returns tiles in their order, and prints the CPU time of those that were not there. */
async function painted(mosaic: MosaicPlan, name: string, wanted: readonly WantedTile[]): Promise<readonly Rgb[]> {
    const store = tileStore(join(OUT, name), {
        make(missing) {
            const starts = missing.flatMap(({ start }) => (start ? [start()] : []));
            const seeds = missing.map(({ seed }) => seed);
            return pictures(withSeeds(starts.length > 0 ? tilePlan(mosaic, 0) : mosaic.tiles.via, seeds), starts);
        },
        read: loadPicture,
        png: (tile) => encodePng(tile),
    });
    const before = seconds();
    for (let first = 0; first < wanted.length; first += TOGETHER) {
        await store.makeAll(wanted.slice(first, first + TOGETHER));
    }
    const { count } = store.made;
    if (count > 0) console.log(`${name}: ${((seconds() - before) / count).toFixed(2)} s of CPU time per picture.`);
    const tiles: Rgb[] = [];
    for (const tile of wanted) tiles.push(await store.tile(tile));
    return tiles;
}

/** CPU time of this process so far: it depends little on what else the machine does. */
function seconds(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
}

async function line(mosaic: MosaicPlan, tiles: readonly Rgb[], ground: Ground): Promise<string> {
    const { colour, strength } = mosaic.tiles;
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
    writeFileSync(join(OUT, `strength-${strength}-colour-${colour}.png`), await encodePng(flat));
    const { farSsim = Number.NaN, deltaE, neighbours } = measures.result(flat);
    const subject = Math.round((100 * hits) / places.length);
    const cells = [
        strength,
        colour,
        farSsim.toFixed(2),
        deltaE.toFixed(2),
        `${subject} %`,
        neighbours.least,
        neighbours.twins,
    ];
    return `| ${cells.join(' | ')} |`;
}

const ground = groundOf(await one(work.of.plan), example);
writeFileSync(join(OUT, 'picture.png'), await encodePng(ground.picture));
const ofPool = Array.from({ length: example.tiles.pool }, (_, k) => ({ seed: poolSeed(example, k) }));
const pool = poolOf(await painted(example, 'pool', ofPool));
console.log(
    `\n| \`strength\` | \`colour\` | far SSIM | mean CIEDE2000 | ${SUBJECT}s by the classifier | closest neighbours (of 64 bits) | within 6 bits |`,
);
console.log('|---:|---:|---:|---:|---:|---:|---:|');
for (const strength of [0, example.tiles.strength]) {
    const mosaic = { ...example, tiles: { ...example.tiles, strength } };
    const starts = tileStarts(mosaic, ground, pool);
    const free = places.map((place) => starts.first(place));
    const tiles = await painted(mosaic, strength === 0 ? 'pool' : `tiles-${strength}`, free);
    for (const colour of DIALS) {
        console.log(await line({ ...mosaic, tiles: { ...mosaic.tiles, colour } }, tiles, ground));
    }
}
await model.close();
