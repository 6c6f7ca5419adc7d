/** Compares the pictures of two runs: a verdict for each, where they part, and what may have caused it. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hashDistance, pixelsSha256, psnr } from '../../pictures/compare.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { RunError } from '../../run-error.ts';
import { environmentOf } from '../machine.ts';
import type { RecordedPicture, RunRecord } from '../record.ts';
import { recordIn } from '../record-schema.ts';
import type { RunServices } from '../run-services.ts';
import { readRun } from '../runs.ts';
import { causesOf } from './causes.ts';
import { firstDifference, latentsIn } from './first-difference.ts';
import { type PictureFigures, type Verdict, verdictOf } from './verdict.ts';

export interface PictureComparison extends Partial<PictureFigures> {
    /** Its place in the run, from 0. */
    readonly cell: number;
    readonly name: string;
    readonly verdict: Verdict;
    /** How many of the 64 bits of the perceptual hashes differ. */
    readonly distance?: number;
    /** The file on disk is not the one that its run made. */
    readonly foreign?: true;
    readonly because?: string;
}

export interface RunComparison {
    readonly pictures: readonly PictureComparison[];
    /** The file that a learning wrote. */
    readonly results: readonly { readonly name: string; readonly verdict: Verdict; readonly because?: string }[];
    /** What differs between the records, one sentence each. */
    readonly causes: readonly string[];
    /** Nothing that decides pixels differs: they should be the same, bit by bit. */
    readonly sameEnvironment: boolean;
}

type Services = Pick<RunServices, 'readPicture'>;

/**
 * Compares the run in `folder` with the one in `other`: a run's folder, or a record alone (`record.json`), whose pictures
 * are then known by their digests.
 * @throws RunError `input/unreadable`
 */
export async function compareRuns(folder: string, other: string, services: Services): Promise<RunComparison> {
    const [a, b] = [recordAt(folder), recordAt(other)];
    const theirs = new Map(b.pictures.map((picture) => [picture.cell, picture]));
    const pictures: PictureComparison[] = [];
    for (const picture of a.pictures) {
        const named = { cell: picture.cell, name: picture.file };
        const counterpart = theirs.get(picture.cell);
        theirs.delete(picture.cell);
        pictures.push(
            counterpart
                ? {
                      ...named,
                      ...(await comparePictures(
                          { folder, picture },
                          { folder: other, picture: counterpart },
                          services,
                      )),
                  }
                : { ...named, verdict: 'not compared', because: 'the other run has no such picture' },
        );
    }
    for (const { cell, file } of theirs.values()) {
        pictures.push({ cell, name: file, verdict: 'not compared', because: 'only the other run has it' });
    }
    const causes = causesOf(a, b);
    const sameEnvironment =
        a.device.inexact === undefined &&
        b.device.inexact === undefined &&
        a.digest === b.digest &&
        environmentOf(a) === environmentOf(b) &&
        JSON.stringify([a.inputs, a.models]) === JSON.stringify([b.inputs, b.models]);
    return { pictures, results: compareLearnt(a, b), causes, sameEnvironment };
}

function compareLearnt({ learnt: a }: RunRecord, { learnt: b }: RunRecord): RunComparison['results'] {
    if (!a) return [];
    if (!b) return [{ name: a.file, verdict: 'not compared', because: 'the other run has learnt nothing' }];
    if (a.sha256 === b.sha256) return [{ name: a.file, verdict: 'identical' }];
    const because = `it is sha256:${a.sha256}, the other one sha256:${b.sha256}`;
    return [{ name: a.file, verdict: 'different', because }];
}

interface PictureAt {
    readonly folder: string;
    readonly picture: RecordedPicture;
}

async function comparePictures(
    here: PictureAt,
    there: PictureAt,
    services: Services,
): Promise<Omit<PictureComparison, 'cell' | 'name'>> {
    const [a, b] = [await pixelsOf(here, services), await pixelsOf(there, services)];
    if (a === 'missing' || a === 'foreign') {
        const what = a === 'missing' ? 'not there' : 'not the picture that the run made';
        return { verdict: 'different', foreign: true, because: `its file is ${what}; \`sdspec run\` makes it again` };
    }
    if (b === 'foreign') {
        return { verdict: 'not compared', because: 'the file of the other run is not the picture that it made' };
    }
    if (here.picture.sha256 === there.picture.sha256) return { verdict: 'identical' };
    const isOneSize = b !== 'missing' && a.width === b.width && a.height === b.height;
    const figures = isOneSize ? { psnr: psnr(a, b), levels: largestDifference(a, b) } : undefined;
    const distance = hashDistance(here.picture.phash, there.picture.phash);
    const because = firstDifference(latentsIn(here.picture.latents), latentsIn(there.picture.latents));
    return { verdict: verdictOf(distance, figures), distance, ...figures, ...(because ? { because } : {}) };
}

/** The picture of the record on disk; where there is none, what is there. */
async function pixelsOf(
    { folder, picture }: PictureAt,
    { readPicture }: Services,
): Promise<Rgb | 'missing' | 'foreign'> {
    const file = join(basename(folder) === 'record.json' ? dirname(folder) : folder, picture.file);
    if (!existsSync(file)) return 'missing';
    const found = await readPicture(file).catch(() => undefined);
    return found && pixelsSha256(found) === picture.sha256 ? found : 'foreign';
}

function largestDifference({ data: a }: Rgb, { data: b }: Rgb): number {
    let most = 0;
    for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k]! - b[k]!));
    return most;
}

function recordAt(path: string): RunRecord {
    const file = basename(path) === 'record.json' ? path : join(path, 'record.json');
    const record = existsSync(file) ? recordOf(file) : readRun(path)?.record;
    if (record) return record;
    throw new RunError('input/unreadable', `${path} holds no run: name a run's folder, or its record.json.`);
}

function recordOf(file: string): RunRecord | undefined {
    try {
        return recordIn(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
        return undefined;
    }
}
