/** Where image to image and inpainting start in a schedule. */

export interface Start {
    /** The first step that is run, and how many are. */
    readonly step: number;
    readonly stepsRun: number;
    /** The first model call: `startCall` of the sampler's options. */
    readonly call: number;
}

/**
 * Of n steps the last `floor(n · strength)` are run, as diffusers counts: strength 1 runs all of them, and a strength below
 * 1/n none. Second-order samplers have two calls per step.
 */
export function startOf(steps: number, strength: number, order: 1 | 2): Start {
    const stepsRun = Math.min(Math.trunc(steps * strength), steps);
    const step = Math.max(steps - stepsRun, 0);
    return { step, stepsRun, call: step * order };
}
