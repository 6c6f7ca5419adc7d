/** Where a model's files are: beside the program, beside the spec, or in the cache that Hugging Face's tools share. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelRef } from '../../../plan/plan.ts';
import { cachedModel } from '../../hub/cache.ts';
import { ModelError } from '../../weights/model-error.ts';
import { pathOf } from './inputs.ts';
import { builtinModels, builtinNames } from './shipped.ts';

/** Absolute path of a model's folder or file. Throws `ModelError` where it is not on this machine. */
export function modelPath(ref: ModelRef, base: string): string {
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
            return pathOf(base, ref.path);
        case 'hub':
            return cachedModel(ref);
    }
}
