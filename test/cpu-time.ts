/** Bounds on work that a busy machine does not fail: the processor's time of this process, not the clock's. */

/** Milliseconds of processor time so far, all threads together. */
export function cpuTime(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
}
