/** A generate spelled out: the clauses in force, defaults among them, with what they mean in comments. */
import { stepsOf } from '../../../plan/curve.ts';
import type { PicturePlan } from '../../../plan/plan.ts';
import { stepsRun } from '../../../plan/steps.ts';
import * as ast from '../../generated/ast.ts';
import { summaryOf } from '../../library/layers.ts';
import { forMade, type Lowering, valuesIn } from '../../lower/context.ts';
import { windowOf } from '../../lower/curve.ts';
import { picturePlan } from '../../lower/picture/picture.ts';
import { boundBy } from '../../meaning/bindings.ts';
import { DEFAULTS } from '../../meaning/defaults.ts';
import { extendedBy } from '../../meaning/inherit.ts';
import { layerWeights, sitesOf } from '../../meaning/layers.ts';
import { windowsOf } from '../../meaning/read-phrases.ts';
import { curveText } from '../value-text.ts';
import { movedText, type SpelledSpec } from './moved-text.ts';
import { clausesInForce, widens } from './needed.ts';

const DEFAULT_CLAUSES = [
    'UseClause',
    'SizeClause',
    'StepsClause',
    'SamplerClause',
    'GuidanceClause',
    'SeedClause',
    'NoiseClause',
] as const;

export function spelledGenerate(generate: ast.Generate, name: string, isRun: boolean, outer: SpelledSpec): string {
    const writer: SpelledSpec = { ...outer, context: { ...outer.context, bound: boundBy(generate) } };
    const clauses = clausesInForce(generate, isRun);
    const plan = picturePlan(generate, forMade(writer.context));
    const written = new Set<string>(clauses.map(({ $type }) => $type));
    const missing = DEFAULT_CLAUSES.filter((type) => !written.has(type));
    const lines = [
        ...missing.map((type) => ({ type, text: `    ${defaultText(type, plan, writer)}\n` })),
        ...clauses.map((clause) => ({
            type: clause.$type,
            text: `${notesOf(clause, plan, writer.context)}    ${movedText(clause, writer)}${endOf(clause)}\n`,
        })),
    ].sort((one, other) => placeOfClause(one.type) - placeOfClause(other.type));
    const base = widens(generate) ? extendedBy(generate) : undefined;
    const head = base ? ` extends ${writer.names.get(base) ?? base.name}` : '';
    return `generate ${name}${head} {\n${lines.map(({ text }) => text).join('')}}\n`;
}

/** What is painted with, what it shows and how come first; the others keep their order. */
const FIRST = ['UseClause', 'PromptClause', 'NegativeClause', ...DEFAULT_CLAUSES.slice(1)] as const;

function placeOfClause(type: string): number {
    const at = (FIRST as readonly string[]).indexOf(type);
    return at < 0 ? FIRST.length : at;
}

function defaultText(
    type: (typeof DEFAULT_CLAUSES)[number],
    plan: PicturePlan,
    { defaultModel, isSwept }: SpelledSpec,
): string {
    switch (type) {
        case 'UseClause':
            return `use ${defaultModel}`;
        case 'SizeClause':
            return `size ${plan.size.width}x${plan.size.height}`;
        case 'StepsClause':
            return `steps ${DEFAULTS.steps}`;
        case 'SamplerClause':
            // A schedule that is written would be that of swept samplers too.
            return isSwept
                ? `sampler ${DEFAULTS.sampler.name}`
                : `sampler ${DEFAULTS.sampler.name} on ${DEFAULTS.sampler.schedule}`;
        case 'GuidanceClause':
            return `guidance ${curveText(DEFAULTS.guidance.scale)}`;
        case 'SeedClause':
            return `seed ${DEFAULTS.seed}`;
        case 'NoiseClause':
            return `noise ${DEFAULTS.noise.kind}`;
    }
}

/** Options that have defaults and are not written. */
function endOf(clause: ast.Setting): string {
    return ast.isStartClause(clause) && !clause.strength ? ` strength ${DEFAULTS.strength}` : '';
}

/** What a clause means in numbers, in comments above it. */
function notesOf(clause: ast.Setting, { steps, start }: PicturePlan, context: Lowering): string {
    const notes: string[] = [];
    const run = stepsRun(steps, start?.strength);
    for (const { window, valueIn } of windowsOf(clause, valuesIn(context))) {
        const text = window.$cstNode?.text ?? '';
        // What a run gives wins over what is set where something is used.
        const { first, end } = stepsOf(
            windowOf(window, (param) => context.params.get(param) ?? valueIn(param)),
            run,
        );
        notes.push(
            end > first
                ? `during ${text}: steps ${first + 1} to ${end} of ${run}`
                : `during ${text}: none of ${run} steps`,
        );
    }
    if (
        ast.isInfuseClause(clause) ||
        ast.isScaleClause(clause) ||
        ast.isControlClause(clause) ||
        ast.isApplyClause(clause)
    ) {
        const lines = ast.isInfuseClause(clause) || ast.isScaleClause(clause) ? layerWeights(clause) : clause.layers;
        const sites = new Set(lines.flatMap(({ selectors }) => sitesOf(selectors)));
        notes.push(...[...sites].map((site) => `${site}: ${summaryOf(site)}`));
    }
    return [...new Set(notes)].map((note) => `    // ${note}\n`).join('');
}
