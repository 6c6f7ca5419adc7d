/** How a picture is sampled: numbers, sampler, guidance, seeds and noise. */
import { constant, isAllSteps } from '../../../plan/curve.ts';
import type { Guidance, NoiseSource } from '../../../plan/plan.ts';
import { type SamplerChoice, type SamplerName, type ScheduleName, samplerFacts } from '../../../plan/samplers.ts';
import * as ast from '../../generated/ast.ts';
import { DEFAULTS, defaultScheduleOf } from '../../meaning/defaults.ts';
import { type Effective, settingOf } from '../../meaning/inherit.ts';
import { libraryName, wrongSampler } from '../../meaning/param-values.ts';
import { fits, RANGES } from '../../meaning/ranges.ts';
import type { NumberField } from '../changes.ts';
import { amountOf, type Lowering, reportWrong, valuesIn } from '../context.ts';
import { curveOf, windowIn } from '../curve.ts';
import { pathFrom, pinned } from '../files.ts';

/** A number that a sweep or `--set` may change. */
export function numberIn(
    field: NumberField,
    amount: ast.Amount | undefined,
    otherwise: number,
    context: Lowering,
): number {
    const given = context.changes.numbers.get(field) ?? context.set?.numbers.get(field);
    return given ?? (amount ? amountOf(amount, context, field) : otherwise);
}

export function samplerIn(clause: ast.SamplerClause | undefined, context: Lowering): SamplerChoice {
    const valueIn = valuesIn(context);
    const swept = context.changes.sampler ?? context.set?.sampler;
    const eta = numberIn('eta', clause?.eta, 0, context);
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

export function guidanceIn(clause: ast.GuidanceClause | undefined, context: Lowering): Guidance {
    const swept = context.changes.numbers.get('guidance') ?? context.set?.numbers.get('guidance');
    const rescale = clause?.rescale ? amountOf(clause.rescale, context, 'rescale') : DEFAULTS.guidance.rescale;
    const window = windowIn(clause?.window, context);
    const more = { rescale, ...(isAllSteps(window) ? {} : { window }) };
    if (swept !== undefined) return { scale: constant(swept), ...more };
    return { scale: clause ? curveOf(clause.scale, context, 'guidance') : DEFAULTS.guidance.scale, ...more };
}

export function seedsIn(settings: readonly Effective[], context: Lowering): readonly number[] {
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

export function noiseIn(clause: ast.NoiseClause | undefined, context: Lowering): NoiseSource {
    if (!clause) return DEFAULTS.noise;
    if (clause.kind) return { kind: clause.kind };
    return { kind: 'file', path: pathFrom(clause, clause.file ?? '', context), ...pinned(clause.digest) };
}
