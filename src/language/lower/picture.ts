/** A generate to the plan of its pictures: every default filled in. */
import { AstUtils } from 'langium';
import { constant, isAllSteps, isZero } from '../../plan/curve.ts';
import type { DeepCache } from '../../plan/passes/deep-cache.ts';
import type {
    Adapter,
    Control,
    Guidance,
    Infusion,
    Mask,
    NoiseSource,
    Outpaint,
    PicturePlan,
    Size,
    Start,
    Windows,
} from '../../plan/plan.ts';
import type { Corners } from '../../plan/prints/corners.ts';
import { type SamplerChoice, type SamplerName, type ScheduleName, samplerFacts } from '../../plan/samplers.ts';
import { type Block, siteOf } from '../../plan/sites.ts';
import { withSeeds } from '../../plan/sources.ts';
import { stepsRun } from '../../plan/steps.ts';
import { wholeLatents } from '../../plan/topology.ts';
import * as ast from '../generated/ast.ts';
import { boundBy } from '../meaning/bindings.ts';
import { DEFAULTS, defaultScheduleOf } from '../meaning/defaults.ts';
import { type Effective, effectiveIn, extendedBy, settingOf, settingsOf } from '../meaning/inherit.ts';
import { libraryName, wrongSampler, wrongSize } from '../meaning/param-values.ts';
import { wrongOverlap } from '../meaning/quantities.ts';
import { fits, RANGES } from '../meaning/ranges.ts';
import { sizeInForce } from '../meaning/size.ts';
import { defaultsOf } from '../meaning/versions.ts';
import type { NumberField } from './changes.ts';
import { amountOf, type Lowering, quantityIn, reportWrong, valuesIn } from './context.ts';
import { curveOf, windowIn } from './curve.ts';
import { modelOf, pathFrom, pinned } from './files.ts';
import { infusionOf, siteScales } from './infuse.ts';
import { fileOrResult } from './learn.ts';
import { madePictures, onePicture, weighted } from './sources.ts';
import { traceOf } from './trace.ts';
import { blockWeights, curvesOf, siteWeights } from './weights.ts';
import { conditioningOf, learnedTokens, negativeOf, type ReadText, textsIn } from './words.ts';

export function picturePlan(generate: ast.Generate, outer: Lowering): PicturePlan {
    const { boundHere, ...around } = outer;
    // What is set where the picture is used wins over what it sets itself.
    const bound = new Map([...boundBy(generate), ...(boundHere ?? [])]);
    const context: Lowering = { ...around, making: [...outer.making, generate], bound };
    const defaults = defaultsOf(AstUtils.getContainerOfType(generate, ast.isSpec));
    const settings = effectiveIn(generate, context.changes.case);
    const one = <S extends ast.Setting>(is: (node: unknown) => node is S) => settingOf(settings, is);
    const all = <S extends ast.Setting>(is: (node: unknown) => node is S) => settingsOf(settings, is);

    const steps = number('steps', one(ast.isStepsClause)?.value, defaults.steps, context);
    const outpaintClause = one(ast.isOutpaintClause);
    const start = startOf(one(ast.isStartClause), context) ?? (outpaintClause && widenedStart(generate, context));
    reportNoSteps(generate, steps, start, context);
    const mask = maskOf(one(ast.isMaskClause), context);
    const outpaint = outpaintOf(outpaintClause, context);
    const windows = windowsOf(one(ast.isSizeClause), context);
    const trace = traceOf(one(ast.isTraceClause), stepsRun(steps, start?.strength), context);
    const deepCache = deepCacheOf(one(ast.isDeepCacheClause), context);
    const textCache = one(ast.isTextCacheClause);
    const precision = one(ast.isPrecisionClause);
    const seeds = seedsOf(settings, context);
    const plan: PicturePlan = {
        kind: 'picture',
        model: modelOf(one(ast.isUseClause), context),
        conditioning: conditioningOf(one(ast.isPromptClause), context),
        negative: negativeOf(one(ast.isNegativeClause), context),
        size: context.changes.size ?? context.set?.size ?? sizeIn(settings, context),
        ...(windows ? { windows } : {}),
        steps,
        sampler: samplerOf(one(ast.isSamplerClause), context),
        guidance: guidanceOf(one(ast.isGuidanceClause), context),
        seeds,
        noise: noiseOf(one(ast.isNoiseClause), context),
        clipSkip: number('skip', one(ast.isClipClause)?.value, defaults.clipSkip, context),
        longPrompts: one(ast.isLongPromptsClause)?.mode ?? defaults.longPrompts,
        embeddings: learnedTokens(texts(settings, context)),
        ...(start ? { start } : {}),
        ...(mask ? { mask } : {}),
        ...(outpaint ? { outpaint } : {}),
        infusions: infusionsOf(all(ast.isInfuseClause), context),
        scales: siteScales(one(ast.isScaleClause), context),
        controls: all(ast.isControlClause).flatMap((clause) => controlOf(clause, context)),
        adapters: all(ast.isApplyClause).flatMap((clause) => adapterOf(clause, context)),
        ...(deepCache ? { deepCache } : {}),
        ...(textCache ? { textCache: { window: windowIn(textCache.window, context) } } : {}),
        ...(precision ? { precision: precision.kind } : {}),
        ...(trace ? { trace } : {}),
    };
    return withSeeds(plan, seeds);
}

