/** Pictures that the spec itself makes: carried out before what is made of them. */
import { join } from 'node:path';
import { canonicalJson } from '../../plan/digest.ts';
import type { LearnPlan, LessonPictures, PicturePlan } from '../../plan/plan.ts';
import type { Work } from '../../plan/run.ts';
import type { MadeSource } from '../../plan/sources.ts';
import { learntFirst, madeFirst, withSeeds } from '../../plan/sources.ts';
import { RunError } from '../run-error.ts';
import { executeRun } from './execute-run.ts';
import { checkInputs } from './inputs/inputs.ts';
import type { MadeFiles } from './inputs/read-source.ts';
import type { RunRequest } from './request.ts';
import type { MadeFirstContext } from './run-context.ts';
import { listRuns, runsFolder, storedPlan } from './runs.ts';
import { usableRun } from './up-to-date.ts';

/** Makes what this plan needs, where it is not there yet: pictures, and what is learnt. */
export async function makeFirst(plan: PicturePlan, making: MadeFirstContext): Promise<MadeFiles> {
    const learnt = new Map<LearnPlan, string>();
    for (const { name, plan: source } of learntFirst(plan)) {
        const { folder, record } = await makeInner(name, source, making);
        learnt.set(source, join(folder, record.learnt!.file));
    }
    return new Map<PicturePlan | LearnPlan, string>([...learnt, ...(await makeSources(madeFirst(plan), making))]);
}

export type MadeGroup = Extract<LessonPictures, { readonly kind: 'made' }>;

/** Makes all pictures of a group to learn from; their files, in their order. */
export async function makeGroup({ name, plan }: MadeGroup, making: MadeFirstContext): Promise<readonly string[]> {
    const { folder, record } = await makeInner(name, plan, making);
    return record.pictures.map(({ file }) => join(folder, file));
}

/** Makes the picture of every source, where it is not there yet. */
export async function makeSources(sources: readonly MadeSource[], making: MadeFirstContext): Promise<MadeFiles> {
    const made = new Map<PicturePlan, string>();
    for (const source of sources) {
        if (!made.has(source.plan)) made.set(source.plan, await makeSource(source, making));
    }
    return made;
}

/** The file of a source's picture, made where it is not there yet. */
export async function makeSource(source: MadeSource, making: MadeFirstContext): Promise<string> {
    const { name } = source;
    // One picture: a plan from a file may have more seeds.
    const plan = withSeeds(source.plan, source.plan.seeds.slice(0, 1));
    const before = await madeBefore(name, plan, making);
    if (before !== undefined) return before;
    const { folder, record } = await makeInner(name, plan, making);
    return join(folder, record.pictures[0]!.file);
}

/**
 * Makes the pictures of a source with these seeds, where they are not there yet; their files by seed. All that the spec
 * asks of it are made together, so that they are those of its own run.
 */
export async function makeAllSeeds(
    { name, plan }: MadeSource,
    seeds: readonly number[],
    making: MadeFirstContext,
): Promise<ReadonlyMap<number, string>> {
    const own = seeds.filter((seed) => plan.seeds.includes(seed));
    const others = seeds.filter((seed) => !plan.seeds.includes(seed));
    const works = [own.length > 0 ? plan : undefined, others.length > 0 ? withSeeds(plan, others) : undefined];
    const files = new Map<number, string>();
    for (const work of works) {
        if (!work) continue;
        const { folder, record } = await makeInner(name, work, making);
        for (const { seed, file } of record.pictures) files.set(seed, join(folder, file));
    }
    return files;
}

/** Carries inner work out, or returns what an earlier run of it left where that is complete and up to date. */
async function makeInner(name: string, work: Work, { request, workshop, emit, signal }: MadeFirstContext) {
    let announced = false;
    const announce = () => {
        if (!announced) emit({ kind: 'notice', text: `Making ${name} first.` });
        announced = true;
    };
    const outcome = await executeRun(innerRequest(name, work, request), workshop, {
        signal,
        emit(event) {
            announce();
            // Its own pictures are no pictures of this run; how far a learning is, the user wants to know.
            if (event.kind === 'notice' || event.kind === 'learn') emit(event);
        },
    });
    if (outcome.kind === 'cancelled') throw new RunError('run/cancelled', 'Stopped.');
    if (outcome.kind === 'failed') {
        const { message, ...rest } = outcome.failure;
        throw Object.assign(new Error(`${name} could not be made: ${message}`), rest);
    }
    return outcome;
}

/** The picture of this plan in an earlier run of it, or of the same generate with more seeds. */
async function madeBefore(name: string, plan: PicturePlan, making: MadeFirstContext): Promise<string | undefined> {
    const { request, digests, workshop } = making;
    const inputs = await checkInputs(plan, request.base, digests);
    for (const work of [plan, ...siblings(name, plan, request)]) {
        const run = await usableRun(innerRequest(name, work, request), inputs, digests, workshop);
        const picture = run?.record.pictures.find(({ seed }) => seed === plan.seeds[0]);
        if (run && picture) return join(run.folder, picture.file);
    }
    return undefined;
}

/** Plans of stored runs that differ from this one in their seeds alone, and have its seed among them. */
function siblings(name: string, plan: PicturePlan, { base, options }: RunRequest): readonly PicturePlan[] {
    const seedless = (one: PicturePlan) => canonicalJson(withSeeds(one, []));
    const wanted = seedless(plan);
    return listRuns(runsFolder(base, options?.out), name)
        .filter(({ record }) => record.pictures.some(({ seed }) => seed === plan.seeds[0]))
        .map((run) => storedPlan(run)?.work)
        .filter((work): work is PicturePlan => work?.kind === 'picture' && seedless(work) === wanted);
}

/** Neither forced nor with tensors nor shared: those are wishes about the run that the picture is made for. */
function innerRequest(name: string, work: Work, request: RunRequest): RunRequest {
    const { tensors: _, force: __, keep: ___, shard: ____, gather: _____, ...options } = request.options ?? {};
    return { ...request, run: { name, work, expect: [] }, options };
}
