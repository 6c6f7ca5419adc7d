/** What comes with sdspec: its models and their companions, beside the program. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { COMPANIONS, companionOf } from '../../../plan/companions.ts';
import { packageRoot } from '../../package-root.ts';
import { RunError } from '../../run-error.ts';

export { packageRoot };

/** The folder of the models and companions that come with sdspec. */
export function builtinModels(): string {
    return join(packageRoot(), 'models');
}

/** The models that come with sdspec. */
export function builtinNames(): readonly string[] {
    const folder = builtinModels();
    return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'model_index.json')));
}

/** The file or folder that `builtin:NAME` names in a lora, embedding or controlnet. Throws `RunError` where there is none. */
export function companionPath(path: string): string {
    const companion = companionOf(path);
    if (!companion) {
        const names = Object.keys(COMPANIONS).map((name) => `builtin:${name}`);
        throw new RunError('input/unreadable', `There is no ${path}. There is ${names.join(', ')}.`);
    }
    const place = join(builtinModels(), companion.file);
    if (existsSync(place)) return place;
    throw new RunError(
        'input/unreadable',
        `${path} should come with sdspec, but ${place} is missing: reinstall sdspec.`,
    );
}

/** The companions that are there, by name. */
export function companionNames(): readonly string[] {
    return Object.entries(COMPANIONS).flatMap(([name, { file }]) =>
        existsSync(join(builtinModels(), file)) ? [name] : [],
    );
}

/** OpenSeadragon and its licence: beside the bundles, or in its package where the code is not bundled. */
export function viewerFiles(): { readonly script: string; readonly licence: string } {
    const shipped = join(packageRoot(), 'dist', 'openseadragon');
    const folder = existsSync(shipped) ? shipped : join(packageRoot(), 'node_modules', 'openseadragon');
    const build = existsSync(shipped) ? shipped : join(folder, 'build', 'openseadragon');
    return { script: join(build, 'openseadragon.min.js'), licence: join(folder, 'LICENSE.txt') };
}
