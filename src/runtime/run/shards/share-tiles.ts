/** Shares the tiles of a mosaic: workers claim groups of tiles, and wait for each other where the next are made of these. */
import { setTimeout as wait } from 'node:timers/promises';
import type { MosaicPlan } from '../../../plan/mosaic/mosaic.ts';
import { RunError } from '../../run-error.ts';
import { writeWhole } from '../../write-whole.ts';
import { paintTiles, type TileGroup } from '../mosaic/paint-tiles.ts';
import { readClaims, takeClaim } from './claims.ts';
import { failureFile, failureOfCell, readFailures } from './shard-folder.ts';
import { isLiving, MAX_GENERATIONS, type Sharing, type WantedShare } from './sharing.ts';

/** How often a worker looks for the tiles that others make. */
const LOOK_MS = 300;

/** Thrown where a worker's own share of a stage is made, and it is to make no other. */
class OthersLeft extends Error {
    readonly tiles: number;

    constructor(tiles: number) {
        super(`${tiles} tiles are left to other workers.`);
        this.tiles = tiles;
    }
}

/** Makes a share of the tiles of each stage. Returns how many of a stage are left to others: 0, or `onlyOwn` was asked for. */
export async function shareTiles(mosaic: MosaicPlan, sharing: Sharing, wanted: WantedShare): Promise<number> {
    // A tile that ended its workers is tried again by those that are started later.
    const isRetry = readFailures(sharing.shard).length > 0;
    try {
        await paintTiles(mosaic, sharing.making, (groups) => makeStage(groups, sharing, wanted, isRetry));
        return 0;
    } catch (error) {
        if (error instanceof OthersLeft) return error.tiles;
        throw error;
    }
}

/** Own groups first, then those of the shares after it, in a circle; returns when all of the stage are made. */
async function makeStage(
    groups: readonly TileGroup[],
    sharing: Sharing,
    { part, of, onlyOwn }: WantedShare,
    isRetry: boolean,
): Promise<void> {
    const { worker, making } = sharing;
    const turn = (k: number) => (Math.floor((of * (k + 0.5)) / groups.length) - (part - 1) + of) % of;
    const queue = groups
        .map((group, k) => ({ group, turn: turn(k), k }))
        .filter(({ turn }) => !onlyOwn || turn === 0)
        .sort((a, b) => a.turn - b.turn || a.k - b.k);
    const left = () => groups.filter((group) => !group.isMade());
    while (left().length > 0) {
        let progress = false;
        for (const { group } of queue) {
            making.signal.throwIfAborted();
            if (group.isMade() || !(await isClaimed(group, sharing, isRetry))) continue;
            progress = true;
            await group.make();
            await worker.change({ made: worker.now.made + group.tiles });
        }
        if (progress) continue;
        if (onlyOwn) throw new OthersLeft(left().reduce((sum, { tiles }) => sum + tiles, 0));
        await wait(LOOK_MS, undefined, { signal: making.signal });
    }
}

/** Claims what no living worker has. */
async function isClaimed({ id }: TileGroup, sharing: Sharing, isRetry: boolean): Promise<boolean> {
    const { shard, worker } = sharing;
    const held = readClaims(shard).get(id);
    // Made before by this worker, and deleted since.
    if (held?.worker === worker.now.id) return true;
    if (held && (await isLiving(held, sharing))) return false;
    if (held && held.generation >= MAX_GENERATIONS && !isRetry) {
        const message = `${MAX_GENERATIONS} workers ended while they made the same tiles (killed for want of memory?). They are not tried again before the next submission.`;
        const failure = { code: 'shard/deadly', message } as const;
        await writeWhole(
            failureFile(shard, 0),
            JSON.stringify(failureOfCell({ cell: 0, seed: 0 }, failure, worker.now.id)),
        );
        throw new RunError(failure.code, message);
    }
    return takeClaim(shard, id, held, worker.now.id);
}
