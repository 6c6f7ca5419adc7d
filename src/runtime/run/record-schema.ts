/** The schema of a run's record: a folder may be damaged, or come with a clone, and what it says is checked before use. */
import * as v from 'valibot';
import type { RunRecord } from './record.ts';

/** Returns the record that foreign JSON holds; undefined where a member is missing or of another kind. */
export function recordIn(json: unknown): RunRecord | undefined {
    const { success, output } = v.safeParse(Record, json);
    return success ? (output as unknown as RunRecord) : undefined;
}

const text = v.pipe(v.string(), v.maxLength(100_000));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const number = v.pipe(v.number(), v.finite());
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const texts = v.record(v.string(), text);

/** A file of the run's folder: no name leads out of it. */
const inside = v.pipe(
    text,
    v.minLength(1),
    v.check((path) => !/^[/\\]|^[A-Za-z]:|\0/.test(path) && !path.split(/[/\\]/).includes('..')),
);
const file = v.object({ path: text, sha256 });
const failure = { code: text, message: text, detail: v.optional(text) };

const Frame = v.looseObject({
    after: count,
    noisy: inside,
    completed: v.optional(inside),
    finished: v.optional(inside),
    attention: v.optional(v.record(v.string(), inside)),
    gradient: v.optional(v.record(v.string(), inside)),
});
const Picture = v.looseObject({
    cell: count,
    seed: number,
    file: inside,
    width: count,
    height: count,
    sha256,
    phash: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
    seconds: number,
    plan: v.optional(text),
    from: v.optional(text),
    latents: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9+/=]*(?: [A-Za-z0-9+/=]+)*$/))),
    labels: v.optional(texts),
    trace: v.optional(v.looseObject({ strip: inside, frames: v.array(Frame) })),
});
const Step = v.looseObject({ kind: text, file: inside, width: count, height: count, sha256, seconds: number });

const Scan = v.object({ cell: count, label: text, moved: number, ssim: number, towards: v.optional(number) });
const Mosaic = v.looseObject({
    tilesPlaced: count,
    tilesMade: count,
    secondsPerTile: v.optional(number),
    farSsim: v.optional(number),
    deltaE: number,
    neighbours: v.object({ pairs: count, least: number, twins: count }),
    deepZoom: v.looseObject({ folder: inside, page: inside, width: count, height: count, tile: count, levels: count }),
    zoom: v.optional(
        v.looseObject({
            frames: inside,
            count,
            animation: v.optional(inside),
            video: v.optional(inside),
            seam: number,
        }),
    ),
});

/** More pictures than any plan has. */
const MAX_CELLS = 1_000_000;

const NO_DEVICE = { asked: 'auto', used: '', threads: 0, fallbacks: [], options: {} };

/** What a record may leave out has a value all the same: lists and results need not ask. */
const Record = v.looseObject({
    format: v.literal(1),
    name: text,
    digest: text,
    kind: v.optional(v.picklist(['picture', 'sweep', 'mosaic', 'print', 'learn']), 'picture'),
    spec: v.optional(text),
    state: v.picklist(['running', 'complete', 'cancelled', 'failed']),
    process: v.optional(count, 0),
    host: v.optional(text),
    cpu: v.optional(text),
    otherCpus: v.optional(v.array(text)),
    started: v.optional(text, ''),
    finished: v.optional(text),
    seconds: v.optional(number, 0),
    versions: v.optional(texts, {}),
    device: v.optional(
        v.object({
            asked: text,
            used: text,
            threads: count,
            fallbacks: v.array(text),
            options: texts,
            inexact: v.optional(text),
        }),
        NO_DEVICE,
    ),
    models: v.optional(v.array(v.object({ name: text, files: v.array(file) })), []),
    inputs: v.optional(v.array(file), []),
    notices: v.optional(v.array(text), []),
    timings: v.optional(v.record(v.string(), number), {}),
    cells: v.optional(v.pipe(count, v.maxValue(MAX_CELLS)), 1),
    pictures: v.array(Picture),
    sheet: v.optional(inside),
    animation: v.optional(inside),
    scan: v.optional(v.array(Scan)),
    learnt: v.optional(
        v.looseObject({
            file: inside,
            sha256,
            step: count,
            steps: count,
            loss: number,
            lossByQuarter: v.optional(v.array(v.nullable(number)), []),
            curve: v.optional(inside, 'curve.csv'),
        }),
    ),
    mosaic: v.optional(Mosaic),
    print: v.optional(
        v.looseObject({
            steps: v.array(Step),
            enlargement: v.object({ needed: number, reached: number }),
            files: v.optional(v.array(inside)),
        }),
    ),
    failure: v.optional(v.looseObject(failure)),
    failures: v.optional(v.array(v.looseObject({ ...failure, cell: count, seed: number, labels: v.optional(texts) }))),
    expectations: v.optional(
        v.array(v.looseObject({ verdict: v.picklist(['met', 'missed', 'skipped']), message: text })),
    ),
});
