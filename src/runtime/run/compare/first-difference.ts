/** Where two pictures part: the first step whose latents differ. */

/** The digests of a picture's latents, as its record keeps them: as the steps begin, then after each step. */
export function latentsIn(latents: string | undefined): readonly string[] {
    return latents?.split(' ') ?? [];
}

/**
 * Where the latents of two pictures whose pixels differ are different first, as part of a sentence; undefined where one of
 * them has no digests. Digests that are cut off are compared as far as they go.
 */
export function firstDifference(a: readonly string[], b: readonly string[]): string | undefined {
    if (a.length === 0 || b.length === 0) return undefined;
    if (a.length !== b.length) return `they took ${a.length - 1} and ${b.length - 1} steps`;
    const at = a.findIndex((digest, k) => !isSame(digest, b[k]!));
    if (at < 0) return 'their latents are the same after every step, so the decoding differs';
    if (at === 0) return 'their latents differ before the first step: another start, or other noise';
    return `their latents differ first after step ${at} of ${a.length - 1}`;
}

function isSame(a: string, b: string): boolean {
    const length = Math.min(a.length, b.length);
    return a.slice(0, length) === b.slice(0, length);
}
