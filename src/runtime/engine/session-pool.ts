/** The sessions of one model or net: made when first needed, shared, kept within bounds, reported. */
import { sizeWords } from '../../plan/amounts.ts';
import type { Precision } from '../../plan/plan.ts';
import type { QuantisedLinears } from '../graph/forms/int8-linear.ts';
import type { OperatorForms } from '../graph/forms/operator-forms.ts';
import type { TransformedConvolutions } from '../graph/forms/winograd-weights.ts';
import type { Graph } from '../graph/graph.ts';
import { ModelError } from '../weights/model-error.ts';
import { bytesOf, type PartTensors } from '../weights/parts.ts';
import type { DeviceChoice } from './backend.ts';
import { type ChooseDevice, chooseDevice, type Device, type DeviceReport, type SessionReport } from './devices.ts';
import type { FastConvolutions } from './fast-convolutions.ts';
import { chooseHalf, halfName } from './half.ts';
import type { Int8Linears } from './int8-linears.ts';
import { createSession, firstLine, onnxruntimeVersion, type Session } from './session.ts';
import { planSession } from './session-plan.ts';

export interface SessionPool {
    readonly report: DeviceReport;
    /** The session of a part for a key, which says what was compiled in. */
    session(
        part: string,
        key: string,
        build: (forms: OperatorForms) => Graph,
        options?: SessionOptions,
    ): Promise<Session>;
    /** Counts a use of a session whose result is remembered, so that the session need not run. */
    used(part: string, key: string): void;
    release(part: string): Promise<void>;
}

export interface SessionOptions {
    /** Calls that are planned; 1 unless set. */
    readonly expectedCalls?: number;
    /** `int8`: linear layers in 8 bits, on the CPU. `fp16`: as far as the device has 16 bits, see `mayBeHalf`. */
    readonly precision?: Precision;
    /**
     * Whether 16 bits are enough for the part on devices that have them. Not for decoders, which overflow (SDXL's does), and not for what
     * runs once.
     */
    readonly mayBeHalf?: boolean;
    /** Enlargements that are folded into convolutions on the CPU. */
    readonly folded?: OperatorForms['folded'];
}

export interface PoolOptions {
    readonly requested: DeviceChoice;
    readonly threads?: number;
    /** Weights of each part by its name: `unet`, `controlnet`, `upscaler` … */
    readonly weights: Readonly<Record<string, PartTensors>>;
    /** Faster forms of a part's convolutions on the CPU. */
    readonly convolutions?: Readonly<Record<string, () => Promise<FastConvolutions>>>;
    /** Linear layers of a part in 8 bits, for sessions that ask for them. */
    readonly linears?: Readonly<Record<string, () => Promise<Int8Linears>>>;
    /** Parts that always run on the CPU. */
    readonly onCpu?: readonly string[];
    /** Shared by all pools of a process, so that a device is tested once. */
    readonly choose?: ChooseDevice;
    readonly notice: (text: string) => void;
}

interface WantedSession {
    readonly name: string;
    readonly part: string;
    readonly build: (forms: OperatorForms) => Graph;
    readonly options: SessionOptions;
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
    const fallbacks = new Set(chosen.fallbacks);
    /** By the session's name; a session that is made again takes the place of the former. */
    const reports = new Map<string, Omit<SessionReport, 'lastUse'>>();
    const lastUses = new Map<string, number>();
    let uses = 0;
    /** Asked for once for each part, so that all its sessions agree. */
    const convolutions = new Map<string, Promise<TransformedConvolutions>>();
    /** Files of prepared weights that the user knows of. */
    const noticed = new Set<object>();
    const open = new Map<string, { readonly part: string; readonly session: Promise<Session> }>();
    for (const text of fallbacks) notice(text);

    function weightsOf(part: string): PartTensors {
        const found = weights[part];
        if (!found) throw new Error(`The pool has no part ${part}.`);
        return found;
    }

    async function make(wanted: WantedSession): Promise<Session> {
        const { part } = wanted;
        const device = onCpu.includes(part) ? cpu : chosen;
        try {
            return await makeOn(device, wanted);
        } catch (error) {
            if (device.backend === 'cpu') throw error;
            const text = `The ${part} can't run on ${device.backend} (${firstLine(error)}); the CPU does its work.`;
            return makeOn(cpu, wanted, [text]);
        }
    }

