/** Runs a learning: makes its pictures first, reports progress, makes the traced pictures, and records the result. */
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sizeWords } from '../../../plan/amounts.ts';
import { lessonGroups } from '../../../plan/parts.ts';
import type { LearnPlan, LessonPictures } from '../../../plan/plan.ts';
import { assertNever } from '../../../plan/problem.ts';
import { madeIn } from '../../../plan/sources.ts';
import type { LearnContext, LearnEvent } from '../../learn/context.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { readSource } from '../inputs/read-source.ts';
import { type MadeGroup, makeGroup, makeSources } from '../make-first.ts';
import type { RecordedLearning } from '../record.ts';
import type { RunContext } from '../run-context.ts';
import { openLearnModel, recordModels } from '../run-models.ts';
import { makeMissing, makeTraced } from './traced.ts';

/** The curve that the engine writes beside the result: `step,loss,quarter1,…,quarter4,gradient`, a line for ten steps. */
const CURVE = 'curve.csv';
/** What an interrupted learning continues from. */
const STATE = 'learn.state';

export interface LearnResults {
    readonly learnt: RecordedLearning;
    /** How many traced pictures there are: fewer than planned where the user stopped and kept. */
    readonly cells: number;
}

/** Carries a learning out, or continues an interrupted one. Throws what stops it; its state is kept then. */
export async function runLearning(plan: LearnPlan, making: RunContext): Promise<LearnResults> {
    const { request, folder, workshop, digests, emit, signal, keep } = making;
    const { run, base, options = {} } = request;
    if (options.force) await Promise.all([STATE, CURVE].map((name) => rm(join(folder, name), { force: true })));
    const files = new Map<LessonPictures, readonly string[]>();
    for (const group of lessonGroups(plan).filter(isMade)) files.set(group, await makeGroup(group, making));
    const sources = lessonGroups(plan).flatMap((group) =>
        group.kind === 'pictures' ? group.pictures.map(({ picture }) => picture) : [],
    );
    const made = await makeSources(sources.flatMap(madeIn), making);
    const readPictures = async (group: LessonPictures): Promise<readonly Rgb[]> => {
        const pictures: Rgb[] = [];
        if (group.kind === 'made')
            for (const file of files.get(group)!) pictures.push(await workshop.readPicture(file));
        else for (const { picture } of group.pictures) pictures.push(await readSource(picture, base, made, workshop));
        return pictures;
    };
    if ((options.device ?? 'cpu') !== 'cpu' && options.device !== 'auto')
        emit({ kind: 'notice', text: 'Learning runs on the CPU, whatever device is asked for.' });
    const modelDigests: Record<string, string> = {};
    for (const [name, file] of workshop.modelFiles(plan.model, base)) modelDigests[name] = await digests.of(file);

    const trace = (step: number, file: string) => makeTraced(plan, step, file, making);
    await makeMissing(plan, making);
    const context: LearnContext = {
        model: await openLearnModel(plan, making),
        modelDigests,
        readPictures,
        folder,
        name: run.name,
        ...(options.threads === undefined ? {} : { threads: options.threads }),
        emit: (event) => forward(event, run.name, making),
        signal,
        ...(keep ? { keep } : {}),
        ...(plan.trace ? { trace } : {}),
    };
    const outcome = await workshop.learn(plan, context);
    await recordModels(making);
    return {
        learnt: {
            file: basename(outcome.file),
            sha256: outcome.sha256,
            step: outcome.step,
            steps: plan.steps,
            loss: outcome.loss,
            lossByQuarter: outcome.lossByQuarter.map((loss) => loss ?? null),
            parameters: outcome.parameters,
            resumed: outcome.resumed,
            peakMemoryBytes: outcome.peakMemoryBytes,
            memory: plan.memory,
            curve: CURVE,
        },
        cells: making.record.now.pictures.length,
    };
}

function isMade(group: LessonPictures): group is MadeGroup {
    return group.kind === 'made';
}

function forward(event: LearnEvent, name: string, { emit }: RunContext): void {
    switch (event.kind) {
        case 'notice':
        case 'stage':
            emit(event);
            break;
        case 'cost': {
            const text = `${event.parameters.toLocaleString('en')} numbers are learnt; about ${sizeWords(event.memoryBytes)} of ${sizeWords(event.availableBytes)} memory are needed (memory ${event.memory}).`;
            emit({ kind: 'notice', text });
            break;
        }
        case 'progress':
            emit({ ...event, kind: 'learn', name });
            break;
        default:
            assertNever(event);
    }
}
