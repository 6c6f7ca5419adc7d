/** A `learn` to its plan: every default filled in, every picture with its captions. */

import { AstUtils } from 'langium';
import type { LearnTarget, TrainedLayers } from '../../plan/learn.ts';
import type { FileRef, LearnPlan, LearnResult, LearnTrace, PicturePlan } from '../../plan/plan.ts';
import { BLOCKS, weightedBlocks } from '../../plan/sites.ts';
import * as ast from '../generated/ast.ts';
import { DEFAULTS, EDGES, LEARNING } from '../meaning/defaults.ts';
import { sitesOf } from '../meaning/layers.ts';
import { factsOf, usedModelOf } from '../meaning/models.ts';
import { declaredValue, sizeTextOf, type ValueOf } from '../meaning/param-values.ts';
import type { RangeName } from '../meaning/ranges.ts';
import { sizeOf } from '../meaning/values.ts';
import { isWhole } from '../meaning/whole.ts';
import { amountOf, forMade, type Lowering, spend, valuesIn } from './context.ts';
import { fileRef, modelOf } from './files.ts';
import { lessonsOf } from './lessons.ts';
import { onePicture } from './sources.ts';
import { textPhrase } from './words.ts';

/** Undefined, with a problem, where pictures are missing or made with what is to be learnt from them. */
export function learnPlan(learn: ast.Learn, outer: Lowering): LearnPlan | undefined {
    if (outer.making.includes(learn)) {
        const circle = [...outer.making.slice(outer.making.indexOf(learn)), learn].map(({ name }) => name);
        const message = `\`${learn.name}\` can't be learnt from pictures that are made with it: ${circle.join(' → ')}. Learn from other pictures.`;
        outer.report('learn/circle', 'error', message, learn, { property: 'name' });
        return undefined;
    }
    const context: Lowering = { ...forMade(outer), making: [...outer.making, learn] };
    const one = <S extends ast.LearnSetting>(is: (node: unknown) => node is S) => clauseOf(learn, is);
    const target = targetOf(learn, context);
    const from = clausesOf(learn, ast.isFromClause);
    if (!target || from.length === 0) return undefined;
    const usual = LEARNING[target.kind];
    const scale = isSmall(learn, context) ? 'small' : 'large';
    const rate = one(ast.isRateClause);
    const steps =
        context.set?.numbers.get('steps') ??
        amountIn(one(ast.isStepsClause)?.value, LEARNING.steps, 'learnSteps', context);
    const beside = clausesOf(learn, ast.isBesideClause);
    const weight = beside.findLast((clause) => clause.weight)?.weight;
    const model = modelOf(one(ast.isUseClause), context);
    const size = learnSize(learn, context, valuesIn(context));
    const seed = seedOf(one(ast.isSeedClause), context);
    const trace = traceOf(one(ast.isLearnTraceClause), { ...plainPicture(size, seed), model }, context);
    return {
        kind: 'learn',
        model,
        target,
        from: from.flatMap((clause) => lessonsOf(clause, learn, context)),
        ...(beside.length > 0 && {
            beside: {
                pictures: beside.flatMap((clause) => lessonsOf(clause, learn, context)),
                weight: weight ? amountOf(weight, context, 'beside') : LEARNING.beside,
            },
        }),
        size,
        steps,
        batch: amountIn(one(ast.isBatchClause)?.value, LEARNING.batch[scale], 'batch', context),
        rate: rate ? amountOf(rate.value, context, 'rate') : usual.rate[scale],
        warmup: rate?.warmup
            ? amountOf(rate.warmup, context, 'warmup')
            : Math.min(LEARNING.warmup, Math.floor(steps / 10)),
        fall: rate?.fall ?? LEARNING.fall,
        decay: rate?.decay ? amountOf(rate.decay, context, 'weightDecay') : LEARNING.decay,
        clip: rate?.clip ? amountOf(rate.clip, context, 'gradientNorm') : LEARNING.clip,
        flip: one(ast.isFlipClause) !== undefined,
        seed,
        memory: one(ast.isMemoryClause)?.mode ?? LEARNING.memory[scale],
        ...(trace && { trace }),
    };
}

/** A LoRA, a learned word or a ControlNet: the file that is declared, or what a `learn` learns. */
export function fileOrResult(
    source: ast.Lora | ast.Embedding | ast.ControlNet | ast.Learn,
    context: Lowering,
): FileRef | LearnResult | undefined {
    if (!ast.isLearn(source)) return fileRef(source, context);
    const known = KNOWN.get(context.params) ?? new Map<string, Learnt>();
    KNOWN.set(context.params, known);
    // A circle is reported where it closes, whatever is known.
    const circular = context.making.includes(source);
    const key = `${AstUtils.getDocument(source).uri}#${source.name} ${[...context.changes.params, ...(context.bound ?? [])].map(([param, value]) => `${param.name}=${value}`)}`;
    const earlier = circular ? undefined : known.get(key);
    if (!spend(earlier?.cost ?? 1, source, context)) return undefined;
    const before = context.budget.spent;
    const plan = earlier ? earlier.plan : learnPlan(source, context);
    if (!circular && !earlier) known.set(key, { plan, cost: 1 + context.budget.spent - before });
    return plan && { kind: 'learn', name: source.name, plan };
}

/** One lowering reads the captions of a `learn` once, however many cells of a sweep use it. */
const KNOWN = new WeakMap<Lowering['params'], Map<string, Learnt>>();

