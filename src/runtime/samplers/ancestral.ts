/** Ancestral steps: how much of a step down is walked, and how much is noise put back (k-diffusion, Crowson 2022). */

export interface AncestralStep {
    /** The sigma to walk down to. */
    readonly down: number;
    /** The deviation of the noise that leads back up to the wanted sigma. */
    readonly up: number;
}

/** In float32 step by step as the reference has it: the difference under the last root cancels most digits. */
export function ancestralStep(from: number, to: number): AncestralStep {
    const { fround, sqrt } = Math;
    const [square, squareTo] = [fround(from * from), fround(to * to)];
    const kept = fround(fround(squareTo * fround(square - squareTo)) / square);
    const up = Math.min(to, fround(sqrt(kept)));
    return { up, down: fround(sqrt(Math.max(fround(squareTo - fround(up * up)), 0))) };
}
