/** `sdspec.lock`: digests of models, inputs and outputs, as plain sorted lines beside the spec, to be committed. */
import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { withClaim } from '../../claim.ts';
import { RunError } from '../../run-error.ts';
import { writeWhole } from '../../write-whole.ts';
import { latentsIn } from '../compare/first-difference.ts';
import { environmentOf } from '../machine.ts';
import type { RunRecord } from '../record.ts';

/** One line: what has which digest. */
export type LockEntry =
    /** A file of a model, e.g. `model builtin:sketch unet/diffusion_pytorch_model.safetensors`. */
    | { readonly kind: 'model'; readonly name: string; readonly file: string; readonly sha256: string }
    | { readonly kind: 'input'; readonly path: string; readonly sha256: string }
    | {
          readonly kind: 'output';
          /** The spec's file; absent in lines of earlier versions. */
          readonly spec?: string;
          readonly name: string;
          /** First 16 digits of the plan's digest: another plan has other outputs. */
          readonly plan: string;
          readonly cell: number;
          readonly sha256: string;
          readonly phash: string;
          /** The first four base64 digits of each digest of its latents, without spaces; absent in lines of earlier versions. */
          readonly latents?: string;
          readonly environment: string;
      }
    /** The file that a learning wrote. */
    | {
          readonly kind: 'learnt';
          readonly spec?: string;
          readonly name: string;
          readonly plan: string;
          readonly sha256: string;
          readonly environment: string;
      };

const HEAD =
    '# What the specs of this folder were made with and what they made. Written by `sdspec lock`; commit it.\n';

/** What `sdspec.lock` says, and the lines that say nothing. */
export interface LockFile {
    readonly exists: boolean;
    readonly entries: readonly LockEntry[];
    /** Lines that are neither an entry nor a comment, from 1: damage, or marks of a merge. */
    readonly unreadable: readonly { readonly line: number; readonly text: string }[];
}

/** The lock of a folder; empty where there is none. Lines that can't be read are left out. */
export function readLock(base: string): readonly LockEntry[] {
    return readLockFile(base).entries;
}

/**
 * The lock of a folder with what can't be read in it.
 * @throws RunError `input/unreadable`
 */
export function readLockFile(base: string): LockFile {
    const file = join(base, 'sdspec.lock');
    if (!existsSync(file)) return { exists: false, entries: [], unreadable: [] };
    const lines = textOf(file)
        .split(/\r?\n/)
        .map((text, k) => ({ line: k + 1, text, entry: parseLine(text) }))
        .filter(({ text }) => text.trim() !== '' && !text.startsWith('#'));
    return {
        exists: true,
        entries: lines.flatMap(({ entry }) => entry ?? []),
        unreadable: lines.flatMap(({ line, text, entry }) => (entry ? [] : [{ line, text }])),
    };
}

function textOf(file: string): string {
    try {
        return readFileSync(file, 'utf8');
    } catch (cause) {
        const { code = '' } = cause as NodeJS.ErrnoException;
        throw new RunError('input/unreadable', `${file} can't be read (${code}): it must be a text file.`, { cause });
    }
}

/**
 * Writes the lock with the given entries, sorted. A link stays one, and leads to a lock: in a clone, it could lead anywhere.
 * @throws RunError `output/link`
 */
export async function writeLock(base: string, entries: readonly LockEntry[]): Promise<void> {
    const lines = [...new Set(entries.map(lineOf))].sort();
    await writeWhole(lockTarget(join(base, 'sdspec.lock')), `${HEAD}${lines.join('\n')}\n`);
}

/** The file that the lock's name leads to. */
function lockTarget(file: string): string {
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return file;
    const target = existsSync(file) ? realpathSync(file) : undefined;
    if (target !== undefined && textOf(target).startsWith('# What the specs of this folder')) return target;
    const message = `${file} is a link, and what it leads to is no lock. Remove the link, and lock again.`;
    throw new RunError('output/link', message);
}

/** What a finished run says about its files and outputs. */
export function entriesOf(record: RunRecord): readonly LockEntry[] {
    const run = {
        ...(record.spec === undefined ? {} : { spec: record.spec }),
        name: record.name,
        plan: record.digest.slice(0, 16),
    };
    const environment = environmentOf(record);
    return [
        ...record.models.flatMap(({ name, files }) =>
            files.map(({ path, sha256 }) => ({ kind: 'model' as const, name, file: path, sha256 })),
        ),
        ...record.inputs.map(({ path, sha256 }) => ({ kind: 'input' as const, path, sha256 })),
        ...record.pictures.map(({ cell, sha256, phash, latents }) => ({
            kind: 'output' as const,
            ...run,
            cell,
            sha256,
            phash,
            ...(latents === undefined ? {} : { latents: shortened(latents) }),
            environment,
        })),
        ...(record.learnt ? [{ kind: 'learnt' as const, ...run, sha256: record.learnt.sha256, environment }] : []),
    ];
}

