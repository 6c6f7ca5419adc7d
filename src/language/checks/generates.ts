/** Generates: inheritance, and settings that only make sense together. */

import { stepsRun } from '../../plan/steps.ts';
import * as ast from '../generated/ast.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { basesIn, chainLength, type Effective, effective, extendedBy, lineage, settingOf } from '../meaning/inherit.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { known, knownStepsRun } from './numbers.ts';

export const generateChecks: Checks = {
    Generate: (generate, report) => {
        if (reportCycle(generate, report)) return;
        const settings = effective(generate);
        reportStart(generate, settings, report);
        reportPrompt(generate, settings, report);
        reportTrace(generate, settings, report);
        reportWindows(generate, settings, report);
    },
};

/** A problem that two clauses have together is on the generate's own one, else on its name. */
export function own<S extends ast.Setting>(
    generate: ast.Generate,
    ...clauses: readonly (S | undefined)[]
): { readonly node: ast.Generate | S; readonly property?: string } | undefined {
    const mine = clauses.find((clause) => clause?.$container === generate);
    return mine ? { node: mine } : undefined;
}

/** Longer chains are written by programs, and read by no one. */
const MAX_BASES = 1001;

function reportCycle(generate: ast.Generate, report: Report): boolean {
    const length = chainLength(generate);
    if (length <= MAX_BASES) return false;
    if (length === Number.POSITIVE_INFINITY) {
        // Only those on the circle itself are reported, not all that lead into it.
        const chain = lineage(generate).toReversed();
        if (extendedBy(chain.at(-1)) !== generate) return true;
        const names = [...chain, generate].map(({ name }) => name).join(' → ');
        const message = `\`extends\` goes round in a circle: ${names}. Let one of them extend none.`;
        report('extends/cycle', 'error', message, generate, { property: 'bases' });
        return true;
    }
    // Once, where the chain becomes too long: what extends that one is refused with it.
    if (length > MAX_BASES + 1) return true;
    const message = `More than ${MAX_BASES} generates extend each other here: let one of them extend none.`;
    report('extends/deep', 'error', message, generate, { property: 'bases' });
    return true;
}

function reportStart(generate: ast.Generate, settings: readonly Effective[], report: Report): void {
    const start = settingOf(settings, ast.isStartClause);
    const mask = settingOf(settings, ast.isMaskClause);
    const outpaint = settingOf(settings, ast.isOutpaintClause);
    const stepsClause = settingOf(settings, ast.isStepsClause);
    const maskTarget = own(generate, mask);
    if (mask && !start && !outpaint && maskTarget) {
        const message = 'A mask says where a picture is repainted, but there is none: add `start from` with a picture.';
        report('mask/start', 'error', message, maskTarget.node);
    }
    const outpaintTarget = own(generate, outpaint);
    if (outpaint && !start && generate.bases.length === 0 && outpaintTarget) {
        const message =
            'Outpainting widens a picture, but there is none: add `start from` with a picture, or extend the generate that makes it.';
        report('outpaint/start', 'error', message, outpaintTarget.node);
    }
    const place = own(generate, start, stepsClause as ast.Setting | undefined);
    if (!start || !place) return;
    const steps = stepsClause ? known(stepsClause.value) : DEFAULTS.steps;
    const strength = start.strength ? known(start.strength) : DEFAULTS.strength;
    if (steps === undefined || strength === undefined || strength > 1 || strength < 0) return;
    if (stepsRun(steps, strength) < 1) {
        const enough = Math.ceil((1 / steps) * 100) / 100;
        const message = `A strength of ${strength} leaves none of the ${steps} steps: with ${steps} steps write at least ${enough}.`;
        const fix = start.strength
            ? replace(`Change the strength to ${enough}`, start.strength, String(enough))
            : undefined;
        report('start/no-steps', 'error', message, place.node, fix ? { fix } : {});
    }
}