function sizeIn(settings: readonly Effective[], context: Lowering): Size {
    const clause = settingOf(settings, ast.isSizeClause);
    const valueIn = valuesIn(context);
    if (clause) reportWrong(wrongSize(clause, valueIn), clause, context);
    return sizeInForce(settings, context, valueIn);
}

/** Steps and strength that are written are checked where they are; params, axes and `--set` may bring others. */
function reportNoSteps(generate: ast.Generate, steps: number, start: Start | undefined, context: Lowering): void {
    if (!start || stepsRun(steps, start.strength) >= 1) return;
    const enough = Math.ceil((1 / steps) * 100) / 100;
    const message = `A strength of ${start.strength} leaves none of the ${steps} steps: with ${steps} steps take at least ${enough}.`;
    context.report('start/no-steps', 'error', message, generate, { property: 'name' });
}

/** A number that a sweep or `--set` may change. */
function number(field: NumberField, amount: ast.Amount | undefined, otherwise: number, context: Lowering): number {
    const given = context.changes.numbers.get(field) ?? context.set?.numbers.get(field);
    return given ?? (amount ? amountOf(amount, context, field) : otherwise);
}

function samplerOf(clause: ast.SamplerClause | undefined, context: Lowering): SamplerChoice {
    const valueIn = valuesIn(context);
    const swept = context.changes.sampler ?? context.set?.sampler;
    const eta = number('eta', clause?.eta, 0, context);
    const spacing = clause?.spacing ? { spacing: clause.spacing } : {};
    if (swept) {
        const schedule =
            swept.schedule ??
            (libraryName(clause?.schedule, valueIn) as ScheduleName | undefined) ??
            defaultScheduleOf(swept.name);
        return { name: swept.name, schedule, eta: etaOf(swept.name, eta), ...spacing };
    }
    if (!clause) return { ...DEFAULTS.sampler, eta: etaOf(DEFAULTS.sampler.name, eta) };
    const wrong = wrongSampler(clause, valueIn);
    reportWrong(wrong, clause, context);
    const name = wrong ? DEFAULTS.sampler.name : (libraryName(clause.sampler, valueIn) as SamplerName);
    return {
        name,
        schedule: (libraryName(clause.schedule, valueIn) as ScheduleName | undefined) ?? defaultScheduleOf(name),
        eta: etaOf(name, eta),
        ...spacing,
    };
}

/** Samplers without an eta are the same for every value of it. */
function etaOf(name: SamplerName, eta: number): number {
    return samplerFacts(name)?.noise === 'with eta' ? eta : 0;
}

