/** Verdicts about two pictures that should be the same. */

export type Verdict = 'identical' | 'within tolerance' | 'looks the same' | 'different' | 'not compared';

/** How far apart two pictures of one size are. */
export interface PictureFigures {
    /** Peak signal-to-noise ratio in dB. */
    readonly psnr: number;
    /** The largest difference of a channel, of 255. */
    readonly levels: number;
}

/**
 * Pictures of different devices should be this close, in dB: the root mean square of their differences is less than one of
 * 255 levels, which no eye sees. The CPU has no tolerance of its own: batches, threads and processes change no bit there
 * (docs/reproducibility.md).
 */
export const TOLERANCE_DB = 50;

/** Pictures whose perceptual hashes differ in no more bits show the same motif (Zauner 2010). */
const MAX_ALIKE = 10;

/** The verdict about pictures whose pixels differ; without pixels, by the perceptual hashes alone. */
export function verdictOf(distance: number, figures?: PictureFigures): Verdict {
    if (figures && figures.psnr >= TOLERANCE_DB) return 'within tolerance';
    return distance <= MAX_ALIKE ? 'looks the same' : 'different';
}
