/** Defaults: what holds where a spec is silent. The one place where they are written; the reference page prints them. */
import { constant } from '../../plan/curve.ts';
import type { EnsembleSpace } from '../../plan/phrases.ts';
import type { Guidance, Infusion, ModelRef, NoiseSource } from '../../plan/plan.ts';
import type { SamplerChoice, ScheduleName } from '../../plan/samplers.ts';
import { type Site, siteGlob } from '../../plan/sites.ts';

/** Settings of a generate. The size is the model's own (see `models.ts`), or this where the model is not known. */
export const DEFAULTS = {
    model: { kind: 'builtin', name: 'sketch' } satisfies ModelRef,
    size: { width: 512, height: 512 },
    steps: 25,
    sampler: { name: 'dpmpp-2m', schedule: 'karras', eta: 0 } satisfies SamplerChoice,
    guidance: { scale: constant(7.5), rescale: 0 } satisfies Guidance,
    seed: 0,
    noise: { kind: 'torch-cpu' } satisfies NoiseSource,
    clipSkip: 0,
    longPrompts: 'truncate',
    /** Of `start from`. */
    strength: 0.6,
    mixing: 'linear',
    /** What of a start picture's posterior is taken. */
    startLatent: 'mean',
    /** How a start picture of another shape is laid on the canvas. */
    startFit: 'cover',
    /** Strength where an `outpaint` widens the base's own picture: what is new begins from noise. */
    widening: 1,
    /** Of an ensemble. */
    over: 'predictions' satisfies EnsembleSpace,
} as const;

/** The schedule of a sampler where none is named: written out, the default sampler means what it means unwritten. */
export function defaultScheduleOf(sampler: string): ScheduleName {
    return sampler === DEFAULTS.sampler.name ? DEFAULTS.sampler.schedule : 'normal';
}

/** Infusion, where the original is silent too: written into every record. */
export const INFUSION = {
    decay: 1,
    latent: 'clean',
    text: { kind: 'prompt' },
    rows: 'both',
    normalise: 'none',
} as const satisfies Partial<Infusion>;

/** The layers of an `infuse` that names none: the nine stages of the trunk, equally. */
export const INFUSED_LAYERS: readonly Site[] = siteGlob('*');

/** The weight of each of them: what is infused is seen, and the picture stays whole. */
export const INFUSED_WEIGHT = 0.1;

/** Weight of a layer in a one-at-a-time scan that names none, as in the original's scans. */
export const SCAN_WEIGHT = 0.5;

/** Thresholds of Canny edges, 8-bit gradient units. */
export const EDGES = { low: 100, high: 200 } as const;

/** Bits of a perceptual hash that may differ. */
export const PHASH_WITHIN = 4;

/** Mosaics. */
/**
 * Mosaics. `strength` is that of tiles that start from pictures of the pool, of which there are as many as tiles and at
 * most `pool`; tiles that start from their cells have `strengthOfCells`.
 */
export const MOSAIC = {
    strength: 0.25,
    strengthOfCells: 0.9,
    colour: 0.92,
    vary: 4,
    pool: 128,
    frames: 48,
    width: 384,
} as const;

/** How many pictures the tiles of a mosaic choose from. */
export function poolOfMosaic(written: number | undefined, tiles: number): number {
    return written ?? Math.min(MOSAIC.pool, tiles);
}

/** How much of a tile is painted again where the spec does not say it; with a pool at least one step. */
export function strengthOfTiles(pool: number, steps: number): number {
    return pool > 0 ? Math.max(MOSAIC.strength, Math.ceil(100 / steps) / 100) : MOSAIC.strengthOfCells;
}

/** Refinements: strength of tiles redone by image to image. */
export const TILE_STRENGTH = 0.4;

/** How many times larger a picture becomes by `upscale via`. */
export const REFINED_BY = 2;

/** Learning. Sizes of models: `small` makes pictures of at most 256 pixels, as the built-in one does. */
export const LEARNING = {
    steps: 400,
    warmup: 40,
    fall: 'cosine',
    decay: 0,
    clip: 1,
    /** Weight of the loss of the pictures beside. */
    beside: 1,
    batch: { small: 4, large: 1 },
    memory: { small: 'keep', large: 'balanced' },
    word: { vectors: 1, rate: { small: 5e-3, large: 5e-3 } },
    lora: { rank: 4, layers: 'attention', rate: { small: 2e-3, large: 5e-4 } },
    weights: { layers: 'all', rate: { small: 2e-4, large: 5e-6 } },
    controlnet: { rate: { small: 5e-4, large: 1e-5 } },
} as const;

/** Text files beside a picture that hold its captions. */
export const CAPTION_FILES = ['.txt', '.caption'] as const;

/** Captions of a word whose pictures have none: those of diffusers' textual inversion for an object. */
export const WORD_CAPTIONS = [
    'a photo of a {}',
    'a rendering of a {}',
    'a cropped photo of the {}',
    'the photo of a {}',
    'a photo of a clean {}',
    'a photo of a dirty {}',
    'a dark photo of the {}',
    'a photo of my {}',
    'a photo of the cool {}',
    'a close-up photo of a {}',
    'a bright photo of the {}',
    'a cropped photo of a {}',
    'a photo of the {}',
    'a good photo of the {}',
    'a photo of one {}',
    'a close-up photo of the {}',
    'a rendition of the {}',
    'a photo of the clean {}',
    'a rendition of a {}',
    'a photo of a nice {}',
    'a good photo of a {}',
    'a photo of the nice {}',
    'a photo of the small {}',
    'a photo of the weird {}',
    'a photo of the large {}',
    'a photo of a cool {}',
    'a photo of a small {}',
] as const;