    async function makeOn(
        device: Device,
        { name, part, build, options }: WantedSession,
        lacks: readonly string[] = [],
    ): Promise<Session> {
        const { expectedCalls = 1, precision, mayBeHalf = false, folded } = options;
        const start = performance.now();
        const { backend } = device;
        const choice = mayBeHalf ? await chooseHalf(device, weightsOf(part), precision) : undefined;
        const half = choice?.products ?? [];
        const plan = planSession(backend, weightsOf(part), expectedCalls, half);
        const transformed = backend === 'cpu' ? await convolutionsOf(part) : NONE;
        const quantised = precision === 'int8' ? await linearsOf(device, part) : undefined;
        const folds = backend === 'cpu' && folded !== undefined;
        const graph = build({
            ...device.forms,
            ...(folds && { folded }),
            ...(transformed.size > 0 && { transformed }),
            ...(quantised && { quantised }),
            ...(half.length > 0 && { half }),
        });
        const session = await createSession(graph, {
            backend,
            threads: device.threads,
            optimisation: plan.optimisation,
            prepack: plan.weights === 'prepacked',
        });
        const report: Omit<SessionReport, 'lastUse'> = {
            part: graph.name,
            backend,
            ...plan,
            ...(folds && { convolutions: 'folded' }),
            ...(transformed.size > 0 && { convolutions: 'winograd' }),
            ...(quantised && { linears: 'int8' }),
            ...(half.length > 0 && { values: halfName(half) }),
            milliseconds: Math.round(performance.now() - start),
            fallbacks: [...lacks, ...(choice?.fallbacks ?? [])],
        };
        reports.delete(name);
        reports.set(name, report);
        for (const text of report.fallbacks) fallbacks.add(text);
        return session;
    }

    /** Every use reports what the session does without: it may be that of another run than the one that it was made for. */
    async function use(name: string, session: Promise<Session>): Promise<Session> {
        lastUses.set(name, ++uses);
        const made = await session;
        for (const text of reports.get(name)?.fallbacks ?? []) notice(text);
        return made;
    }

    /** Without them the convolutions run as they are, and the report says why: the last bits differ. */
    async function findConvolutions(part: string): Promise<TransformedConvolutions> {
        const found = await options.convolutions?.[part]?.();
        if (!found) return NONE;
        if ('convolutions' in found) {
            noticeMade(part, found);
            return found.convolutions;
        }
        const text = `The ${part}'s convolutions run in the slower plain form: their weights could not be prepared (${found.reason}).`;
        fallbacks.add(text);
        notice(text);
        return NONE;
    }

    function convolutionsOf(part: string): Promise<TransformedConvolutions> {
        const found = convolutions.get(part) ?? findConvolutions(part);
        convolutions.set(part, found);
        return found;
    }

    /** A plan that asks for 8 bits gets them, or an error: a picture of other arithmetic would be another one. */
    async function linearsOf({ backend }: Device, part: string): Promise<QuantisedLinears> {
        if (backend !== 'cpu') throw new ModelError('model/device', '8-bit layers run on the CPU only');
        const found = await options.linears?.[part]?.();
        if (!found) throw new Error(`The pool has no layers of the ${part} in 8 bits.`);
        if ('linears' in found) {
            noticeMade(part, found);
            return found.linears;
        }
        const message = `\`precision int8\` needs weights of the ${part} in 8 bits, which could not be prepared (${found.reason}). Leave it out, or set SDSPEC_CACHE to a folder and SDSPEC_CACHE_GB to a size that they fit.`;
        throw new ModelError('model/device', message);
    }

    function noticeMade(part: string, made: { readonly madeBytes?: number }): void {
        if (!made.madeBytes || noticed.has(made)) return;
        noticed.add(made);
        notice(
            `Weights of the ${part} were prepared once, ${sizeWords(made.madeBytes)} on disk: \`sdspec models cache\` lists and removes them.`,
        );
    }

    /** Few planned calls and many hold weights in two ways. */
    function nameOf(part: string, key: string, { expectedCalls = 1 }: SessionOptions = {}): string {
        return `${part} ${planSession('cpu', weightsOf(part), expectedCalls).weights} ${key}`;
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
                sessions: [...reports].map(([name, report]) => ({ ...report, lastUse: lastUses.get(name) ?? 0 })),
                uses,
            };
        },
        async session(part, key, build, options = {}) {
            const name = nameOf(part, key, options);
            const known = open.get(name);
            if (known) {
                open.delete(name);
                open.set(name, known);
                return use(name, known.session);
            }
            await makeRoom(part);
            const session = make({ name, part, build, options });
            open.set(name, { part, session });
            session.catch(() => open.delete(name));
            return use(name, session);
        },
        used(part, key) {
            lastUses.set(nameOf(part, key), ++uses);
        },
        async release(part) {
            for (const [key, entry] of [...open]) if (entry.part === part) await drop(key);
        },
    };
}
