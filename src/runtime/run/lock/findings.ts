/** What became of what `sdspec.lock` remembers: each picture, model file and input compared with its line. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hashDistance } from '../../pictures/compare.ts';
import { fileDigest } from '../../weights/digest.ts';
import { firstDifference, latentsIn } from '../compare/first-difference.ts';
import { type Verdict, verdictOf } from '../compare/verdict.ts';
import { environmentOf } from '../machine.ts';
import type { RecordedPicture, RunRecord } from '../record.ts';
import type { ExaminedPicture } from './examine.ts';
import { entriesOf, type LockEntry, lockedLatents } from './lock.ts';

export interface LockFinding {
    readonly what: 'picture' | 'model' | 'input' | 'result' | 'plan' | 'line';
    /** Which one, e.g. a picture's file within the run's folder. */
    readonly name: string;
    /** A picture's place among those of its run, from 0. */
    readonly cell?: number;
    readonly verdict: Verdict;
    /** How many of the 64 bits of the perceptual hashes differ, where they were compared. */
    readonly distance?: number;
    /** Peak signal-to-noise ratio in dB and the largest difference of a channel, where the pixels were compared. */
    readonly psnr?: number;
    readonly levels?: number;
    /** The pixels should have been the same: nothing that is recorded of the two runs differs. */
    readonly unexpected?: true;
    /** The file on disk is not the one that the run made. */
    readonly foreign?: true;
    /** Why, for all that is not simply equal. */
    readonly because?: string;
}

type OutputLine = Extract<LockEntry, { kind: 'output' }>;

/** Compares the pictures on disk with the record of their run and with the lock's lines, in the order of the plan. */
export function pictureFindings(
    record: RunRecord,
    examined: readonly ExaminedPicture[],
    lock: readonly LockEntry[],
): readonly LockFinding[] {
    const lines = linesOf(record, lock);
    const here = environmentOf(record);
    return record.pictures.map((picture) => {
        const found = examined.find(({ cell }) => cell === picture.cell);
        const named = { what: 'picture', name: picture.file, cell: picture.cell } as const;
        return foreign(named, picture, found) ?? compared(named, picture, lines, record.digest.slice(0, 16), here);
    });
}

type Named = Pick<LockFinding, 'what' | 'name' | 'cell'>;

/** The finding about a file that is not the picture of the record; undefined where it is. */
function foreign(named: Named, recorded: RecordedPicture, found: ExaminedPicture | undefined): LockFinding | undefined {
    const damaged = (why: string, distance?: number): LockFinding => ({
        ...named,
        verdict: 'different',
        foreign: true,
        ...(distance === undefined ? {} : { distance }),
        because: `${why}; \`sdspec run\` makes it again`,
    });
    if (!found) return damaged('its file is not there');
    if ('problem' in found) return damaged(sentencePart(found.problem));
    if (found.sha256 === recorded.sha256) return undefined;
    return damaged('its file is not the picture that the run made', hashDistance(found.phash, recorded.phash));
}

function sentencePart(message: string): string {
    return message.replace(/\.$/, '');
}

/** A picture that is what its run made, against the lines about it. */
function compared(
    named: Named,
    { cell, sha256, phash, latents }: RecordedPicture,
    lines: readonly OutputLine[],
    plan: string,
    here: string,
): LockFinding {
    const own = lines.filter((line) => line.plan === plan && line.cell === cell);
    const same = own.find((line) => line.sha256 === sha256);
    if (same && same.phash === phash) return { ...named, verdict: 'identical' };
    if (same) {
        const because = `sdspec.lock has the same pixels with another perceptual hash, phash:${same.phash}: its line was changed`;
        return { ...named, verdict: 'different', because };
    }
    const [line] = [...own.filter(({ environment }) => environment === here), ...own];
    if (!line) {
        const isStale = lines.some((one) => one.plan !== plan);
        const because = isStale
            ? 'sdspec.lock is about another plan: the spec has changed since'
            : 'sdspec.lock has no line for it';
        return { ...named, verdict: 'not compared', because };
    }
    const distance = hashDistance(phash, line.phash);
    const step = firstDifference(latentsIn(latents), lockedLatents(line));
    const parting = step === undefined ? '' : `; ${step}`;
    if (line.environment === here) {
        const because = `its pixels are sha256:${sha256}, in sdspec.lock sha256:${line.sha256}${parting}`;
        return { ...named, verdict: 'different', distance, because };
    }
    const because = `the locked one was made on "${line.environment}"; this is "${here}", where the last bits may differ${parting}`;
    return { ...named, verdict: verdictOf(distance), distance, because };
}

