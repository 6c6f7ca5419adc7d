/** Which words of a prompt are read at which steps: windows leave some of its phrases out at some of them. */
import { stepsOf } from '../../plan/curve.ts';
import * as ast from '../generated/ast.ts';
import { sourceWords } from '../grammar/text.ts';
import { windowOf } from '../lower/curve.ts';
import { isWhole } from './whole.ts';

/** What has phrases, and perhaps a prompt before them. */
type Prompting = ast.Prompt | ast.PromptClause | ast.NegativeClause | ast.Member;

/** Steps at which a prompt says the same, counted from 0, `end` not among them. */
export interface ReadWords {
    readonly first: number;
    readonly end: number;
    /** Phrases joined as the text encoder reads them, with their holes. */
    readonly text: string;
}

/** What a prompt says over a run of so many steps, in stretches. */
export function readWords(prompt: Prompting, steps: number): readonly ReadWords[] {
    const stretches: ReadWords[] = [];
    for (let step = 0; step < steps; step++) {
        const text = wordsAt(prompt, { step, steps }).join(', ');
        const last = stretches.at(-1);
        if (last?.text === text) stretches[stretches.length - 1] = { ...last, end: step + 1 };
        else stretches.push({ first: step, end: step + 1, text });
    }
    return stretches;
}

/** The windows of a clause: its own, or those of the phrases of its prompt. */
export function windowsOf(setting: ast.Setting): readonly ast.Window[] {
    if (
        ast.isInfuseClause(setting) ||
        ast.isControlClause(setting) ||
        ast.isGuidanceClause(setting) ||
        ast.isDeepCacheClause(setting)
    )
        return setting.window ? [setting.window] : [];
    if (!ast.isPromptClause(setting) && !ast.isNegativeClause(setting)) return [];
    const ensemble = setting.source?.ref;
    const members = ast.isEnsemble(ensemble) ? ensemble.members.filter(isWhole) : [];
    return [setting, ...members].flatMap((one) => windowsWithin(one));
}

/** The windows that a prompt's phrases have, those of prompts that they name among them. */
export function windowsWithin(prompt: Prompting, seen: readonly ast.Prompt[] = []): readonly ast.Window[] {
    const parts = partsOf(prompt);
    return parts.flatMap(({ window, named }) => [
        ...(window ? [window] : []),
        ...(named && !seen.includes(named) ? windowsWithin(named, [...seen, named]) : []),
    ]);
}

interface Part {
    readonly window: ast.Window | undefined;
    readonly text?: ast.Text;
    readonly named?: ast.Prompt;
}

function partsOf(prompt: Prompting): readonly Part[] {
    const first = ast.isMember(prompt) ? prompt.prompt : ast.isPrompt(prompt) ? undefined : prompt.source;
    const window = ast.isPrompt(prompt) || ast.isMember(prompt) ? undefined : prompt.window;
    return [
        ...(ast.isPrompt(first?.ref) ? [{ window, named: first.ref }] : []),
        ...(ast.isMember(prompt) && prompt.text ? [{ window: undefined, text: prompt.text }] : []),
        ...prompt.phrases.filter(isWhole).map((phrase) => ({
            window: phrase.window,
            ...(phrase.text && { text: phrase.text }),
            ...(phrase.prompt?.ref && { named: phrase.prompt.ref }),
        })),
    ];
}

interface Step {
    readonly step: number;
    readonly steps: number;
}

function wordsAt(prompt: Prompting, at: Step, within: readonly ast.Prompt[] = []): readonly string[] {
    return partsOf(prompt).flatMap(({ window, text, named }) => {
        const { first, end } = stepsOf(windowOf(window), at.steps);
        if (at.step < first || at.step >= end) return [];
        if (text) return [sourceWords(text)].filter((words) => words !== '');
        return named && !within.includes(named) ? wordsAt(named, at, [...within, named]) : [];
    });
}
