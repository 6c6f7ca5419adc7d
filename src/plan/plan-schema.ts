/** The schema of a picture's plan as JSON: what comes from a file is checked against it before anything is done with it. */
import * as v from 'valibot';
import { canonicalJson } from './digest.ts';
import type { MosaicPlan } from './mosaic/mosaic.ts';
import { captionedPlans, captionsOf } from './parts.ts';
import type { LessonPictures, MadeLessons, PicturePlan, PictureSource } from './plan.ts';
import { SAMPLER_NAMES, SCHEDULES } from './samplers.ts';
import { BLOCKS, type Block, siteOf } from './sites.ts';

/**
 * Returns the plan that foreign JSON holds; undefined where a member is missing, unknown or out of its range. The JSON's
 * depth must be bounded: plans hold plans of pictures that they are made of.
 */
export function picturePlanIn(json: unknown): PicturePlan | undefined {
    const { success, output } = v.safeParse(PicturePlanSchema, json);
    return success ? (output as PicturePlan) : undefined;
}

/** The part of a mosaic's plan that makes and lays out its tiles; undefined as above. */
export function mosaicPlanIn(json: unknown): Pick<MosaicPlan, 'grid' | 'tiles' | 'depth'> | undefined {
    const { success, output } = v.safeParse(MosaicSchema, json);
    return success ? (output as Pick<MosaicPlan, 'grid' | 'tiles' | 'depth'>) : undefined;
}

const between = (least: number, most: number) => v.pipe(v.number(), v.finite(), v.minValue(least), v.maxValue(most));
const whole = (least: number, most: number) => v.pipe(between(least, most), v.integer());
const latents = (least: number, most: number) => v.pipe(whole(least, most), v.multipleOf(8));
const share = between(0, 1e6);
const text = v.pipe(v.string(), v.maxLength(100_000));
const list = <const Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.maxLength(10_000));

const Curve = v.strictObject({
    keys: v.pipe(
        list(v.strictObject({ at: between(0, 1), value: between(-1e6, 1e6) })),
        v.minLength(1),
        v.check((keys) => keys.every(({ at }, k) => k === 0 || at > keys[k - 1]!.at)),
    ),
    easing: v.picklist(['linear', 'cosine', 'hold']),
});
/** As the language has it. */
const GuidanceCurve = v.pipe(
    Curve,
    v.check(({ keys }) => keys.every(({ value }) => value >= 0 && value <= 100)),
);
const Window = v.union([
    v.pipe(
        v.strictObject({ from: between(0, 1), to: between(0, 1) }),
        v.check(({ from, to }) => from < to),
    ),
    v.pipe(
        v.strictObject({ firstStep: whole(1, 1000), lastStep: whole(1, 1000) }),
        v.check(({ firstStep, lastStep }) => firstStep <= lastStep),
    ),
]);

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const file = { path: v.pipe(text, v.minLength(1)), sha256: v.optional(sha256) };
const File = v.strictObject(file);

const choices = {
    predicts: v.optional(v.picklist(['epsilon', 'v'])),
    zeroSnr: v.optional(v.literal(true)),
    vae: v.optional(File),
};
const Model = v.variant('kind', [
    v.strictObject({ kind: v.literal('builtin'), name: v.pipe(text, v.minLength(1)) }),
    v.strictObject({ kind: v.literal('file'), ...file, path: v.pipe(text, v.regex(/^(?!builtin:|hf:)./)), ...choices }),
    v.strictObject({ kind: v.literal('hub'), repository: v.pipe(text, v.minLength(1)), revision: text, ...choices }),
]);

const Source: v.GenericSchema<PictureSource> = v.lazy(() =>
    v.variant('kind', [
        // `*` and `?` in a path would mean several pictures.
        v.strictObject({ kind: v.literal('file'), ...file, path: v.pipe(text, v.regex(/^[^*?]+$/)) }),
        v.strictObject({ kind: v.literal('edges'), of: Source, low: between(0, 1500), high: between(0, 1500) }),
        v.strictObject({
            kind: v.literal('made'),
            name: text,
            plan: PicturePlanSchema,
            each: v.optional(v.literal(true)),
        }),
        v.strictObject({ kind: v.literal('inside'), of: Source }),
    ]),
) as unknown as v.GenericSchema<PictureSource>;
const WeightedPicture = v.strictObject({ picture: Source, weight: share });

