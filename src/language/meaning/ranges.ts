/** Ranges: which numbers each setting takes. Checks use them for what is written, lowering for what params and sweeps bring. */

export interface Range {
    readonly code: string;
    readonly least: number;
    readonly most: number;
    readonly whole: boolean;
    /** The sentence that says what to write. */
    readonly rule: string;
}

const MAX_SEED = 2 ** 32 - 1;

/** Largest side in pixels that the runtime takes. */
export const LARGEST_SIDE = 4096;

export const RANGES = {
    seed: range('seed/range', 0, MAX_SEED, true, 'A seed is a whole number from 0 to 4294967295 (2^32 - 1).'),
    /** Philox takes 64 bits; numbers of a spec are exact up to 2^53 - 1. */
    philoxSeed: range(
        'seed/range',
        0,
        Number.MAX_SAFE_INTEGER,
        true,
        'With philox a seed is a whole number from 0 to 9007199254740991 (2^53 - 1).',
    ),
    steps: range('steps/range', 1, 1000, true, 'Steps are a whole number from 1 to 1000.'),
    guidance: range(
        'guidance/range',
        0,
        100,
        false,
        'Guidance is a number from 0 to 100: 0 ignores the prompt, 1 is the prompt alone, 7.5 is usual.',
    ),
    rescale: range('guidance/rescale', 0, 1, false, 'Guidance rescale lies between 0 (off) and 1; 0.7 is usual.'),
    strength: range(
        'start/strength',
        0,
        1,
        false,
        'Strength is a number from 0 to 1: near 0 keeps the picture, 1 runs all steps.',
    ),
    by: range('upscale/by', 1, 8, false, 'A picture is enlarged by a factor from 1 to 8; 2 is usual.'),
    eta: range('sampler/eta', 0, 1, false, 'Eta lies between 0 (no fresh noise) and 1 (like DDPM).'),
    skip: range('clip/range', 0, 11, true, 'Clip skip is a whole number: 0 uses the last layer, 1 the one before.'),
    decay: range('infuse/decay', 0, 2, false, 'Decay lies between 0 and 2; 1 is none, 0.99 fades slowly.'),
    share: range('share/range', 0, 1e6, false, 'A share is 0 or more; only shares in proportion matter.'),
    emphasis: range('prompt/weight', 0, 10, false, "A phrase's weight lies between 0 and 10; 1 is neutral."),
    /** LoRA weights may be negative. */
    adapter: range('apply/weight', -10, 10, false, "A LoRA's weight lies between -10 and 10; 1 is as trained."),
    within: range(
        'expect/within',
        0,
        64,
        true,
        'A perceptual hash has 64 bits: `within` is a whole number from 0 to 64.',
    ),
    every: range('trace/every', 1, 1000, true, 'Write after every how many steps: a whole number from 1 on.'),
    wholeSteps: range(
        'cache/every',
        1,
        1000,
        true,
        'Write of how many steps one is whole: a whole number from 1 (all of them) on; 2 to 5 is usual.',
    ),
    finish: range(
        'trace/finish',
        1,
        1000,
        true,
        'Write how many steps finish a traced picture: a whole number from 1 on.',
    ),
    depth: range('mosaic/depth', 1, 8, true, 'The depth of a mosaic is a whole number from 1 to 8.'),
    beside: range(
        'learn/beside-weight',
        0,
        100,
        false,
        'The weight of the pictures beside is from 0 to 100; 1 is usual.',
    ),
    learnSteps: range('learn/steps', 1, 100_000, true, 'Steps of learning are a whole number from 1 to 100000.'),
    batch: range('learn/batch', 1, 256, true, 'A batch is a whole number of pictures from 1 to 256.'),
    rate: range(
        'learn/rate-range',
        1e-9,
        1,
        false,
        'A learning rate is above 0 and at most 1: 0.005 is usual for a word, 0.002 or less for a LoRA.',
    ),
    warmup: range('learn/warmup', 0, 100_000, true, 'Warm-up is a whole number of steps.'),
    weightDecay: range('learn/decay', 0, 1, false, 'Weight decay is from 0 (none) to 1; 0.01 is usual.'),
    gradientNorm: range(
        'learn/clip',
        0,
        1000,
        false,
        'The largest norm of the gradients is 0 (off) or more; 1 is usual.',
    ),
    vectors: range('learn/vectors', 1, 16, true, 'A word has 1 to 16 vectors.'),
    rank: range('learn/rank', 1, 256, true, 'The rank of a LoRA is a whole number from 1 to 256.'),
    alpha: range('learn/alpha', 1e-6, 1000, false, 'Alpha is above 0; the rank itself is usual.'),
    colour: range('mosaic/colour', 0, 1, false, 'Colour lies between 0 (as painted) and 1 (as the cell).'),
    vary: range(
        'mosaic/vary',
        4,
        64,
        true,
        'Write how many tiles there are for one colour: a whole number from 4 to 64.',
    ),
    pool: range(
        'mosaic/pool',
        0,
        1024,
        true,
        'Write how many pictures the tiles choose from: a whole number from 0 (none) to 1024.',
    ),
    frames: range('mosaic/frames', 2, 600, true, 'Write how many frames a level has: a whole number from 2 to 600.'),
    edge: range('image/edges', 0, 1500, false, 'Thresholds of edges lie between 0 and 1500; 100 and 200 are usual.'),
} as const;

export type RangeName = keyof typeof RANGES;

function range(code: string, least: number, most: number, whole: boolean, rule: string): Range {
    return { code, least, most, whole, rule };
}

/** Whether a number is one that the setting takes. */
export function fits({ least, most, whole }: Range, value: number): boolean {
    return value >= least && value <= most && (!whole || Number.isInteger(value));
}

/** The nearest number that fits, for a quick fix. */
export function nearestFit({ least, most, whole }: Range, value: number): number {
    const clamped = Math.min(most, Math.max(least, value));
    return whole ? Math.round(clamped) : clamped;
}
