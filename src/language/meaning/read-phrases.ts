/** Which words of a prompt are read at which steps: windows leave some of its phrases out at some of them. */
import { stepsOf } from '../../plan/curve.ts';
import * as ast from '../generated/ast.ts';
import { sourceWords } from '../grammar/text.ts';
import { windowOf } from '../lower/curve.ts';
import { boundValues } from './bindings.ts';
import { declaredValue, type ValueOf } from './param-values.ts';
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
    if (windowsWithin(prompt).length === 0)
        return [{ first: 0, end: steps, text: wordsAt(prompt, { step: 0, steps: 1 }).join(', ') }];
    for (let step = 0; step < steps; step++) {
        const text = wordsAt(prompt, { step, steps }).join(', ');
        const last = stretches.at(-1);
        if (last?.text === text) stretches[stretches.length - 1] = { ...last, end: step + 1 };
        else stretches.push({ first: step, end: step + 1, text });
    }
    return stretches;
}

/** A window, and what params are where it is. */
export interface PlacedWindow {
    readonly window: ast.Window;
    readonly valueIn: ValueOf;
}

/** The windows of a clause: its own, or those of the phrases of its prompt. */
export function windowsOf(setting: ast.Setting, valueIn: ValueOf = declaredValue): readonly PlacedWindow[] {
    if (
        ast.isInfuseClause(setting) ||
        ast.isControlClause(setting) ||
        ast.isGuidanceClause(setting) ||
        ast.isDeepCacheClause(setting) ||
        ast.isTextCacheClause(setting)
    )
        return setting.window ? [{ window: setting.window, valueIn }] : [];
    if (!ast.isPromptClause(setting) && !ast.isNegativeClause(setting)) return [];
    const ensemble = setting.source?.ref;
    const members = ast.isEnsemble(ensemble) ? ensemble.members.filter(isWhole) : [];
    const inMembers = boundIn(valueIn, setting.bindings);
    return [...windowsWithin(setting, valueIn), ...members.flatMap((one) => windowsWithin(one, inMembers))];
}

/** The windows that a prompt's phrases have, those of prompts that they name among them. */
export function windowsWithin(
    prompt: Prompting,
    valueIn: ValueOf = declaredValue,
    seen: readonly ast.Prompt[] = [],
): readonly PlacedWindow[] {
    const parts = partsOf(prompt);
    return parts.flatMap(({ window, named, bindings }) => [
        ...(window ? [{ window, valueIn }] : []),
        ...(named && !seen.includes(named) ? windowsWithin(named, boundIn(valueIn, bindings), [...seen, named]) : []),
    ]);
}

/** The values of params where something is used `with` others. */
function boundIn(valueIn: ValueOf, bindings: readonly ast.ParamBinding[]): ValueOf {
    const bound = boundValues(bindings);
    return (param) => bound.get(param) ?? valueIn(param);
}

interface Part {
    readonly window: ast.Window | undefined;
    readonly text?: ast.Text;
    readonly named?: ast.Prompt;
    /** What is set for the prompt that is named. */
    readonly bindings: readonly ast.ParamBinding[];
}

function partsOf(prompt: Prompting): readonly Part[] {
    const first = ast.isMember(prompt) ? prompt.prompt : ast.isPrompt(prompt) ? undefined : prompt.source;
    const window = ast.isPrompt(prompt) || ast.isMember(prompt) ? undefined : prompt.window;
    return [
        ...(ast.isPrompt(first?.ref)
            ? [{ window, named: first.ref, bindings: ast.isPrompt(prompt) ? [] : prompt.bindings }]
            : []),
        ...(ast.isMember(prompt) && prompt.text ? [{ window: undefined, text: prompt.text, bindings: [] }] : []),
        ...prompt.phrases.filter(isWhole).map((phrase) => ({
            window: phrase.window,
            bindings: phrase.bindings,
            ...(phrase.text && { text: phrase.text }),
            ...(phrase.prompt?.ref && { named: phrase.prompt.ref }),
        })),
    ];
}

interface Step {
    readonly step: number;
    readonly steps: number;
}

function wordsAt(
    prompt: Prompting,
    at: Step,
    valueIn: ValueOf = declaredValue,
    within: readonly ast.Prompt[] = [],
): readonly string[] {
    return partsOf(prompt).flatMap(({ window, text, named, bindings }) => {
        const { first, end } = stepsOf(windowOf(window, valueIn), at.steps);
        if (at.step < first || at.step >= end) return [];
        if (text) return [sourceWords(text)].filter((words) => words !== '');
        if (!named || within.includes(named)) return [];
        return wordsAt(named, at, boundIn(valueIn, bindings), [...within, named]);
    });
}