function guidanceOf(clause: ast.GuidanceClause | undefined, context: Lowering): Guidance {
    const swept = context.changes.numbers.get('guidance') ?? context.set?.numbers.get('guidance');
    const rescale = clause?.rescale ? amountOf(clause.rescale, context, 'rescale') : DEFAULTS.guidance.rescale;
    const window = windowIn(clause?.window, context);
    const more = { rescale, ...(isAllSteps(window) ? {} : { window }) };
    if (swept !== undefined) return { scale: constant(swept), ...more };
    return { scale: clause ? curveOf(clause.scale, context, 'guidance') : DEFAULTS.guidance.scale, ...more };
}

function seedsOf(settings: readonly Effective[], context: Lowering): readonly number[] {
    const clause = settingOf(settings, ast.isSeedClause);
    const kind = seedKindIn(settings);
    const swept = context.changes.numbers.get('seed');
    if (swept !== undefined) return [swept];
    if (context.set?.seeds) {
        const { code, rule } = RANGES[kind];
        if (!context.set.seeds.every((seed) => fits(RANGES[kind], seed)))
            context.report(code, 'error', rule, context.making.at(-1)!, { property: 'name' });
        return context.set.seeds;
    }
    return clause ? [...new Set(clause.items.flatMap((item) => seedRange(item, context, kind)))] : [DEFAULTS.seed];
}

/** Which seeds the noise of some settings takes. */
export function seedKindIn(settings: readonly Effective[]): SeedKind {
    return settingOf(settings, ast.isNoiseClause)?.kind === 'philox' ? 'philoxSeed' : 'seed';
}

type SeedKind = 'seed' | 'philoxSeed';

export function seedRange({ from, to }: ast.SeedItem, context: Lowering, kind: SeedKind): readonly number[] {
    const first = amountOf(from, context, kind);
    const last = to ? amountOf(to, context, kind) : first;
    return Array.from({ length: Math.max(0, Math.min(last - first + 1, MAX_SEEDS)) }, (_, i) => first + i);
}

/** More pictures than this in one generate are a slip of the finger; a check says so. */
export const MAX_SEEDS = 10_000;

function noiseOf(clause: ast.NoiseClause | undefined, context: Lowering): NoiseSource {
    if (!clause) return DEFAULTS.noise;
    if (clause.kind) return { kind: clause.kind };
    return { kind: 'file', path: pathFrom(clause, clause.file ?? '', context), ...pinned(clause.digest) };
}

function startOf(clause: ast.StartClause | undefined, context: Lowering): Start | undefined {
    const swept = context.changes.start;
    if (!clause && !swept) return undefined;
    const pictures = swept
        ? weighted(swept, 1, context.making.at(-1)!, context)
        : (clause?.pictures ?? []).flatMap((p) =>
              weighted(p, p.weight ? amountOf(p.weight, context, 'share') : 1, p, context),
          );
    return {
        pictures,
        mixing: clause?.mixing ?? DEFAULTS.mixing,
        latent: clause?.latent ?? DEFAULTS.startLatent,
        fit: clause?.fit ?? DEFAULTS.startFit,
        strength: number('strength', clause?.strength, DEFAULTS.strength, context),
    };
}

/** `generate wide extends hybrid { outpaint … }` widens the picture of hybrid. */
function widenedStart(generate: ast.Generate, context: Lowering): Start | undefined {
    const base = extendedBy(generate);
    if (!base) return undefined;
    // Several pictures are widened seed by seed.
    const [made] = madePictures(base, 'each', generate, context);
    if (!made) return undefined;
    const { each: _, ...single } = made;
    const picture = made.plan.seeds.length > 1 ? made : single;
    const pictures = [{ picture, weight: 1 }];
    const strength = number('strength', undefined, DEFAULTS.widening, context);
    return { pictures, mixing: DEFAULTS.mixing, latent: DEFAULTS.startLatent, fit: DEFAULTS.startFit, strength };
}

function maskOf(clause: ast.MaskClause | undefined, context: Lowering): Mask | undefined {
    if (!clause) return undefined;
    const feather = clause.feather ? quantityIn(clause.feather, context) : 0;
    const margin = clause.margin ? { margin: quantityIn(clause.margin, context) } : {};
    const corners = cornersOf(clause);
    if (corners) return { kind: 'corners', corners, ...margin, feather };
    const picture = onePicture(clause, clause, context);
    if (!picture) return undefined;
    return { picture, outside: clause.outside, feather, ...(clause.only ? { only: margin } : {}) };
}

