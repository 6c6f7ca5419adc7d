/** What can be adjusted by hand in a generate, and one adjustment: data that the editor and its results page exchange. */
import type { Curve } from '../../../plan/curve.ts';
import type { Infusion } from '../../../plan/plan.ts';
import type { Site } from '../../../plan/sites.ts';
import type { Moment } from '../../../plan/steps.ts';

export interface Adjustable {
    /** The generate. */
    readonly name: string;
    readonly infusions: readonly AdjustableInfusion[];
    readonly numbers: readonly AdjustableNumber[];
    /** Names of pictures that can be infused. */
    readonly pictures: readonly string[];
    /** Why there is nothing to adjust: errors in the text. */
    readonly problem?: string;
}

/** An `infuse` clause, by its place among those in force. */
export interface AdjustableInfusion extends Pick<Infusion, 'sites' | 'weight' | 'decay' | 'window'> {
    readonly title: string;
    /** The model calls of a run, in order. */
    readonly moments: readonly Moment[];
    /** The name of what the clause is inherited from: a change writes a clause of the generate's own. */
    readonly from?: string;
    /** Why it can't be changed here. */
    readonly fixed?: string;
}

/** A number in the text of a generate. */
export interface AdjustableNumber {
    /** Names the number within the generate, and says what it is: `guidance`, `infuse elephant weight`. */
    readonly id: string;
    readonly value: number;
    /** The ends of a slider; a slider of this number makes no sense where there are none. */
    readonly slider?: { readonly least: number; readonly most: number };
    /** The numbers that can be written. */
    readonly least: number;
    readonly most: number;
    readonly step: number;
    /** It is not written in this generate: a change writes its clause. */
    readonly isDefault?: true;
}

export type Adjustment =
    | { readonly kind: 'number'; readonly id: string; readonly value: number }
    /** The weight of a layer of an infusion; without a curve the layer is left out. */
    | { readonly kind: 'layer'; readonly infusion: number; readonly site: Site; readonly weight?: Curve };
