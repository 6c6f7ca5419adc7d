/** What the description of an unpacked archive says of its files, compared with them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { METADATA } from './ro-crate.ts';
import type { Unzipped } from './zip.ts';

export interface CrateFindings {
    /** Sentences: files that are missing, changed, or not described. */
    readonly problems: readonly string[];
    /** The specs that were run. */
    readonly specs: readonly string[];
    /** Weights that the archive does not hold and that do not come with sdspec. */
    readonly weights: readonly string[];
}

const Entity = v.looseObject({
    '@id': v.string(),
    '@type': v.optional(v.union([v.string(), v.array(v.string())])),
    name: v.optional(v.string()),
    sha256: v.optional(v.string()),
    object: v.optional(v.array(v.looseObject({ '@id': v.string() }))),
});
const Crate = v.looseObject({ '@graph': v.pipe(v.array(Entity), v.maxLength(1_000_000)) });

/** Reads the description of the archive in `folder`. */
export function crateFindings(folder: string, files: readonly Unzipped[]): CrateFindings {
    const file = join(folder, METADATA);
    const crate = existsSync(file) ? v.safeParse(Crate, jsonIn(file)) : undefined;
    if (!crate?.success) {
        return {
            problems: [`The archive has no ${METADATA} that can be read: it is not by sdspec pack.`],
            specs: [],
            weights: [],
        };
    }
    const entities = crate.output['@graph'];
    const stated = new Map(entities.flatMap(({ '@id': id, sha256 }) => (sha256 ? [[nameOf(id), sha256]] : [])));
    const there = new Map(files.map(({ path, sha256 }) => [path, sha256]));
    const problems = files
        .filter(({ path }) => path !== METADATA)
        .flatMap(({ path, sha256 }) => {
            if (!stated.has(path))
                return [
                    `${path} is not described by the archive, so nothing says whose it is: delete it, or ask who packed it.`,
                ];
            return stated.get(path) === sha256
                ? []
                : [`${path} is not the file that was packed: get the archive again.`];
        });
    const isOutside = (id: string) => id.startsWith('#') || id.startsWith('https:');
    const missing = entities.flatMap(({ '@id': id, sha256 }) =>
        sha256 && !isOutside(id) && !there.has(nameOf(id)) ? [`${nameOf(id)} is missing: get the archive again.`] : [],
    );
    const weights = entities.flatMap(({ '@id': id, name = '', sha256 }) =>
        sha256 && isOutside(id) && !name.startsWith('builtin:') ? [`${name}, sha256:${sha256}`] : [],
    );
    const actions = entities.filter((one) => one['@type'] === 'CreateAction');
    const specs = actions.flatMap(({ object = [] }) => (object[0] ? [nameOf(object[0]['@id'])] : []));
    return { problems: [...problems, ...missing], specs: [...new Set(specs)], weights };
}

function jsonIn(file: string): unknown {
    try {
        return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
        return undefined;
    }
}

/** The file that a relative address means. */
function nameOf(id: string): string {
    try {
        return decodeURIComponent(id);
    } catch {
        return id;
    }
}
