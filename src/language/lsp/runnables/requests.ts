/** Requests of sdspec's own: what can be run and its plan, what a text names, and the text of the library. */

import type { Range, TextEdit } from 'vscode-languageserver';
import type { HubModel } from '../../../plan/model-names.ts';
import type { Origin } from '../../../plan/origin.ts';
import type { PicturePlan } from '../../../plan/plan.ts';
import type { Problem } from '../../../plan/problem.ts';
import type { Run } from '../../../plan/run.ts';
import type { NewClause } from '../../write/add-clause.ts';
import type { Adjustable, Adjustment } from '../../write/adjust/adjustment.ts';
import type { SettingDifference } from '../../write/explain.ts';
import type { NameInUse } from '../../write/ingredients.ts';

/** What lenses need to know of a spec's runnables. */
export const RUNNABLES = 'sdspec/runnables';

export interface RunnablesParams {
    readonly uri: string;
}

export interface Runnable {
    readonly name: string;
    readonly kind: 'generate' | 'sweep' | 'mosaic' | 'print' | 'learn';
    /** The declaration, and its name within it. */
    readonly range: Range;
    readonly nameRange: Range;
    /** What it extends, or is a sweep over. */
    readonly base?: string;
    /** First paragraph of the doc comment. */
    readonly doc?: string;
    /** How many pictures a run makes; absent where errors hide it. */
    readonly pictures?: number;
    /** Rows through the U-Net over all steps; absent for prints of pictures whose size is not known. */
    readonly passes?: number;
    /** The digest of the work, which names the folder of its results; absent where errors hide it, and for huge sweeps. */
    readonly digest?: string;
    /** Errors that prevent a run. */
    readonly errors: number;
    /** Whether it has an `expect` block: it is a test. */
    readonly expects: boolean;
}

/** The plan of a runnable, from the text as it is in the editor. */
export const PLAN = 'sdspec/plan';

export interface PlanParams {
    readonly uri: string;
    readonly name: string;
    /** Values of params by name. */
    readonly params?: Readonly<Record<string, string>>;
    /** Also plans a draft, where that is made much sooner. */
    readonly draft?: boolean;
}

export interface PlanResult {
    readonly run?: Run;
    /** The same picture in few steps: of a picture that needs many more, and no other pictures or learning first. */
    readonly draft?: PicturePlan;
    /** `sha256` of the work. */
    readonly digest?: string;
    readonly problems: readonly Problem[];
}

/** The params that have a say in a runnable, with the values that they have in the text. */
export const PARAMETERS = 'sdspec/parameters';

export interface ParametersParams {
    readonly uri: string;
    readonly name: string;
}

export interface Parameter {
    /** Its name in the runnable's own file; `PlanParams.params` takes it. */
    readonly name: string;
    readonly value: string | number;
}

/** The edit that writes a seed into a `generate`; null where the document has none of that name. */
export const SEED_EDIT = 'sdspec/seedEdit';

export interface SeedEditParams {
    readonly uri: string;
    readonly name: string;
    readonly seed: number;
}

export type SeedEditResult = TextEdit | null;

/** The edits that write a clause into a `generate`; none where the document has none of that name. */
export const CLAUSE_EDITS = 'sdspec/clauseEdits';

export interface ClauseEditsParams extends NewClause {
    readonly uri: string;
    readonly name: string;
}

export type ClauseEditsResult = readonly TextEdit[];

/** What can be adjusted by hand in a generate, or in that of a sweep; null for other runnables. */
export const ADJUSTABLE = 'sdspec/adjustable';

export interface AdjustableParams {
    readonly uri: string;
    readonly name: string;
}

export type AdjustableResult = Adjustable | null;

/** The edit that an adjustment means; none where it no longer applies. */
export const ADJUST_EDITS = 'sdspec/adjustEdits';

export interface AdjustEditsParams {
    readonly uri: string;
    readonly name: string;
    readonly adjustment: Adjustment;
}

/** What differs between what two pictures say of their making; each of them is what their files hold. */
export const EXPLAIN = 'sdspec/explain';

export interface ExplainParams {
    readonly a: Origin;
    readonly b: Origin;
}

export type ExplainResult = readonly SettingDifference[];

/** The names that a text has in use, whatever document it is of. */
export const NAMES = 'sdspec/names';

export interface NamesParams {
    readonly text: string;
}

export type NamesResult = readonly NameInUse[];

/** The hub models that a document declares itself. */
export const HUB_MODELS = 'sdspec/hubModels';

export interface HubModelsParams {
    readonly uri: string;
}

export interface DeclaredHubModel {
    readonly model: HubModel;
    /** The declaration. */
    readonly range: Range;
}

/** The hub model that a declaration names, or a piece of one, as it is copied from a spec; null: it names none. */
export const HUB_MODEL_IN = 'sdspec/hubModelIn';

export interface HubModelInParams {
    readonly text: string;
}

/** The text of a document of the built-in library; it can be read only. */
export const LIBRARY_DOCUMENT = 'sdspec/libraryDocument';

export interface LibraryDocumentParams {
    readonly uri: string;
}

export interface LibraryDocumentResult {
    readonly text: string;
}
