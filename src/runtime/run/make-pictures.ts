/** Makes the pictures of a run, batch by batch, and saves each as soon as it is finished. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Batch, batchesOf, type Cell, cellsIn } from '../../plan/cells.ts';
import { modelName } from '../../plan/model-names.ts';
import { modelsOf } from '../../plan/parts.ts';
import type { LearnPlan, ModelRef, PicturePlan } from '../../plan/plan.ts';
import type { FeatureMemory } from '../denoise/features.ts';
import { memoryNotice } from '../engine/picture-memory.ts';
import type { RunEvent } from '../events.ts';
import { LARGE_FILE } from '../file-hash.ts';
import type { GenerateContext } from '../generate.ts';
import type { Rgb } from '../pictures/picture.ts';
import { covering, toUnit } from '../pictures/pixels.ts';
import { runMemory } from '../recipe/run-memory.ts';
import { failureOf, isCancelled } from '../run-error.ts';
import type { TensorSink } from '../tensor-sink.ts';
import type { FileDigests } from './file-digests.ts';
import { pathOf } from './inputs.ts';
import { makeFirst } from './make-first.ts';
import type { ScanPictures } from './measures/scan.ts';
import type { OpenRecord } from './open-record.ts';
import { adapterPath, type MadeFiles, readSource } from './read-source.ts';
import type { RecordedDevice, RecordedFailure, RecordedFile, RunRecord } from './record.ts';
import type { RunRequest } from './request.ts';
import type { RunServices, ServiceOptions } from './run-services.ts';
import { hashesOf, saveCell } from './save.ts';

export interface RunContext {
    readonly request: RunRequest;
    readonly folder: string;
    readonly workshop: RunServices;
    readonly digests: FileDigests;
    readonly record: OpenRecord;
    readonly sink?: TensorSink;
    readonly emit: (event: RunEvent) => void;
    readonly signal: AbortSignal;
    /** Ends a learning after its step, with what is learnt by then as the result. */
    readonly keep?: AbortSignal;
}

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

/** What measuring a scan needs: the finished pictures, their bias pictures on the canvas, and latents of both. */
export function scanPictures(making: RunContext): ScanPictures {
    const { request, folder, workshop } = making;
    const known = new Map<string, Promise<Rgb>>();
    return {
        made(cell) {
            const picture = known.get(cell.file) ?? workshop.readPicture(join(folder, cell.file));
            known.set(cell.file, picture);
            return picture;
        },
        async bias({ plan }) {
            const made = await makeFirst(plan, making);
            const sources = plan.infusions.flatMap(({ pictures }) => pictures.map(({ picture }) => picture));
            return Promise.all(
                sources.map(async (source) =>
                    covering(await readSource(source, request.base, made, workshop), plan.size),
                ),
            );
        },
        async encode(picture, cell) {
            const model = await openModel(cell.plan.model, cell, await makeFirst(cell.plan, making), making);
            const { mean } = await model.encodeImage(toUnit(picture));
            return mean.data.map((value) => value * model.checkpoint.latentScale);
        },
    };
}

function tooLarge({ bytes, overflow }: FeatureMemory): string {
    const held = `${Math.round(bytes / 2 ** 20)} MB of bias features were kept`;
    return `${held}; ${overflow} did not fit and were computed again for every picture.`;
}

/** Begins the digests of large weights, which take a thread of their own beside the pictures; `recordModels` waits for them. */
function beginDigests({ request, workshop, digests }: RunContext): void {
    for (const ref of modelsOf(request.run.work)) {
        try {
            for (const file of workshop.modelFiles(ref, request.base).values())
                if (statSync(file).size >= LARGE_FILE) digests.of(file).catch(() => {});
        } catch {
            // A model that can't be opened is reported by its pictures.
        }
    }
}

/** After the pictures, because reading gigabytes for their digest should delay no picture. */
export async function recordModels({ request, workshop, digests, record }: RunContext): Promise<void> {
    for (const ref of new Map(modelsOf(request.run.work).map((model) => [modelName(model), model])).values()) {
        const files: RecordedFile[] = [];
        for (const [path, file] of workshop.modelFiles(ref, request.base)) {
            files.push({ path, sha256: await digests.of(file) });
        }
        record.addModel({ name: modelName(ref), files });
    }
}

/** What a batch is generated with: models, pictures and files of this run. */
export function contextOf(batch: Batch, made: MadeFiles, making: RunContext, prefix: string): GenerateContext {
    const { request, workshop, sink, signal } = making;
    const previews = (request.options?.previewEvery ?? 0) > 0;
    return {
        openModel: (ref) => openModel(ref, batch, made, making),
        openControlNet: (net) =>
            workshop.openControlNet(adapterPath(net, request.base, made), openOptions(batch.plan, making)),
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

/** Opens the model and notes in the record what it is and where it runs. */
async function openModel(
    ref: ModelRef,
    { plan }: Pick<Batch, 'plan'>,
    made: MadeFiles,
    making: RunContext,
): ReturnType<RunServices['openModel']> {
    const adapters = plan.adapters.map(({ file, ...strength }) => ({
        path: adapterPath(file, making.request.base, made),
        ...strength,
    }));
    const model = await openRecorded(ref, { ...openOptions(plan, making), adapters }, making);
    const notice = memoryNotice(plan, model.checkpoint);
    if (notice) making.emit({ kind: 'notice', text: notice });
    return model;
}

/** The model that a learning trains beside or changes: on the CPU, without adapters. */
export function openLearnModel({ model, steps }: LearnPlan, making: RunContext): ReturnType<RunServices['openModel']> {
    const { threads } = making.request.options ?? {};
    const options = { device: 'cpu', expectedCalls: steps, ...(threads === undefined ? {} : { threads }) } as const;
    return openRecorded(model, options, making);
}

async function openRecorded(
    ref: ModelRef,
    options: Omit<ServiceOptions, 'base'>,
    { request, workshop, record, emit }: RunContext,
): ReturnType<RunServices['openModel']> {
    emit({ kind: 'stage', stage: 'open', detail: modelName(ref) });
    const notice = (text: string) => emit({ kind: 'notice', text });
    const model = await workshop.openModel(ref, { base: request.base, ...options, notice });
    for (const text of [...model.checkpoint.notices, ...model.device.fallbacks]) notice(text);
    record.watchDevice(() => recordedDevice(options.device, model.device));
    return model;
}

/** How a plan's parts are opened. Its steps alone decide, never the batch: a seed's picture is the same in any company. */
function openOptions({ steps, precision }: PicturePlan, { request }: RunContext): Omit<ServiceOptions, 'base'> {
    const { device = 'auto', threads } = request.options ?? {};
    return {
        device,
        expectedCalls: steps,
        ...(threads === undefined ? {} : { threads }),
        ...(precision ? { precision } : {}),
    };
}

function recordedDevice(
    asked: string,
    report: Awaited<ReturnType<RunServices['openModel']>>['device'],
): RecordedDevice {
    const sessions = report.sessions.map(({ part, optimisation, weights, convolutions, linears, values }) => [
        part,
        [optimisation, weights, convolutions, linears, values].filter(Boolean).join('/'),
    ]);
    return {
        asked,
        used: report.used,
        threads: report.threads,
        fallbacks: report.fallbacks,
        options: { ...report.forms, ...Object.fromEntries(sessions) },
        ...(report.used === 'cpu'
            ? {}
            : { inexact: `The last bits of ${report.used} depend on the GPU and its driver.` }),
    };
}
