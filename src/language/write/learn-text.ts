/** What is learnt as a `learn`. */
import { captionedPlans } from '../../plan/parts.ts';
import type { LearnPlan, LessonPictures } from '../../plan/plan.ts';
import { targetText } from './clause-text.ts';
import { figure } from './curve-text.ts';
import { Ingredients } from './ingredients.ts';
import { conditioningText, type PromptWords } from './prompt-text.ts';
import { nameOfModel, nameOfPicture } from './source-names.ts';
import { quote } from './value-text.ts';

/** A plan as a `learn` of this name, below the ingredients that it needs. */
export function learnFile(name: string, plan: LearnPlan): string {
    const known = new Ingredients();
    known.reserve(name);
    return known.above(learnText(name, plan, known));
}

/** The same without what it needs. */
export function learnText(name: string, plan: LearnPlan, known: Ingredients): string {
    const { target, beside, trace } = plan;
    // What is learnt may be called otherwise here.
    const words: PromptWords = (text) =>
        target.kind === 'word' ? quote(text).replaceAll(`\\<${target.word}>`, `<${name}>`) : quote(text);
    const clauses: (readonly [clause: string, value: string])[] = [
        ['use', nameOfModel(known, plan.model)],
        targetText(target),
        ...plan.from.flatMap((set) => lessonTexts(known, set, words).map((text) => ['from', text] as const)),
        ...(beside?.pictures.flatMap((set) =>
            lessonTexts(known, set, words).map(
                (text) => ['beside', `${text} weight ${figure(beside.weight)}`] as const,
            ),
        ) ?? []),
        ['size', `${plan.size.width}x${plan.size.height}`],
        ['steps', `${plan.steps}`],
        ['batch', `${plan.batch}`],
        [
            'rate',
            `${figure(plan.rate)} warmup ${plan.warmup} decay ${figure(plan.decay)} clip ${figure(plan.clip)} ${plan.fall}`,
        ],
        ['seed', `${plan.seed}`],
        ...(plan.flip ? [['flip', ''] as const] : []),
        ['memory', plan.memory],
        ...(trace
            ? [
                  [
                      'trace',
                      `every ${trace.every} ${trace.pictures.map((one) => conditioningText(known, one.conditioning, words)).join(', ')}${trace.by ? ` by ${nameOfPicture(known, trace.by)}` : ''}`,
                  ] as const,
              ]
            : []),
    ];
    const width = Math.max(...clauses.map(([clause]) => clause.length)) + 1;
    const body = clauses.map(([clause, value]) => `    ${clause.padEnd(width)}${value}`.trimEnd());
    return `learn ${name} {\n${body.join('\n')}\n}\n`;
}

/** Pictures that follow each other under the same captions, as a clause each. */
function lessonTexts(known: Ingredients, set: LessonPictures, words: PromptWords): readonly string[] {
    const clauses: { readonly captions: string; readonly names: Set<string> }[] = [];
    for (const { name, captions } of captioned(known, set)) {
        const written = captions.map(words).join(', ');
        const last = clauses.at(-1);
        if (last?.captions === written) last.names.add(name);
        else clauses.push({ captions: written, names: new Set([name]) });
    }
    return clauses.map(({ names, captions }) => `${[...names].join(', ')} ${captions}`.trimEnd());
}

/** A sweep is written picture by picture; the pictures of all seeds of one have the same captions. */
function captioned(
    known: Ingredients,
    set: LessonPictures,
): readonly { readonly name: string; readonly captions: readonly string[] }[] {
    if (set.kind === 'pictures')
        return set.pictures.map(({ picture, captions }) => ({ name: nameOfPicture(known, picture), captions }));
    return captionedPlans(set).map(({ plan, captions: [captions = []] }) => ({
        name: nameOfPicture(known, { kind: 'made', name: set.name, plan }),
        captions,
    }));
}
