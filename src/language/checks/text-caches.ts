/** Text that is kept over steps: steps that take it at all, and what would act at them. */
import { stepsOf } from '../../plan/curve.ts';
import { isTextCached } from '../../plan/passes/text-cache.ts';
import * as ast from '../generated/ast.ts';
import { windowOf } from '../lower/curve.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { readWords } from '../meaning/read-phrases.ts';
import { isWhole } from '../meaning/whole.ts';
import type { Report } from '../place.ts';
import type { Checks } from './check.ts';
import { isOrdered } from './curves.ts';
import { own } from './generates.ts';
import { knownStepsRun } from './numbers.ts';

export const textCacheChecks: Checks = {
    Generate: (generate, report) => {
        const settings = effective(generate);
        const clause = settingOf(settings, ast.isTextCacheClause);
        const run = knownStepsRun(settings);
        if (!clause || !run || !isWhole(clause) || !clause.window || !isOrdered(clause.window)) return;
        const cache = { window: windowOf(clause.window) };
        const kept = Array.from({ length: run }, (_, step) => step).filter((step) =>
            isTextCached(cache, { step, steps: run }),
        );
        const [first] = kept;
        if (first === undefined) {
            const { first: begin, end } = stepsOf(cache.window, run);
            // A window without steps is reported as such.
            const place = own<ast.Setting>(generate, clause, settingOf(settings, ast.isStepsClause));
            if (!place || begin === end) return;
            const message =
                'The first step always reads the text, and no other step is in the window: widen it, or leave `cache text` out.';
            report('cache/nothing', 'warning', message, place.node);
            return;
        }
        reportWords(generate, clause, { first, end: first + kept.length, run }, report);
        reportGuidance(generate, clause, kept, run, report);
    },
};

/** Words that come or go while the text is kept. */
function reportWords(
    generate: ast.Generate,
    clause: ast.TextCacheClause,
    { first, end, run }: { readonly first: number; readonly end: number; readonly run: number },
    report: Report,
): void {
    const settings = effective(generate);
    for (const prompt of [settingOf(settings, ast.isPromptClause), settingOf(settings, ast.isNegativeClause)]) {
        const place = own<ast.Setting>(generate, clause, prompt);
        if (!prompt || !isWhole(prompt) || !place || ast.isEnsemble(prompt.source?.ref)) continue;
        if (!readWords(prompt, run).some(({ first: begin }) => begin >= first && begin < end)) continue;
        const message = `The ${ast.isPromptClause(prompt) ? 'prompt' : 'negative prompt'} changes while the text is kept, which has no effect: from step ${first + 1} on the picture follows what it says at step ${first}. Let \`cache text\` begin later, or end the windows of the phrases there.`;
        report('cache/words', 'warning', message, place.node);
    }
}

/** Steps with kept text run without guidance: a window of it that has no other steps acts nowhere. */
function reportGuidance(
    generate: ast.Generate,
    clause: ast.TextCacheClause,
    kept: readonly number[],
    run: number,
    report: Report,
): void {
    const guidance = settingOf(effective(generate), ast.isGuidanceClause);
    const place = own<ast.Setting>(generate, clause, guidance);
    if (!guidance?.window || !isWhole(guidance) || !place || !isOrdered(guidance.window)) return;
    const { first, end } = stepsOf(windowOf(guidance.window), run);
    if (first === end || first < kept[0]! || end - 1 > kept.at(-1)!) return;
    const message =
        'Steps with kept text run without guidance, and guidance acts at none of the others: the whole picture is made without it. Let `cache text` begin later, or guidance earlier.';
    report('cache/guidance', 'warning', message, place.node);
}