const times = v.optional(list(v.strictObject({ during: Window, weight: Curve })));
const Phrase = v.strictObject({
    text,
    weight: between(0, 10),
    words: v.optional(list(v.strictObject({ words: v.pipe(text, v.minLength(1)), weight: between(0, 10), times }))),
    times,
});
const Prompt = v.strictObject({ phrases: list(Phrase) });
const Conditioning = v.variant('kind', [
    v.strictObject({ kind: v.literal('prompt'), prompt: Prompt }),
    v.strictObject({
        kind: v.literal('ensemble'),
        over: v.picklist(['predictions', 'latents', 'embeddings']),
        members: v.pipe(
            list(v.strictObject({ name: v.optional(text), prompt: Prompt, weight: Curve })),
            v.minLength(1),
        ),
    }),
]);

const Site = v.pipe(
    v.string(),
    v.check((name) => siteOf(name) === name),
);
const SiteWeight = v.strictObject({ site: Site, weight: Curve });
const Infusion = v.strictObject({
    pictures: v.pipe(list(WeightedPicture), v.minLength(1)),
    sites: list(SiteWeight),
    weight: Curve,
    decay: between(0, 2),
    window: Window,
    latent: v.picklist(['clean', 'matched']),
    text: v.variant('kind', [
        v.strictObject({ kind: v.picklist(['prompt', 'rows', 'empty']) }),
        v.strictObject({ kind: v.literal('caption'), caption: Prompt }),
    ]),
    rows: v.picklist(['both', 'cond']),
    normalise: v.picklist(['none', 'match-std']),
});

const SIDE = 65_536;
const Size = v.strictObject({ width: whole(8, SIDE), height: whole(8, SIDE) });

const Corner = v.strictObject({ x: between(0, SIDE), y: between(0, SIDE) });
const margin = v.optional(between(0, SIDE));
const Mask = v.union([
    v.strictObject({
        kind: v.optional(v.literal('picture')),
        picture: Source,
        outside: v.boolean(),
        feather: between(0, SIDE),
        only: v.optional(v.strictObject({ margin })),
    }),
    v.strictObject({
        kind: v.literal('corners'),
        corners: v.tuple([Corner, Corner, Corner, Corner]),
        margin,
        feather: between(0, SIDE),
    }),
]);

// ── What is learnt in place of a file ──────────────────────────────────

const labels = v.record(text, text);
const SweepSchema = v.lazy(() =>
    v.strictObject({
        kind: v.literal('sweep'),
        axes: list(v.strictObject({ name: text, values: list(text) })),
        cells: list(v.strictObject({ labels, plan: PicturePlanSchema })),
        columns: v.optional(text),
        baseline: v.optional(v.strictObject({ axis: text, value: text })),
        animate: v.boolean(),
    }),
);

/** Pictures, or all that a generate or a sweep makes. */
const Lessons = v.lazy(() =>
    v.variant('kind', [
        v.strictObject({
            kind: v.literal('pictures'),
            pictures: list(v.strictObject({ picture: Source, captions: list(text) })),
        }),
        v.pipe(
            v.strictObject({
                kind: v.literal('made'),
                name: text,
                plan: v.union([PicturePlanSchema, SweepSchema]),
                captions: list(list(text)),
            }),
            v.check((set) => fitsPictures(set as MadeLessons)),
        ),
    ]),
);

/** Captions for each picture, those of all seeds of a picture's plan the same. */
function fitsPictures(set: Pick<MadeLessons, 'plan' | 'captions'>): boolean {
    const groups = captionedPlans(set);
    return (
        groups.reduce((sum, { plan }) => sum + plan.seeds.length, 0) === set.captions.length &&
        groups.every(({ captions: [first, ...others] }) =>
            others.every((one) => canonicalJson(one) === canonicalJson(first)),
        )
    );
}

/** A word is learnt from captions that name it. */
function captionsName(word: string, from: readonly LessonPictures[]): boolean {
    return from
        .flatMap(captionsOf)
        .flat()
        .every((caption) => caption.includes(`<${word}>`));
}

const BlockName = v.custom<Block>((name) => (BLOCKS as readonly unknown[]).includes(name));
const layers = {
    layers: v.picklist(['attention', 'transformer', 'all']),
    blocks: v.optional(list(BlockName)),
};
const LearnPlan = v.lazy(() =>
    v.pipe(
        v.strictObject({
            kind: v.literal('learn'),
            model: Model,
            target: v.variant('kind', [
                v.strictObject({ kind: v.literal('word'), word: text, like: text, vectors: whole(1, 75) }),
                v.strictObject({ kind: v.literal('lora'), rank: whole(1, 4096), alpha: between(0, 1e6), ...layers }),
                v.strictObject({ kind: v.literal('weights'), ...layers }),
                v.strictObject({
                    kind: v.literal('controlnet'),
                    hint: v.strictObject({ low: v.number(), high: v.number() }),
                }),
            ]),
            from: list(Lessons),
            beside: v.optional(v.strictObject({ pictures: list(Lessons), weight: between(0, 1e6) })),
            size: Size,
            steps: whole(1, 1e6),
            batch: whole(1, 1000),
            rate: between(0, 10),
            warmup: whole(0, 1e6),
            fall: v.picklist(['constant', 'cosine']),
            decay: between(0, 10),
            clip: between(0, 1e6),
            flip: v.boolean(),
            seed: whole(0, 2 ** 32 - 1),
            memory: v.picklist(['keep', 'balanced', 'small']),
            trace: v.optional(
                v.strictObject({ every: whole(1, 1e6), pictures: list(PicturePlanSchema), by: v.optional(Source) }),
            ),
        }),
        v.check(
            ({ target, from }) =>
                target.kind !== 'word' || captionsName(target.word, from as readonly LessonPictures[]),
        ),
    ),
);
const Learnt = v.union([File, v.strictObject({ kind: v.literal('learn'), name: text, plan: LearnPlan })]);

