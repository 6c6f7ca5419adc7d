/** What differs between two pictures: clause by clause, from the texts that would make them. */
import type { SettingChange } from './messages.ts';

/** The clauses of a resolved spec's picture by their first word; of several of one kind the second is `infuse 2`. */
export function settingsOfText(text: string): ReadonlyMap<string, string> {
    const clauses = new Map<string, string>();
    const pictures = new Map(
        [...text.matchAll(/^image\s+(\S+)\s+=\s+(.+)$/gm)].map(([, name, value]) => [name!, value!] as const),
    );
    const body = /^generate [^{]*\{\n([\s\S]*?)^\}/m.exec(text)?.[1] ?? '';
    let key = '';
    for (const line of body.split('\n')) {
        const [, word, rest] = /^ {4}([a-z]+)\s+(.*)$/.exec(line) ?? [];
        if (word === undefined) {
            const more = line.trim();
            if (key && more && more !== '}') clauses.set(key, `${clauses.get(key)} ${more}`);
            continue;
        }
        key = word;
        for (let k = 2; clauses.has(key); k++) key = `${word} ${k}`;
        // What a picture is called differs from text to text; what it is does not.
        const [first = '', ...others] = (rest ?? '').split(' ');
        const value = pictures.has(first) ? [pictures.get(first), ...others].join(' ') : (rest ?? '');
        clauses.set(key, value.replace(/\s*\{$/, ':'));
    }
    return clauses;
}

/** In the order of the first text, then what only the second has. */
export function differencesOf(a: string, b: string): readonly SettingChange[] {
    const [one, other] = [settingsOfText(a), settingsOfText(b)];
    return [...new Set([...one.keys(), ...other.keys()])]
        .filter((key) => one.get(key) !== other.get(key))
        .map((key) => {
            const [inA, inB] = [one.get(key), other.get(key)].map((value) => value && briefly(value));
            return { setting: key.replace(/ \d+$/, ''), ...(inA ? { a: inA } : {}), ...(inB ? { b: inB } : {}) };
        });
}

/** Without the settings of an infusion that are so by default. */
function briefly(value: string): string {
    return value.replace(/ latent clean text prompt rows both normalise none(?=:|$)/, '').replace(/:$/, '');
}

/** One line: `guidance 5 → 9, without infuse "./elephant.png"`. */
export function differenceWords(differences: readonly SettingChange[]): string {
    return differences
        .map(({ setting, a, b }) => {
            if (a === undefined) return `with ${setting} ${b}`;
            return b === undefined ? `without ${setting} ${a}` : `${setting} ${a} → ${b}`;
        })
        .join(', ');
}
