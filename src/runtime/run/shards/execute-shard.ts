/** Carries out a share of a run: claims pictures that no living worker has, makes them, and lets the last one gather. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cellsOf } from '../../../plan/cells.ts';
import { digest } from '../../../plan/digest.ts';
import type { MosaicPlan } from '../../../plan/mosaic/mosaic.ts';
import { modelsOf } from '../../../plan/parts.ts';
import { type Chunk, chunksOf, inOrderOfShare, sharesOf } from '../../../plan/passes/shares.ts';
import type { PicturePlan, SweepPlan } from '../../../plan/plan.ts';
import { forgetTiles } from '../../mosaic/tile-store.ts';
import { failureOf, isCancelled, RunError } from '../../run-error.ts';
import { writeOnce, writeWhole } from '../../write-whole.ts';
import { executeRun } from '../execute-run.ts';
import { fileDigests } from '../inputs/file-digests.ts';
import { checkInputs } from '../inputs/inputs.ts';
import { versions } from '../machine.ts';
import { makePictures } from '../make-pictures.ts';
import type { RunOutcome, RunRequest, Supervision } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import type { RunServices } from '../run-services.ts';
import { ignoreInGit, readRun, refuseLinks, runFolder, runsFolder, TILES } from '../runs.ts';
import { usableRun } from '../up-to-date.ts';
import { readClaims, takeClaim } from './claims.ts';
import { foldShards } from './gather.ts';
import {
    failureFile,
    failureOfCell,
    headFile,
    isFinished,
    readFailures,
    type ShardHead,
    shardFolder,
} from './shard-folder.ts';
import { shardRecord } from './shard-record.ts';
import { shareTiles } from './share-tiles.ts';
import { isLiving, MAX_GENERATIONS, type Sharing, type WantedShare } from './sharing.ts';
import { beginWorker, type OwnWorker } from './worker.ts';

/** Name of the claim of who gathers. */
const GATHER = 'gather';

/**
 * Makes a share of the pictures and never throws. The worker that finds every picture made closes the run. Any number of workers may come and go at any time; a dead one's pictures are taken over.
 */
export async function executeShard(
    request: RunRequest,
    workshop: RunServices,
    supervision: Supervision,
): Promise<RunOutcome> {
    const { run, base, options = {} } = request;
    const wanted = options.shard ?? { part: 1, of: 1 };
    const runs = runsFolder(base, options.out);
    const folder = runFolder(runs, run.name, run.work);
    const digests = await fileDigests(join(base, '.sdspec', 'digests.json'));
    let worker: OwnWorker | undefined;
    let made = 0;
    try {
        refuseLinks(base, runs, folder);
        const { work } = run;
        if (work.kind === 'print' || work.kind === 'learn') throw notShared(run.name, work.kind);
        if (!options.out) await ignoreInGit(base);
        const inputs = await checkInputs(work, base, digests);
        const head = await headOf(request, work, inputs, workshop);
        const shard = shardFolder(folder, head);
        const earlier = work.kind === 'mosaic' ? await usableRun(request, inputs, digests, workshop) : undefined;
        await writeOnce(join(folder, 'plan.json'), `${JSON.stringify(run, null, 2)}\n`);
        const isFirst = await writeOnce(headFile(shard), `${JSON.stringify(head, null, 2)}\n`);
        // The first worker deletes tiles of other inputs, weights or versions.
        if (isFirst && work.kind === 'mosaic' && !earlier) await forgetTiles(join(folder, TILES));
        worker = await beginWorker(shard, `${wanted.part}/${wanted.of}`);
        const record = shardRecord(folder, shard, worker, foldShards(folder, shard, head));
        const emit: RunContext['emit'] = (event) => {
            record.onEvent(event);
            supervision.emit(event);
        };
        const { signal } = supervision;
        const making = { request, folder, workshop, digests, record, usesBefore: new Map(), emit, signal };
        const sharing: Sharing = { folder, shard, worker, making, since: await worker.clock() };
        const left =
            work.kind === 'mosaic' ? await shareTiles(work, sharing, wanted) : await makeShare(work, sharing, wanted);
        made = worker.now.made;
        if (left > 0) return { kind: 'shared', folder, made, left };
        if (readRun(folder)?.state === 'complete' || (await isClaimed(sharing, GATHER))) {
            const { shard: _, ...rest } = options;
            return await executeRun({ ...request, options: { ...rest, gather: true } }, workshop, supervision);
        }
        return { kind: 'shared', folder, made, left: 0 };
    } catch (error) {
        if (isCancelled(error)) return { kind: 'cancelled', pictures: worker?.now.made ?? made, folder };
        return { kind: 'failed', failure: failureOf(error), notices: [], pictures: worker?.now.made ?? made, folder };
    } finally {
        await worker?.end().catch(() => {});
        await digests.save();
    }
}

/**
 * Takes chunk after chunk until no one is free. A chunk of a dead worker is free again, so the round is repeated. Returns how
 * many pictures are left to others.
 */
