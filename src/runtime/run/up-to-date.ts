/** Whether what an earlier run left is still what its plan would make now. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Cell, cellsIn } from '../../plan/cells.ts';
import { modelName } from '../../plan/model-names.ts';
import { modelsOf, withAllMade } from '../../plan/parts.ts';
import type { ModelRef } from '../../plan/plan.ts';
import type { Work } from '../../plan/run.ts';
import { pixelsSha256 } from '../pictures/compare.ts';
import type { FileDigests } from './inputs/file-digests.ts';
import { isMadeHere, versions } from './machine.ts';
import type { RecordedFile, RecordedPicture, RunRecord } from './record.ts';
import type { DeviceChoice, RunRequest } from './request.ts';
import type { RunServices } from './run-services.ts';
import { findRun, runsFolder, type StoredRun, storedPlan } from './runs.ts';

/** A stored run to build upon. */
export interface UsableRun extends StoredRun {
    /** Pictures on disk that are not those of the record, relative to the run's folder: damaged, or the user's own. */
    readonly foreign: readonly string[];
}

/**
 * What an earlier run of the same plan left, complete or not, if it can be built upon; nothing where it is forced. Pictures
 * on disk that are not those of the record are left out of it and named, so that they are made again.
 */
export async function usableRun(
    { run, base, options = {} }: RunRequest,
    inputs: readonly RecordedFile[],
    digests: FileDigests,
    workshop: Pick<RunServices, 'modelFiles' | 'readPicture' | 'phash'>,
): Promise<UsableRun | undefined> {
    const stored = options.force ? undefined : findRun(runsFolder(base, options.out), run.name, run.work);
    if (!stored) return undefined;
    const valid = await isStillValid(stored, {
        work: run.work,
        base,
        device: options.device ?? 'auto',
        inputs,
        digests,
        workshop,
    });
    return valid ? intact(stored, run.work, digests, workshop) : undefined;
}

/**
 * The stored run as its files are: what the record says of the pictures is found again from the files and the plan, and a
 * record, a plan or a learnt file that is not what it was makes the run one to be continued.
 */
async function intact(
    stored: StoredRun,
    work: Work,
    digests: FileDigests,
    workshop: Pick<RunServices, 'readPicture' | 'phash'>,
): Promise<UsableRun> {
    const { folder, record } = stored;
    const cells = new Map(cellsIn(work).map((cell) => [cell.index, cell]));
    const pictures: RecordedPicture[] = [];
    const foreign: string[] = [];
    const seen = pixelsOf(workshop);
    for (const picture of record.pictures) {
        const cell = cells.get(picture.cell);
        if (cells.size > 0 && work.kind !== 'learn' && cell?.file !== picture.file) continue;
        const found = await digests.ofPixels(join(folder, picture.file), seen).catch(() => '');
        const [sha256 = '', phash = '', width, height] = found.split(' ');
        if (sha256 !== picture.sha256) {
            foreign.push(picture.file);
            continue;
        }
        const { labels: _, ...rest } = picture;
        const labels = cell ? cell.labels : picture.labels;
        const seed = cell ? cell.seed : picture.seed;
        pictures.push({
            ...rest,
            seed,
            width: Number(width),
            height: Number(height),
            phash,
            ...(labels ? { labels } : {}),
        });
    }
    const { learnt, ...others } = record;
    const kept = learnt && (await digests.of(join(folder, learnt.file)).catch(() => '')) === learnt.sha256;
    const isSame =
        isDeepStrictEqual(pictures, record.pictures) &&
        Boolean(kept) === Boolean(learnt) &&
        storedPlan(stored) !== undefined;
    if (isSame) return { ...stored, foreign };
    return {
        ...stored,
        state: 'interrupted',
        record: { ...others, ...(learnt && kept ? { learnt } : {}), pictures },
        foreign,
    };
}

/** Reads what a picture's file shows: digest of its pixels, perceptual hash, width and height, separated by spaces. */
export function pixelsOf(workshop: Pick<RunServices, 'readPicture' | 'phash'>): (file: string) => Promise<string> {
    return async (file) => {
        const picture = await workshop.readPicture(file);
        return [pixelsSha256(picture), await workshop.phash(picture), picture.width, picture.height].join(' ');
    };
}

/**
 * Whether pictures of another run are what these cells would show if they were made now: the files that both runs read, the
 * weights, the versions, the device asked for and the processor are the same.
 */
export async function holdsForCells(
    { record }: StoredRun,
    cells: readonly Cell[],
    now: Circumstances,
): Promise<boolean> {
    const inputs = new Map(now.inputs.map(({ path, sha256 }) => [path, sha256]));
    if (record.inputs.some(({ path, sha256 }) => (inputs.get(path) ?? sha256) !== sha256)) return false;
    if (now.device !== record.device.asked || !sameVersions(record.versions) || !isMadeHere(record)) return false;
    // Which of its machines made a picture, and with which processor, a shared run does not say.
    if (record.workers?.some(({ host }) => host !== record.host)) return false;
    const models = new Map(cells.flatMap(({ plan }) => modelsIn(plan)).map((ref) => [modelName(ref), ref]));
    for (const ref of models.values()) if (!(await isUnchanged(ref, record, now))) return false;
    return true;
}

interface Circumstances {
    readonly work: Work;
    readonly base: string;
    readonly device: DeviceChoice;
    /** The inputs as they are now. */
    readonly inputs: readonly RecordedFile[];
    readonly digests: FileDigests;
    readonly workshop: Pick<RunServices, 'modelFiles'>;
}

/**
 * The plan's digest names files; this looks at what is in them. A run that is only started must besides have been made by
 * the same versions, so that its pictures belong together.
 */
async function isStillValid(stored: StoredRun, now: Circumstances): Promise<boolean> {
    const { record } = stored;
    if (now.device !== 'auto' && now.device !== record.device.asked && now.device !== record.device.used) return false;
    if (JSON.stringify(record.inputs) !== JSON.stringify(now.inputs)) return false;
    if (stored.state !== 'complete' && !sameVersions(record.versions)) return false;
    for (const ref of modelsIn(now.work)) if (!(await isUnchanged(ref, stored.record, now))) return false;
    return true;
}

function sameVersions(then: Readonly<Record<string, string>>): boolean {
    const { sdspec, onnxruntime } = versions();
    return then['sdspec'] === sdspec && then['onnxruntime'] === onnxruntime;
}

/** The models of the work, each once. */
function modelsIn(work: Work): readonly ModelRef[] {
    const refs = withAllMade(work).flatMap(modelsOf);
    return [...new Map(refs.map((ref) => [modelName(ref), ref])).values()];
}

/**
 * By digest, or by the time of the last change where the record has none: of a run that was stopped before they were taken,
 * and of models that only pictures which are made first need.
 */
async function isUnchanged(ref: ModelRef, record: RunRecord, now: Circumstances): Promise<boolean> {
    const files = filesNow(ref, now);
    if (!files) return false;
    const recorded = record.models.find(({ name }) => name === modelName(ref));
    if (!recorded) return [...files.values()].every((file) => statSync(file).mtime.toISOString() < record.started);
    for (const { path, sha256 } of recorded.files) {
        const file = files.get(path);
        if (!file || (await now.digests.of(file)) !== sha256) return false;
    }
    return true;
}

/** Undefined where the model is gone: then the run says so better than this could. */
function filesNow(ref: ModelRef, { workshop, base }: Circumstances): ReadonlyMap<string, string> | undefined {
    try {
        return workshop.modelFiles(ref, base);
    } catch {
        return undefined;
    }
}
