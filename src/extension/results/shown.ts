/** A run, from its record or while it is running, as the results page shows it. */

import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deepCacheText, textCacheText } from '../../language/write/clause-text.ts';
import { guidanceWords } from '../../language/write/curve-text.ts';
import { layerWeightsOf } from '../../language/write/layer-weights.ts';
import { specText } from '../../language/write/spec-text.ts';
import { cellsIn } from '../../plan/cells.ts';
import { hubName } from '../../plan/model-names.ts';
import { plansOf } from '../../plan/parts.ts';
import type { ModelRef, PicturePlan } from '../../plan/plan.ts';
import type { Work } from '../../plan/run.ts';
import type { RecordedPicture } from '../../runtime/run/record.ts';
import { readCurve } from '../runs/curve.ts';
import { type LiveRun, shownProgress } from '../runs/live-run.ts';
import { makersOf } from '../runs/makers.ts';
import { fileOf, readMark, runLabel, type StoredRun } from '../runs/records.ts';
import type { Address } from './address.ts';
import { partsOf, sizeOfWork } from './parts.ts';
import { scanOf } from './scans.ts';
import type { RunView } from './showing.ts';
import { livePicture } from './showing.ts';
import type {
    CellDetails,
    ComparableRun,
    Fact,
    Shown,
    ShownDetails,
    ShownFrame,
    ShownPicture,
    ShownState,
} from './shown-run.ts';
import { tablesOf } from './tables.ts';

export function shownOf(showing: RunView, address: Address): Shown {
    const { folder, name, spec, work, stored, live, message, missing } = showing;
    const record = stored?.record;
    const kept = (record?.pictures ?? []).map((one) => shownPicture(folder, one, address));
    // Until the runtime begins, there is what an earlier attempt, or another window, has made.
    const pictures = live?.begun ? livePictures(live, kept, address) : kept;
    const cells = work ? cellsIn(work) : [];
    const scan = scanOf(work, live ? undefined : record);
    const parts = record && !live ? partsOf(folder, record, address) : undefined;
    const started = record?.started;
    const progress = live && shownProgress(live);
    return {
        key: folder,
        name,
        ...(spec ? { spec } : {}),
        kind: work?.kind ?? record?.kind ?? 'picture',
        state: stateOf(showing),
        ...(live?.isLive ? { isLive: true } : {}),
        makers: stored && !live ? makersOf(stored) : [],
        mark: readMark(folder),
        hasSheet: record?.sheet !== undefined,
        ...(message && !live ? { message } : {}),
        ...(missing && !live ? { missing: hubName(missing) } : {}),
        ...(started ? { started } : {}),
        // A learning need not make pictures.
        cells: Math.max(
            work?.kind === 'learn' ? 0 : 1,
            cells.length,
            record?.cells ?? 0,
            ...pictures.map(({ cell }) => cell + 1),
        ),
        size: sizeOf(work, record?.pictures[0]),
        pictures,
        axes: work?.kind === 'sweep' ? work.axes : [],
        ...(work?.kind === 'sweep' && work.columns ? { columns: work.columns } : {}),
        labels: cells.map(({ labels }) => labels ?? {}),
        ...(scan ? { scan } : {}),
        ...(progress ? { progress } : {}),
        ...(work?.kind === 'learn' ? { curve: { points: readCurve(folder), steps: work.steps } } : {}),
        ...(parts ? { parts } : {}),
        details: detailsOf(name, work, stored),
        others: othersOf(showing),
    };
}

/** How many runs are offered for comparison. */
const MAX_OTHERS = 100;

/** The newest run of the base, earlier runs of the same name, then those of others. */
function othersOf({ folder, name, base, others }: RunView): readonly ComparableRun[] {
    const all = others.filter((one) => one.folder !== folder && one.record.pictures.length > 0);
    const labelled = (one: StoredRun) => `${one.record.name}, ${runLabel(one)}`;
    const ofBase = all.find(({ record }) => record.name === base);
    const rest = all.filter((one) => one !== ofBase);
    const isOwn = ({ record }: StoredRun) => record.name === name;
    return [
        ...(ofBase ? [{ key: ofBase.folder, label: labelled(ofBase), group: 'base' } as const] : []),
        ...rest.filter(isOwn).map((one) => ({ key: one.folder, label: runLabel(one), group: 'earlier' as const })),
        ...rest
            .filter((one) => !isOwn(one))
            .map((one) => ({ key: one.folder, label: labelled(one), group: 'other' as const })),
    ].slice(0, MAX_OTHERS);
}

/** The text that would make one picture of a run; empty where its plan is not known. */
export function planOfPicture({ work }: RunView, index: number): PicturePlan | undefined {
    return work && (cellsIn(work)[index]?.plan ?? plansOf(work)[0]);
}

/** What is known of the run's pictures; of those that the record has already, all that it says. */
function livePictures(live: LiveRun, recorded: readonly ShownPicture[], address: Address): readonly ShownPicture[] {
    const known = new Map(recorded.map((one) => [one.cell, one]));
    return live.pictures.map((one) => {
        const picture = livePicture(live, one, address);
        const more = known.get(one.cell);
        return more ? { ...more, src: picture.src } : picture;
    });
}

