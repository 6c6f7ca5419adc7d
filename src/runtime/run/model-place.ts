/** Where a model's files lie: beside the program, beside the spec, or in the cache that Hugging Face's tools share. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelRef } from '../../plan/plan.ts';
import { cachedModel } from '../hub/cache.ts';
import { ModelError } from '../weights/model-error.ts';
import { placeOf } from './inputs.ts';

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
            return cachedModel(ref);
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

function builtinModels(): string {
    return join(packageRoot(), 'models');
}
