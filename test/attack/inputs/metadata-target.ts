/** What is asked of a picture's texts: an origin, its spec text without mistakes, and what differs from another picture. */
import { Language, lowerRun, problemsOf } from '../../../src/language/index.ts';
import { listRunnables } from '../../../src/language/index-node.ts';
import { explainDifference } from '../../../src/language/write/explain.ts';
import { originText } from '../../../src/language/write/origins/origin-text.ts';
import { originFrom } from '../../../src/runtime/pictures/metadata/read.ts';
import { activeCharacter } from '../kit.ts';

const language = new Language();

/** Returns what is wrong, or an empty text. */
export async function imported({
    file,
    texts,
}: {
    readonly file: string;
    readonly texts: Readonly<Record<string, string>>;
}) {
    const origin = originFrom(texts);
    if (!origin) return '';
    const text = originText(file, origin);
    const document = await language.parseText(text);
    // A later version may have more models than this one.
    const errors = problemsOf(document).filter(
        ({ severity, code }) => severity === 'error' && code !== 'model/builtin',
    );
    if (errors.length > 0) return `${errors[0]!.code}: ${errors[0]!.message} in:\n${text.slice(0, 3000)}`;
    const [one, ...more] = listRunnables(document).toReversed();
    if (!one || (more.length > 0 && origin.tool !== 'sdspec'))
        return `${more.length + 1} runnables in:\n${text.slice(0, 3000)}`;
    const { value, problems } = lowerRun(document, one.name);
    // Captions of pictures that are not here.
    const isThere = !problems.some(
        ({ code, message }) => code === 'model/builtin' || message.includes('There is no text file'),
    );
    if (!value && isThere)
        return `no plan (${problems
            .map(({ message }) => message)
            .join(' ')
            .slice(0, 300)}) of:\n${text.slice(0, 3000)}`;
    if (text.length > MAX_TEXT) return `a text of ${text.length} characters`;
    await explainDifference(language, origin, { ...origin, seed: 7 });
    return activeCharacter(text) ?? '';
}

/** Far more than what a picture's file may say in earnest. */
const MAX_TEXT = 5_000_000;
