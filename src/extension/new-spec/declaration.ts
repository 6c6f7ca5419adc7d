/** The declaration of a dropped picture: its name, and the line that it is written at. */
import { isName } from '../../language/write/ingredients.ts';

/** A name of the language that a file's name gives: letters, digits and single hyphens, none that is taken. */
export function declarableName(file: string, taken: ReadonlySet<string>): string {
    const words = file
        .replace(/[^A-Za-z0-9_]+/g, '-')
        .replace(/^[-\d]+|-+$/g, '')
        .toLowerCase();
    const wanted = isName(words) ? words : words ? `${words}-picture` : 'picture';
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
    return name;
}

/** Below the last declaration of an image, a model or an import that is one line; else at the top. */
export function lineForDeclaration(text: string): number {
    const lines = text.split('\n');
    const last = lines.findLastIndex((line) => /^(import|model|image|sdspec)\b/.test(line));
    return last + 1;
}