function reportPrompt(generate: ast.Generate, settings: readonly Effective[], report: Report): void {
    const prompt = settingOf(settings, ast.isPromptClause);
    const negative = settingOf(settings, ast.isNegativeClause);
    const guidance = settingOf(settings, ast.isGuidanceClause);
    // A generate that others extend may leave its prompt to them.
    const extended = () => basesIn(generate.$container).has(generate);
    const isLinked = generate.bases.every(({ ref }) => ref);
    if (!prompt && isLinked && !settings.some(({ setting }) => ast.isInfuseClause(setting)) && !extended()) {
        const message = `\`${generate.name}\` has no prompt: it shows whatever the model likes. Add \`prompt "…"\`.`;
        report('prompt/missing', 'information', message, generate, { property: 'name' });
    }
    const scale = guidance?.scale?.keys.map(({ value }) => known(value));
    const place = own(generate, negative as ast.Setting | undefined, guidance);
    if (negative && scale && place && scale.length > 0 && scale.every((value) => value === 1)) {
        const message =
            'With a guidance of 1 the negative prompt has no effect: change the guidance, or leave `negative` out.';
        report('guidance/negative', 'warning', message, place.node);
    }
    if (guidance && prompt && scale?.length && scale.every((value) => value === 0) && own(generate, guidance)) {
        const message =
            'With a guidance of 0 the prompt has no effect, as in u + 0 (c − u): write `guidance 1` for the prompt alone.';
        report('guidance/zero', 'information', message, guidance);
    }
    const high = scale?.find((value) => value !== undefined && value > 20 && value <= 100);
    if (guidance && high !== undefined && own(generate, guidance)) {
        const message = `A guidance of ${high} usually burns colours: 5 to 12 is usual, and \`rescale 0.7\` softens more.`;
        report('guidance/high', 'information', message, guidance);
    }
}

/** Heat maps are those of a whole picture; windows have one each. */
function reportWindows(generate: ast.Generate, settings: readonly Effective[], report: Report): void {
    const trace = settingOf(settings, ast.isTraceClause);
    const size = settingOf(settings, ast.isSizeClause);
    const place = own(generate, trace as ast.Setting | undefined, size);
    if (!size?.windows || !trace || trace.words.length === 0 || !place) return;
    const message = 'Heat maps of words are not made in windows: leave `attention` out, or `windows`.';
    report('trace/windows', 'error', message, place.node);
}

function reportTrace(generate: ast.Generate, settings: readonly Effective[], report: Report): void {
    const trace = settingOf(settings, ast.isTraceClause);
    const run = knownStepsRun(settings);
    const place = own(generate, trace as ast.Setting | undefined, settingOf(settings, ast.isStepsClause));
    if (trace) reportGradient(generate, trace, settings, report);
    const every = known(trace?.every);
    if (!every || run === undefined || !place) return;
    if (every > run && run > 0) {
        const message = `Only ${run} steps are run, so \`every ${every}\` keeps no picture: write at most \`every ${run}\`.`;
        report('trace/nothing', 'warning', message, place.node);
    }
}

/** Gradients are taken through the plain network: what is added to its features from outside has none. */
function reportGradient(
    generate: ast.Generate,
    trace: ast.TraceClause,
    settings: readonly Effective[],
    report: Report,
): void {
    if (trace.gradients.length === 0) return;
    const outside = settings
        .map(({ setting }) => setting)
        .find((setting) => ast.isInfuseClause(setting) || ast.isControlClause(setting) || ast.isScaleClause(setting));
    if (!outside) return;
    const word = ast.isInfuseClause(outside) ? 'infuse' : ast.isControlClause(outside) ? 'control' : 'scale';
    const place = own<ast.Setting>(generate, trace, outside);
    if (!place) return;
    const message = `Gradients are not traced together with \`${word}\`: leave one of them out, or trace \`attention\`.`;
    report('trace/gradient', 'error', message, place.node);
}
