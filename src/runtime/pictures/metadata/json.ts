/** JSON from strangers' files: bounded in size and depth before it is parsed, exact in its whole numbers. */

const MAX_LENGTH = 16 * 1024 * 1024;
const MAX_DEPTH = 100;

/**
 * Parses JSON as Python writes it: NaN and infinities become null, whole numbers that JavaScript would round become
 * strings of their digits. Undefined for what is no JSON, is larger than 16 MB or nested more than 100 deep.
 */
export function parseJson(text: string): unknown {
    if (text.length > MAX_LENGTH || !/^\s*[[{"\d-]/.test(text) || depthOf(text) > MAX_DEPTH) return undefined;
    try {
        return JSON.parse(ODD.test(text) ? text.replace(STRINGS_AND_ODD, replaced) : text);
    } catch {
        return undefined;
    }
}

const ODD = /\d{16}|Infinity|NaN/;
const STRINGS_AND_ODD = /"(?:[^"\\]|\\[\s\S])*"|(?<![\w.+-])-?\d{16,}(?![\d.eE])|-?\bInfinity\b|\bNaN\b/g;

function replaced(found: string): string {
    if (found.startsWith('"')) return found;
    if (/[a-z]/i.test(found)) return 'null';
    return Number.isSafeInteger(Number(found)) ? found : `"${found}"`;
}

/** How deep brackets are nested, those within strings left out. */
function depthOf(text: string): number {
    let depth = 0;
    let deepest = 0;
    let inString = false;
    for (let at = 0; at < text.length; at++) {
        const sign = text[at];
        if (inString) {
            if (sign === '\\') at++;
            else if (sign === '"') inString = false;
        } else if (sign === '"') inString = true;
        else if (sign === '{' || sign === '[') deepest = Math.max(deepest, ++depth);
        else if (sign === '}' || sign === ']') depth--;
    }
    return deepest;
}
