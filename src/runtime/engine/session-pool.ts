/** The sessions of one model or net: made when first needed, shared, kept within bounds, reported. */
import { sizeWords } from '../../plan/amounts.ts';
import type { Graph } from '../graph/graph.ts';
import type { OperatorForms } from '../graph/layers.ts';
import type { TransformedConvolutions } from '../graph/winograd.ts';
import { bytesOf, type PartTensors } from '../weights/parts.ts';
import type { DeviceChoice } from './backend.ts';
import { type ChooseDevice, chooseDevice, type Device, type DeviceReport, type SessionReport } from './devices.ts';
import type { FastConvolutions } from './fast-convolutions.ts';
import { createSession, firstLine, onnxruntimeVersion, type Session } from './session.ts';
import { planSession } from './session-plan.ts';

export interface SessionPool {
    readonly report: DeviceReport;
    /** The session of a part for a key, which says what was compiled in. `expectedCalls` is 1 unless set. */
    session(
        part: string,
        key: string,
        build: (forms: OperatorForms) => Graph,
        expectedCalls?: number,
    ): Promise<Session>;
    release(part: string): Promise<void>;
}

export interface PoolOptions {
    readonly requested: DeviceChoice;
    readonly threads?: number;
    /** Weights of each part by its name: `unet`, `controlnet`, `upscaler` … */
    readonly weights: Readonly<Record<string, PartTensors>>;
    /** Faster forms of a part's convolutions on the CPU. */
    readonly convolutions?: Readonly<Record<string, () => Promise<FastConvolutions>>>;
    /** Parts that always run on the CPU. */
    readonly onCpu?: readonly string[];
    /** Shared by all pools of a process, so that a device is tested once. */
    readonly choose?: ChooseDevice;
    readonly notice: (text: string) => void;
}

const NONE: TransformedConvolutions = new Map();

/** Sessions of a part are kept while their weights together stay below this, and two in any case. */
const KEPT_BYTES = 256 * 2 ** 20;
const MAX_KEPT = 8;

export async function sessionPool(options: PoolOptions): Promise<SessionPool> {
    const { requested, threads, weights, onCpu = [], choose = chooseDevice, notice } = options;
    const chosen = await choose(requested, {
        modelBytes: Math.max(...Object.values(weights).map(bytesOf)),
        ...(threads !== undefined && { threads }),
    });
    const cpu: Device =
        chosen.backend === 'cpu' ? chosen : await choose('cpu', { modelBytes: 0, threads: chosen.threads });
    const fallbacks = [...chosen.fallbacks];
    const reports: SessionReport[] = [];
    /** Asked for once for each part, so that all its sessions agree. */
    const convolutions = new Map<string, Promise<TransformedConvolutions>>();
    const open = new Map<string, { readonly part: string; readonly session: Promise<Session> }>();
    for (const text of fallbacks) notice(text);

    function weightsOf(part: string): PartTensors {
        const found = weights[part];
        if (!found) throw new Error(`The pool has no part ${part}.`);
        return found;
    }

    async function make(part: string, build: (forms: OperatorForms) => Graph, expectedCalls: number): Promise<Session> {
        const device = onCpu.includes(part) ? cpu : chosen;
        try {
            return await makeOn(device, part, build, expectedCalls);
        } catch (error) {
            if (device.backend === 'cpu') throw error;
            const text = `The ${part} can't run on ${device.backend} (${firstLine(error)}); the CPU does its work.`;
            fallbacks.push(text);
            notice(text);
            return makeOn(cpu, part, build, expectedCalls);
        }
    }

    async function makeOn(
        device: Device,
        part: string,
        build: (forms: OperatorForms) => Graph,
        expectedCalls: number,
    ): Promise<Session> {
        const start = performance.now();
        const { backend } = device;
        const plan = planSession(backend, weightsOf(part), expectedCalls);
        const transformed = backend === 'cpu' ? await convolutionsOf(part) : NONE;
        const graph = build(transformed.size > 0 ? { ...device.forms, transformed } : device.forms);
        const session = await createSession(graph, {
            backend,
            threads: device.threads,
            optimisation: plan.optimisation,
            prepack: plan.weights === 'prepacked',
        });
        reports.push({
            part: graph.name,
            backend,
            ...plan,
            ...(transformed.size > 0 && { convolutions: 'winograd' }),
            milliseconds: Math.round(performance.now() - start),
        });
        return session;
    }

    /** Without them the convolutions run as they are, and the report says why: the last bits differ. */
    async function findConvolutions(part: string): Promise<TransformedConvolutions> {
        const found = await options.convolutions?.[part]?.();
        if (!found) return NONE;
        if ('convolutions' in found) {
            const { convolutions, madeBytes } = found;
            if (madeBytes) {
                const size = sizeWords(madeBytes);
                notice(
                    `Weights of the ${part} were prepared once, ${size} on disk: \`sdspec models cache\` lists and removes them.`,
                );
            }
            return convolutions;
        }
        const text = `The ${part}'s convolutions run in the slower plain form: their weights could not be prepared (${found.reason}).`;
        fallbacks.push(text);
        notice(text);
        return NONE;
    }

    function convolutionsOf(part: string): Promise<TransformedConvolutions> {
        const found = convolutions.get(part) ?? findConvolutions(part);
        convolutions.set(part, found);
        return found;
    }

    /** Lets the longest unused sessions of a part go until there is room for one more. */
    async function makeRoom(part: string): Promise<void> {
        const limit = Math.min(MAX_KEPT, Math.max(2, Math.floor(KEPT_BYTES / bytesOf(weightsOf(part)))));
        const keys = [...open].filter(([, entry]) => entry.part === part).map(([key]) => key);
        for (const key of keys.slice(0, Math.max(0, keys.length - limit + 1))) await drop(key);
    }

    async function drop(key: string): Promise<void> {
        const entry = open.get(key);
        open.delete(key);
        await (await entry?.session)?.release();
    }

    return {
        get report(): DeviceReport {
            return {
                requested,
                used: chosen.backend,
                reason: chosen.reason,
                fallbacks: [...fallbacks],
                forms: chosen.forms,
                ...(chosen.attentionError !== undefined && { attentionError: chosen.attentionError }),
                threads: chosen.threads,
                onnxruntime: onnxruntimeVersion(),
                sessions: [...reports],
            };
        },
        async session(part, key, build, expectedCalls = 1) {
            const name = `${part} ${planSession('cpu', weightsOf(part), expectedCalls).weights} ${key}`;
            const known = open.get(name);
            if (known) {
                open.delete(name);
                open.set(name, known);
                return known.session;
            }
            await makeRoom(part);
            const session = make(part, build, expectedCalls);
            open.set(name, { part, session });
            session.catch(() => open.delete(name));
            return session;
        },
        async release(part) {
            for (const [key, entry] of [...open]) if (entry.part === part) await drop(key);
        },
    };
}