/** The lock with a run's entries in place of what it said about the same things before. */
export function mergeLock(lock: readonly LockEntry[], fresh: readonly LockEntry[]): readonly LockEntry[] {
    const subjects = new Set(fresh.map(subjectOf));
    const outputs = fresh.filter(isOutput);
    const isStale = (entry: LockEntry) =>
        isOutput(entry) &&
        outputs.some((one) => {
            if (one.name !== entry.name) return false;
            if (one.spec === entry.spec) return one.plan !== entry.plan;
            // A line without a spec is of an earlier version: this one says the same, and more.
            return (
                entry.spec === undefined &&
                subjectOf({ ...one, spec: '' }) === subjectOf(entry) &&
                one.plan === entry.plan
            );
        });
    return [...lock.filter((entry) => !subjects.has(subjectOf(entry)) && !isStale(entry)), ...fresh];
}

function isOutput(entry: LockEntry): entry is Extract<LockEntry, { readonly plan: string }> {
    return entry.kind === 'output' || entry.kind === 'learnt';
}

/** How long a process waits for another one that writes the lock. */
const MAX_WAIT_MS = 30_000;

/**
 * Reads the lock, changes it and writes it while no other process does: several that lock specs of one folder at once lose
 * no line. A claim whose process is gone counts for nothing.
 */
export async function updateLock(
    base: string,
    change: (lock: readonly LockEntry[]) => readonly LockEntry[],
): Promise<readonly LockEntry[]> {
    const claim = join(base, 'sdspec.lock.writing');
    const busy = (owner: number) =>
        new RunError(
            'output/unwritable',
            `sdspec.lock is being written by process ${owner}. Stop it, or remove ${claim}.`,
        );
    return withClaim(claim, { waitMs: MAX_WAIT_MS, busy }, async () => {
        const entries = change(readLock(base));
        await writeLock(base, entries);
        return entries;
    });
}

/** So many base64 digits of each digest of latents are locked: 24 bits. */
const LATENT_DIGITS = 4;

function shortened(latents: string): string {
    return latentsIn(latents)
        .map((digest) => digest.slice(0, LATENT_DIGITS))
        .join('');
}

/** The digests of latents that a line holds, cut off. */
export function lockedLatents({ latents = '' }: Extract<LockEntry, { kind: 'output' }>): readonly string[] {
    return latents.match(/.{4}/g) ?? [];
}

function subjectOf(entry: LockEntry): string {
    if (entry.kind === 'model') return JSON.stringify(['model', entry.name, entry.file]);
    if (entry.kind === 'input') return JSON.stringify(['input', entry.path]);
    const cell = entry.kind === 'output' ? entry.cell : null;
    return JSON.stringify([entry.kind, entry.spec ?? '', entry.name, cell, entry.environment]);
}

function lineOf(entry: LockEntry): string {
    switch (entry.kind) {
        case 'model':
            return `model ${word(entry.name)} ${word(entry.file)} sha256:${entry.sha256}`;
        case 'input':
            return `input ${word(entry.path)} sha256:${entry.sha256}`;
        case 'output': {
            const { spec, name, plan, cell, sha256, phash, latents, environment } = entry;
            const file = spec === undefined ? '' : `${word(spec)} `;
            const steps = latents === undefined ? '' : ` latents:${latents}`;
            return `output ${file}${name} ${plan} ${cell} sha256:${sha256} phash:${phash}${steps} on ${environment}`;
        }
        case 'learnt': {
            const { spec, name, plan, sha256, environment } = entry;
            const file = spec === undefined ? '' : `${word(spec)} `;
            return `learnt ${file}${name} ${plan} sha256:${sha256} on ${environment}`;
        }
    }
}

function parseLine(line: string): LockEntry | undefined {
    const model = /^model (\S+) (\S+) sha256:([0-9a-f]{64})$/.exec(line);
    if (model) return { kind: 'model', name: unword(model[1]!), file: unword(model[2]!), sha256: model[3]! };
    const input = /^input (\S+) sha256:([0-9a-f]{64})$/.exec(line);
    if (input) return { kind: 'input', path: unword(input[1]!), sha256: input[2]! };
    const learnt = /^learnt (?:(\S+) )?(\S+) ([0-9a-f]+) sha256:([0-9a-f]{64}) on (.+)$/.exec(line);
    if (learnt) {
        const [, spec, name, plan, sha256, environment] = learnt as unknown as readonly (string | undefined)[];
        return {
            kind: 'learnt',
            ...(spec === undefined ? {} : { spec: unword(spec) }),
            name: name!,
            plan: plan!,
            sha256: sha256!,
            environment: environment!,
        };
    }
    const output =
        /^output (?:(\S+) )?(\S+) ([0-9a-f]+) (\d+) sha256:([0-9a-f]{64}) phash:([0-9a-f]+)(?: latents:([A-Za-z0-9+/]+))? on (.+)$/.exec(
            line,
        );
    if (!output) return undefined;
    const [, spec, name, plan, cell, sha256, phash, latents, environment] = output as unknown as readonly (
        | string
        | undefined
    )[];
    return {
        kind: 'output',
        ...(spec === undefined ? {} : { spec: unword(spec) }),
        name: name!,
        plan: plan!,
        cell: Number(cell),
        sha256: sha256!,
        phash: phash!,
        ...(latents === undefined ? {} : { latents }),
        environment: environment!,
    };
}

/** White space within a word is written as in an address. */
function word(text: string): string {
    return text.replace(/[%\s]/g, (sign) => encodeURIComponent(sign));
}

function unword(text: string): string {
    return text.replace(/%[0-9A-F]{2}/g, (sign) => decodeURIComponent(sign));
}