/**
 * Compares the file that a learning wrote into `folder` with the record and with the lock's line: `identical` or `different`,
 * since a learning gives the same file in one environment.
 */
export async function learntFindings(
    folder: string,
    record: RunRecord,
    lock: readonly LockEntry[],
): Promise<readonly LockFinding[]> {
    const { learnt, spec } = record;
    if (!learnt) return [];
    const file = join(folder, learnt.file);
    const found = existsSync(file) ? await fileDigest(file) : undefined;
    const named = { what: 'result', name: learnt.file } as const;
    if (found !== learnt.sha256) {
        const why = found === undefined ? 'it is not there' : 'it is not the file that the run wrote';
        const because = `${why}; \`sdspec run --force\` learns it again`;
        return [{ ...named, verdict: 'different', foreign: true, because }];
    }
    const here = environmentOf(record);
    const lines = lock.filter((entry) => entry.kind === 'learnt' && entry.name === record.name);
    const own = lines.flatMap((line) =>
        line.kind === 'learnt' && (line.spec ?? spec) === spec && line.plan === record.digest.slice(0, 16) ? line : [],
    );
    if (own.some(({ sha256 }) => sha256 === found)) return [{ ...named, verdict: 'identical' }];
    const line = own.find(({ environment }) => environment === here);
    if (line) {
        const because = `it is sha256:${found}, in sdspec.lock sha256:${line.sha256}`;
        return [{ ...named, verdict: 'different', because }];
    }
    const because =
        own.length > 0
            ? `the locked one was learnt on "${own[0]!.environment}"; this is "${here}", where the last bits differ`
            : lines.length > 0
              ? 'sdspec.lock is about another plan: the spec has changed since'
              : 'sdspec.lock has no line for it';
    return [{ ...named, verdict: 'not compared', because }];
}

/** Compares the files of models and the inputs of a run with the lock's lines. */
export function fileFindings(record: RunRecord, lock: readonly LockEntry[]): readonly LockFinding[] {
    return entriesOf(record).flatMap((entry): readonly LockFinding[] => {
        if (entry.kind === 'output' || entry.kind === 'learnt') return [];
        const named =
            entry.kind === 'model'
                ? ({ what: 'model', name: `${entry.name} ${entry.file}` } as const)
                : ({ what: 'input', name: entry.path } as const);
        const line = lock.find((one) => isSameFile(one, entry));
        if (!line) return [{ ...named, verdict: 'not compared', because: 'sdspec.lock has no line for it' }];
        if (line.sha256 === entry.sha256) return [{ ...named, verdict: 'identical' }];
        const because = `it is sha256:${entry.sha256}, in sdspec.lock sha256:${line.sha256}`;
        return [{ ...named, verdict: 'different', because }];
    });
}

/** Lines about this run that no picture of it fits. */
export function leftoverFindings(record: RunRecord, lock: readonly LockEntry[]): readonly LockFinding[] {
    const plan = record.digest.slice(0, 16);
    const left = linesOf(record, lock).filter((line) => line.plan === plan && line.cell >= record.cells);
    return left.map(({ cell }) => ({
        what: 'line',
        name: `picture ${cell + 1} of sdspec.lock`,
        verdict: 'not compared',
        because: `the spec makes ${record.cells} pictures`,
    }));
}

/** The lines about the pictures of a run, made by any plan in any environment. */
function linesOf({ name, spec }: RunRecord, lock: readonly LockEntry[]): readonly OutputLine[] {
    return lock.filter(
        (entry): entry is OutputLine =>
            entry.kind === 'output' && entry.name === name && (entry.spec === undefined || entry.spec === spec),
    );
}

function isSameFile(a: LockEntry, b: LockEntry): boolean {
    if (a.kind === 'model' && b.kind === 'model') return a.name === b.name && a.file === b.file;
    return a.kind === 'input' && b.kind === 'input' && a.path === b.path;
}
