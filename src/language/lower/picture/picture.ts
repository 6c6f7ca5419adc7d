/** A generate to the plan of its pictures: every default filled in. */
import { AstUtils } from 'langium';
import { isAllSteps } from '../../../plan/curve.ts';
import type { DeepCache } from '../../../plan/passes/deep-cache.ts';
import type { PicturePlan, Start } from '../../../plan/plan.ts';
import { type Block, siteOf } from '../../../plan/sites.ts';
import { withSeeds } from '../../../plan/sources.ts';
import { stepsRun } from '../../../plan/steps.ts';
import * as ast from '../../generated/ast.ts';
import { boundBy } from '../../meaning/bindings.ts';
import { type Effective, effectiveIn, settingOf, settingsOf } from '../../meaning/inherit.ts';
import { defaultsOf } from '../../meaning/versions.ts';
import { amountOf, type Lowering } from '../context.ts';
import { windowIn } from '../curve.ts';
import { modelOf } from '../files.ts';
import { conditioningOf, learnedTokens, negativeOf, type ReadText, textsIn } from '../words.ts';
import { maskIn, outpaintIn, sizeIn, startIn, widenedStart, windowsIn } from './canvas.ts';
import { infusionOf, siteScales } from './infuse.ts';
import { adapterIn, controlIn } from './networks.ts';
import { guidanceIn, noiseIn, numberIn, samplerIn, seedsIn } from './sampling.ts';
import { traceOf } from './trace.ts';

export function picturePlan(generate: ast.Generate, outer: Lowering): PicturePlan {
    const { boundHere, ...around } = outer;
    // What is set where the picture is used wins over what it sets itself.
    const bound = new Map([...boundBy(generate), ...(boundHere ?? [])]);
    const context: Lowering = { ...around, making: [...outer.making, generate], bound };
    const defaults = defaultsOf(AstUtils.getContainerOfType(generate, ast.isSpec));
    const settings = effectiveIn(generate, context.changes.case);
    const one = <S extends ast.Setting>(is: (node: unknown) => node is S) => settingOf(settings, is);
    const all = <S extends ast.Setting>(is: (node: unknown) => node is S) => settingsOf(settings, is);

    const steps = numberIn('steps', one(ast.isStepsClause)?.value, defaults.steps, context);
    const outpaintClause = one(ast.isOutpaintClause);
    const start = startIn(one(ast.isStartClause), context) ?? (outpaintClause && widenedStart(generate, context));
    reportNoSteps(generate, steps, start, context);
    const mask = maskIn(one(ast.isMaskClause), context);
    const outpaint = outpaintIn(outpaintClause, context);
    const windows = windowsIn(one(ast.isSizeClause), context);
    const trace = traceOf(one(ast.isTraceClause), stepsRun(steps, start?.strength), context);
    const deepCache = deepCacheIn(one(ast.isDeepCacheClause), context);
    const textCache = one(ast.isTextCacheClause);
    const precision = one(ast.isPrecisionClause);
    const seeds = seedsIn(settings, context);
    const plan: PicturePlan = {
        kind: 'picture',
        model: modelOf(one(ast.isUseClause), context),
        conditioning: conditioningOf(one(ast.isPromptClause), context),
        negative: negativeOf(one(ast.isNegativeClause), context),
        size: context.changes.size ?? context.set?.size ?? sizeIn(settings, context),
        ...(windows ? { windows } : {}),
        steps,
        sampler: samplerIn(one(ast.isSamplerClause), context),
        guidance: guidanceIn(one(ast.isGuidanceClause), context),
        seeds,
        noise: noiseIn(one(ast.isNoiseClause), context),
        clipSkip: numberIn('skip', one(ast.isClipClause)?.value, defaults.clipSkip, context),
        longPrompts: one(ast.isLongPromptsClause)?.mode ?? defaults.longPrompts,
        embeddings: learnedTokens(texts(settings, context)),
        ...(start ? { start } : {}),
        ...(mask ? { mask } : {}),
        ...(outpaint ? { outpaint } : {}),
        infusions: all(ast.isInfuseClause).map((clause) => infusionOf(clause, context)),
        scales: siteScales(one(ast.isScaleClause), context),
        controls: all(ast.isControlClause).flatMap((clause) => controlIn(clause, context)),
        adapters: all(ast.isApplyClause).flatMap((clause) => adapterIn(clause, context)),
        ...(deepCache ? { deepCache } : {}),
        ...(textCache ? { textCache: { window: windowIn(textCache.window, context) } } : {}),
        ...(precision ? { precision: precision.kind } : {}),
        ...(trace ? { trace } : {}),
    };
    return withSeeds(plan, seeds);
}

/** Steps and strength that are written are checked where they are; params, axes and `--set` may bring others. */
function reportNoSteps(generate: ast.Generate, steps: number, start: Start | undefined, context: Lowering): void {
    if (!start || stepsRun(steps, start.strength) >= 1) return;
    const enough = Math.ceil((1 / steps) * 100) / 100;
    const message = `A strength of ${start.strength} leaves none of the ${steps} steps: with ${steps} steps take at least ${enough}.`;
    context.report('start/no-steps', 'error', message, generate, { property: 'name' });
}

/** Where every step is whole there is nothing to keep: the plan is the one without the clause. */
function deepCacheIn(clause: ast.DeepCacheClause | undefined, context: Lowering): DeepCache | undefined {
    const every = clause ? amountOf(clause.every, context, 'wholeSteps') : 1;
    if (!clause || every === 1) return undefined;
    const at = clause.layer && siteOf(clause.layer.first.$refText);
    const window = windowIn(clause.window, context);
    return { every, ...(at ? { at: at as Block } : {}), ...(isAllSteps(window) ? {} : { window }) };
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
