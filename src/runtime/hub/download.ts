/** Downloads one file: continues where an earlier download was cut, and gives it its name only when its digest is right. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import { HubError } from './hub-error.ts';
import type { HubFile } from './listing.ts';

export interface Download {
    readonly file: HubFile;
    readonly url: string;
    /** Where the whole file goes, absolute. What came so far is beside it as `….incomplete`. */
    readonly to: string;
    readonly connection: Connection;
    readonly signal?: AbortSignal;
    /** Called with how many bytes of the file are there. */
    readonly onBytes?: (bytes: number) => void;
    /** Called with the reason why the download begins again after a pause. */
    readonly onRetry?: (reason: string) => void;
    /** Pause before the first new attempt, in milliseconds; it doubles with every fruitless one. Default 1000. */
    readonly pause?: number;
}

/** How often in a row an attempt may bring nothing. */
const FRUITLESS = 4;
/** Seconds without a byte after which a connection counts as cut. */
const STALLED = 60;

/** Throws `HubError`, or the reason of the signal. */
export async function download(job: Download): Promise<void> {
    const { to, signal, pause = 1000 } = job;
    const part = `${to}.incomplete`;
    for (let fruitless = 0; ; ) {
        const before = await sizeOf(part);
        try {
            await attempt(job, part);
            return await rename(part, to);
        } catch (error) {
            signal?.throwIfAborted();
            if (!isPassing(error)) throw error;
            fruitless = (await sizeOf(part)) > before ? 0 : fruitless + 1;
            if (fruitless > FRUITLESS) throw givenUp(job, error);
            job.onRetry?.(error.message);
            await wait(pause * 2 ** fruitless, undefined, signal ? { signal } : {});
        }
    }
}

/** Brings what is missing of the file; afterwards it is whole and right. */
async function attempt(job: Download, part: string): Promise<void> {
    const { file } = job;
    const begun = await readPart(file, part);
    const { bytes, hash } = begun.bytes > 0 && begun.bytes === file.bytes ? begun : await receive(job, part, begun);
    if (bytes < file.bytes) throw new Cut('the connection was cut');
    if (bytes === file.bytes && hash.digest('hex') === file.digest.hex) return;
    await rm(part);
    // What an earlier download left may be the cause: the whole is asked for once more.
    if (begun.bytes > 0) throw new Cut('what an earlier download left was not right');
    const message = `${file.path} did not arrive as the hub describes it (${file.digest.kind} ${file.digest.hex}); it was removed. Try again; if it happens again, something between this machine and the hub changes files.`;
    throw new HubError('hub/digest', message);
}

/** The beginning of a file, and the hash of it, to be continued. */
interface Beginning {
    readonly bytes: number;
    readonly hash: Hash;
}

async function readPart(file: HubFile, part: string): Promise<Beginning> {
    const hash = newHash(file);
    const bytes = await sizeOf(part);
    if (bytes === 0 || bytes > file.bytes) return { bytes: 0, hash };
    for await (const chunk of createReadStream(part, { highWaterMark: 1 << 22 })) hash.update(chunk);
    return { bytes, hash };
}

/** Asks for the rest and writes it behind the beginning, or from 0 where the server knows no ranges. */
async function receive(job: Download, part: string, begun: Beginning): Promise<Beginning> {
    const { file, url, connection, signal, onBytes } = job;
    const stall = watchForStall();
    const signals = signal ? [signal, stall.signal] : [stall.signal];
    const range = begun.bytes > 0 ? { Range: `bytes=${begun.bytes}-` } : {};
    try {
        const headers = { 'Accept-Encoding': 'identity', ...range };
        const response = await connection.fetch(url, { headers, signal: AbortSignal.any(signals) });
        const from = startOf(response);
        if (from !== 0 && from !== begun.bytes) {
            await response.body?.cancel();
            await rm(part, { force: true });
            throw new Cut('the hub answered with another part of the file');
        }
        const hash = from === 0 ? newHash(file) : begun.hash;
        let bytes = from;
        const handle = await open(part, from === 0 ? 'w' : 'a');
        try {
            for await (const chunk of response.body ?? []) {
                stall.reset();
                bytes += chunk.byteLength;
                if (bytes > file.bytes) break;
                hash.update(chunk);
                await handle.appendFile(chunk);
                onBytes?.(bytes);
            }
        } finally {
            await handle.close();
        }
        return { bytes, hash };
    } catch (error) {
        if (error instanceof HubError || error instanceof Cut || isOfDisk(error)) throw error;
        signal?.throwIfAborted();
        const reason = stall.signal.aborted ? `nothing came for ${STALLED} seconds` : 'the connection was cut';
        throw new Cut(reason, { cause: error });
    } finally {
        stall.end();
    }
}

/** An attempt that ended early. */
class Cut extends Error {
    override readonly name = 'Cut';
}

function isPassing(error: unknown): error is Error {
    return (
        error instanceof Cut ||
        (error instanceof HubError && (error.code === 'hub/busy' || error.code === 'hub/offline'))
    );
}

/** Errors of files carry the system's call; those of connections come wrapped. */
function isOfDisk(error: unknown): boolean {
    return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

function givenUp({ file, connection }: Download, error: Error): HubError {
    if (error instanceof HubError) return error;
    const message = `The download of ${file.path} failed several times: ${error.message}. The part already downloaded is kept: ${connection.words.again} to continue.`;
    return new HubError('hub/cut', message, { cause: error });
}

/** The position of an answer's first byte; a server that knows no ranges begins at 0. */
function startOf({ status, headers }: Response): number {
    if (status === 416) return -1;
    return status === 206 ? Number(/^bytes (\d+)-/.exec(headers.get('Content-Range') ?? '')?.[1] ?? -1) : 0;
}

/** Counts seconds in which this process could have received data: a busy process is no cut connection. */
function watchForStall(): { readonly signal: AbortSignal; reset(): void; end(): void } {
    const controller = new AbortController();
    let seconds = 0;
    const timer = setInterval(() => ++seconds >= STALLED && controller.abort(), 1000);
    return {
        signal: controller.signal,
        reset() {
            seconds = 0;
        },
        end: () => clearInterval(timer),
    };
}

function newHash({ bytes, digest }: HubFile): Hash {
    return digest.kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);
}

async function sizeOf(file: string): Promise<number> {
    return (await stat(file).catch(() => undefined))?.size ?? 0;
}
