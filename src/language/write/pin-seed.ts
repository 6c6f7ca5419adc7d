/** Where a seed is written into the text of a `generate`. */

/** A piece of the declaration's text, from its beginning, and what is there with the seed. */
export interface SeedEdit {
    readonly start: number;
    readonly end: number;
    readonly text: string;
}

const ITEM = String.raw`\w+(?:\s*\.\.\s*\w+)?`;
const CLAUSE = new RegExp(String.raw`(?<=[{\s])seed\s+(${ITEM}(?:\s*,\s*${ITEM})*)`, 'd');

/** In place of the seeds that the declaration states, else as a clause of its own at its end. */
export function pinSeed(declaration: string, seed: number): SeedEdit {
    const code = withoutWords(declaration);
    const stated = CLAUSE.exec(code)?.indices?.[1];
    if (stated) return { start: stated[0], end: stated[1], text: String(seed) };
    const brace = code.lastIndexOf('}');
    const line = code.lastIndexOf('\n', brace) + 1;
    // The closing brace has a line of its own, or the whole declaration is one line.
    if (line > 0 && code.slice(line, brace).trim() === '')
        return { start: line, end: line, text: `    seed ${seed}\n` };
    const before = /\s$/.test(code.slice(0, brace)) ? '' : ' ';
    return { start: brace, end: brace, text: `${before}seed ${seed} ` };
}

/** The same text, blank where words and comments are: what is written there is no clause. */
function withoutWords(text: string): string {
    return text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (found) => found.replace(/[^\n]/g, ' '));
}
