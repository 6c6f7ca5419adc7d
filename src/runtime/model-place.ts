/** Where a model's files lie: beside the program, beside the spec, or in the cache that Hugging Face's tools share. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelRef } from '../plan/plan.ts';
import { placeOf } from './inputs.ts';
import { ModelError } from './weights/model-error.ts';

/** Absolute path of a model's folder or file. Throws `ModelError` where it is not on this machine. */
export function modelPlace(ref: ModelRef, base: string): string {
    switch (ref.kind) {
        case 'builtin': {
            const place = join(builtinModels(), ref.name);
            if (existsSync(join(place, 'model_index.json'))) return place;
            const names = builtinNames().map((name) => `builtin:${name}`);
            throw new ModelError(
                'model/not-found',
                `There is no model builtin:${ref.name}. There is ${names.join(', ')}.`,
            );
        }
        case 'file':
            return placeOf(base, ref.path);
        case 'hub':
            return snapshot(ref);
    }
}

/** The models that come with sdspec. */
export function builtinNames(): readonly string[] {
    const folder = builtinModels();
    return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'model_index.json')));
}

/** The folder of the package that this code belongs to, bundled or not. */
export function packageRoot(): string {
    let folder = dirname(fileURLToPath(import.meta.url));
    for (;;) {
        const file = join(folder, 'package.json');
        if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'sdspec') return folder;
        const above = dirname(folder);
        if (above === folder) throw new Error('The folder of sdspec was not found.');
        folder = above;
    }
}

/** Where downloaded models lie: SDSPEC_MODELS, or where Hugging Face's tools keep them,
 * https://huggingface.co/docs/huggingface_hub/guides/manage-cache. */
export function hubCache(): string {
    const { SDSPEC_MODELS, HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
    return (
        SDSPEC_MODELS ??
        HF_HUB_CACHE ??
        join(HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface'), 'hub')
    );
}

function builtinModels(): string {
    return join(packageRoot(), 'models');
}

/** A revision is a commit, the beginning of one, or a branch or tag that was downloaded by name. */
function snapshot({ repository, revision }: Extract<ModelRef, { kind: 'hub' }>): string {
    const folder = join(hubCache(), `models--${repository.replaceAll('/', '--')}`);
    const named = join(folder, 'refs', revision);
    const commit = existsSync(named) ? readFileSync(named, 'utf8').trim() : revision;
    const snapshots = join(folder, 'snapshots');
    const found = existsSync(snapshots) ? readdirSync(snapshots).filter((name) => name.startsWith(commit)) : [];
    if (found.length === 1) return join(snapshots, found[0]!);
    const message = `hf:${repository} at revision ${revision} is not on this machine. Download it into ${hubCache()}, or name a folder.`;
    throw new ModelError('model/not-found', message);
}
