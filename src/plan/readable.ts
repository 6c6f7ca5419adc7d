/** Sentences of readable length: names, paths and values of strangers are in them, and may be megabytes. */

/** Longer runs of characters without a space, or in quotes, are shown by their beginning and end. */
const LONG_RUN = /[^\s`"“”]{241,}|`[^`]{241,}`|"[^"]{241,}"|“[^”]{241,}”/gu;
const MAX_SENTENCE = 1000;

/** Shortens long names within a sentence, and then the sentence. */
export function readable(sentence: string): string {
    if (sentence.length <= 240) return sentence;
    const short = sentence.replace(LONG_RUN, (run) => {
        const signs = Array.from(run.slice(0, 400));
        return `${signs.slice(0, 100).join('')}…${Array.from(run.slice(-80)).slice(-30).join('')}`;
    });
    return short.length <= MAX_SENTENCE
        ? short
        : `${Array.from(short)
              .slice(0, MAX_SENTENCE - 2)
              .join('')} …`;
}