function stateOf({ live, message, stored }: RunView): ShownState {
    if (live) return live.state === 'waiting' ? 'waiting' : 'running';
    if (stored && stored.state !== 'running') return stored.state;
    return message ? 'failed' : (stored?.state ?? 'cancelled');
}

function shownPicture(folder: string, picture: RecordedPicture, address: Address): ShownPicture {
    const src = (file: string) => address(fileOf(folder, file) ?? folder, picture.sha256.slice(0, 8));
    const { cell, seed, width, height, sha256, seconds, labels, trace } = picture;
    const shownMaps = (maps: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(maps).map(([word, file]) => [word, src(file)]));
    const frames = (trace?.frames ?? []).map(
        ({ after, noisy, completed, finished, attention, gradient }): ShownFrame => ({
            after,
            noisy: src(noisy),
            ...(completed ? { completed: src(completed) } : {}),
            ...(finished ? { finished: src(finished) } : {}),
            ...(attention && { attention: shownMaps(attention) }),
            ...(gradient && { gradient: shownMaps(gradient) }),
        }),
    );
    return {
        cell,
        seed,
        src: src(picture.file),
        file: pathToFileURL(fileOf(folder, picture.file) ?? folder).href,
        width,
        height,
        sha256,
        seconds,
        ...(labels ? { labels } : {}),
        trace: frames,
    };
}

function sizeOf(work: Work | undefined, picture: RecordedPicture | undefined) {
    if (picture) return { width: picture.width, height: picture.height };
    return (work && sizeOfWork(work, cellsIn(work)[0]?.plan)) ?? { width: 1, height: 1 };
}

/** What is known of one picture of several: the settings, the text and the weights of its own plan. */
export function cellDetailsOf({ name, work, stored }: RunView, index: number): CellDetails | undefined {
    const cell = work && cellsIn(work)[index];
    if (!cell) return undefined;
    const { plan } = cell;
    return {
        cell: index,
        facts: [...planFacts(plan), ...runFacts(stored)],
        text: specText(name, plan),
        weights: plan.infusions.map((one) => layerWeightsOf(one, plan)),
    };
}

function runFacts(stored: StoredRun | undefined): readonly Fact[] {
    const record = stored?.record;
    return [
        ...(record
            ? [
                  ['device', `${record.device.used}, ${record.device.threads} threads`] as const,
                  ['versions', versionsText(record.versions)] as const,
                  ['took', `${record.seconds.toFixed(2)} s`] as const,
                  ['digest', record.digest.slice(0, 16)] as const,
                  ...record.models.map(({ name: model }) => ['model file', model] as const),
              ]
            : []),
    ];
}

function detailsOf(name: string, work: Work | undefined, stored: StoredRun | undefined): ShownDetails {
    const record = stored?.record;
    const plan = firstPlan(work);
    return {
        facts: [...(plan ? planFacts(plan) : []), ...runFacts(stored)],
        text: work ? specText(name, work) : '',
        timings: Object.entries(record?.timings ?? {}),
        weights: plan ? plan.infusions.map((one) => layerWeightsOf(one, plan)) : [],
        notices: record?.notices ?? [],
        expectations: (record?.expectations ?? []).map(({ verdict, message }) => ({ verdict, message })),
        tables: record ? tablesOf(record) : [],
    };
}

/** The plan whose settings represent a run's: its own, or the first of several. */
function firstPlan(work: Work | undefined): PicturePlan | undefined {
    return work && plansOf(work)[0];
}

function planFacts(plan: PicturePlan): readonly (readonly [string, string])[] {
    const { conditioning, negative, sampler, guidance } = plan;
    const prompts =
        conditioning.kind === 'prompt'
            ? wordsOf(conditioning.prompt.phrases)
            : conditioning.members.map(({ prompt }) => wordsOf(prompt.phrases)).join(' | ');
    return [
        ['model', modelText(plan.model)],
        ['prompt', prompts],
        ...(negative.phrases.length > 0 ? [['negative', wordsOf(negative.phrases)] as const] : []),
        ['steps', String(plan.steps)],
        ['sampler', sampler.schedule === 'normal' ? sampler.name : `${sampler.name} on ${sampler.schedule}`],
        ['guidance', guidanceWords(guidance)],
        ['noise', plan.noise.kind],
        ...(plan.deepCache ? [['cache', deepCacheText(plan.deepCache)] as const] : []),
        ...(plan.textCache ? [['cache', textCacheText(plan.textCache)] as const] : []),
        ...(plan.precision ? [['precision', plan.precision] as const] : []),
    ];
}

function wordsOf(phrases: readonly { readonly text: string }[]): string {
    return phrases.map(({ text }) => text).join(', ');
}

function modelText(model: ModelRef): string {
    if (model.kind === 'builtin') return `${model.name} (built in)`;
    return model.kind === 'file' ? basename(model.path) : model.repository;
}

function versionsText(versions: Readonly<Record<string, string>>): string {
    return Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(' · ');
}
