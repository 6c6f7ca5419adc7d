/** Changes: what one cell of a sweep does to the generate that it varies. */

import type { Curve } from '../../plan/curve.ts';
import type { Size } from '../../plan/plan.ts';
import type { SamplerName, ScheduleName } from '../../plan/samplers.ts';
import type { Site } from '../../plan/sites.ts';
import type * as ast from '../generated/ast.ts';

export interface Changes {
    readonly numbers: ReadonlyMap<NumberField, number>;
    readonly params: ReadonlyMap<ast.Param, ParamValue>;
    readonly size?: Size;
    readonly sampler?: { readonly name: SamplerName; readonly schedule?: ScheduleName };
    readonly prompt?: ast.PromptChoice;
    readonly negative?: ast.PromptChoice;
    readonly model?: ast.Model;
    /** Settings that a case puts in the place of the subject's. */
    readonly case?: ast.Case;
    readonly start?: ast.PictureChoice;
    /** By the target of the clause (see `slotOf`). */
    readonly infusions: ReadonlyMap<string, InfusionChange>;
    /** Factors on single layers instead of the subject's; undefined leaves those as they are. */
    readonly scales?: SiteCurves;
    /** New weights of ensemble members, LoRAs, ControlNets and `control` clauses with names. */
    readonly weights: ReadonlyMap<Weighed, number>;
}

export type Weighed = ast.Member | ast.AdapterSource | ast.ControlNet | ast.ControlClause;

export type NumberField = 'seed' | 'steps' | 'guidance' | 'strength' | 'eta' | 'skip';

export interface InfusionChange {
    readonly weight?: number;
    readonly decay?: number;
    readonly weights?: ast.WeightSet;
    readonly picture?: ast.PictureChoice;
    /** New weights of single layers. */
    readonly layers?: ReadonlyMap<Site, Curve>;
    /** These layers and no others. */
    readonly only?: ReadonlyMap<Site, Curve>;
}

export const NO_CHANGES: Changes = {
    numbers: new Map(),
    params: new Map(),
    infusions: new Map(),
    weights: new Map(),
};

export type ParamValue = string | number;

export type SiteCurves = ReadonlyMap<Site, Curve>;
