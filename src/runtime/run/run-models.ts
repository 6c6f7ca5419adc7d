/** The models of a run: opened as its plans ask for, and noted in its record with what they are and where they run. */
import { statSync } from 'node:fs';
import { modelName } from '../../plan/model-names.ts';
import { modelsOf } from '../../plan/parts.ts';
import type { Control, LearnPlan, ModelRef, PicturePlan } from '../../plan/plan.ts';
import { type DeviceReport, reportSince } from '../engine/devices.ts';
import { memoryNotice } from '../engine/picture-memory.ts';
import { LARGE_FILE } from '../file-hash.ts';
import { adapterPath, type MadeFiles } from './inputs/read-source.ts';
import type { RecordedDevice, RecordedFile } from './record.ts';
import type { RunContext } from './run-context.ts';
import type { RunServices, ServiceOptions } from './run-services.ts';

/** Opens the model and notes in the record what it is and where it runs. */
export async function openPlanModel(
    ref: ModelRef,
    plan: PicturePlan,
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

/** Opens a ControlNet of a plan. */
export function openPlanControlNet(
    net: Control['net'],
    plan: PicturePlan,
    made: MadeFiles,
    making: RunContext,
): ReturnType<RunServices['openControlNet']> {
    const { request, workshop } = making;
    return workshop.openControlNet(adapterPath(net, request.base, made), openOptions(plan, making));
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
    { request, workshop, record, usesBefore, emit }: RunContext,
): ReturnType<RunServices['openModel']> {
    emit({ kind: 'stage', stage: 'open', detail: modelName(ref) });
    const notice = (text: string) => emit({ kind: 'notice', text });
    const model = await workshop.openModel(ref, { base: request.base, ...options, notice });
    const before = usesBefore.get(model) ?? model.device.uses;
    usesBefore.set(model, before);
    const report = () => reportSince(model.device, before);
    for (const text of [...model.checkpoint.notices, ...report().fallbacks]) notice(text);
    record.watchDevice(() => recordedDevice(options.device, report()));
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

function recordedDevice(asked: string, report: DeviceReport): RecordedDevice {
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

/** Begins the digests of large weights, which take a thread of their own beside the pictures; `recordModels` waits for them. */
export function beginDigests({ request, workshop, digests }: RunContext): void {
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
