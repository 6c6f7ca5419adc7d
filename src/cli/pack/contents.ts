/** What goes into an archive: the spec, imports, inputs, lock, and the runs with their records and pictures. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isBuiltin } from '../../plan/companions.ts';
import { parseHubName } from '../../plan/model-names.ts';
import type { RunRecord } from '../../runtime/run/record.ts';
import { runsFolder } from '../../runtime/run/runs.ts';
import { fileDigest } from '../../runtime/weights/digest.ts';
import { UsageError } from '../command.ts';

export type PackedRole = 'spec' | 'import' | 'input' | 'lock' | 'record' | 'output' | 'weights';

export interface PackedFile {
    /** Within the archive, with `/`. */
    readonly path: string;
    /** Absolute. */
    readonly source: string;
    readonly role: PackedRole;
    readonly sha256: string;
    readonly bytes: number;
}

/** Weights that stay outside: a rerun of the archive needs a file with this digest. */
export interface LeftOut {
    /** As the record names it: the model and its file, or a path. */
    readonly name: string;
    readonly sha256: string;
    /** Where the hub has it. */
    readonly url?: string;
}

export interface PackedRun {
    readonly record: RunRecord;
    /** Absolute. */
    readonly folder: string;
}

export interface Contents {
    /** The spec, within the archive. */
    readonly spec: string;
    readonly files: readonly PackedFile[];
    readonly leftOut: readonly LeftOut[];
    /** Where each run is within the archive, in the order of the runs. */
    readonly runFolders: readonly string[];
}

export interface PackRequest {
    /** The spec and what it imports, absolute; the spec first. */
    readonly specs: readonly string[];
    readonly runs: readonly PackedRun[];
    /** Whether weights are packed too. */
    readonly weights: boolean;
}

/** Collects the files. Throws `UsageError` where a path can't be the same elsewhere. */
export async function contentsOf({ specs, runs, weights }: PackRequest): Promise<Contents> {
    const [spec] = specs as readonly [string, ...string[]];
    const base = dirname(spec);
    const inputs = unique(runs.flatMap(({ record }) => record.inputs.map(({ path }) => path))).filter(
        (path) => !isBuiltin(path),
    );
    const models = unique(runs.flatMap(({ record }) => record.models.map(({ name }) => name)));
    const modelFiles = models.filter((name) => !isBuiltin(name) && !parseHubName(name));
    for (const path of [...inputs, ...modelFiles]) {
        if (!isAbsolute(path)) continue;
        throw new UsageError(`${path} is an absolute path, which no other machine has: name it relative to the spec.`);
    }
    const heavy = inputs.filter((path) => isHeavy(resolve(base, path)));
    const packedInputs = inputs.filter((path) => weights || !heavy.includes(path));
    const packedModels = weights ? modelFiles : [];
    const lock = join(base, 'sdspec.lock');
    const wanted: readonly (readonly [PackedRole, readonly string[]])[] = [
        ['spec', [spec]],
        ['import', specs.slice(1)],
        ['lock', existsSync(lock) ? [lock] : []],
        [
            'input',
            packedInputs.filter((path) => !heavy.includes(path)).flatMap((path) => filesBelow(resolve(base, path))),
        ],
        [
            'weights',
            [...packedInputs.filter((path) => heavy.includes(path)), ...packedModels].flatMap((path) =>
                filesBelow(resolve(base, path)),
            ),
        ],
    ];
    const outside = wanted.flatMap(([, files]) => files);
    const root = commonFolder([base, ...outside.map((file) => dirname(file))]);
    const inArchive = (file: string) => relative(root, file).split(sep).join('/');
    const files: PackedFile[] = [];
    const add = async (path: string, source: string, role: PackedRole) => {
        if (files.some((file) => file.path === path)) return;
        files.push({ path, source, role, sha256: await fileDigest(source), bytes: statSync(source).size });
    };
    for (const [role, sources] of wanted) for (const source of sources) await add(inArchive(source), source, role);
    const runFolders: string[] = [];
    for (const { record, folder } of runs) {
        const at = [inArchive(runsFolder(base)), record.name, record.digest.slice(0, 16)].join('/');
        runFolders.push(at);
        for (const source of filesBelow(folder, isKept)) {
            const name = relative(folder, source).split(sep).join('/');
            await add(`${at}/${name}`, source, /^(plan|record)\.json$/.test(name) ? 'record' : 'output');
        }
    }
    const leftOut = [...modelsLeftOut(runs, new Set(packedModels)), ...inputsLeftOut(runs, heavy, weights)];
    return { spec: inArchive(spec), files, leftOut, runFolders };
}

function modelsLeftOut(runs: readonly PackedRun[], packed: ReadonlySet<string>): readonly LeftOut[] {
    const models = runs.flatMap(({ record }) => record.models).filter(({ name }) => !packed.has(name));
    const all = models.flatMap(({ name, files }) =>
        files.map(({ path, sha256 }): LeftOut => {
            const hub = parseHubName(name);
            const at = hub && `https://huggingface.co/${hub.repository}/resolve/${hub.revision}/${path}`;
            return {
                name: path === name || path === '' ? name : `${name} ${path}`,
                sha256,
                ...(at ? { url: at } : {}),
            };
        }),
    );
    return [...new Map(all.map((one) => [one.name, one])).values()];
}

function inputsLeftOut(runs: readonly PackedRun[], heavy: readonly string[], weights: boolean): readonly LeftOut[] {
    if (weights) return [];
    const all = runs.flatMap(({ record }) => record.inputs).filter(({ path }) => heavy.includes(path));
    return [...new Map(all.map(({ path, sha256 }) => [path, { name: path, sha256 }])).values()];
}

/** Files of weights beyond this size are left out unless they are asked for: learned words are smaller. */
const MAX_LIGHT_BYTES = 4 * 2 ** 20;

function isHeavy(path: string): boolean {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status?.isDirectory()) return filesBelow(path).some(isHeavy);
    return /\.(safetensors|ckpt|pth?|bin|gguf)$/i.test(path) && (status?.size ?? 0) > MAX_LIGHT_BYTES;
}

/** What only workers that share a run need, and what is being written. */
function isKept(name: string): boolean {
    return !name.startsWith('.') && name !== 'shards' && name !== 'tiles';
}

/** The file itself, or all files of a folder and below it, sorted; links are followed as far as they lead to files. */
function filesBelow(
    path: string,
    isWanted: (name: string) => boolean = (name) => !name.startsWith('.'),
): readonly string[] {
    if (statSync(path).isFile()) return [path];
    return readdirSync(path)
        .filter(isWanted)
        .sort()
        .flatMap((name) => filesBelow(join(path, name), isWanted));
}

/** The deepest folder that all are in. */
function commonFolder(folders: readonly string[]): string {
    let [common = sep] = folders;
    for (const folder of folders)
        while (!`${folder}${sep}`.startsWith(common.endsWith(sep) ? common : `${common}${sep}`))
            common = dirname(common);
    return common;
}

function unique(names: readonly string[]): readonly string[] {
    return [...new Set(names)];
}