const PicturePlanSchema: v.GenericSchema<unknown, PicturePlan> = v.strictObject({
    kind: v.literal('picture'),
    model: Model,
    conditioning: Conditioning,
    negative: Prompt,
    size: Size,
    windows: v.optional(v.strictObject({ side: whole(8, SIDE), overlap: whole(0, SIDE) })),
    steps: whole(1, 1000),
    sampler: v.strictObject({
        name: v.picklist(SAMPLER_NAMES),
        schedule: v.picklist(SCHEDULES),
        eta: between(0, 1),
        spacing: v.optional(v.picklist(['leading', 'trailing', 'linspace'])),
    }),
    guidance: v.strictObject({ scale: GuidanceCurve, rescale: between(0, 1), window: v.optional(Window) }),
    seeds: v.pipe(list(whole(0, Number.MAX_SAFE_INTEGER)), v.minLength(1)),
    noise: v.variant('kind', [
        v.strictObject({ kind: v.picklist(['torch-cpu', 'philox', 'numpy']) }),
        v.strictObject({ kind: v.literal('file'), ...file }),
    ]),
    clipSkip: whole(0, 11),
    longPrompts: v.picklist(['truncate', 'chunk']),
    embeddings: list(v.strictObject({ token: v.pipe(text, v.minLength(1)), file: Learnt })),
    start: v.optional(
        v.strictObject({
            pictures: v.pipe(list(WeightedPicture), v.minLength(1)),
            mixing: v.picklist(['linear', 'spherical']),
            latent: v.picklist(['mean', 'sampled', 'diffusers']),
            fit: v.optional(v.picklist(['cover', 'contain', 'stretch'])),
            strength: between(0, 1),
        }),
    ),
    mask: v.optional(Mask),
    outpaint: v.optional(
        v.strictObject({
            left: latents(0, SIDE),
            right: latents(0, SIDE),
            top: latents(0, SIDE),
            bottom: latents(0, SIDE),
        }),
    ),
    infusions: list(Infusion),
    scales: list(SiteWeight),
    controls: list(
        v.strictObject({
            net: Learnt,
            picture: Source,
            weight: Curve,
            window: Window,
            sites: v.optional(list(SiteWeight)),
        }),
    ),
    adapters: list(
        v.strictObject({
            file: Learnt,
            weight: between(-10, 10),
            blocks: v.optional(list(v.strictObject({ block: BlockName, weight: between(-1e6, 1e6) }))),
        }),
    ),
    deepCache: v.optional(
        v.strictObject({
            every: whole(2, 1000),
            at: v.optional(
                v.pipe(
                    v.string(),
                    v.check((name) => name.startsWith('OUT') && (BLOCKS as readonly string[]).includes(name)),
                ),
            ),
            window: v.optional(Window),
        }),
    ),
    textCache: v.optional(v.strictObject({ window: Window })),
    precision: v.optional(v.picklist(['int8', 'fp16', 'fp32'])),
    trace: v.optional(
        v.strictObject({
            after: list(whole(0, 1000)),
            completed: v.boolean(),
            finish: whole(0, 1000),
            attention: list(text),
            gradient: v.optional(list(text)),
        }),
    ),
}) as unknown as v.GenericSchema<unknown, PicturePlan>;

const MosaicSchema = v.object({
    kind: v.literal('mosaic'),
    grid: v.strictObject({ columns: whole(1, 10_000), rows: whole(1, 10_000) }),
    tiles: v.strictObject({
        via: PicturePlanSchema,
        strength: between(0, 1),
        colour: between(0, 1),
        vary: whole(0, 1000),
        pool: whole(0, 1e6),
        size: v.strictObject({ width: whole(1, 65_536), height: whole(1, 65_536) }),
    }),
    depth: whole(1, 100),
});
