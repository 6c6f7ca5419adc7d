/** Values as spec text: quoted words, numbers, curves, windows. */

import { isBuiltin } from '../../plan/companions.ts';
import type { Curve, Window } from '../../plan/curve.ts';
import { constant, isAllSteps, isConstant } from '../../plan/curve.ts';
import type { FileRef } from '../../plan/plan.ts';

export function windowText(window: Window): string {
    if (isAllSteps(window)) return '';
    if ('from' in window) return ` during ${percent(window.from)}..${percent(window.to)}`;
    return ` during step ${window.firstStep}..${window.lastStep}`;
}

export function isNeutral(curve: Curve): boolean {
    return isConstant(curve) && curve.keys[0]?.value === constant(1).keys[0]?.value;
}

export function optional(word: string, value: number, neutral: number): string {
    return value === neutral ? '' : `${word} ${exact(value)}`;
}

/** A string of the language that means this text. */
export function quote(text: string): string {
    return `"${inQuotes(text)}"`;
}

/** Characters that move a terminal's cursor or turn a line around, and halves of one: written by their numbers. */
const ACTIVE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

export function inQuotes(text: string): string {
    return text
        .replace(/[\\"{<]/g, (character) => `\\${character}`)
        .replace(ACTIVE, (one) => (one === '\n' ? '\\n' : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

/** Text in a comment, which ends where its line does; control characters and marks of direction would reach a terminal. */
export function oneLine(text: string): string {
    return text.replace(/[\s\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]+/gu, ' ').trim();
}

/** A number as it is: spec text means what it was made from. */
export function exact(value: number): string {
    return String(value);
}

/** A curve in the language's own words, its numbers exact: `0.3 -> 0.1 cosine`. */
export function curveText({ keys, easing }: Curve): string {
    if (keys.length === 1) return exact(keys[0]!.value);
    const even = keys.every(({ at }, index) => at === index / (keys.length - 1));
    const words = keys.map(({ at, value }) => (even ? exact(value) : `${exact(value)}@${percent(at)}`));
    return words.join(' -> ') + (easing === 'linear' ? '' : ` ${easing}`);
}

/** A part of the whole in percent, which divided by 100 gives it back. */
export function percent(part: number): string {
    for (let digits = 1; digits <= 17; digits++) {
        const text = Number((part * 100).toPrecision(digits));
        if (text / 100 === part) return `${plainNumber(text)}%`;
    }
    return `${plainNumber(part * 100)}%`;
}

/** Percentages have no exponent. */
export function plainNumber(value: number): string {
    const text = String(value);
    return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}

export function fileText({ path, sha256 }: FileRef): string {
    const known = isBuiltin(path) || /^(\.{0,2}\/|[a-z]:|[a-z][a-z+.-]+:\/\/)/i.test(path);
    return quote(known ? path : `./${path}`) + (sha256 ? ` sha256:${sha256}` : '');
}
