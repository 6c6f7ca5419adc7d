/** `sdspec models fetch`: downloads models from the hub, because the user asked for it. */

import { sizeWords } from '../../plan/amounts.ts';
import { type HubModel, hubName, parseHubName } from '../../plan/model-names.ts';
import { fetchModel } from '../../runtime/hub/fetch-model.ts';
import { EXIT, UsageError } from '../command.ts';
import { downloadProgress } from '../download-progress.ts';
import { onSignal } from '../signals.ts';
import { openSpec } from '../specs.ts';

/** Fetches what the words name, one model after the other. Ctrl-C stops; the part already downloaded is kept. */
export async function fetchModels(words: readonly string[], { half }: { readonly half: boolean }): Promise<number> {
    const refs = await refsOf(words);
    const stopping = new AbortController();
    const stop = () => stopping.abort();
    const forgetSignals = onSignal(stop);
    try {
        for (const ref of refs) await fetchOne(ref, { half, signal: stopping.signal });
        return EXIT.done;
    } catch (error) {
        if (!stopping.signal.aborted) throw error;
        console.error('Stopped. The part already downloaded is kept: run the same command to continue.');
        return EXIT.stopped;
    } finally {
        forgetSignals();
    }
}

async function fetchOne(
    ref: HubModel,
    options: { readonly half: boolean; readonly signal: AbortSignal },
): Promise<void> {
    const name = hubName(ref);
    const progress = downloadProgress({ name, stream: process.stderr });
    try {
        const { folder, files, ...done } = await fetchModel(ref, { ...options, onProgress: progress.onProgress });
        progress.end();
        console.error(files === 0 ? `${name}: is here already` : `${name}: ${sizeWords(done.bytes)} downloaded`);
        console.log(folder);
    } finally {
        progress.end();
    }
}

/** The models that words mean: names of the hub, or specs and all that they name. */
async function refsOf(words: readonly string[]): Promise<readonly HubModel[]> {
    if (words.length === 0) {
        const usage = 'sdspec models fetch hf:owner/name@revision, or sdspec models fetch turtle.sdspec';
        throw new UsageError(`Which model? For example: ${usage}`);
    }
    const found = new Map<string, HubModel>();
    for (const word of words) {
        for (const ref of word.startsWith('hf:') ? [named(word)] : await refsInSpec(word)) found.set(hubName(ref), ref);
    }
    return [...found.values()];
}

function named(word: string): HubModel {
    const ref = parseHubName(word);
    if (!ref)
        throw new UsageError(`"${word}" is no name of a hub model: write hf:owner/name or hf:owner/name@revision.`);
    return ref;
}

async function refsInSpec(file: string): Promise<readonly HubModel[]> {
    const { hubModels } = await openSpec(file);
    if (hubModels.length === 0) console.error(`${file} names no model of the hub.`);
    return hubModels;
}