interface Learnt {
    readonly plan: LearnPlan | undefined;
    /** What it took of the budget: a second use in the plan takes as much. */
    readonly cost: number;
}

export function clauseOf<S extends ast.LearnSetting>(
    learn: ast.Learn,
    is: (node: unknown) => node is S,
): S | undefined {
    return clausesOf(learn, is).at(-1);
}

export function clausesOf<S extends ast.LearnSetting>(
    learn: ast.Learn,
    is: (node: unknown) => node is S,
): readonly S[] {
    return learn.settings.filter((setting): setting is S => isWhole(setting) && is(setting));
}

/** The kind of what is learnt, as its clause says. */
export function targetClause(learn: ast.Learn): TargetClause | undefined {
    return learn.settings.find(isTargetClause);
}

export type TargetClause = ast.WordClause | ast.LoraClause | ast.LearnWeightsClause | ast.LearnControlNetClause;

export function isTargetClause(setting: unknown): setting is TargetClause {
    return (
        ast.isWordClause(setting) ||
        ast.isLoraClause(setting) ||
        ast.isLearnWeightsClause(setting) ||
        ast.isLearnControlNetClause(setting)
    );
}

function targetOf(learn: ast.Learn, context: Lowering): LearnTarget | undefined {
    const clause = targetClause(learn);
    switch (clause?.$type) {
        case undefined:
            return undefined; // A check says so.
        case 'WordClause': {
            const vectors = amountIn(clause.vectors, LEARNING.word.vectors, 'vectors', context);
            const { like } = clause;
            return like === undefined ? undefined : { kind: 'word', word: learn.name, like, vectors };
        }
        case 'LoraClause': {
            const rank = amountIn(clause.rank, LEARNING.lora.rank, 'rank', context);
            const alpha = amountIn(clause.alpha, rank, 'alpha', context);
            return { kind: 'lora', rank, alpha, ...trainedLayers(clause.target, 'lora') };
        }
        case 'LearnWeightsClause':
            return { kind: 'weights', ...trainedLayers(clause.target, 'weights') };
        case 'LearnControlNetClause': {
            const low = amountIn(clause.low, EDGES.low, 'edge', context);
            const high = amountIn(clause.high, EDGES.high, 'edge', context);
            return { kind: 'controlnet', hint: { low, high } };
        }
    }
}

function trainedLayers(target: ast.TrainedLayers | undefined, kind: 'lora' | 'weights'): TrainedLayers {
    const layers = target?.layers ?? LEARNING[kind].layers;
    if (!target || target.selectors.length === 0) return { layers };
    return { layers, blocks: trainedBlocks(target) };
}

/** Each block once, in the network's order. */
export function trainedBlocks({ selectors }: ast.TrainedLayers) {
    const named = new Set(sitesOf(selectors).flatMap((site) => weightedBlocks(site)));
    return BLOCKS.filter((block) => named.has(block));
}

/** The size that is written, or the model's own. */
export function learnSize(learn: ast.Learn, { files }: Pick<Lowering, 'files'>, valueIn: ValueOf = declaredValue) {
    const clause = clauseOf(learn, ast.isSizeClause);
    if (!clause) return factsOf(usedModelOf(learn), files)?.size ?? DEFAULTS.size;
    const { width, height } = sizeOf(sizeTextOf(clause, valueIn));
    return { width, height };
}

/** Models of small pictures, such as the built-in one, take larger batches and rates. */
function isSmall(learn: ast.Learn, { files }: Lowering): boolean {
    const facts = factsOf(usedModelOf(learn), files);
    return facts !== undefined && facts.unet.latent <= 32;
}

function seedOf(clause: ast.SeedClause | undefined, context: Lowering): number {
    const first = clause?.items[0];
    return first ? amountOf(first.from, context, 'seed') : DEFAULTS.seed;
}

function amountIn(amount: ast.Amount | undefined, otherwise: number, range: RangeName, context: Lowering): number {
    return amount ? amountOf(amount, context, range) : otherwise;
}

function traceOf(
    clause: ast.LearnTraceClause | undefined,
    plain: PicturePlan,
    context: Lowering,
): LearnTrace | undefined {
    if (!clause) return undefined;
    const pictures = clause.pictures.map((text): PicturePlan => {
        const prompt = { phrases: [textPhrase(text, context)] };
        return { ...plain, conditioning: { kind: 'prompt', prompt } };
    });
    const by = clause.picture ? onePicture(clause, clause, context) : undefined;
    return { every: amountOf(clause.every, context, 'learnSteps'), pictures, ...(by && { by }) };
}

/** A picture with the settings of a `generate` that says nothing but its prompt. */
function plainPicture(size: PicturePlan['size'], seed: number): PicturePlan {
    return {
        kind: 'picture',
        model: DEFAULTS.model,
        conditioning: { kind: 'prompt', prompt: { phrases: [] } },
        negative: { phrases: [] },
        size,
        steps: DEFAULTS.steps,
        sampler: DEFAULTS.sampler,
        guidance: DEFAULTS.guidance,
        seeds: [seed],
        noise: DEFAULTS.noise,
        clipSkip: DEFAULTS.clipSkip,
        longPrompts: DEFAULTS.longPrompts,
        embeddings: [],
        infusions: [],
        scales: [],
        controls: [],
        adapters: [],
    };
}
