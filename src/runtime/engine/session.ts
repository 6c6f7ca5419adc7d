/** Sessions: a graph made ready on a device, run with plain tensors. */
import * as ort from 'onnxruntime-node';
import { encode } from '../graph/encode.ts';
import type { Graph } from '../graph/graph.ts';
import { RunError } from '../run-error.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { ModelError } from '../weights/model-error.ts';
import type { Backend } from './backend.ts';

ort.env.logLevel = 'error';

/** Whole numbers, for token ids. */
export interface IntTensor {
    readonly ints: readonly number[];
    readonly dims: readonly number[];
}

export type Feeds = Readonly<Record<string, Tensor | IntTensor>>;

export interface Session {
    /** The inputs that the graph reads: a graph that stops early needs fewer. */
    readonly inputs: ReadonlySet<string>;
    run(feeds: Feeds): Promise<Readonly<Record<string, Tensor>>>;
    release(): Promise<void>;
}

export interface SessionSettings {
    readonly backend: Backend;
    readonly threads: number;
    readonly optimisation: 'all' | 'extended';
    /** On the CPU: rearrange weights for speed, or leave them mapped. */
    readonly prepack: boolean;
    /** Nothing is written to the standard error where it fails: for tests of what a device can do. */
    readonly quiet?: boolean;
}

/** Throws `ModelError` with the part's name where the device can't carry the graph out. */
export async function createSession(graph: Graph, settings: SessionSettings): Promise<Session> {
    const { bytes, weightsFolder } = encode(graph);
    let session: ort.InferenceSession;
    try {
        session = await ort.InferenceSession.create(bytes, sessionOptions(settings, weightsFolder));
    } catch (cause) {
        throw deviceError(`The ${graph.name} can't be made ready`, settings.backend, cause);
    }
    const names = new Set(graph.inputs.map(({ name }) => name));
    return {
        inputs: names,
        async run(feeds) {
            const inputs: Record<string, ort.Tensor> = {};
            for (const [name, feed] of Object.entries(feeds)) {
                if (!names.has(name)) throw new RangeError(`The ${graph.name} has no input "${name}".`);
                inputs[name] =
                    'ints' in feed
                        ? new ort.Tensor('int64', BigInt64Array.from(feed.ints, BigInt), feed.dims)
                        : new ort.Tensor('float32', feed.data, feed.dims);
            }
            for (const name of names) {
                if (!(name in inputs)) throw new RangeError(`The ${graph.name} needs the input "${name}".`);
            }
            const outputs: Record<string, Tensor> = {};
            for (const [name, value] of Object.entries(await runOrExplain(session, inputs, graph.name, settings))) {
                outputs[name] = tensor(value.data as Float32Array, value.dims);
            }
            return outputs;
        },
        release: () => session.release(),
    };
}

async function runOrExplain(
    session: ort.InferenceSession,
    inputs: Record<string, ort.Tensor>,
    part: string,
    { backend, quiet }: SessionSettings,
): Promise<ort.InferenceSession.ReturnType> {
    try {
        return await session.run(inputs, quiet ? { logSeverityLevel: FATAL } : {});
    } catch (cause) {
        if (/alloc|memory/i.test(String(cause))) {
            const message = `The ${part} needs more memory than there is: write a smaller \`size\`, \`windows 512px\` behind it, or fewer seeds at once.`;
            throw new RunError('run/memory', message, { cause });
        }
        throw deviceError(`The ${part} failed`, backend, cause);
    }
}

/** A part of the model that a device does not run. */
export function deviceError(what: string, backend: Backend, cause: unknown): ModelError {
    const said = firstLine(cause).replace(/[.\s]+$/, '');
    const then = backend === 'cpu' ? '' : ' Try --device cpu (in the editor, the setting sdspec.runtime.device).';
    return new ModelError('model/device', `${what} on ${backend}: ${said}.${then}`, { cause });
}

/** onnxruntime's number of the level that is written when nothing else is. */
const FATAL = 4;

/**
 * How long a thread that has no work looks for some before it sleeps, in microseconds. onnxruntime's own millisecond keeps a core
 * busy that other programs want, and the thread that has work waits for it: with two busy programs beside two threads a run of the
 * built-in model took 1.3 times as long. Alone, the two are equal.
 */
const SPIN_MICROSECONDS = '20';

/**
 * Where a run's results are not laid out in one piece of memory by the plan of the first run. On the CPU that piece would be taken in the
 * second run, beside what the first one took: a decoder of Stable Diffusion 1.5 held 4.0 GB instead of 2.5, and its second run took 1.5
 * times as long as the first; later runs are equally fast either way. DirectML forbids it.
 */
const PIECEWISE: readonly Backend[] = ['cpu', 'dml'];

function sessionOptions(
    settings: SessionSettings,
    weightsFolder: string | undefined,
): ort.InferenceSession.SessionOptions {
    const extra: Record<string, string> = {};
    if (weightsFolder !== undefined) extra['session.model_external_initializers_file_folder_path'] = weightsFolder;
    if (settings.backend === 'cpu') extra['session.intra_op.spin_duration_us'] = SPIN_MICROSECONDS;
    if (settings.backend === 'cpu' && !settings.prepack) extra['session.disable_prepacking'] = '1';
    return {
        executionProviders: [settings.backend],
        intraOpNumThreads: settings.threads,
        graphOptimizationLevel: settings.optimisation,
        ...(settings.quiet && { logSeverityLevel: FATAL }),
        ...(PIECEWISE.includes(settings.backend) && { enableMemPattern: false }),
        // https://onnxruntime.ai/docs/execution-providers/DirectML-ExecutionProvider.html
        ...(settings.backend === 'dml' && { executionMode: 'sequential' as const }),
        extra,
    };
}

/** The version of onnxruntime. */
export function onnxruntimeVersion(): string {
    return ort.env.versions.node ?? ort.env.versions.common;
}

/** What an error says, short: onnxruntime adds places in its source, the failed condition and call stacks. */
export function firstLine(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    const [line = ''] = text.split('\n');
    return line.replace(/\/onnxruntime_src\/.*? was false\.\s*/, '').trim();
}
