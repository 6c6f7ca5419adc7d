/** Ancestral steps: how much of a step down is walked, and how much is noise put back (k-diffusion, Crowson 2022). */

export interface AncestralStep {
    /** The sigma to walk down to. */
    readonly down: number;
    /** The deviation of the noise that leads back up to the wanted sigma. */
    readonly up: number;
}

export function ancestralStep(from: number, to: number): AncestralStep {
    const up = Math.min(to, Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2));
    return { up, down: Math.sqrt(to ** 2 - up ** 2) };
}
