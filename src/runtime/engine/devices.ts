/** Devices: where graphs run, which forms of operators suit each, and which one a request leads to. */
import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import type { OperatorForms } from '../graph/forms/operator-forms.ts';
import { ModelError } from '../weights/model-error.ts';
import type { Backend, DeviceChoice } from './backend.ts';
import { FETCH_CUDA, hasCudaLibraries } from './cuda-libraries.ts';
import { attentionError, fasterThanCpu, type HalfErrors, halfErrors } from './self-test.ts';
import { firstLine } from './session.ts';

export interface SessionReport {
    readonly part: string;
    readonly backend: Backend;
    readonly optimisation: 'all' | 'extended';
    /** Weights rearranged in memory for speed, mapped from the file as they are, or copied to the accelerator. */
    readonly weights: 'prepacked' | 'mapped' | 'device';
    /** How 3x3 convolutions run where not as they are. Another choice of layers or tiles would need another name: bits differ. */
    readonly convolutions?: 'winograd' | 'folded';
    /** How linear layers run where a plan asks for less precision. */
    readonly linears?: 'int8';
    /** Where values have 16 bits: `fp16`, and which products where not all of them (see `halfName`). */
    readonly values?: string;
    /** The rule that led to this choice. */
    readonly rule: string;
    readonly milliseconds: number;
    /** What it had to do without, as sentences: one of the device or of the numbers that a plan asks for. */
    readonly fallbacks: readonly string[];
    /** The number of its latest use among all uses of the model's sessions, from 1. */
    readonly lastUse: number;
}

/** Where the work runs and why: goes into the record of every picture. */
export interface DeviceReport {
    readonly requested: DeviceChoice;
    readonly used: Backend;
    /** What led to the used device, such as `asked for` or `small model`. */
    readonly reason: string;
    /** Why the used device is not the requested one, or which forms it had to fall back to; empty when all is well. */
    readonly fallbacks: readonly string[];
    readonly forms: OperatorForms;
    /** Relative error of fused attention against the CPU; undefined on the CPU itself. */
    readonly attentionError?: number;
    readonly threads: number;
    readonly onnxruntime: string;
    readonly sessions: readonly SessionReport[];
    /** How often a session was used so far, by all runs that share the model. */
    readonly uses: number;
}

/**
 * Of a report what was used since its model had had so many uses: a model is shared by the runs of a process, and a record
 * is of one run.
 */
export function reportSince(report: DeviceReport, uses: number): DeviceReport {
    const sessions = report.sessions.filter(({ lastUse }) => lastUse > uses);
    const ofSessions = new Set(report.sessions.flatMap(({ fallbacks }) => fallbacks));
    const ofUsed = new Set(sessions.flatMap(({ fallbacks }) => fallbacks));
    const fallbacks = report.fallbacks.filter((text) => ofUsed.has(text) || !ofSessions.has(text));
    return { ...report, sessions, fallbacks };
}

/** Fused attention that strays further than this from the CPU is replaced by the naive form. */
export const ATTENTION_LIMIT = 1e-3;

const FORMS: Readonly<Record<Backend, OperatorForms>> = {
    cpu: { linear: 'fused-matmul', attention: 'fused' },
    webgpu: { linear: 'gemm', attention: 'fused', padChannels: true },
    cuda: { linear: 'gemm', attention: 'fused' },
    dml: { linear: 'gemm', attention: 'fused' },
};

/** Models whose U-Net is smaller than this run on the CPU when the device is `auto`: an accelerator gains nothing. */
const SMALL_MODEL = 64 * 2 ** 20;

/** A device that passed its self-test. */
export interface Device {
    readonly requested: DeviceChoice;
    readonly backend: Backend;
    readonly reason: string;
    readonly forms: OperatorForms;
    readonly threads: number;
    readonly fallbacks: readonly string[];
    readonly attentionError?: number;
    /** Measures products in 16 bits, once; throws where the device has none. Absent on the CPU, which always takes 32. */
    readonly halfErrors?: () => Promise<HalfErrors>;
}

