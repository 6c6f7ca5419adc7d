/** Windows over the steps: those that hold none of the steps that are run, and prompts that say nothing at some of them. */
import { count } from '../../plan/amounts.ts';
import { stepsOf } from '../../plan/curve.ts';
import * as ast from '../generated/ast.ts';
import { windowOf } from '../lower/curve.ts';
import { type Effective, effective, settingOf } from '../meaning/inherit.ts';
import { readWords, windowsOf, windowsWithin } from '../meaning/read-phrases.ts';
import { isWhole } from '../meaning/whole.ts';
import type { Report } from '../place.ts';
import type { Checks } from './check.ts';
import { isOrdered } from './curves.ts';
import { own } from './generates.ts';
import { knownStepsRun } from './numbers.ts';

export const windowChecks: Checks = {
    Generate: (generate, report) => {
        const settings = effective(generate);
        reportEmptyWindows(generate, settings, report);
        reportGaps(generate, settings, report);
    },
};

/** What is in a window that holds none of the steps has no effect. */
function reportEmptyWindows(generate: ast.Generate, settings: readonly Effective[], report: Report): void {
    const run = knownStepsRun(settings);
    if (!run) return;
    const stepsClause = settingOf(settings, ast.isStepsClause);
    for (const { setting } of settings) {
        for (const { window, valueIn } of windowsOf(setting)) {
            if (!isWhole(window) || !isOrdered(window, valueIn)) continue;
            const { first, end } = stepsOf(windowOf(window, valueIn), run);
            if (first < end) continue;
            const place = own(generate, setting as ast.Setting, stepsClause);
            if (!place) continue;
            const text = window.$cstNode?.text ?? '';
            const message = `\`during ${text}\` holds none of the ${run} steps that are run, so this has no effect: widen the window, for instance to \`step 1..${Math.max(1, Math.round(run / 2))}\`.`;
            const isHere = place.node === setting && ast.isGenerate(setting.$container);
            const inside = isHere && setting.$cstNode && window.$cstNode && contains(setting.$cstNode, window.$cstNode);
            report('window/empty', 'warning', message, inside ? window : place.node);
        }
    }
}

function contains(outer: { offset: number; end: number }, inner: { offset: number; end: number }): boolean {
    return inner.offset >= outer.offset && inner.end <= outer.end;
}

/** Steps at which all phrases of a prompt are left out. */
function reportGaps(generate: ast.Generate, settings: readonly Effective[], report: Report): void {
    const run = knownStepsRun(settings);
    const clause = settingOf(settings, ast.isPromptClause);
    if (!run || !clause || clause.$container !== generate || ast.isEnsemble(clause.source?.ref)) return;
    if (windowsWithin(clause).length === 0) return;
    const stretches = readWords(clause, run);
    const gaps = stretches.filter(({ text }) => text === '');
    if (gaps.length === 0 || gaps.length === stretches.length) return;
    const steps = gaps.map(({ first, end }) => (end - first > 1 ? `${first + 1} to ${end}` : `${end}`)).join(', ');
    const total = gaps.reduce((sum, { first, end }) => sum + end - first, 0);
    const message = `No phrase is read at ${count(total, 'step')} of ${run} (${steps}): the prompt is empty there. If that is not meant, let the windows follow each other: \`during 0%..50%\`, \`during 50%..100%\`.`;
    report('prompt/gap', 'information', message, clause);
}
