/** Makes what is missing of a run's work, of whichever kind it is. */
import { type Cell, cellsIn } from '../../plan/cells.ts';
import { assertNever } from '../../plan/problem.ts';
import type { Failure } from '../run-error.ts';
import { reuseCells } from './cells/reuse-cells.ts';
import { runLearning } from './learning/run-learning.ts';
import { makePictures, showDraft } from './make-pictures.ts';
import { scanPictures } from './measures/scan-pictures.ts';
import { makeMosaic } from './mosaic/make-mosaic.ts';
import type { OpenRecord } from './open-record.ts';
import { makePrint } from './prints/make-print.ts';
import type { RecordedFailure, RecordedFile, RunRecord } from './record.ts';
import type { RunContext } from './run-context.ts';
import { saveScan, saveTogether } from './save.ts';
import { missingFrom } from './shards/gather.ts';

/** Makes what is missing of the work, and returns what the record says about the whole. */
export async function makeWork(making: RunContext, inputs: readonly RecordedFile[]): Promise<Results> {
    const { folder, record, workshop, request } = making;
    const { work } = request.run;
    const cells = cellsIn(work);
    // Tensors are wanted of every picture, made before or not.
    const isGathering = request.options?.gather === true;
    const wanted = making.sink ? cells : isGathering ? [] : missing(cells, record.now);
    const left = isGathering ? missingFrom(folder, missing(cells, record.now)) : [];
    switch (work.kind) {
        case 'picture':
            return failuresIn([...(await makeOrReuse(wanted, cells, inputs, making)), ...left]);
        case 'sweep': {
            const failures = [...(await makeOrReuse(wanted, cells, inputs, making)), ...left];
            const whole = await saveTogether(folder, work, cells, record.now, workshop);
            // A scan compares all of its pictures.
            if (failures.length > 0) return { ...whole, failures };
            return { ...whole, ...(await saveScan(folder, work, cells, scanPictures(making))) };
        }
        case 'learn':
            return runLearning(work, making);
        case 'mosaic':
            return makeMosaic(work, making);
        case 'print':
            return makePrint(work, making);
        default:
            return assertNever(work);
    }
}

/** Makes the wanted pictures that no other run has made, and all that turn out to have been copied from another device. */
async function makeOrReuse(
    wanted: readonly Cell[],
    cells: readonly Cell[],
    inputs: readonly RecordedFile[],
    making: RunContext,
): Promise<readonly RecordedFailure[]> {
    const { record, request, emit } = making;
    const { force, gather, draft } = request.options ?? {};
    const unknown = making.sink || force ? wanted : await reuseCells(wanted, inputs, making);
    const copies = new Set(record.now.pictures.filter(({ from }) => from).map(({ cell }) => cell));
    if (draft && unknown.length === 1) await showDraft(draft, unknown, making);
    const failures = await makePictures(unknown, making);
    const dropped = gather ? [] : missing(cells, record.now).filter(({ index }) => copies.has(index));
    if (dropped.length === 0) return failures;
    const text = `What was taken from other runs is made again: this run is on ${record.now.device.used}, in a way that differs from theirs.`;
    emit({ kind: 'notice', text });
    return [...failures, ...(await makePictures(dropped, making))];
}

function failuresIn(failures: readonly RecordedFailure[]): Results {
    return failures.length > 0 ? { failures } : {};
}

/** What a record says about a finished run as a whole. */
type Results = Omit<Parameters<OpenRecord['close']>[0], 'state' | 'failure'>;

function missing(cells: readonly Cell[], { pictures }: RunRecord): readonly Cell[] {
    const made = new Set(pictures.map(({ cell }) => cell));
    return cells.filter(({ index }) => !made.has(index));
}

/** So many failed pictures are named; the record has all of them. */
const MAX_NAMED = 8;

/** One failure that names the pictures which failed, those of one reason together. */
export function together(failures: readonly RecordedFailure[], { cells }: RunRecord): Failure {
    const [first] = failures as readonly [RecordedFailure];
    const { cell: _, seed: __, labels: ___, ...failure } = first;
    const reasons = new Map<string, string[]>();
    for (const { seed, labels = { seed: `${seed}` }, message } of failures.slice(0, MAX_NAMED)) {
        const name = Object.entries(labels).map((pair) => pair.join(' '));
        reasons.set(message, [...(reasons.get(message) ?? []), name.join(', ')]);
    }
    const why = [...reasons].map(([message, names]) => `${names.join('; ')}: ${message}`);
    const more = failures.length > MAX_NAMED ? ` And ${failures.length - MAX_NAMED} more.` : '';
    const message = `${failures.length} of ${cells} pictures could not be made; the next run tries them again. ${why.join(' ')}${more}`;
    return { ...failure, message };
}
