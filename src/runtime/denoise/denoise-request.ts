/** What the denoising loop is asked for, and what it asks of the U-Net. */

import type { Branch } from '../../plan/passes/deep-cache.ts';
import type { LatentTile, TileLayout } from '../../plan/passes/tiles.ts';
import type { BiasRow, GuidedRow, PlannedTap, RowLayout, TextKey } from '../../plan/rows/rows.ts';
import type { EditPoint } from '../../plan/sites.ts';
import type { Moment } from '../../plan/steps.ts';
import type { ControlResiduals, Unet, UnetInputs } from '../engine/stable-diffusion.ts';
import type { RowConditioning } from '../row-conditioning.ts';
import type { Sampler } from '../samplers/sampler.ts';
import type { Tensor } from '../tensor.ts';
import type { TensorSink } from '../tensor-sink.ts';
import type { FeatureMemory } from './features.ts';

/** Everything that the loop needs; `pictures` pictures of one plan go together. */
export interface DenoiseRequest {
    readonly layout: RowLayout;
    /** One, or for an ensemble over latents one per member, each with its own history. */
    readonly samplers: readonly Sampler[];
    /** Where the run starts: `[pictures, 4, h, w]`. */
    readonly latents: Tensor;
    /** Channels that inpainting models see besides the latent: `[pictures, 5, h, w]` (mask, masked picture). */
    readonly inpainting?: Tensor;
    /** Text embeddings `[1, S, D]` by key; all of one length. */
    readonly text: (key: TextKey, moment: Moment) => RowConditioning;
    /** A bias row's latent `[C, h, w]` as the U-Net sees it at a model call. */
    readonly biasLatent: (row: BiasRow, sampler: Sampler, call: number) => Float32Array;
    /** Fresh unit noise for all pictures, `[pictures, 4, h, w]`, each from its own stream. */
    readonly draw: () => Float32Array;
    /** Holds what must not change: called with the latents after a model call and the next call, if there is one. */
    readonly blend?: (latents: Float32Array, sampler: Sampler, nextCall: number | undefined) => Float32Array;
    readonly unets: Unets;
    /** Predicts the picture in windows, in latent pixels, that are mixed; without memory and attention. Absent: as a whole. */
    readonly windows?: TileLayout;
    /** What ControlNets add to the guided rows at a call; undefined where none acts. */
    readonly control?: (inputs: ControlInputs) => Promise<ControlResiduals | undefined>;
    /** Remembers bias features over batches and pictures; absent: bias rows go along in the same pass. */
    readonly memory?: { readonly features: FeatureMemory; readonly key: (row: BiasRow, moment: Moment) => string };
    /** States, by the steps before them, whose cross-attention is wanted: an extra pass each, the picture stays as it is. */
    readonly attend?: readonly number[];
    /** The moment of a call, where it is not the sampler's own: for a run that finishes another one. */
    readonly moment?: (sampler: Sampler, call: number) => Moment;
    readonly signal?: AbortSignal;
    readonly sink?: TensorSink;
}

/** The U-Net compiled for what a step needs. */
export interface Unets {
    /** For guided rows, with bias rows in the same pass or remembered; hands out the watched features, if any. */
    guided(needs: UnetNeeds): Promise<Unet>;
    /** Bias rows only: features at the points, nothing beyond them. */
    features(points: readonly EditPoint[]): Promise<Unet>;
}

export interface UnetNeeds {
    readonly taps: readonly PlannedTap[];
    readonly remembered: boolean;
    readonly control: boolean;
    readonly attention: boolean;
    /** Hands out what the text adds, or takes it from an earlier step. Absent: neither. */
    readonly text?: 'handed-out' | 'given';
    /** Hands out what enters the branch, or begins with it. Absent: neither. */
    readonly deep?: { readonly branch: Branch; readonly use: 'keep' | 'resume' };
}

/** The latents and texts of some rows. */
export type RowInputs = Pick<UnetInputs, 'sample'> & RowConditioning;

/** What a ControlNet is shown of a call: the guided rows, as the U-Net gets them. */
export interface ControlInputs extends RowInputs {
    readonly timestep: number;
    readonly moment: Moment;
    readonly guided: readonly GuidedRow[];
    /** Rows of the whole pass: the rest are bias rows, to which nothing is added. */
    readonly rows: number;
    /** The part of the latents that the rows show, where they are predicted in windows. */
    readonly window?: LatentTile;
}
