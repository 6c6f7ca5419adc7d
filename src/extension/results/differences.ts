/** What differs between two pictures: clause by clause, from their plans. */
import { Sources } from '../../language/write/ingredients.ts';
import { pictureClauses } from '../../language/write/picture-text.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { SettingChange } from './shown-run.ts';

/** The settings of a picture by the word of their clause, each on one line; of several of one kind the second is `infuse 2`. */
export type PictureSettings = ReadonlyMap<string, string>;

export function pictureSettings(plan: PicturePlan | undefined): PictureSettings {
    const settings = new Map<string, string>();
    for (const [clause, value] of plan ? pictureClauses(plan, new Sources()) : []) {
        let key = clause;
        for (let k = 2; settings.has(key); k++) key = `${clause} ${k}`;
        settings.set(key, onOneLine(value));
    }
    return settings;
}

/** A block of layers follows a colon, one behind the other. */
function onOneLine(value: string): string {
    return value
        .replace(/\s*\{\s*\n\s*/, ': ')
        .replace(/\s*\n\s*\}$/, '')
        .replace(/\s*\n\s*/g, ' · ');
}

/** In the order of the first picture, then what only the second has. */
export function differencesOf(one: PictureSettings, other: PictureSettings): readonly SettingChange[] {
    return [...new Set([...one.keys(), ...other.keys()])]
        .filter((key) => one.get(key) !== other.get(key))
        .map((key) => {
            const [a, b] = [one.get(key), other.get(key)];
            return { setting: key.replace(/ \d+$/, ''), ...(a ? { a } : {}), ...(b ? { b } : {}) };
        });
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
