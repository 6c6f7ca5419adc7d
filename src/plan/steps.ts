/** How many steps are run: `strength` shortens an image to image. */

/** As in diffusers: the last `strength` part of the steps, rounded down. */
export function stepsRun(steps: number, strength: number | undefined): number {
    return strength === undefined ? steps : Math.min(Math.floor(steps * strength), steps);
}