/** The corners of a frame that a mask names; undefined for a mask by picture. */
export function cornersOf({ corners }: ast.MaskClause): Corners | undefined {
    const [a, b, c, d] = corners.map(({ x, y }) => ({ x, y }));
    return a && b && c && d && [a, b, c, d];
}

function windowsOf(clause: ast.SizeClause | undefined, context: Lowering): Windows | undefined {
    if (!clause?.windows) return undefined;
    const side = quantityIn(clause.windows, context);
    reportWrong(wrongOverlap({ side: clause.windows, overlap: clause.overlap }, valuesIn(context)), clause, context);
    return { side, overlap: clause.overlap ? quantityIn(clause.overlap, context) : overlapOf(side) };
}

/** A quarter of a window's side, in whole latent pixels. */
export function overlapOf(side: number): number {
    return wholeLatents(side / 4);
}

function outpaintOf(clause: ast.OutpaintClause | undefined, context: Lowering): Outpaint | undefined {
    if (!clause) return undefined;
    const by = (side: ast.OutpaintEdge['side']) =>
        clause.edges.filter((edge) => edge.side === side).reduce((sum, edge) => sum + quantityIn(edge.by, context), 0);
    return { left: by('left'), right: by('right'), top: by('top'), bottom: by('bottom') };
}

function infusionsOf(clauses: readonly ast.InfuseClause[], context: Lowering): readonly Infusion[] {
    return clauses.map((clause) => infusionOf(clause, context));
}

function controlOf(clause: ast.ControlClause, context: Lowering): readonly Control[] {
    const net = clause.net.ref;
    const picture = onePicture(clause, clause, context);
    const file = net && fileOrResult(net, context);
    if (!file || !picture) return [];
    const swept = context.changes.weights.get(clause) ?? context.changes.weights.get(net);
    const weight = clause.weight ? curveOf(clause.weight, context) : constant(1);
    return [
        {
            net: file,
            picture,
            weight: swept === undefined ? weight : constant(swept),
            window: windowIn(clause.window, context),
            ...(clause.layers.length > 0 ? { sites: siteWeights(curvesOf(clause.layers, context), isZero) } : {}),
        },
    ];
}

/** Where every step is whole there is nothing to keep: the plan is the one without the clause. */
function deepCacheOf(clause: ast.DeepCacheClause | undefined, context: Lowering): DeepCache | undefined {
    const every = clause ? amountOf(clause.every, context, 'wholeSteps') : 1;
    if (!clause || every === 1) return undefined;
    const at = clause.layer && siteOf(clause.layer.first.$refText);
    const window = windowIn(clause.window, context);
    return { every, ...(at ? { at: at as Block } : {}), ...(isAllSteps(window) ? {} : { window }) };
}

function adapterOf(clause: ast.ApplyClause, context: Lowering): readonly Adapter[] {
    const lora = clause.lora.ref;
    if (!lora) return [];
    const weight =
        context.changes.weights.get(lora) ?? (clause.weight ? amountOf(clause.weight, context, 'adapter') : 1);
    const file = fileOrResult(lora, context);
    if (!file) return [];
    const { layers } = clause;
    return [{ file, weight, ...(layers.length > 0 ? { blocks: blockWeights(layers, context) } : {}) }];
}

/** Every string that is read by the text encoder for this picture. */
function* texts(settings: readonly Effective[], context: Lowering): Iterable<ReadText> {
    const choices = [context.changes.prompt, context.changes.negative].filter((choice) => choice !== undefined);
    for (const { setting } of settings) {
        if (ast.isPromptClause(setting) && context.changes.prompt) continue;
        if (ast.isNegativeClause(setting) && context.changes.negative) continue;
        yield* textsIn(setting, context);
    }
    for (const choice of choices) yield* textsIn(choice, context);
}
