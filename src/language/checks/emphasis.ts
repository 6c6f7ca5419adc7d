/** Emphasis of words within a phrase: the words must be in it. */

import { placesOf } from '../../plan/phrases.ts';
import * as ast from '../generated/ast.ts';
import { pieces, sourceWords } from '../grammar/text.ts';
import { nearest } from '../linking/nearest.ts';
import { replace } from '../place.ts';
import { quote } from '../write/value-text.ts';
import type { Checks } from './check.ts';

export const emphasisChecks: Checks = {
    WordWeight: (line, report) => {
        const phrase = line.$container;
        if (!ast.isPhrase(phrase) || !phrase.text) return;
        const [text, words] = [sourceWords(phrase.text), sourceWords(line.text)];
        if (words.trim() === '' || placesOf(words, text).length > 0) return;
        // The value of a param may bring the words.
        if (pieces(phrase.text).some(({ kind }) => kind === 'param')) return;
        const near = nearest(words, runsOf(text, words.trim().split(/\s+/).length));
        const meant = near
            ? ` Did you mean "${near}"?`
            : ' Weights are for words that are in the phrase, written as there.';
        const fix = near ? replace(`Change to "${near}"`, line.text, quote(near)) : undefined;
        const message = `The phrase has no "${words}": its weight changes nothing.${meant}`;
        report('prompt/absent', 'warning', message, line, { property: 'text', ...(fix && { fix }) });
    },
};

/** All runs of so many words of a text. */
function runsOf(text: string, count: number): readonly string[] {
    const words = text.match(/[\p{L}\p{N}_'<>-]+/gu) ?? [];
    return words.map((_, k) => words.slice(k, k + count).join(' '));
}
