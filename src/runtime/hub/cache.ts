/** The cache that Hugging Face's tools share: where it is, and which models are whole in it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fetchCommand, type HubModel, hubName, isHubModel } from '../../plan/model-names.ts';
import { hubCache } from '../models-folder.ts';
import { ModelError } from '../weights/model-error.ts';

/** `models--owner--name`, which holds `blobs`, `refs` and `snapshots`. */
export function repositoryFolder(repository: string, cache = hubCache()): string {
    return join(cache, `models--${repository.replaceAll('/', '--')}`);
}

/** The folder of a model that is whole in the cache. Throws `ModelError` that says how to download it. */
export function cachedModel(ref: HubModel): string {
    const [found, another] = isHubModel(ref) ? findSnapshots(ref) : [];
    if (another) {
        const message = `${hubName(ref)} can mean several commits: write more digits of the one that you mean.`;
        throw new ModelError('model/not-found', message);
    }
    const missing = found === undefined ? PARTS : missingParts(found);
    if (found !== undefined && missing.length === 0) return found;
    const what =
        missing.length === PARTS.length ? 'is not on this machine' : `lacks ${missing.join(', ')} on this machine`;
    const message = `${hubName(ref)} ${what}. Download it: ${fetchCommand(ref)}`;
    throw new ModelError('model/not-found', message, { missing: ref });
}

/** Whether a model is whole in the cache. */
export function isCached(ref: HubModel, cache = hubCache()): boolean {
    return isHubModel(ref) && findSnapshots(ref, cache).some((folder) => missingParts(folder).length === 0);
}

/** Snapshots that a revision can mean: it is a commit, the beginning of one, or a branch or tag fetched by name. */
function findSnapshots({ repository, revision }: HubModel, cache = hubCache()): readonly string[] {
    const folder = repositoryFolder(repository, cache);
    const named = join(folder, 'refs', revision);
    const commit = isFile(named) ? readFileSync(named, 'utf8').trim() : revision;
    const names = namesIn(join(folder, 'snapshots')).filter((name) => commit !== '' && name.startsWith(commit));
    return names.map((name) => join(folder, 'snapshots', name));
}

const PARTS = ['model_index.json', 'unet', 'vae', 'text_encoder'] as const;

/** Parts of a model that a snapshot lacks: other tools may have fetched some files only, or other forms of them. */
function missingParts(snapshot: string): readonly string[] {
    return PARTS.filter((part) => {
        const place = join(snapshot, part);
        if (part.endsWith('.json')) return !existsSync(place);
        return !namesIn(place).some((name) => name.endsWith('.safetensors') && existsSync(join(place, name)));
    });
}

function namesIn(folder: string): readonly string[] {
    try {
        return readdirSync(folder);
    } catch {
        return [];
    }
}

function isFile(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