export interface DeviceOptions {
    /** Bytes of the largest part's weights. */
    readonly modelBytes: number;
    /** Threads of the CPU; by default one per core. */
    readonly threads?: number;
    /** Replaces the self-test's measurement: for tests of the fallback. */
    readonly attentionError?: (backend: Backend) => Promise<number>;
    /** Replaces the measurement of half precision. */
    readonly halfErrors?: (backend: Backend) => Promise<HalfErrors>;
}

/**
 * Finds the device for a request. `auto` takes the first accelerator that works and is faster than the CPU; any other
 * request is tried, and what does not work leads to the CPU with the reason among `fallbacks`.
 */
export async function chooseDevice(requested: DeviceChoice, options: DeviceOptions): Promise<Device> {
    const threads = options.threads ?? defaultThreads();
    const cpu: Device = { requested, backend: 'cpu', reason: 'asked for', forms: FORMS.cpu, threads, fallbacks: [] };
    if (requested === 'cpu') return cpu;
    if (requested === 'auto') {
        if (options.modelBytes < SMALL_MODEL)
            return { ...cpu, reason: 'an accelerator gains nothing for a small model' };
        for (const backend of candidates()) {
            try {
                const device = await tryBackend(backend, cpu, options);
                if (await fasterThanCpu(backend, threads))
                    return { ...device, reason: 'works and is faster than the CPU' };
            } catch {
                // Not there: the next one is tried, and the CPU always works.
            }
        }
        return { ...cpu, reason: 'no accelerator works and is faster' };
    }
    try {
        return await tryBackend(requested, cpu, options);
    } catch (error) {
        return {
            ...cpu,
            reason: `${requested} failed`,
            fallbacks: [`${requested} can't be used (${firstLine(error)}); the CPU does the work.`],
        };
    }
}

export type ChooseDevice = typeof chooseDevice;

/** Chooses devices for all models and nets of a process: every request is tested once. */
export function deviceChooser(choose: ChooseDevice = chooseDevice): ChooseDevice {
    const chosen = new Map<string, Promise<Device>>();
    return (requested, options) => {
        const key = [requested, options.threads ?? 0, options.modelBytes < SMALL_MODEL].join();
        const device = chosen.get(key) ?? choose(requested, options);
        chosen.set(key, device);
        device.catch(() => chosen.delete(key));
        return device;
    };
}

async function tryBackend(backend: Backend, cpu: Device, options: DeviceOptions): Promise<Device> {
    const supported = ort.listSupportedBackends().map((entry) => entry.name);
    if (!supported.includes(backend)) {
        throw new ModelError('model/device', `onnxruntime has no ${backend} on ${process.platform} ${process.arch}`);
    }
    if (backend === 'cuda' && !options.attentionError && !hasCudaLibraries()) {
        throw new ModelError('model/device', `its libraries are not installed: \`${FETCH_CUDA}\` fetches them`);
    }
    const error = await (options.attentionError ?? attentionError)(backend);
    let measured: Promise<HalfErrors> | undefined;
    const device: Device = {
        ...cpu,
        backend,
        forms: FORMS[backend],
        attentionError: error,
        halfErrors: () => (measured ??= (options.halfErrors ?? halfErrors)(backend)),
    };
    if (error <= ATTENTION_LIMIT) return device;
    const off = Number.isFinite(error) ? `${error.toPrecision(2)} off` : 'not finite';
    return {
        ...device,
        forms: { ...device.forms, attention: 'naive' },
        fallbacks: [`Fused attention is wrong on this ${backend} driver (${off}); the slower plain form is used.`],
    };
}

/** Accelerators in the order in which `auto` tries them. */
function candidates(): readonly Backend[] {
    switch (process.platform) {
        case 'win32':
            return ['dml', 'webgpu'];
        case 'linux':
            return ['cuda', 'webgpu'];
        default:
            return ['webgpu'];
    }
}

/** One per core; with many logical cores, half of them, since two logical cores of a pair share their arithmetic units. */
function defaultThreads(): number {
    const logical = availableParallelism();
    return logical > 4 && process.arch === 'x64' ? logical >> 1 : logical;
}
