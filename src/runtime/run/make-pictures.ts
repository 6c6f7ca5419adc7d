/** Makes the pictures of a run, batch by batch, and saves each as soon as it is finished. */
import { join } from 'node:path';
import { type Batch, batchesOf, type Cell, cellsIn } from '../../plan/cells.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { FeatureMemory } from '../denoise/features.ts';
import type { RunEvent } from '../events.ts';
import type { GenerateContext } from '../generate.ts';
import { runMemory } from '../recipe/run-memory.ts';
import { failureOf, isCancelled } from '../run-error.ts';
import { pathOf } from './inputs/inputs.ts';
import { adapterPath, type MadeFiles, readSource } from './inputs/read-source.ts';
import { makeFirst } from './make-first.ts';
import type { RecordedFailure, RunRecord } from './record.ts';
import type { RunContext } from './run-context.ts';
import { beginDigests, openPlanControlNet, openPlanModel, recordModels } from './run-models.ts';
import { hashesOf, saveCell } from './save.ts';

/**
 * Returns why pictures of several could not be made; the others are made all the same. Throws what stops the whole run, or
 * its only picture; pictures that were finished before are on disk and in the record.
 */
export async function makePictures(cells: readonly Cell[], making: RunContext): Promise<readonly RecordedFailure[]> {
    // With a sink every picture goes alone, so that its tensors have names of their own.
    const batches = making.sink ? cells.flatMap((cell) => batchesOf([cell])) : batchesOf(cells);
    const memory = runMemory(batches.map(({ plan }) => plan));
    const isOne = cellsIn(making.request.run.work).length <= 1;
    const failures: RecordedFailure[] = [];
    if (cells.length > 0 && !making.request.options?.shard) beginDigests(making);
    const make = async (batch: Batch, prefix: string): Promise<void> => {
        making.signal.throwIfAborted();
        const made = await makeFirst(batch.plan, making);
        const context = { ...contextOf(batch, made, making, prefix), ...(batches.length > 1 ? { memory } : {}) };
        for await (const picture of making.workshop.generate(batch.plan, context)) {
            const cell = batch.cells[picture.index];
            if (!cell) throw new Error(`Picture ${picture.index} was not asked for.`);
            if (!(await making.record.wants(cell.index))) continue;
            making.emit({ kind: 'stage', stage: 'save' });
            const hashes = await hashesOf(cell.plan, making.request.base, making.digests);
            await making.record.add(await saveCell(making.folder, cell, picture, making.workshop, hashes));
            making.emit({ kind: 'picture', cell: cell.index, file: join(making.folder, cell.file), seed: cell.seed });
        }
    };
    const queue = batches.map((batch, k) => ({ batch, prefix: batches.length > 1 ? `picture-${k + 1}.` : '' }));
    for (const { batch, prefix } of queue) {
        try {
            await make(batch, prefix);
        } catch (error) {
            if (isOne || isCancelled(error) || stopsAll(error)) throw error;
            const missing = batch.cells.filter((cell) => !isMade(cell, making.record.now));
            // Each of several alone: one seed that fails must not take the others with it.
            if (batch.cells.length > 1) queue.push(...batchesEach(missing).map((one) => ({ batch: one, prefix })));
            else for (const cell of missing) failures.push(failed(cell, error));
        }
    }
    for (const features of memory.featureMemories()) {
        if (features.overflow > 0) making.emit({ kind: 'notice', text: tooLarge(features) });
    }
    try {
        if (!making.request.options?.shard) await recordModels(making);
    } catch (error) {
        // A model that could not be opened is among the failures already.
        if (failures.length === 0) throw error;
    }
    return failures;
}

/**
 * Makes the pictures of a plan of fewer steps, which are shown as previews and kept nowhere. What fails here is reported by the
 * pictures themselves, which fail as well.
 */
export async function showDraft(plan: PicturePlan, cells: readonly Cell[], making: RunContext): Promise<void> {
    making.emit({ kind: 'stage', stage: 'draft' });
    const batch = { plan, cells };
    // No states on the way: the picture before is in sight until the draft is whole, and to draw them would take the processor from it.
    const context = contextOf(batch, new Map(), { ...making, emit: () => {} }, 'draft.');
    try {
        for await (const { index, picture } of making.workshop.generate(plan, context)) {
            const cell = cells[index]?.index ?? index;
            making.emit({ kind: 'preview', cell, step: plan.steps - 1, picture, draft: plan.steps });
        }
    } catch (error) {
        if (isCancelled(error)) throw error;
    }
}

/** Where nothing can be written, no other picture can be either. */
function stopsAll(error: unknown): boolean {
    return /^(output|runtime|shard)\//.test(failureOf(error).code);
}

function isMade({ index }: Cell, { pictures }: RunRecord): boolean {
    return pictures.some(({ cell }) => cell === index);
}

function batchesEach(cells: readonly Cell[]): readonly Batch[] {
    return cells.flatMap((cell) => batchesOf([cell]));
}

function failed({ index, seed, labels }: Cell, error: unknown): RecordedFailure {
    return { cell: index, seed, ...(labels ? { labels } : {}), ...failureOf(error) };
}

function tooLarge({ bytes, overflow }: FeatureMemory): string {
    const held = `${Math.round(bytes / 2 ** 20)} MB of bias features were kept`;
    return `${held}; ${overflow} did not fit and were computed again for every picture.`;
}

/** What a batch is generated with: models, pictures and files of this run. */
export function contextOf(batch: Batch, made: MadeFiles, making: RunContext, prefix: string): GenerateContext {
    const { request, workshop, sink, signal } = making;
    const previews = (request.options?.previewEvery ?? 0) > 0;
    return {
        openModel: (ref) => openPlanModel(ref, batch.plan, made, making),
        openControlNet: (net) => openPlanControlNet(net, batch.plan, made, making),
        learned: async (tokens, width) =>
            new Map(
                tokens.map(({ token, file }) => [
                    token,
                    workshop.learnedEmbedding(adapterPath(file, request.base, made), width, token),
                ]),
            ),
        picture: (source, as) => readSource(source, request.base, made, workshop, as),
        noiseFile: ({ path }) => workshop.noise(pathOf(request.base, path)),
        emit: (event) => report(inRun(event, batch), making),
        signal,
        previews,
        ...(sink ? { sink: { sites: sink.sites, add: (name, tensor) => sink.add(prefix + name, tensor) } } : {}),
    };
}

/** Previews are wanted after every n-th step only. */
function report(event: RunEvent, { emit, request }: RunContext): void {
    const every = request.options?.previewEvery ?? 0;
    if (event.kind !== 'preview' || (event.step + 1) % every === 0) emit(event);
}

/** The event with pictures counted as in the whole run. */
function inRun(event: RunEvent, { cells }: Batch): RunEvent {
    const index = (k: number) => cells[k]?.index ?? k;
    if (event.kind === 'step') return { ...event, cells: event.cells.map(index) };
    return event.kind === 'preview' || event.kind === 'picture' ? { ...event, cell: index(event.cell) } : event;
}
