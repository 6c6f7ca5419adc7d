/** Random edits, the same for the same seed: what people, merges and cats on keyboards do to a text. */

/** A small generator with a known sequence (mulberry32). */
export function random(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

const CHARACTERS = [...'abz09 \n\t{}[]<>"\'`@.,:;-_=*/\\%$#()|&^~!?+'];
const STRANGE = ['é', 'ß', '漢', '🎨', '\u202e', '\u0000', '\ufeff', 'e\u0301', '\r\n', '\u2028', '\ud800'];
const WORDS = [
    'generate',
    'sweep x over',
    'infuse',
    'weight 1 -> 0',
    'extends',
    '{',
    '}',
    '"""',
    '/*',
    '*/',
    '//',
    '"',
    '{style}',
    '<moon>',
    '@',
    '..',
    'down.*',
    'skip[3]',
    '1..99999999',
    '-1',
    '1e999',
    '0x10',
    'sha256:',
    '512x512',
    '50%',
    '->',
    'import { a } from "./a.sdspec"',
    'generate a extends a { }',
    'layers l = @l',
    'image i = edges of i',
    'seed 4294967296',
    'size 0x0',
    'steps 1e9',
    'grid 1000x1000',
];

type Random = () => number;
const below = (next: Random, n: number) => Math.floor(next() * n);
const pick = <T>(next: Random, from: readonly T[]): T => from[below(next, from.length)]!;

/** One of many ways to change a text; `others` lend their lines. */
export function edited(text: string, next: Random, others: readonly string[]): string {
    const at = below(next, text.length + 1);
    const length = below(next, next() < 0.8 ? 8 : 120);
    const end = Math.min(text.length, at + length);
    switch (below(next, 12)) {
        case 0:
        case 1:
            return text.slice(0, at) + pick(next, CHARACTERS) + text.slice(at);
        case 2:
        case 3:
            return text.slice(0, at) + text.slice(end);
        case 4:
            return text.slice(0, at) + pick(next, WORDS) + text.slice(at);
        case 5:
            return text.slice(0, at) + pick(next, STRANGE) + text.slice(at);
        case 6:
            return text.slice(0, end) + text.slice(at);
        case 7:
            return onLines(text, next, (lines, i) => lines.splice(i, 0, lines[below(next, lines.length)]!));
        case 8:
            return onLines(text, next, (lines, i) =>
                lines.splice(i, 1, shuffled(lines[i]!.split(/(\s+)/), next).join('')),
            );
        case 9:
            return onLines(text, next, (lines, i) => lines.splice(i, 1 + below(next, 3)));
        case 10:
            return onLines(text, next, (lines, i) => lines.splice(i, 0, pick(next, pick(next, others).split('\n'))));
        default:
            // Rarely a truncation: it forgets the rest.
            return next() < 0.1 ? text.slice(0, at) : text.slice(0, at) + pick(next, WORDS) + text.slice(end);
    }
}

function onLines(text: string, next: Random, change: (lines: string[], index: number) => void): string {
    const lines = text.split('\n');
    change(lines, below(next, lines.length));
    return lines.join('\n');
}

function shuffled<T>(items: readonly T[], next: Random): readonly T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
        const j = below(next, i + 1);
        [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
}
