/** Versions of the language: a spec may begin with the one that it is written for, and keeps its defaults. */
import type * as ast from '../generated/ast.ts';
import { DEFAULTS } from './defaults.ts';

export type Defaults = typeof DEFAULTS;

/** What holds where a spec is silent, by version. A version's defaults never change once it is released. */
const DEFAULTS_OF: ReadonlyMap<number, Defaults> = new Map([[1, DEFAULTS]]);

/** The versions that this sdspec knows. */
export const VERSIONS: readonly number[] = [...DEFAULTS_OF.keys()];

/** The version that new specs are written for. */
export const LANGUAGE_VERSION = 1;

/** The defaults of a spec: those of the version that it names, of the newest where it names none. A check reports others. */
export function defaultsOf(spec: ast.Spec | undefined): Defaults {
    return DEFAULTS_OF.get(spec?.version?.number ?? LANGUAGE_VERSION) ?? DEFAULTS;
}
