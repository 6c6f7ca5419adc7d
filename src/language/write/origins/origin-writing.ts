/** An origin on its way to a spec: the clauses that are written of it, and the notes of what has none. */
import type { Origin } from '../../../plan/origin.ts';
import { fits, RANGES, type RangeName } from '../../meaning/ranges.ts';
import type { Ingredients } from '../ingredients.ts';
import { oneLine } from '../value-text.ts';

/** Beside the path of a file that the spec only guesses. */
export const PATH_WANTED = 'put its path here';

export type OriginClause = readonly [clause: string, value: string];

export interface OriginWriting {
    readonly origin: Origin;
    readonly known: Ingredients;
    /** What has no clause. */
    readonly notes: string[];
}

/** A clause where the setting takes the number, else a note. */
export function numberClause(
    writing: OriginWriting,
    clause: string,
    range: RangeName,
    value: number | undefined,
): readonly OriginClause[] {
    if (value === undefined) return [];
    if (fits(RANGES[range], value)) return [[clause, String(value)]];
    writing.notes.push(`${clause} ${value} was written. ${RANGES[range].rule}`);
    return [];
}

/** Without the ending of a weights file, and with forward slashes. */
export function fileStem(path: string): string {
    return oneLine(path.replaceAll('\\', '/').replace(/\.(safetensors|ckpt|pt|bin)$/, ''));
}

export function baseName(path: string): string {
    return fileStem(path).replace(/^.*\//, '') || 'model';
}