async function makeShare(work: PicturePlan | SweepPlan, sharing: Sharing, wanted: WantedShare): Promise<number> {
    const cells = cellsOf(work);
    const chunks = chunksOf(cells);
    const shares = sharesOf(chunks, wanted.of);
    const own = wanted.onlyOwn ? chunks.filter((_, k) => shares[k] === wanted.part - 1) : chunks;
    const queue = inOrderOfShare(own, wanted);
    // Once each: what does not come to be is left to the next worker.
    const tried = new Set<Chunk>();
    for (let progress = true; progress; ) {
        progress = false;
        for (const chunk of queue) {
            sharing.making.signal.throwIfAborted();
            const missing = missingOf(chunk, sharing);
            if (tried.has(chunk) || missing.cells.length === 0) continue;
            if (!(await isClaimed(sharing, String(chunk.id), missing))) continue;
            tried.add(chunk);
            progress = true;
            await makeChunk(missingOf(chunk, sharing), sharing);
        }
    }
    const { folder, shard } = sharing;
    return cells.filter(({ index }) => !isFinished(folder, shard, index) && !hasFailed(sharing, index)).length;
}

async function makeChunk({ cells }: Chunk, { making, shard, worker }: Sharing): Promise<void> {
    const [first] = cells;
    if (!first) return;
    await worker.change({ cell: first.index });
    const report = (failures: Awaited<ReturnType<typeof makePictures>>) =>
        Promise.all(
            failures.map(({ cell, seed, labels, ...failure }) =>
                writeWhole(
                    failureFile(shard, cell),
                    JSON.stringify(failureOfCell({ cell, seed, ...(labels && { labels }) }, failure, worker.now.id)),
                ),
            ),
        );
    try {
        await report(await makePictures(cells, making));
    } catch (error) {
        // The only picture of a run throws instead of being reported among others.
        if (isCancelled(error) || /^(output|runtime|shard)\//.test(failureOf(error).code)) throw error;
        await report([{ cell: first.index, seed: first.seed, ...failureOf(error) }]);
    }
}

/** The pictures of a chunk that are neither made nor have failed since this worker began. */
function missingOf(chunk: Chunk, sharing: Sharing): Chunk {
    const cells = chunk.cells.filter(
        ({ index }) => !isFinished(sharing.folder, sharing.shard, index) && !hasFailed(sharing, index),
    );
    return { ...chunk, cells };
}

function hasFailed({ shard, since }: Sharing, cell: number): boolean {
    const changed = statSync(failureFile(shard, cell), { throwIfNoEntry: false })?.mtimeMs;
    return changed !== undefined && changed >= since;
}

/**
 * Claims what no living worker has. A chunk that was claimed three times without coming to be is given up, and its
 * pictures are failures.
 */
async function isClaimed(sharing: Sharing, id: string, chunk?: Chunk): Promise<boolean> {
    const { shard, worker } = sharing;
    const held = readClaims(shard).get(id);
    if (held && held.worker === worker.now.id) return chunk !== undefined;
    if (held && (await isLiving(held, sharing))) return false;
    const failedBefore = chunk
        ? readFailures(shard).some(({ cell }) => chunk.cells.some((c) => c.index === cell))
        : false;
    if (chunk && held && held.generation >= MAX_GENERATIONS && !failedBefore) {
        await giveUp(chunk, sharing);
        return false;
    }
    return takeClaim(shard, id, held, worker.now.id);
}

async function giveUp({ cells }: Chunk, { shard, worker }: Sharing): Promise<void> {
    const message = `${MAX_GENERATIONS} workers ended while they made this picture (killed for want of memory?). It is not tried again before the next submission.`;
    for (const { index, seed, labels } of cells) {
        const failure = { code: 'shard/deadly', message };
        const about = { cell: index, seed, ...(labels && { labels }) };
        await writeWhole(failureFile(shard, index), JSON.stringify(failureOfCell(about, failure, worker.now.id)));
    }
}

async function headOf(
    { run, base, spec }: RunRequest,
    work: PicturePlan | SweepPlan | MosaicPlan,
    inputs: ShardHead['inputs'],
    workshop: RunServices,
): Promise<ShardHead> {
    const weights = modelsOf(work).flatMap((ref) =>
        [...workshop.modelFiles(ref, base)].map(([path, file]) => ({ path, bytes: statSync(file).size })),
    );
    return {
        name: run.name,
        digest: digest(run.work),
        kind: work.kind,
        ...(spec === undefined ? {} : { spec }),
        // A mosaic is one picture.
        cells: work.kind === 'mosaic' ? 1 : cellsOf(work).length,
        versions: versions(),
        inputs,
        weights,
    };
}

function notShared(name: string, kind: string): RunError {
    const message = `${name} is a ${kind}: --shard shares the pictures of a generate or a sweep, or the tiles of a mosaic. Run it without --shard.`;
    return new RunError('shard/kind', message);
}
